-- name: counted
-- What happened to the cases of each unit and type in a span of time, from the events alone: the same for a past day
-- whenever it is asked.
with happened as (
    select coalesce(e.body->>'lead', e.body->>'office') as unit, e.body->>'case_type' as type, e.type as what, e.body,
        e.stream, e.time
    from event e where e.stream like 'case:%%' and e.time >= %(start)s and e.time < %(end)s and e.body ? 'case_type'
)
select h.unit, h.type,
    count(*) filter (where h.what = 'case.opened') as opened,
    count(*) filter (where h.what = 'case.close') as closed,
    coalesce(sum(m.on_time), 0)::bigint as on_time,
    coalesce(sum(m.late), 0)::bigint as late,
    count(*) filter (where h.what = 'case.timer' and h.body->>'what' = 'due' and h.body->>'clock_light' = 'red') as red,
    count(*) filter (where h.what = 'case.escalate' or (h.what = 'case.timer' and h.body->>'what' = 'escalate')) as escalated,
    count(*) filter (where h.what = 'case.return') as returned,
    count(*) filter (where h.what = 'case.bounce') as bounced,
    count(*) filter (where h.body->>'grade' = '优秀') as excellent,
    count(*) filter (where h.body->>'grade' = '良好') as good,
    count(*) filter (where h.body->>'grade' = '合格') as passed,
    count(*) filter (where h.what = 'case.rate') as rated,
    count(*) filter (where h.what = 'case.rate' and (h.body->>'rating')::int <= 2) as bad_ratings,
    coalesce(sum((h.body->>'rating')::int) filter (where h.what = 'case.rate'), 0)::bigint as stars,
    coalesce(sum(extract(epoch from h.time - o.time) / 86400) filter (where h.what = 'case.close'), 0)::float8 as days
from happened h
left join lateral (
    select count(*) filter (where (x->>'on_time')::boolean) as on_time,
        count(*) filter (where not (x->>'on_time')::boolean) as late
    from jsonb_array_elements(coalesce(h.body->'met', '[]')) x
) m on true
left join event o on h.what = 'case.close' and o.stream = h.stream and o.seq = 1
where h.unit is not null
group by h.unit, h.type order by h.unit, h.type
