-- Counts by light read the index alone; cases that a unit supports are found among closed ones too.
drop index act_case_light;
create index act_case_light on act_case (light, coalesce(next_due, 'infinity'::timestamptz), id) where is_open;
drop index act_case_supports;
create index act_case_supports on act_case using gin (supports);

-- A signal that opened no case is kept as settled, with the reason.
alter table act_signal add column error text;
