-- name: make_head
insert into event_head (stream, seq, hash) values (%(stream)s, 0, '\x') on conflict do nothing

-- name: lock_head
-- Held until the caller's transaction ends: the next writer of this stream sees our hash.
select seq, hash from event_head where stream = %(stream)s for update

-- name: insert
insert into event (stream, seq, type, actor, time, body, prev_hash, hash)
values (%(stream)s, %(seq)s, %(type)s, %(actor)s, %(time)s, %(body)s, %(prev_hash)s, %(hash)s)

-- name: move_head
update event_head set seq = %(seq)s, hash = %(hash)s where stream = %(stream)s

-- name: begin
-- The first event of a stream, and its head.
with head as (insert into event_head (stream, seq, hash) values (%(stream)s, %(seq)s, %(hash)s))
insert into event (stream, seq, type, actor, time, body, prev_hash, hash)
values (%(stream)s, %(seq)s, %(type)s, %(actor)s, %(time)s, %(body)s, %(prev_hash)s, %(hash)s)

-- name: lock_heads
-- In one order, so that two batches never wait for each other in a circle.
select stream, seq, hash from event_head where stream = any (%(streams)s) order by stream for update

-- name: insert_each
-- Events and heads of a batch, from one JSON list.
with new as materialized (
    select stream, seq, type, actor, time, body, decode(prev_hash, 'hex') as prev_hash, decode(hash, 'hex') as hash
    from json_to_recordset(%(rows)s::json)
        as f (stream text, seq bigint, type text, actor text, time timestamptz, body jsonb, prev_hash text, hash text)
), moved as (
    update event_head h set seq = n.seq, hash = n.hash from new n where h.stream = n.stream
)
insert into event (stream, seq, type, actor, time, body, prev_hash, hash)
select stream, seq, type, actor, time, body, prev_hash, hash from new

-- name: chain
-- Each stream in order, and the head it must end in.
select e.id, e.stream, e.seq, e.type, e.actor, e.time, e.body, e.prev_hash, e.hash,
       h.seq as head_seq, h.hash as head_hash
from event e left join event_head h using (stream)
order by e.stream collate "C", e.seq

-- name: headless
-- Streams whose events are all gone.
select stream, seq from event_head h
where seq > 0 and not exists (select from event e where e.stream = h.stream) order by stream collate "C" limit 1

-- name: listed
select id, stream, seq, type, actor, time, body, prev_hash, hash from event
where (%(stream)s::text is null or stream = %(stream)s) and id > %(after)s order by id limit %(limit)s

-- name: latest
select id, stream, seq, type, actor, time, body, prev_hash, hash from event
where (%(stream)s::text is null or stream = %(stream)s) and (%(before)s::bigint is null or id < %(before)s)
order by id desc limit %(limit)s

-- name: count
-- From the streams' heads: as many numbers as there are streams, not events.
select coalesce(sum(seq), 0) from event_head
