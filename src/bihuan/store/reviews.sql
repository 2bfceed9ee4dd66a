-- name: lock
select e.*, d.sha256, d.year as document_year from entry e join document d on d.id = e.document_id
where e.id = %(id)s for update of e

-- name: kept_changes
select changes from review
where document_id = %(document_id)s and family = %(family)s and start_at = %(start_at)s and quote = %(quote)s

-- name: keep
insert into review (document_id, family, start_at, quote, state, changes, actor, note, time)
values (%(document_id)s, %(family)s, %(start_at)s, %(quote)s, %(state)s, %(changes)s, %(actor)s, %(note)s, %(at)s)
on conflict (document_id, family, start_at, quote) do update set
    state = excluded.state, changes = excluded.changes, actor = excluded.actor, note = excluded.note,
    time = excluded.time

-- name: forget
delete from review
where document_id = %(document_id)s and family = %(family)s and start_at = %(start_at)s and quote = %(quote)s

-- name: save_words
update entry_words set words = %(words)s, search = %(search)s where entry_id = %(id)s

-- name: covered
-- Rows that a decision is about, with it.
select e.*, d.sha256, d.year as document_year, r.state, r.changes
from review r
join document d on d.id = r.document_id
join entry e using (document_id, family, start_at, quote)
where r.document_id = %(document_id)s

-- name: decisions
select r.document_id, d.name as document, r.family, r.start_at as start, r.quote, r.state, r.changes, r.actor, r.note,
       r.time, e.id as entry_id
from review r
join document d on d.id = r.document_id
left join entry e using (document_id, family, start_at, quote)
where (%(document_id)s::bigint is null or r.document_id = %(document_id)s)
    and (%(orphaned)s::boolean is null or (e.id is null) = %(orphaned)s)
order by r.time desc, r.start_at
