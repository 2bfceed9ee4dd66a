-- name: count
select count(*) from account

-- name: insert
insert into account (login, name, unit, roles, scope, password_hash, must_change, demo, created_at)
values (%(login)s, %(name)s, %(unit)s, %(roles)s, %(scope)s, %(password_hash)s, %(must_change)s, %(demo)s, %(at)s)
on conflict (login) do nothing returning id

-- name: by_login
select id, login, name, unit, roles, scope, password_hash, must_change, demo, created_at, disabled_at, failures,
    locked_until
from account where login = %(login)s for update

-- name: listed
select id, login, name, unit, roles, scope, '' as password_hash, must_change, demo, created_at, disabled_at, failures,
    locked_until
from account order by login

-- name: set_password
update account set password_hash = %(password_hash)s, must_change = %(must_change)s, failures = 0, locked_until = null
where id = %(id)s

-- name: change
update account set name = %(name)s, unit = %(unit)s, roles = %(roles)s, scope = %(scope)s where id = %(id)s

-- name: disable
update account set disabled_at = %(at)s where id = %(id)s

-- name: note_failure
update account set failures = %(failures)s, locked_until = %(locked_until)s where id = %(id)s

-- name: open_session
insert into session (token_sha256, account_id, csrf, created_at, expires_at)
values (%(token_sha256)s, %(account_id)s, %(csrf)s, %(at)s, %(expires_at)s)

-- name: session
select s.csrf, a.id, a.login, a.name, a.unit, a.roles, a.scope, '' as password_hash, a.must_change, a.demo, a.created_at,
    a.disabled_at, a.failures, a.locked_until
from session s join account a on a.id = s.account_id
where s.token_sha256 = %(token_sha256)s and s.expires_at > %(now)s and a.disabled_at is null

-- name: close_session
delete from session where token_sha256 = %(token_sha256)s

-- name: close_sessions
delete from session where account_id = %(id)s

-- name: close_expired
delete from session where expires_at <= %(now)s

-- name: insert_key
insert into api_key (key_sha256, name, unit, roles, scope, grants, created_at)
values (%(key_sha256)s, %(name)s, %(unit)s, %(roles)s, %(scope)s, %(grants)s, %(at)s) returning id

-- name: key
select id, name, unit, roles, scope, grants, created_at, revoked_at from api_key
where key_sha256 = %(key_sha256)s and revoked_at is null

-- name: keys
select id, name, unit, roles, scope, grants, created_at, revoked_at from api_key order by id

-- name: revoke_key
update api_key set revoked_at = %(at)s where id = %(id)s and revoked_at is null returning id
