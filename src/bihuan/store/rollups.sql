-- name: grown
-- From hours: they also tell since when it is metered.
select entity, sum(growth), min(start), max(start) from rollup
where entity = any(%(entities)s) and attribute = %(attribute)s and period = %(period)s
  and start >= %(start)s and start < %(end)s and growth is not null
group by entity

-- name: mark
insert into rollup_dirty (entity, hour, since)
select entity, hour, %(at)s from unnest(%(entities)s::integer[], %(hours)s::timestamptz[]) as u(entity, hour)
on conflict do nothing

-- name: take
-- The oldest first; an hour that still runs is left for a while, for each of its values would roll it up again.
delete from rollup_dirty d using (
    select entity, hour from rollup_dirty
    where hour <= %(ended)s or since <= %(waited)s
    order by since, entity, hour limit %(limit)s for update skip locked
) t where d.entity = t.entity and d.hour = t.hour
returning d.entity, d.hour

-- name: keep
insert into rollup (entity, attribute, period, start, count, valid, mean, total, lowest, highest, first, last, growth)
values (%(entity)s, %(attribute)s, %(period)s, %(start)s, %(count)s, %(valid)s, %(mean)s, %(total)s, %(lowest)s,
        %(highest)s, %(first)s, %(last)s, %(growth)s)
on conflict (entity, attribute, period, start) do update
set count = excluded.count, valid = excluded.valid, mean = excluded.mean, total = excluded.total,
    lowest = excluded.lowest, highest = excluded.highest, first = excluded.first, last = excluded.last,
    growth = excluded.growth

-- name: span
select attribute, start, count, valid, mean, total, lowest, highest, first, last, growth from rollup
where entity = %(entity)s and period = %(period)s and start >= %(start)s and start < %(end)s
  and (%(attributes)s::text[] is null or attribute = any(%(attributes)s))
order by attribute, start

-- name: next_hours
-- The first hour after one in which each counter has a reading; an hour not rolled up yet will look back by itself.
select distinct min(start) from rollup
where entity = %(entity)s and period = %(period)s and attribute = any(%(attributes)s) and first is not null
  and start > %(hour)s and start <= %(until)s
group by attribute

-- name: expected
select entity, min(expected_seconds) from device where entity = any(%(entities)s) group by entity

-- name: backlog
select count(*), min(since) from rollup_dirty
