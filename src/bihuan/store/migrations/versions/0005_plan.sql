-- Runs of the energy plan: asked for on a page, solved beside the server, kept with what they answered.

create table plan_run (
    id integer generated always as identity primary key,
    scenario text not null,
    hours integer check (hours > 0),  -- snapshots that stand for the year; null: all of them
    status text not null check (status in ('waiting', 'running', 'optimal', 'failed', 'cancelled')),
    asked_at timestamptz not null,
    asked_by text not null,
    started_at timestamptz,
    seen_at timestamptz,  -- last sign of life of who solves it
    ended_at timestamptz,
    progress text not null default '',
    message text not null default '',  -- why there is no plan
    summary json  -- core/records/plan.py; json and not jsonb, since layers have an order
);
create index plan_run_waiting on plan_run (id) where status in ('waiting', 'running');
