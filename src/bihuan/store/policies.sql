-- name: enterprises
select id, urn, name, district, owner, attributes from entity
where type = 'Enterprise' and (%(numbers)s::integer[] is null or id = any(%(numbers)s)) order by id

-- name: matches
select policy, entity from policy_match where %(numbers)s::integer[] is null or entity = any(%(numbers)s)

-- name: make_new
create temporary table if not exists new_match (policy text, entity integer) on commit delete rows

-- name: copy_new
copy new_match from stdin

-- name: keep_new
insert into policy_match (policy, entity, since) select policy, entity, %(at)s from new_match on conflict do nothing

-- name: raise_new
-- A signal for each: key of policy, enterprise and the moment, so that a right that comes back is told again.
insert into signal (source, key, kind, subject, severity, text, at, evidence, values, raised_at)
select 'sense.policy', p.id || '|' || e.urn || '|' || to_char(%(at)s at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
       'benefit.match', e.urn, 'info', e.name || '符合“' || p.name || '”：' || p.benefit, %(at)s, array[e.urn],
       jsonb_build_object('title', p.name, 'enterprise', e.name, 'uscc', e.attributes ->> 'uscc', 'rule', p.id,
                          'basis', p.source, 'amount_yuan', p.amount, 'office', p.office, 'synthetic', e.synthetic),
       %(at)s
from new_match m join entity e on e.id = m.entity
join unnest(%(ids)s::text[], %(names)s::text[], %(benefits)s::text[], %(amounts)s::text[], %(offices)s::text[],
            %(sources)s::text[]) as p(id, name, benefit, amount, office, source) on p.id = m.policy
on conflict do nothing

-- name: end
delete from policy_match where (policy, entity) in (select * from unnest(%(policies)s::text[], %(entities)s::integer[]))

-- name: changed
select id from entity where type = 'Enterprise' and modified_at >= %(since)s order by id
