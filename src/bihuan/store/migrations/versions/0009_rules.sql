-- What people have set about rules; what they were before stands in the events of `rule:<id>`.
create table rule_setting (
    rule text primary key,
    version bigint not null,  -- number of the event that set it
    text text,  -- YAML; null: as the pack has it
    active boolean not null,
    changed_at timestamptz not null,
    changed_by text not null
);

-- One row: whoever looks at rules, or changes them, holds it, and moves it on. So what a process remembers of the rules
-- and their states is good for as long as it finds the turn that it left.
create table rule_turn (one boolean primary key default true check (one), turn bigint not null);
insert into rule_turn values (true, 0);
