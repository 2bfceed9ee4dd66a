-- What clients of NGSI-LD wrote and is yet to be kept as observations, where rules and roll-ups look: one row a request.
create table ngsi_written (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    readings bytea not null  -- msgpack [[urn, attribute, value, unit code, observed at], …]
);
alter table ngsi_written alter column readings set storage external;
