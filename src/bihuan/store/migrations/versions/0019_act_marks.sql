-- Beside its words stands of a case what most lists narrow by, in one index: the word of every tenth case and the unit
-- that has a hundredth of all meet in the index, not in the rows of either.
alter table act_words add column marks text[] not null default '{}';

-- `open` or `closed`, its type, the units concerned, and the month (UTC) it was opened in.
create function act_case_marks(c act_case) returns text[] language sql stable as $$
    select array[
        case when c.is_open then 'open' else 'closed' end, 'type:' || c.type,
        'month:' || to_char(c.opened_at at time zone 'UTC', 'YYYY-MM')
    ] || array(
        select distinct 'unit:' || u from unnest(c.supports || c.office || c.lead) as concerned (u) where u is not null
    )
$$;

create function act_words_mark() returns trigger language plpgsql set search_path from current as $$
begin
    select act_case_marks(c) into strict new.marks from act_case c where c.id = new.case_id;
    return new;
end $$;
create trigger act_words_mark before insert on act_words for each row execute function act_words_mark();

create function act_case_mark() returns trigger language plpgsql set search_path from current as $$
begin
    update act_words set marks = act_case_marks(new) where case_id = new.id;
    return null;
end $$;
create trigger act_case_mark after update on act_case for each row
    when ((old.is_open, old.type, old.office, old.lead, old.supports, old.opened_at)
        is distinct from (new.is_open, new.type, new.office, new.lead, new.supports, new.opened_at))
    execute function act_case_mark();

drop index act_words_search;
update act_words w set marks = act_case_marks(c) from act_case c where c.id = w.case_id;
create index act_words_search on act_words using gin (search, marks) with (fastupdate = off);

-- The cases a unit supports in the order of their opening, as indexes have it of those it leads or assigned.
create table act_support (
    unit text,
    opened_at timestamptz,
    case_id bigint references act_case,
    primary key (unit, opened_at, case_id)
);

create function act_case_support() returns trigger language plpgsql set search_path from current as $$
begin
    if tg_op = 'UPDATE' then
        delete from act_support where case_id = new.id and unit = any (old.supports) and opened_at = old.opened_at;
    end if;
    insert into act_support select distinct u, new.opened_at, new.id from unnest(new.supports) as supports (u);
    return null;
end $$;
create trigger act_case_support_new after insert on act_case for each row when (new.supports <> '{}')
    execute function act_case_support();
create trigger act_case_support_change after update on act_case for each row
    when ((old.supports, old.opened_at) is distinct from (new.supports, new.opened_at))
    execute function act_case_support();

insert into act_support select distinct u, c.opened_at, c.id from act_case c, unnest(c.supports) as supports (u);
