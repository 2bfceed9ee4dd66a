-- name: inbox
select n.id, c.number, c.title, c.type, n.unit, n.what, n.at, n.version,
    n.id > coalesce((select r.up_to from act_notice_read r where r.account_id = %(account)s and r.unit = n.unit), 0) as unread
from act_notice n join act_case c on c.id = n.case_id
where n.unit = any (%(units)s) and n.id < %(before)s order by n.id desc limit %(limit)s

-- name: unread
select count(*) from act_notice n where n.unit = any (%(units)s) and n.id >
    coalesce((select r.up_to from act_notice_read r where r.account_id = %(account)s and r.unit = n.unit), 0)

-- name: mark_read
insert into act_notice_read (account_id, unit, up_to)
select %(account)s, unit, %(up_to)s from unnest(%(units)s::text[]) as f (unit)
on conflict (account_id, unit) do update set up_to = greatest(act_notice_read.up_to, excluded.up_to)

-- name: add_channel
insert into act_channel (kind, unit, address, key_id, secret, created_at)
values (%(kind)s, %(unit)s, %(address)s, %(key_id)s, %(secret)s, %(at)s) returning id

-- name: seal_channel
update act_channel set key_id = %(key_id)s, secret = %(secret)s where id = %(id)s

-- name: channels
select id, kind, unit, address, key_id, secret, created_at, stopped_at from act_channel order by id

-- name: stop_channel
update act_channel set stopped_at = %(at)s where id = %(id)s and stopped_at is null returning id

-- name: queue_webhooks
-- One delivery a webhook that listens to one of the case's units.
insert into act_delivery (channel_id, event_stream, event_seq, next_try)
select id, %(stream)s, %(seq)s, %(at)s from act_channel
where kind = 'webhook' and stopped_at is null and (unit is null or unit = any (%(units)s))
on conflict do nothing

-- name: listened
-- Whether anybody listens to events.
select exists (select from act_channel where kind = 'webhook' and stopped_at is null)

-- name: queue_webhooks_of_cases
-- The same for the newest event of many cases.
insert into act_delivery (channel_id, event_stream, event_seq, next_try)
select h.id, 'case:' || c.number, c.version, %(at)s from act_case c join act_channel h
on h.kind = 'webhook' and h.stopped_at is null
    and (h.unit is null or h.unit in (c.office, c.lead) or h.unit = any (c.supports))
where c.id = any (%(ids)s) on conflict do nothing

-- name: lay_out
-- Fresh notices become deliveries of the channels that carry their unit's.
with fresh as (
    select id, unit from act_notice where not sent_on order by id limit %(limit)s for update skip locked
), queued as (
    insert into act_delivery (channel_id, notice_id, next_try)
    select c.id, f.id, %(at)s from fresh f join act_channel c on c.unit is null or c.unit = f.unit
    where c.kind <> 'webhook' and c.stopped_at is null on conflict do nothing
)
update act_notice n set sent_on = true from fresh f where n.id = f.id

-- name: claim
-- A delivery to try now; until %(lease)s nobody else takes it.
update act_delivery d set next_try = %(lease)s, attempts = attempts + 1
from (
    select id from act_delivery where next_try <= %(now)s order by next_try, id limit 1 for update skip locked
) f
where d.id = f.id returning d.id

-- name: claimed
select d.id, d.attempts, ch.id as channel_id, ch.kind, ch.address, ch.key_id, ch.secret, d.event_stream, d.event_seq,
    c.number, c.title, c.type, n.unit, n.what, n.at, c.light, c.next_due
from act_delivery d join act_channel ch on ch.id = d.channel_id
left join act_notice n on n.id = d.notice_id left join act_case c on c.id = n.case_id
where d.id = %(id)s

-- name: event
select seq, type, actor, time, body from event where stream = %(stream)s and seq = %(seq)s

-- name: settle
update act_delivery set sent_at = %(sent_at)s, next_try = %(next_try)s, error = %(error)s where id = %(id)s

-- name: failing
select d.id, ch.kind, ch.address, d.attempts, d.next_try, d.error, n.what, coalesce(c.number, substr(d.event_stream, 6)) as number
from act_delivery d join act_channel ch on ch.id = d.channel_id
left join act_notice n on n.id = d.notice_id left join act_case c on c.id = n.case_id
where d.sent_at is null and d.error is not null order by d.id desc limit %(limit)s

-- name: retry
update act_delivery set next_try = %(at)s where id = %(id)s and sent_at is null returning id
