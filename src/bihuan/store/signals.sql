-- name: raise
insert into signal (source, key, kind, subject, severity, text, at, evidence, values, raised_at)
values (%(source)s, %(key)s, %(kind)s, %(subject)s, %(severity)s, %(text)s, %(at)s, %(evidence)s, %(values)s, %(raised_at)s)
on conflict do nothing returning id

-- name: since
select id, source, kind, subject, severity, text, at, key, evidence, values from signal
where id > %(after)s and (%(subject)s::text is null or subject = %(subject)s) order by id limit %(limit)s

-- name: latest
select id, source, kind, subject, severity, text, at, key, evidence, values, acknowledged_at, cleared_at from signal
where (not %(open)s or cleared_at is null) and (%(subject)s::text is null or subject = %(subject)s)
order by id desc limit %(limit)s

-- name: of_subjects
select id, source, kind, subject, severity, text, at, key, evidence, values, acknowledged_at, cleared_at from signal
where (cleared_at is null or cleared_at >= %(since)s::timestamptz) and subject = any(%(subjects)s) order by id desc limit %(limit)s

-- name: of_case
select s.id, s.source, s.kind, s.subject, s.severity, s.text, s.at, s.key, s.evidence, s.values, s.acknowledged_at, s.cleared_at,
       count(*) over (), count(*) filter (where s.cleared_at is null) over ()
from act_signal a join signal s on s.source = a.source and s.key = a.key
where a.number = %(number)s and a.number <> '' order by s.id desc limit %(limit)s

-- name: counts
select source, count(*) filter (where cleared_at is null), count(*) from signal where source = any(%(sources)s) group by source

-- name: clear
update signal set cleared_at = %(at)s where source = %(source)s and key = %(key)s and cleared_at is null

-- name: acknowledge
update signal set acknowledged_at = %(at)s, acknowledged_by = %(actor)s where id = %(id)s and acknowledged_at is null
