-- name: ask
insert into plan_run (scenario, hours, budget, factors, status, asked_at, asked_by)
values (%(scenario)s, %(hours)s, %(budget)s, %(factors)s, 'waiting', %(at)s, %(actor)s) returning id

-- name: take
-- The oldest run that waits, for one taker only.
update plan_run set status = 'running', started_at = %(at)s, seen_at = %(at)s
where id = (select id from plan_run where status = 'waiting' order by id limit 1 for update skip locked)
returning id, scenario, hours, status, asked_at, asked_by, started_at, ended_at, progress, message, budget, factors

-- name: note
-- False where the run was cancelled meanwhile.
update plan_run set progress = %(progress)s, seen_at = %(at)s where id = %(id)s and status = 'running' returning id

-- name: end
update plan_run set status = %(status)s, message = %(message)s, ended_at = %(at)s, progress = '',
    summary = case when budget is null then %(answer)s::json end,
    curve = case when budget is not null then %(answer)s::json end
where id = %(id)s and status = 'running' returning id

-- name: cancel
update plan_run set status = 'cancelled', ended_at = %(at)s, progress = ''
where id = %(id)s and status in ('waiting', 'running') returning id

-- name: abandon
-- Runs whose solver has given no sign of life: its server was killed.
update plan_run set status = 'failed', message = 'interrupted', ended_at = %(at)s, progress = ''
where status = 'running' and seen_at < %(before)s

-- name: latest
select id, scenario, hours, status, asked_at, asked_by, started_at, ended_at, progress, message, budget, factors
from plan_run order by id desc limit %(limit)s

-- name: run
select id, scenario, hours, status, asked_at, asked_by, started_at, ended_at, progress, message, budget, factors
from plan_run where id = %(id)s

-- name: summary
select summary::text from plan_run where id = %(id)s

-- name: curve
select curve::text from plan_run where id = %(id)s

-- name: remove
delete from plan_run where id = %(id)s and status not in ('waiting', 'running') returning id
