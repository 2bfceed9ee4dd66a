-- name: take_turn
select turn from rule_turn for update

-- name: end_turn
update rule_turn set turn = turn + 1 returning turn

-- name: read
select rule, entity, state from rule_state where entity = any(%(entities)s)

-- name: held
-- Of what holds, whether somebody was told or not yet.
select rule, entity, state from rule_state where state ->> 'since' is not null order by rule, entity

-- name: keep
insert into rule_state (rule, entity, state)
select * from unnest(%(rules)s::text[], %(entities)s::integer[], %(states)s::jsonb[])
on conflict (rule, entity) do update set state = excluded.state

-- name: forget
delete from rule_state where rule = %(rule)s and entity = any(%(entities)s)

-- name: forget_others
delete from rule_state where rule <> all(%(rules)s)
