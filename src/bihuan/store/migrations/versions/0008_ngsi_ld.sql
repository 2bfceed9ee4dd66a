-- NGSI-LD over the entities that are there. Names of types are IRIs, names of attributes IRIs without the default ones' start.
alter table entity
    add column types text[],  -- null: not made or changed through NGSI-LD, `type` is the one
    add column scopes text[] not null default '{}',
    add column expires_at timestamptz;
create index entity_types on entity using gin (types);
create index entity_expires on entity (expires_at) where expires_at is not null;

-- What an entity was, of which the history is kept; stays when the entity goes.
create table ngsi_temporal (
    id bigint generated always as identity primary key,
    urn text not null unique,
    types text[] not null,
    scopes text[] not null,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    deleted_at timestamptz
);
create index ngsi_temporal_types on ngsi_temporal using gin (types);

create table ngsi_instance (
    id bigint generated always as identity primary key,
    temporal bigint not null references ngsi_temporal on delete cascade,
    attribute text not null,  -- IRI
    dataset text,
    body jsonb not null,
    observed_at timestamptz,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    deleted_at timestamptz
);
create index ngsi_instance_observed on ngsi_instance (temporal, attribute, observed_at);

create table ngsi_context (
    id text primary key,
    url text not null unique,
    kind text not null check (kind in ('Hosted', 'Cached', 'ImplicitlyCreated')),
    body jsonb not null,
    created_at timestamptz not null,
    used_at timestamptz,
    hits bigint not null default 0
);

create table ngsi_subscription (
    id text primary key,
    body jsonb not null,  -- as given, names expanded
    context jsonb,  -- by which names are shown
    created_at timestamptz not null,
    modified_at timestamptz not null,
    sent bigint not null default 0,
    failed bigint not null default 0,
    notified_at timestamptz,
    succeeded_at timestamptz,
    failed_at timestamptz,
    due_at timestamptz  -- of one with a timeInterval, when it is told next
);
create index ngsi_subscription_due on ngsi_subscription (due_at) where due_at is not null;

-- What subscribers are to be told: written with the change itself, gone when they have answered.
create table ngsi_notification (
    id bigint generated always as identity primary key,
    subscription text not null references ngsi_subscription on delete cascade,
    body jsonb not null,
    made_at timestamptz not null,
    due_at timestamptz not null,
    tries integer not null default 0
);
create index ngsi_notification_due on ngsi_notification (due_at, id);
