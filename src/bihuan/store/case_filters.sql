-- name: of_owner
select id, name, query from case_filter where owner = %(owner)s order by name

-- name: save
-- The same name again replaces the filter; too many are refused by giving no row.
insert into case_filter (owner, name, query, saved_at)
select %(owner)s, %(name)s, %(query)s, %(at)s
where (select count(*) from case_filter where owner = %(owner)s and name <> %(name)s) < %(most)s
on conflict (owner, name) do update set query = excluded.query, saved_at = excluded.saved_at
returning id, name, query

-- name: remove
delete from case_filter where owner = %(owner)s and id = %(id)s
