-- What is kept for a subscriber that does not answer has an end: the oldest is let go, and counted here.
alter table ngsi_subscription
    add column telling bigint,  -- the notification that is on its way now: it is not let go
    add column failed_why text,
    add column dropped bigint not null default 0,
    add column dropped_at timestamptz;
create index ngsi_notification_made on ngsi_notification (made_at);
