-- Which transaction changed a device last, so that a gateway reads what has changed and not the whole registry.
alter table device add column changed xid8 not null default pg_current_xact_id();
create index device_changed on device (protocol, changed);

create function device_changed() returns trigger language plpgsql set search_path from current as $$
begin
    new.changed := pg_current_xact_id();
    return new;
end $$;
create trigger device_changed before update on device for each row
    when (old.* is distinct from new.*) execute function device_changed();
