-- name: set
insert into act_timer (case_id, due_at, points) values (%(id)s, %(due_at)s, %(points)s)
on conflict (case_id) do update set due_at = excluded.due_at, points = excluded.points

-- name: drop
delete from act_timer where case_id = %(id)s

-- name: claim
-- Cases whose next point has passed, oldest first. A case that somebody acts on is left to the next round: the action
-- lays its points out anew. What another worker has claimed is skipped; nobody waits.
select c.id, c.number, c.type, c.office, c.lead, c.version, t.points
from act_timer t join act_case c on c.id = t.case_id
where t.due_at < %(now)s order by t.due_at, t.case_id limit %(limit)s for update of t, c skip locked

-- name: fired
-- Cases and next points of a batch, from one JSON list; a case with nothing ahead loses its row.
with fired as materialized (
    select * from json_to_recordset(%(rows)s::json)
        as f (id bigint, light smallint, level int, version bigint, next_at timestamptz, next_points text)
), ended as (
    delete from act_timer t using fired f where t.case_id = f.id and f.next_at is null
), going as (
    update act_timer t set due_at = f.next_at, points = f.next_points from fired f
    where t.case_id = f.id and f.next_at is not null
)
update act_case c set light = f.light, level = f.level, version = f.version, updated_at = %(now)s
from fired f where c.id = f.id

-- name: notices
insert into act_notice (case_id, version, unit, what, at)
select id, version, unit, what, %(now)s
from unnest(%(ids)s::bigint[], %(versions)s::bigint[], %(units)s::text[], %(whats)s::text[]) as f (id, version, unit, what)
on conflict do nothing

-- name: waiting
select count(*), min(due_at) from act_timer
