-- name: by_step
-- Money and open blockers of the open cases of a type, step by step. Whose may be seen: office, lead or support; null is all.
select c.step, count(*) as cases, coalesce(sum((s.state -> 'values' ->> %(planned)s)::numeric), 0)::float8 as planned_yuan,
    coalesce(sum((s.state -> 'values' ->> %(done)s)::numeric), 0)::float8 as done_yuan, coalesce(sum(b.blockers), 0)::int as blockers
from act_case c join act_state s on s.case_id = c.id cross join lateral (
    select count(*) as blockers from jsonb_array_elements(s.state -> 'relations') r
    join act_case o on o.number = r.value ->> 'number' where r.value ->> 'kind' = 'blocked_by' and o.is_open) b
where c.is_open and c.type = %(type)s and (
    %(units)s::text[] is null or c.lead = any (%(units)s) or c.office = any (%(units)s) or c.supports && %(units)s)
group by c.step

-- name: open_of
-- Which of these numbers are open cases.
select number from act_case where number = any (%(numbers)s) and is_open
