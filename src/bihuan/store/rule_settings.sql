-- name: all
select rule, version, text, active, changed_at, changed_by from rule_setting order by rule

-- name: keep
insert into rule_setting (rule, version, text, active, changed_at, changed_by)
values (%(rule)s, %(version)s, %(text)s, %(active)s, %(at)s, %(actor)s)
on conflict (rule) do update set version = excluded.version, text = excluded.text, active = excluded.active,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by
