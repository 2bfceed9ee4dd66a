-- name: insert
-- In one order for all writers, so that two never wait for each other in a circle.
insert into entity (urn, type, types, name, lon, lat, scopes, attributes, expires_at, created_at, modified_at)
select urn, type, types, name, lon, lat, scopes, attributes, expires_at, created_at, modified_at
from jsonb_to_recordset(%(rows)s::jsonb) as u(urn text, type text, types text[], name text, lon double precision,
    lat double precision, scopes text[], attributes jsonb, expires_at timestamptz, created_at timestamptz, modified_at timestamptz)
order by urn
on conflict (urn) do nothing
returning id, urn

-- name: there
select urn from entity where urn = any(%(urns)s)

-- name: lock
select id, urn, type, types, name, lon, lat, district, owner, scopes, attributes, expires_at, created_at, modified_at
from entity where urn = any(%(urns)s) order by urn for update

-- name: numbered
select id, urn, type, types, name, lon, lat, district, owner, scopes, attributes, expires_at, created_at, modified_at
from entity where id = any(%(ids)s) and (expires_at is null or expires_at > %(now)s)

-- name: update
update entity e set type = u.type, types = u.types, name = u.name, lon = u.lon, lat = u.lat, scopes = u.scopes,
    attributes = u.attributes, expires_at = u.expires_at, modified_at = u.modified_at, version = e.version + 1
from jsonb_to_recordset(%(rows)s::jsonb) as u(urn text, type text, types text[], name text, lon double precision,
    lat double precision, scopes text[], attributes jsonb, expires_at timestamptz, created_at timestamptz, modified_at timestamptz)
where e.urn = u.urn

-- name: with_devices
select e.urn from entity e where e.id = any(%(ids)s) and exists (select from device d where d.entity = e.id)

-- name: delete
delete from entity where id = any(%(ids)s)

-- name: expired
select urn from entity where expires_at <= %(now)s order by urn limit 1000 for update skip locked

-- name: selected
-- By what an index knows; the rest is looked at by the caller.
select id, urn, type, types, name, lon, lat, district, owner, scopes, attributes, expires_at, created_at, modified_at
from entity
where (%(urns)s::text[] is null or urn = any(%(urns)s))
  and (%(types)s::text[] is null or types && %(types)s or (types is null and type = any(%(short)s::text[])))
  and (%(pattern)s::text is null or urn ~ %(pattern)s)
  and (expires_at is null or expires_at > %(now)s)
  and (%(path)s::jsonpath is null or attributes @@ %(path)s::jsonpath or exists (select from latest l where l.entity = entity.id))
  and (%(west)s::float is null
    or (attributes ? 'location' and (attributes #>> '{location,value,type}') is distinct from 'Point')
    or (lon between %(west)s and %(east)s and lat between %(south)s and %(north)s))
  and id > %(after)s
order by id offset %(offset)s limit %(limit)s

-- name: count
select count(*) from entity
where (%(urns)s::text[] is null or urn = any(%(urns)s))
  and (%(types)s::text[] is null or types && %(types)s or (types is null and type = any(%(short)s::text[])))
  and (%(pattern)s::text is null or urn ~ %(pattern)s)
  and (expires_at is null or expires_at > %(now)s)

-- name: attributes_by_type
-- Of each entity its types, and name and type of each attribute instance.
select coalesce(e.types, array[e.type]) as types, e.types is null as short, a.key as name,
    case jsonb_typeof(a.value) when 'object' then array[coalesce(a.value ->> 'type', 'Property')]
        when 'array' then coalesce((select array_agg(distinct one ->> 'type') from jsonb_array_elements(a.value) one
                                    where jsonb_typeof(one) = 'object' and one ? 'type'), array['Property'])
        else array['Property'] end as kinds, count(*)
from entity e left join lateral jsonb_each(e.attributes) a on true
where e.expires_at is null or e.expires_at > %(now)s
group by 1, 2, 3, 4

-- name: entities_by_type
select coalesce(types, array[type]), types is null, count(*) from entity
where expires_at is null or expires_at > %(now)s group by 1, 2

-- name: keep_temporal
insert into ngsi_temporal (urn, types, scopes, created_at, modified_at)
select urn, types, scopes, modified_at, modified_at
from jsonb_to_recordset(%(rows)s::jsonb) as u(urn text, types text[], scopes text[], modified_at timestamptz)
order by urn
on conflict (urn) do update set types = excluded.types, scopes = excluded.scopes, modified_at = excluded.modified_at, deleted_at = null
returning id, urn

-- name: copy_instances
copy ngsi_instance (temporal, attribute, dataset, body, observed_at, created_at, modified_at, deleted_at) from stdin

-- name: mark_deleted
update ngsi_temporal set deleted_at = %(at)s, modified_at = %(at)s where urn = any(%(urns)s)

-- name: lock_temporal
select id, urn, types, scopes, created_at, modified_at, deleted_at from ngsi_temporal where urn = %(urn)s for update

-- name: delete_temporal
delete from ngsi_temporal where urn = %(urn)s

-- name: temporals
-- Those with an instance in time; {time} is the column of the temporal property that is asked by.
select id, urn, types, scopes, created_at, modified_at, deleted_at from ngsi_temporal t
where (%(urns)s::text[] is null or urn = any(%(urns)s))
  and (%(types)s::text[] is null or types && %(types)s)
  and (%(pattern)s::text is null or urn ~ %(pattern)s)
  and id > %(after)s
  and (not %(timed)s or exists (
    select from ngsi_instance i
    where i.temporal = t.id and (%(attributes)s::text[] is null or attribute = any(%(attributes)s)) and attribute <> %(but)s
      and (%(datasets)s::text[] is null or coalesce(dataset, '@none') = any(%(datasets)s))
      and {time} >= %(start)s and {time} < %(end)s))
order by {order} offset %(offset)s limit %(limit)s

-- name: instances
-- Of each attribute the first in time, or the last.
select temporal, attribute, id, body
from (
    select *, row_number() over (partition by temporal, attribute order by {time} {direction}, id {direction}) as place
    from ngsi_instance
    where temporal = any(%(temporals)s) and (%(attributes)s::text[] is null or attribute = any(%(attributes)s))
      and (%(datasets)s::text[] is null or coalesce(dataset, '@none') = any(%(datasets)s))
      and {time} >= %(start)s and {time} < %(end)s
) i
where %(limit)s::bigint is null or place <= %(limit)s
order by temporal, attribute, {time}, id

-- name: numbers
-- Moments and numbers of each attribute, type and datasetId, packed; of one that has anything else only that it has.
-- No object is made of an instance anywhere: 150,000 of them are two texts of bytes.
select temporal, attribute, kind, dataset, bool_and(value is not null),
    string_agg(timestamptz_send(at), ''), string_agg(float8send(coalesce(value, 0)), '')
from (
    select temporal, attribute, body ->> 'type' as kind, dataset, {time} as at,
        case when jsonb_typeof(body -> 'value') = 'number' then (body -> 'value')::float8 end as value
    from ngsi_instance
    where temporal = any(%(temporals)s) and attribute <> %(but)s
      and (%(attributes)s::text[] is null or attribute = any(%(attributes)s))
      and (%(datasets)s::text[] is null or coalesce(dataset, '@none') = any(%(datasets)s))
      and {time} >= %(start)s and {time} < %(end)s
) i
group by temporal, attribute, kind, dataset
order by temporal, attribute, min(at), kind, dataset

-- name: timeless
-- What was never observed at a time: it holds always.
select temporal, attribute, id, body from ngsi_instance
where temporal = any(%(temporals)s) and attribute = any(%(attributes)s) and observed_at is null and deleted_at is null
order by temporal, attribute, id

-- name: instance
select temporal, attribute, id, body from ngsi_instance
where temporal = %(temporal)s and attribute = %(attribute)s and id = %(id)s

-- name: has_attribute
select exists (select from ngsi_instance where temporal = any(%(temporals)s) and attribute = any(%(attributes)s))

-- name: delete_moments
-- What is about to be said anew: of one attribute and datasetId there is one instance a moment.
delete from ngsi_instance i
using jsonb_to_recordset(%(rows)s::jsonb) as u(attribute text, dataset text, observed_at timestamptz)
where i.temporal = %(temporal)s and i.attribute = u.attribute and i.observed_at = u.observed_at
  and i.dataset is not distinct from u.dataset

-- name: delete_instances
delete from ngsi_instance
where temporal = %(temporal)s and attribute = %(attribute)s
  and (%(instance)s::bigint is null or id = %(instance)s)
  and (%(every)s or %(instance)s::bigint is not null or dataset is not distinct from %(dataset)s)

-- name: change_instance
update ngsi_instance set body = %(body)s, observed_at = %(observed_at)s, dataset = %(dataset)s, modified_at = %(at)s
where id = %(id)s and temporal = %(temporal)s and attribute = %(attribute)s

-- name: context_body
-- Counted only where nobody else is counting: requests must not wait for each other over a statistic.
with counted as (
    update ngsi_context set used_at = %(at)s, hits = hits + 1
    where id in (select id from ngsi_context where url = %(url)s or id = %(url)s for update skip locked)
)
select body from ngsi_context where url = %(url)s or id = %(url)s

-- name: peek_context
select body from ngsi_context where url = %(url)s or id = %(url)s

-- name: keep_context
insert into ngsi_context (id, url, kind, body, created_at) values (%(id)s, %(url)s, %(kind)s, %(body)s, %(at)s)
on conflict (url) do update set body = excluded.body, created_at = excluded.created_at

-- name: contexts
select id, url, kind, body, created_at, used_at, hits from ngsi_context
where (%(id)s::text is null or id = %(id)s or url = %(id)s) and (%(kind)s::text is null or kind = %(kind)s)
order by created_at, id

-- name: delete_context
delete from ngsi_context where id = %(id)s or url = %(id)s

-- name: keep_subscription
insert into ngsi_subscription (id, body, context, created_at, modified_at, due_at)
values (%(id)s, %(body)s, %(context)s, %(at)s, %(at)s, %(due_at)s) on conflict do nothing returning id

-- name: change_subscription
-- Tried at once, for it may have got another endpoint.
update ngsi_subscription set body = %(body)s, context = %(context)s, modified_at = %(at)s, due_at = %(due_at)s,
    rests_until = null, failures = 0 where id = %(id)s

-- name: subscriptions
select id, body, context, created_at, modified_at, sent, failed, notified_at, succeeded_at, failed_at, failed_why, dropped, dropped_at,
    (select count(*) from ngsi_notification n where n.subscription = s.id)
from ngsi_subscription s
where %(id)s::text is null or id = %(id)s order by created_at, id offset %(offset)s limit %(limit)s

-- name: subscription_marks
-- What tells whether a subscription is still the one that was read.
select id, hashtextextended(body::text || coalesce(context::text, ''), 0), notified_at from ngsi_subscription order by created_at, id

-- name: marked_subscriptions
select id, body, context, created_at, modified_at, sent, failed, notified_at, succeeded_at, failed_at from ngsi_subscription
where id = any(%(ids)s)

-- name: count_subscriptions
select count(*) from ngsi_subscription

-- name: due_subscriptions
select id, body, context, created_at, modified_at, sent, failed, notified_at, succeeded_at, failed_at from ngsi_subscription
where due_at <= %(now)s order by id limit 100 for update skip locked

-- name: set_due
update ngsi_subscription set due_at = %(due_at)s where id = %(id)s

-- name: delete_subscription
delete from ngsi_subscription where id = %(id)s

-- name: put_written
insert into ngsi_written (at, readings) values (%(at)s, %(readings)s)

-- name: written
select id, at, readings from ngsi_written order by id limit 100

-- name: drop_written
delete from ngsi_written where id = any(%(ids)s)

-- name: claim_turn
-- Of several who want to tell a throttled subscriber at the same time one may.
update ngsi_subscription set notified_at = %(at)s where id = %(id)s and (notified_at is null or notified_at <= %(before)s) returning id

-- name: put_notification
insert into ngsi_notification (subscription, body, made_at) values (%(subscription)s, %(body)s, %(at)s)

-- name: lock_subscriber
-- Whoever was told least lately. Whoever is told by another, or is off, or did not answer, is passed over.
select s.id from ngsi_subscription s
where exists (select from ngsi_notification)  -- asked once: most often there is nothing to tell anybody
  and exists (select from ngsi_notification n where n.subscription = s.id)
  and (s.rests_until is null or s.rests_until <= %(now)s) and (s.body -> 'isActive') is distinct from 'false'::jsonb
order by s.rests_until nulls first, s.notified_at nulls first limit 1 for update skip locked

-- name: oldest_notification
-- Asked for once the subscriber is locked: what another has just told is seen to be gone.
select n.id, s.id, n.body, s.failures, s.body, s.context from ngsi_notification n
join ngsi_subscription s on s.id = n.subscription where s.id = %(id)s order by n.id limit 1

-- name: begin_telling
-- No transaction stays open while it is sent: readers of the outbox would wait for its end.
update ngsi_subscription set rests_until = %(until)s, notified_at = %(at)s, sent = sent + 1, telling = %(number)s where id = %(id)s

-- name: drop_notification
delete from ngsi_notification where id = %(id)s

-- name: note_success
update ngsi_subscription set succeeded_at = %(at)s, rests_until = null, failures = 0, telling = null where id = %(id)s

-- name: note_failure
update ngsi_subscription set failed_at = %(at)s, failed_why = %(why)s, failed = failed + 1, failures = failures + 1,
    rests_until = %(until)s, telling = null where id = %(id)s

-- name: let_go
-- The oldest of what is too much or too old, but never what is on its way now. Whoever is being told by another is left for later.
with beyond as materialized (
    select id, subscription from ngsi_notification where made_at < %(before)s
    union
    select n.id, n.subscription
    from (select s.id, (select w.id from ngsi_notification w where w.subscription = s.id order by w.id desc offset %(most)s limit 1) as last
          from ngsi_subscription s) one
    join ngsi_notification n on n.subscription = one.id and n.id <= one.last
), held as materialized (
    select id, case when rests_until > %(now)s then telling end as telling from ngsi_subscription
    where id in (select subscription from beyond) order by id for update skip locked
), gone as (
    delete from ngsi_notification n using beyond b, held h
    where n.id = b.id and b.subscription = h.id and n.id is distinct from h.telling
    returning n.subscription
), counted as (select subscription, count(*) as many from gone group by subscription)
update ngsi_subscription s set dropped = s.dropped + c.many, dropped_at = %(now)s
from counted c where s.id = c.subscription
returning s.id, c.many
