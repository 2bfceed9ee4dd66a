-- The event log and the ledger. Times are UTC; offsets count Unicode code points of a document's raw text.

create table revision (
    revision text primary key,
    sha256 text not null  -- of the SQL file that was applied
);

-- Event log ---------------------------------------------------------------------------------------------------------

create table event (
    id bigint generated always as identity primary key,  -- order of writing, for readers with a cursor
    stream text not null,
    seq bigint not null,
    type text not null,
    actor text not null,
    time timestamptz not null,
    body jsonb not null,
    prev_hash bytea not null,
    hash bytea not null,
    unique (stream, seq)
);

-- The last event of each stream: what the next one hashes, and what a cut-off tail is missed by.
create table event_head (
    stream text primary key,
    seq bigint not null,
    hash bytea not null
);

create function forbid_change() returns trigger language plpgsql as $$
begin
    raise exception 'the event log is append-only';
end $$;

create trigger event_is_append_only before update or delete or truncate on event
    for each statement execute function forbid_change();

-- Ledger ------------------------------------------------------------------------------------------------------------

create table document (
    id bigint generated always as identity primary key,
    sha256 text not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
    name text not null,
    media_type text not null,
    size_bytes bigint not null,
    encoding text,
    title text,
    city text,
    speaker text,
    published date,
    year integer,
    chars integer not null,
    reader text not null,  -- version of the grammar that read it last
    imported_at timestamptz not null,
    read_at timestamptz not null,
    statements integer not null,
    commitments integer not null
);

-- What is needed to show or re-read a document, apart from the rows that lists go through.
create table document_text (
    document_id bigint primary key references document on delete cascade,
    source bytea not null,  -- the file as it came
    raw bytea not null,  -- zlib, UTF-8
    restored bytea not null,  -- zlib, UTF-8
    starts bytea not null,  -- zlib, see bihuan.store.documents: raw start of each restored character
    ends bytea not null
);
alter table document_text alter column source set storage external;
alter table document_text alter column raw set storage external;
alter table document_text alter column restored set storage external;
alter table document_text alter column starts set storage external;
alter table document_text alter column ends set storage external;

create table passage (
    document_id bigint not null references document on delete cascade,
    index integer not null,
    role text not null,
    level integer not null,
    section text[] not null,
    start_at integer not null,
    end_at integer not null,
    text text not null,
    locator text,
    primary key (document_id, index)
);

-- A row of the ledger: a statement (with a number) or a commitment (without), with corrections applied.
create table entry (
    id bigint generated always as identity primary key,
    document_id bigint not null references document on delete cascade,
    family text not null check (family in ('statement', 'commitment')),
    start_at integer not null,
    quote text not null,
    name text not null,  -- indicator of a statement, object of a commitment
    value double precision,
    unit text,
    measure text,
    direction text,
    bound text,
    reference text,
    verb text,
    stage text,
    due text,
    kind text not null,
    period text,
    year integer,  -- the period's last, else the document's
    subject text,
    section text,
    sentence text,
    canonical text,
    topic text not null,  -- canonical, else name: what the indicator facet counts
    confidence double precision not null,
    locator text,
    review text not null check (review in ('unreviewed', 'confirmed', 'corrected', 'rejected')),
    original jsonb,  -- the fields as read, where a reviewer changed them
    words text not null,  -- what is searched, normalised
    search tsvector not null,  -- character bigrams of words
    unique (document_id, family, start_at, quote)
);
create index entry_place on entry (document_id, start_at, id);
create index entry_search on entry using gin (search) with (fastupdate = off);
create index entry_value on entry (value, id);
create index entry_year on entry (year, id);
create index entry_topic on entry (topic, id);
create index entry_name on entry (name, id);
create index entry_target on entry (year, id) where kind = 'target' and review <> 'rejected';

-- What a reviewer decided about a place in a document; outlives the rows, which a new reading replaces.
create table review (
    document_id bigint not null references document on delete cascade,
    family text not null,
    start_at integer not null,
    quote text not null,
    state text not null check (state in ('confirmed', 'corrected', 'rejected')),
    changes jsonb not null,  -- field -> value as corrected
    actor text not null,
    note text,
    time timestamptz not null,
    primary key (document_id, family, start_at, quote)
);

create table link (
    id bigint generated always as identity primary key,
    a_entry bigint not null references entry on delete cascade,
    b_entry bigint not null references entry on delete cascade,
    same text not null,
    relation text not null,
    verdict text,
    unique (a_entry, b_entry, relation)
);
create index link_b on link (b_entry);

-- One row. Links are derived: they stand for the ledger at links_revision.
create table ledger_state (
    one boolean primary key default true check (one),
    ledger_revision bigint not null,
    links_revision bigint not null
);
insert into ledger_state values (true, 0, 0);
