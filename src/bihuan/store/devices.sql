-- name: keep
insert into device (protocol, id, entity, secret, expected_seconds, edition, sends, registered_at)
values (%(protocol)s, %(id)s, %(entity)s, %(secret)s, %(expected_seconds)s, %(edition)s, %(sends)s, %(at)s)
on conflict (protocol, id) do update
set entity = excluded.entity, secret = coalesce(excluded.secret, device.secret),
    expected_seconds = excluded.expected_seconds, edition = excluded.edition, sends = excluded.sends
returning number

-- name: registered
select id, number, entity, secret, edition, sends, active from device where protocol = %(protocol)s

-- name: horizon
-- The oldest transaction that is still open: whatever is committed from now on was changed by it or a later one.
select pg_snapshot_xmin(pg_current_snapshot())::text

-- name: changed
select id, number, entity, secret, edition, sends, active from device
where protocol = %(protocol)s and changed >= %(since)s::text::xid8

-- name: seen
insert into device_seen as s (device, at, frames)
select device, %(at)s, frames from unnest(%(devices)s::integer[], %(counts)s::bigint[]) as u(device, frames) order by device
on conflict (device) do update set at = excluded.at, frames = s.frames + excluded.frames, silent_since = null

-- name: states
select d.protocol, d.id, e.urn, e.name, e.type, e.owner, e.district, d.expected_seconds, d.active, e.synthetic,
       s.at as seen_at, coalesce(s.frames, 0) as frames, s.silent_since
from device d join entity e on e.id = d.entity left join device_seen s on s.device = d.number
where (%(protocol)s::text is null or d.protocol = %(protocol)s) and (%(id)s::text is null or d.id = %(id)s)
  and (not %(silent)s or s.silent_since is not null)
order by d.protocol, d.id limit %(limit)s

-- name: one
select d.protocol, d.id, e.urn, e.type, e.name, e.owner, e.district, e.lon, e.lat, d.expected_seconds, d.edition, d.active,
    d.secret is not null as has_secret, d.registered_at
from device d join entity e on e.id = d.entity where d.protocol = %(protocol)s and d.id = %(id)s for update of d

-- name: change
update device set expected_seconds = %(expected_seconds)s, edition = %(edition)s where protocol = %(protocol)s and id = %(id)s

-- name: place
update entity e set name = %(name)s, owner = %(owner)s, district = %(district)s, lon = %(lon)s, lat = %(lat)s,
    version = e.version + 1, modified_at = %(at)s
from device d where d.entity = e.id and d.protocol = %(protocol)s and d.id = %(id)s

-- name: set_secret
update device set secret = %(secret)s where protocol = %(protocol)s and id = %(id)s

-- name: switch
update device set active = %(active)s where protocol = %(protocol)s and id = %(id)s returning number

-- name: fallen_silent
-- Each once: the row is marked as it is told.
with due as (
    select d.number, d.protocol, d.id, d.expected_seconds, e.urn, e.name, e.owner, e.type, e.synthetic,
           coalesce(s.at, d.registered_at) as seen_at
    from device d join entity e on e.id = d.entity left join device_seen s on s.device = d.number
    where d.active and d.expected_seconds is not null and s.silent_since is null
      and greatest(coalesce(s.at, d.registered_at), %(listening)s::timestamptz)
          < %(now)s - make_interval(secs => d.expected_seconds * %(missed)s)
), marked as (
    insert into device_seen (device, at, frames, silent_since)
    select number, seen_at, 0, seen_at from due
    on conflict (device) do update set silent_since = excluded.silent_since
)
select protocol, id, expected_seconds, urn, name, owner, type, synthetic, seen_at from due order by protocol, id

-- name: clear_silences
-- A device is known by the key of its signal: protocol|identifier|since.
update signal s set cleared_at = %(now)s
where s.source = %(source)s and s.cleared_at is null and exists (
    select from device d join device_seen n on n.device = d.number
    where d.id = s.values ->> 'device' and starts_with(s.key, d.protocol || '|' || d.id || '|')
      and n.silent_since is null and n.frames > 0)

-- name: quarantine
insert into quarantine (received, door, device, peer, reason, raw)
values (%(received)s, %(door)s, %(device)s, %(peer)s, %(reason)s, %(raw)s)

-- name: quarantined
select id, received, door, device, peer, reason, raw from quarantine
where (%(reason)s::text is null or reason = %(reason)s) and (%(device)s::text is null or device = %(device)s)
order by id desc limit %(limit)s

-- name: quarantine_summary
select door, device, reason, count(*), max(received) from quarantine group by door, device, reason
order by max(received) desc limit %(limit)s

-- name: prune_quarantine
delete from quarantine where received < %(before)s
   or id <= (select coalesce(max(id), 0) - %(most)s from quarantine)

-- name: queue_command
insert into device_command (device, number, code, fields, actor, state, queued_at, changed_at)
select number, %(number)s, %(code)s, %(fields)s, %(actor)s, 'queued', %(at)s, %(at)s
from device where protocol = %(protocol)s and id = %(id)s
returning id

-- name: queued_commands
select c.id, d.id, c.number, c.code, c.fields from device_command c join device d on d.number = c.device
where d.protocol = %(protocol)s and d.id = any(%(ids)s) and c.state = 'queued' order by c.id

-- name: command_sent
update device_command set state = 'sent', changed_at = %(at)s where id = %(id)s and state = 'queued'

-- name: command_answered
update device_command c set state = %(state)s, outcome = %(outcome)s, changed_at = %(at)s
from device d where d.number = c.device and d.protocol = %(protocol)s and d.id = %(id)s and c.number = %(number)s
  and c.state in ('queued', 'sent', 'ready')

-- name: commands
select d.protocol, d.id as device, c.number, c.code, c.fields, c.actor, c.state, c.outcome, c.queued_at, c.changed_at
from device_command c join device d on d.number = c.device
where %(id)s::text is null or d.id = %(id)s order by c.id desc limit %(limit)s
