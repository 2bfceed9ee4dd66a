-- Casework. A case is its events (stream case:<number>); these tables are what lists, timers and secrets need besides.

-- Accounts ----------------------------------------------------------------------------------------------------------

create table account (
    id bigint generated always as identity primary key,
    login text not null unique,
    name text not null,
    unit text,  -- organisation of the pack
    roles text[] not null,
    scope text not null check (scope in ('public', 'own', 'subtree', 'city')),
    password_hash text not null,  -- argon2id
    must_change boolean not null,  -- a password somebody else has seen
    demo boolean not null default false,
    created_at timestamptz not null,
    disabled_at timestamptz,
    failures integer not null default 0,  -- wrong passwords in a row
    locked_until timestamptz
);

create table session (
    token_sha256 bytea primary key,
    account_id bigint not null references account on delete cascade,
    csrf text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index session_account on session (account_id);
create index session_expiry on session (expires_at);

create table api_key (
    id bigint generated always as identity primary key,
    key_sha256 bytea not null unique,
    name text not null,
    unit text,
    roles text[] not null,
    scope text not null check (scope in ('public', 'own', 'subtree', 'city')),
    grants text[] not null,  -- what it may be used for: read, write, open311
    created_at timestamptz not null,
    revoked_at timestamptz
);

-- Cases -------------------------------------------------------------------------------------------------------------

create table act_number (
    prefix text,
    year integer,
    last bigint not null,
    primary key (prefix, year)
);

-- What lists show and sort by: one narrow row a case.
create table act_case (
    id bigint generated always as identity primary key,
    number text not null unique,
    type text not null,
    category text,
    title text not null,
    step text not null,
    office text not null,
    lead text,
    supports text[] not null,
    opened_by text not null,
    handler text,
    light smallint not null,  -- 0 green, 1 blue, 2 yellow, 3 orange, 4 red
    level integer not null,
    version bigint not null,
    is_open boolean not null,
    next_due timestamptz,  -- nearest due time of a running clock
    opened_at timestamptz not null,
    closed_at timestamptz,
    updated_at timestamptz not null,
    returns integer not null,
    grade text,
    rating smallint,
    parent text,
    follow_sha256 bytea  -- of the code by which the public follows and rates it
);
create index act_case_due on act_case (coalesce(next_due, 'infinity'::timestamptz), id) where is_open;
create index act_case_lead_due on act_case (lead, coalesce(next_due, 'infinity'::timestamptz), id) where is_open;
create index act_case_office_due on act_case (office, coalesce(next_due, 'infinity'::timestamptz), id) where is_open;
create index act_case_type_due on act_case (type, coalesce(next_due, 'infinity'::timestamptz), id) where is_open;
create index act_case_light on act_case (light, coalesce(next_due, 'infinity'::timestamptz), id) where is_open and light > 0;
create index act_case_supports on act_case using gin (supports) where is_open;
create index act_case_opened on act_case (opened_at, id);
create index act_case_lead_opened on act_case (lead, opened_at, id);
create index act_case_office_opened on act_case (office, opened_at, id);
create index act_case_type_opened on act_case (type, opened_at, id);
create index act_case_opener on act_case (opened_by, opened_at);
create index act_case_parent on act_case (parent) where parent is not null;

-- The state as of `version`; timers may have fired since, their events are folded in on reading.
create table act_state (
    case_id bigint primary key references act_case,
    version bigint not null,
    state jsonb not null
);

create table act_words (
    case_id bigint primary key references act_case,
    words text not null,
    search tsvector not null
);
create index act_words_search on act_words using gin (search) with (fastupdate = off);

-- The next point of each case that has one ahead, and those after it.
create table act_timer (
    case_id bigint primary key references act_case,
    due_at timestamptz not null,
    points text not null  -- JSON, bihuan.act.points
);
create index act_timer_due on act_timer (due_at, case_id);

-- What was asked with an idempotency key, and what came of it.
create table act_key (
    actor text,
    key text,
    fingerprint bytea not null,
    number text not null,
    version bigint not null,
    at timestamptz not null,
    primary key (actor, key)
);

create table act_signal (
    source text,
    key text,
    number text not null,
    at timestamptz not null,
    primary key (source, key)
);

-- Personal fields: encrypted, outside the event chain, erased by their retention rule.
create table act_personal (
    case_id bigint not null references act_case,
    field text not null,
    key_id text not null,
    sealed bytea not null,
    erase_on date,  -- set when the case is closed
    primary key (case_id, field)
);
create index act_personal_erase on act_personal (erase_on) where erase_on is not null;

create table act_file (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text not null,
    size_bytes bigint not null,
    content bytea not null,
    stored_at timestamptz not null
);
alter table act_file alter column content set storage external;

create table act_case_file (
    case_id bigint not null references act_case,
    sha256 text not null references act_file,
    primary key (case_id, sha256)
);

-- Scorecards read events of cases by time.
create index event_case_time on event (time) where stream like 'case:%';

-- Notices -----------------------------------------------------------------------------------------------------------

create table act_notice (
    id bigint generated always as identity primary key,
    case_id bigint not null references act_case,
    version bigint not null,  -- of the event it tells of
    unit text not null,
    what text not null,
    at timestamptz not null,
    sent_on boolean not null default false,  -- laid out into deliveries
    unique (case_id, version, unit)
);
create index act_notice_unit on act_notice (unit, id);
create index act_notice_fresh on act_notice (id) where not sent_on;

create table act_notice_read (
    account_id bigint references account on delete cascade,
    unit text,
    up_to bigint not null,  -- notices of the unit up to this id are read
    primary key (account_id, unit)
);

create table act_channel (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('smtp', 'wecom', 'dingtalk', 'sms', 'webhook')),
    unit text,  -- whose notices; null: all units
    address text not null,  -- URL or mail address
    key_id text,
    secret bytea,  -- sealed; signs webhooks and robots
    created_at timestamptz not null,
    stopped_at timestamptz
);

create table act_delivery (
    id bigint generated always as identity primary key,
    channel_id bigint not null references act_channel,
    notice_id bigint references act_notice,
    event_stream text,  -- of a signed webhook: the event it carries
    event_seq bigint,
    attempts integer not null default 0,
    next_try timestamptz,  -- null: sent, or given up
    sent_at timestamptz,
    error text,
    unique (channel_id, notice_id),
    unique (channel_id, event_stream, event_seq)
);
create index act_delivery_next on act_delivery (next_try) where next_try is not null;
