-- name: put
insert into outbox (written, rows) values (%(at)s, %(rows)s)

-- name: place
-- Locked: of two processes that read under one name, one waits.
select xid::text, id from outbox_reader where name = %(name)s for update

-- name: start
-- A new reader begins with what is written from now on.
insert into outbox_reader (name, xid, id) values (%(name)s, pg_snapshot_xmin(pg_current_snapshot()), 0)
on conflict do nothing

-- name: start_of_all
insert into outbox_reader (name, xid, id) values (%(name)s, '0', 0) on conflict do nothing

-- name: stop
delete from outbox_reader where name = %(name)s

-- name: next
-- Nothing of a transaction that is older than one still open is left out for good: all read here have ended.
-- `o.xid`, for a bare `xid` would be the text that is put out, and '1000' comes before '999'.
select o.xid::text, o.id, o.written, o.rows from outbox o
where (o.xid, o.id) > (%(xid)s::xid8, %(id)s) and o.xid < pg_snapshot_xmin(pg_current_snapshot())
order by o.xid, o.id limit %(limit)s

-- name: move
update outbox_reader set xid = %(xid)s::xid8, id = %(id)s where name = %(name)s

-- name: clear
-- What every reader has seen, and what is older than the time given whoever has not.
delete from outbox o where written < %(before)s
   or not exists (select from outbox_reader r where (r.xid, r.id) < (o.xid, o.id))

-- name: begin_anew
-- The order stays as it was, numbered from the lowest on: whatever the server writes now comes after it.
with known as (select xid from outbox union select xid from outbox_reader),
ranked as (select xid, (dense_rank() over (order by xid))::text::xid8 as place from known),
moved as (update outbox o set xid = r.place from ranked r where r.xid = o.xid)
update outbox_reader o set xid = r.place from ranked r where r.xid = o.xid
