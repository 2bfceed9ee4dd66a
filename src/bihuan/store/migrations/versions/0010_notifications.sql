-- A subscriber is told one thing at a time, oldest first; whoever does not answer is left alone as a whole for a while.
alter table ngsi_subscription
    add column rests_until timestamptz,  -- not told before: it is being told now, or did not answer
    add column failures integer not null default 0;  -- since it answered last

drop index ngsi_notification_due;
alter table ngsi_notification drop column due_at, drop column tries;
create index ngsi_notification_waiting on ngsi_notification (subscription, id);
