-- Filters of the case table, each its owner's alone: an account or an API key, as events name it.
create table case_filter (
    id bigint generated always as identity primary key,
    owner text not null,
    name text not null,
    query text not null,
    saved_at timestamptz not null,
    unique (owner, name)
);
