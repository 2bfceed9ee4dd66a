-- name: read
select rule, entity, state from rule_state where entity = any(%(entities)s)

-- name: keep
insert into rule_state (rule, entity, state)
select * from unnest(%(rules)s::text[], %(entities)s::integer[], %(states)s::jsonb[])
on conflict (rule, entity) do update set state = excluded.state
