-- name: keep
insert into forecast (entity, attribute, start, step_seconds, numbers, source, yearly, made_at)
values (%(entity)s, %(attribute)s, %(start)s, %(step_seconds)s, %(numbers)s, %(source)s, %(yearly)s, %(at)s)
on conflict (entity, attribute) do update set start = excluded.start, step_seconds = excluded.step_seconds,
    numbers = excluded.numbers, source = excluded.source, yearly = excluded.yearly, made_at = excluded.made_at

-- name: of_entities
select f.entity, e.urn, f.attribute, f.start, f.step_seconds, f.numbers, f.source, f.yearly
from forecast f join entity e on e.id = f.entity where f.entity = any(%(entities)s) order by f.entity, f.attribute
