-- name: save
insert into act_personal (case_id, field, key_id, sealed) values (%(id)s, %(field)s, %(key_id)s, %(sealed)s)
on conflict (case_id, field) do update set key_id = excluded.key_id, sealed = excluded.sealed

-- name: of_case
select field, key_id, sealed from act_personal where case_id = %(id)s order by field

-- name: of_cases
select c.number, p.field, p.key_id, p.sealed from act_personal p join act_case c on c.id = p.case_id
where c.number = any (%(numbers)s) order by p.case_id, p.field

-- name: set_retention
update act_personal set erase_on = %(erase_on)s where case_id = %(id)s and field = %(field)s

-- name: due
-- Fields whose time is over, by case.
select c.number, array_agg(p.field order by p.field) from act_personal p join act_case c on c.id = p.case_id
where p.erase_on <= %(today)s group by c.number order by c.number limit %(limit)s

-- name: erase
delete from act_personal p using act_case c where c.id = p.case_id and c.number = %(number)s and p.field = any (%(fields)s)
