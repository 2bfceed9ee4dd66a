-- name: tallies
-- Open cases by type and leading unit. Whose may be seen: office, lead or support; null is all.
select c.type, c.lead, count(*) as open,
    array[
        count(*) filter (where c.light = 0), count(*) filter (where c.light = 1), count(*) filter (where c.light = 2),
        count(*) filter (where c.light = 3), count(*) filter (where c.light = 4)
    ] as lights,
    count(*) filter (where c.next_due < %(now)s) as overdue,
    count(*) filter (where c.next_due >= %(now)s and c.next_due < %(soon)s) as soon,
    count(*) filter (where c.returns > 0) as returned
from act_case c
where c.is_open and (
    %(units)s::text[] is null or c.lead = any (%(units)s) or c.office = any (%(units)s) or c.supports && %(units)s)
group by c.type, c.lead
