-- Entities, devices, observations and signals. Times are UTC.

create table entity (
    id integer generated always as identity primary key,
    urn text not null unique,
    type text not null,
    name text not null,
    lon double precision,  -- CGCS2000, degrees; where it stands, or stood last
    lat double precision,
    district text,  -- name of a place of the pack
    owner text,  -- office of the pack that answers for it
    attributes jsonb not null default '{}',  -- what no device measures: name -> NGSI-LD attribute
    synthetic boolean not null default false,
    version bigint not null default 1,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    check ((lon is null) = (lat is null))
);
create index entity_type on entity (type, id);
create index entity_place on entity (lon, lat) where lon is not null;

create table device (
    number integer generated always as identity primary key,
    protocol text not null,
    id text not null,  -- MN, VIN, MQTT client
    entity integer not null references entity on delete cascade,
    secret text,  -- argon2 hash; null where the protocol has none or it is not checked
    expected_seconds integer check (expected_seconds > 0),  -- how often it reports; null: silence is no fault
    edition text,  -- what it speaks, where its frames tell wrongly
    sends jsonb not null default '{}',  -- attribute -> unit it sends, where that is not the canonical one
    active boolean not null default true,
    registered_at timestamptz not null,
    unique (protocol, id)
);
create index device_entity on device (entity);

-- Apart from the registry, for it changes with every frame.
create table device_seen (
    device integer primary key references device on delete cascade,
    at timestamptz not null,  -- by the platform's clock
    frames bigint not null,
    silent_since timestamptz  -- set when its silence was raised, cleared when it speaks again
) with (fillfactor = 50);

-- What is said to devices.
create table device_command (
    id bigint generated always as identity primary key,
    device integer not null references device on delete cascade,
    number text not null,  -- of the request; the answers carry it
    code text not null,
    fields jsonb not null,
    actor text not null,
    state text not null check (state in ('queued', 'sent', 'ready', 'done', 'noted', 'failed')),
    outcome text,
    queued_at timestamptz not null,
    changed_at timestamptz not null,
    unique (device, number)
);
create index device_command_queued on device_command (device) where state = 'queued';

-- Names and units of the values of a row of `observation`, in order.
create table layout (
    id integer generated always as identity primary key,
    digest bytea not null unique,
    attributes text[] not null,
    units text[] not null
);

-- One row a frame, unfolded on reading. Partitions by Chinese day, made as days come.
create table observation (
    entity integer not null,
    period smallint not null,  -- index into bihuan.core.records.observation.PERIODS
    time timestamptz not null,
    key bigint not null,  -- what makes a repeat of a message the same message
    layout integer not null,
    received timestamptz not null,
    batch bigint not null,  -- raw_batch with the frame as it came; 0 where there was none
    numbers bytea not null,  -- float64, little endian, one an attribute; NaN where it is none
    others jsonb,  -- position -> value that is no number
    quality bytea  -- uint16, little endian, one an attribute; null where all are good
) partition by range (time);
create unique index observation_once on observation (entity, period, time, key);

-- Rows of days that are sealed, until they are merged into the day's file.
create table sealed_day (
    day date primary key,  -- Chinese
    file text not null,
    rows bigint not null,
    observations bigint not null,
    bytes bigint not null,
    sealed_at timestamptz not null
);

-- The newest row of each entity, period and layout.
create table latest (
    entity integer not null,
    period smallint not null,
    layout integer not null,
    time timestamptz not null,
    received timestamptz not null,
    numbers bytea not null,
    others jsonb,
    quality bytea,
    primary key (entity, period, layout)
) with (fillfactor = 50);

-- The frames of one group commit as they came.
create table raw_batch (
    id bigint generated always as identity primary key,
    received timestamptz not null,
    door text not null,  -- hj212, gb32960, mqtt, http
    frames bytea not null  -- zlib of msgpack [[device number, bytes], …]
);
create index raw_batch_received on raw_batch using brin (received);
alter table raw_batch alter column frames set storage external;

-- What has been kept and not yet been looked at by rules, roll-ups and subscriptions.
create table outbox (
    id bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),  -- readers stay behind transactions still open
    written timestamptz not null,
    rows bytea not null  -- msgpack, bihuan.store.outbox
);
create index outbox_order on outbox (xid, id);
alter table outbox alter column rows set storage external;

create table outbox_reader (
    name text primary key,
    xid xid8 not null,
    id bigint not null
);

-- What was not obeyed: unknown devices, refused frames, editions not spoken.
create table quarantine (
    id bigint generated always as identity primary key,
    received timestamptz not null,
    door text not null,
    device text,
    peer text not null,
    reason text not null,
    raw bytea not null
);
create index quarantine_reason on quarantine (reason, id);
create index quarantine_device on quarantine (device, id);

create table rollup (
    entity integer not null,
    attribute text not null,
    period smallint not null,  -- hour, day, month
    start timestamptz not null,
    count integer not null,  -- values that came
    valid integer not null,  -- of them may enter the statistic
    mean double precision,  -- null where too few were valid
    total double precision not null,  -- sum of the valid values of the level below
    lowest double precision,
    highest double precision,
    first double precision,
    last double precision,
    growth double precision,  -- of a counter, over its wraps and resets
    primary key (entity, attribute, period, start)
);

create table signal (
    id bigint generated always as identity primary key,
    source text not null,
    key text not null,
    kind text not null,
    subject text not null,
    severity text not null check (severity in ('info', 'warning', 'serious', 'critical')),
    text text not null,
    at timestamptz not null,
    evidence text[] not null,
    values jsonb not null,
    raised_at timestamptz not null,
    acknowledged_at timestamptz,
    acknowledged_by text,
    cleared_at timestamptz,  -- when what it tells of was over
    unique (source, key)
);
create index signal_subject on signal (subject, id);
create index signal_open on signal (id) where cleared_at is null;

-- What a rule remembers of a subject between events.
create table rule_state (
    rule text not null,
    entity integer not null,
    state jsonb not null,
    primary key (rule, entity)
);
