-- name: counted
-- What happened to the cases of each unit and type on some days in China, from the events alone.
with happened as (
    select coalesce(e.body->>'lead', e.body->>'office') as unit, e.body->>'case_type' as type, e.type as what, e.body,
        e.stream, e.time
    from event e
    where e.stream like 'case:%%' and e.time >= %(start)s::date::timestamp at time zone 'Asia/Shanghai'
        and e.time < %(end)s::date::timestamp at time zone 'Asia/Shanghai' and e.body ? 'case_type'
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

-- name: added_up
-- Days that are counted, and the others from the events.
select unit, type, {sums} from (
    select unit, type, {names} from act_score_day where day >= %(sealed_from)s and day < %(start)s
    union all
    select unit, type, {names} from ({counted}) of_events
) of_days group by unit, type order by unit, type

-- name: next_day
-- The first day that is not counted yet: null where no case has an event.
select coalesce(
    (select max(day) + 1 from act_score_sealed),
    (select (min(time) at time zone 'Asia/Shanghai')::date from event where stream like 'case:%%'))

-- name: seal
insert into act_score_sealed (day) values (%(start)s) on conflict do nothing returning day

-- name: keep_day
insert into act_score_day (day, unit, type, {names}) select %(start)s::date, unit, type, {names} from ({counted}) of_events
