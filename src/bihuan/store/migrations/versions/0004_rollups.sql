-- Hours of entities whose roll-ups do not stand for what is kept.
create table rollup_dirty (
    entity integer not null,
    hour timestamptz not null,
    since timestamptz not null,
    primary key (entity, hour)
);
create index rollup_dirty_since on rollup_dirty (since);
