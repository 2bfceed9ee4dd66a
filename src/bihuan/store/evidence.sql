-- name: save
insert into act_file (sha256, media_type, size_bytes, content, stored_at)
values (%(sha256)s, %(media_type)s, %(size_bytes)s, %(content)s, %(at)s) on conflict do nothing

-- name: content
select media_type, content from act_file where sha256 = %(sha256)s

-- name: of_case
-- A file, where it belongs to the case.
select f.media_type, f.content from act_file f
join act_case_file l using (sha256) join act_case c on c.id = l.case_id
where c.number = %(number)s and f.sha256 = %(sha256)s
