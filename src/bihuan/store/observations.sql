-- name: make_incoming
-- One a connection; never written to the log.
create temporary table if not exists incoming (
    entity integer, period smallint, time timestamptz, key bigint, layout integer, received timestamptz, batch bigint,
    numbers bytea, others jsonb, quality bytea
) on commit delete rows

-- name: copy_incoming
copy incoming from stdin (format binary)

-- name: keep
-- Repeats fall away on the unique index, within a batch and against all that is kept.
insert into observation (entity, period, time, key, layout, received, batch, numbers, others, quality)
select entity, period, time, key, layout, received, batch, numbers, others, quality from incoming
on conflict do nothing
returning entity, period, time, key

-- name: keep_latest
-- In one order for all writers, so that two never wait for each other in a circle.
insert into latest as l (entity, period, layout, time, received, numbers, others, quality)
select distinct on (entity, period, layout) entity, period, layout, time, received, numbers, others, quality
from incoming order by entity, period, layout, time desc
on conflict (entity, period, layout) do update
set time = excluded.time, received = excluded.received, numbers = excluded.numbers, others = excluded.others,
    quality = excluded.quality
where excluded.time >= l.time

-- name: keep_raw
insert into raw_batch (received, door, frames) values (%(at)s, %(door)s, %(frames)s) returning id

-- name: find_layout
select id from layout where digest = %(digest)s

-- name: keep_layout
insert into layout (digest, attributes, units) values (%(digest)s, %(attributes)s, %(units)s)
on conflict do nothing returning id

-- name: layouts
select id, attributes, units from layout where id = any(%(ids)s)

-- name: partitions
select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'observation'::regclass

-- name: latest
select l.entity, l.period, l.layout, l.time, l.numbers, l.others, l.quality
from latest l where l.entity = any(%(entities)s) and (%(period)s::smallint is null or l.period = %(period)s)
order by l.entity, l.time, l.received

-- name: latest_before
-- The newest of what had been kept before a time: the newest of all where that is old enough, else back from there.
select l.entity, l.period, l.layout, l.time, l.numbers, l.others, l.quality, l.received
from latest l where l.entity = any(%(entities)s) and l.period = %(period)s and l.received < %(before)s
union all
select l.entity, l.period, l.layout, o.time, o.numbers, o.others, o.quality, o.received
from latest l cross join lateral (
    select time, numbers, others, quality, received from observation
    where entity = l.entity and period = l.period and layout = l.layout and time <= l.time and received < %(before)s
    order by time desc, received desc limit 1
) o
where l.entity = any(%(entities)s) and l.period = %(period)s and l.received >= %(before)s
order by entity, time, received

-- name: span
select layout, time, received, numbers, others, quality from observation
where entity = %(entity)s and period = %(period)s and time >= %(start)s and time < %(end)s
order by time, received

-- name: day
-- All rows of a span of time, as the lake keeps them.
select entity, period, layout, time, received, numbers, others, quality from observation
where time >= %(start)s and time < %(end)s order by entity, period, time, received
