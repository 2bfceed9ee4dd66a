-- Which enterprises match which policies, since when; each was told once when it began.
create table policy_match (
    policy text not null,
    entity integer not null references entity on delete cascade,
    since timestamptz not null,
    primary key (policy, entity)
);
create index policy_match_entity on policy_match (entity);
