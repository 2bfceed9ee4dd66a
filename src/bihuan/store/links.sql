-- name: revisions
select ledger_revision, links_revision from ledger_state

-- name: bump
update ledger_state set ledger_revision = ledger_revision + 1

-- name: claim
-- Holds the row: no writer of entries commits between here and the end of the transaction.
update ledger_state set links_revision = ledger_revision where ledger_revision = %(revision)s returning 1

-- name: clear
delete from link

-- name: stage
create temporary table new_link (
    a_sha256 text, a_start integer, a_quote text, b_sha256 text, b_start integer, b_quote text,
    same text, relation text, verdict text
) on commit drop

-- name: copy
copy new_link from stdin

-- name: resolve
insert into link (a_entry, b_entry, same, relation, verdict)
select a.id, b.id, same, relation, verdict
from new_link
join document da on da.sha256 = a_sha256
join document db on db.sha256 = b_sha256
join entry a on a.document_id = da.id and a.start_at = a_start and a.quote = a_quote
join entry b on b.document_id = db.id and b.start_at = b_start and b.quote = b_quote
on conflict do nothing

-- name: export
select da.name, a.start_at, a.quote, db.name, b.start_at, b.quote, l.same, l.relation, l.verdict
from link l
join entry a on a.id = l.a_entry
join entry b on b.id = l.b_entry
join document da on da.id = a.document_id
join document db on db.id = b.document_id
where a.review <> 'rejected' and b.review <> 'rejected'
order by a.document_id, a.start_at, b.document_id, b.start_at

-- name: related
select /*columns*/, l.same, l.relation, l.verdict, l.a_entry = %(id)s as is_later
from link l
join entry e on e.id = case when l.a_entry = %(id)s then l.b_entry else l.a_entry end
join document d on d.id = e.document_id
where %(id)s in (l.a_entry, l.b_entry)
order by is_later, e.year, e.document_id, e.start_at

-- name: lights
with light as (
    select distinct on (t.id) t.year, coalesce(l.verdict, 'open') as light
    from entry t
    join document d on d.id = t.document_id
    left join (link l join entry r on r.id = l.b_entry and r.review <> 'rejected')
        on l.a_entry = t.id and l.relation = 'target_result'
    where t.kind = 'target' and t.review <> 'rejected' and t.year is not null
        and (%(city)s::text is null or d.city = %(city)s)
    order by t.id, l.verdict is null, l.verdict = 'unknown', r.year desc, r.id desc
)
select year, light, count(*) from light group by year, light order by year desc

-- name: promises
with promise as (
    select distinct on (t.id) t.id as target, r.id as result, coalesce(l.verdict, 'open') as light,
        t.document_id, t.start_at
    from entry t
    join document d on d.id = t.document_id
    left join (link l join entry r on r.id = l.b_entry and r.review <> 'rejected')
        on l.a_entry = t.id and l.relation = 'target_result'
    where t.kind = 'target' and t.review <> 'rejected' and t.year = %(year)s
        and (%(city)s::text is null or d.city = %(city)s)
    order by t.id, l.verdict is null, l.verdict = 'unknown', r.year desc, r.id desc
)
select target, result, light from promise
where %(light)s::text is null or light = %(light)s
order by array_position(array['missed', 'partly', 'met', 'unknown', 'open'], light), document_id, start_at, target
limit %(limit)s offset %(offset)s

-- name: series
select e.id as entry_id, e.document_id, d.name as document, d.city, e.period, e.year, e.kind, e.measure,
       case e.direction when '-' then -e.value else e.value end as value, e.unit, e.bound
from entry e
join document d on d.id = e.document_id
where e.topic = %(topic)s and e.family = 'statement' and e.subject is null and e.review <> 'rejected'
    and (%(measure)s::text is null or e.measure = %(measure)s)
    and (%(city)s::text is null or d.city = %(city)s)
order by coalesce(e.period, e.year::text) desc, e.kind desc, d.year desc nulls first, e.id desc
limit %(limit)s
