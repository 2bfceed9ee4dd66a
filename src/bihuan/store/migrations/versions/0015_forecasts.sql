-- What is expected of an attribute: a plan's series, a dispatcher's schedule. The newest stands.
create table forecast (
    entity integer not null references entity on delete cascade,
    attribute text not null,
    start timestamptz not null,
    step_seconds integer not null check (step_seconds > 0),
    numbers bytea not null,  -- float64, little endian, one a step; NaN where nothing is expected
    source text not null,
    yearly boolean not null,  -- stands for other years, too
    made_at timestamptz not null,
    primary key (entity, attribute)
);
