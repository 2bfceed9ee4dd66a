-- What happened to cases on days that are over, counted once: a scorecard of months adds up days instead of events.
create table act_score_day (
    day date,  -- in China
    unit text,
    type text,
    opened bigint not null,
    closed bigint not null,
    on_time bigint not null,
    late bigint not null,
    red bigint not null,
    escalated bigint not null,
    returned bigint not null,
    bounced bigint not null,
    excellent bigint not null,
    good bigint not null,
    passed bigint not null,
    rated bigint not null,
    bad_ratings bigint not null,
    stars bigint not null,
    days float8 not null,
    primary key (day, unit, type)
);

-- Days that are counted, one after the other from the first event of a case on.
create table act_score_sealed (day date primary key);

-- An event dated back opens the counted days again, from its own on.
create function act_score_unseal() returns trigger language plpgsql set search_path from current as $$
begin
    delete from act_score_sealed where day >= (new.time at time zone 'Asia/Shanghai')::date;
    delete from act_score_day where day >= (new.time at time zone 'Asia/Shanghai')::date;
    return null;
end $$;
create trigger act_score_unseal after insert on event for each row
    when (new.time < now() - interval '1 day' and new.stream like 'case:%') execute function act_score_unseal();
