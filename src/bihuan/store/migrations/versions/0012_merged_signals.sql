-- Signals that are told together make one case while it is open: an outage of many devices is one thing to do.
alter table act_signal add column merged text;  -- kind and value that it was merged by; null: a case of its own
create index act_signal_merged on act_signal (merged) where merged is not null;
create index act_signal_number on act_signal (number) where number <> '';
