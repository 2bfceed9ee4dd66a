"""Local accounts, sessions and API keys: from a password, a cookie or a key to an authenticated `Principal`.

Passwords are hashed with argon2id (RFC 9106); of session tokens and API keys the store holds SHA-256 only. Changes
of accounts are events of the stream `account:<id>`, which name roles and units, never people.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bihuan.act.case_type import CaseType
from bihuan.act.units import Units
from bihuan.core.errors import ForbiddenError, InputError, MissingError
from bihuan.core.messages import N_
from bihuan.core.records.principal import Principal, Scope
from bihuan.store import accounts, events
from bihuan.store.accounts import Account
from bihuan.store.connect import Connection

Grant = Literal["read", "write", "open311"]
GRANTS: tuple[Grant, ...] = ("read", "write", "open311")
"""What a key may be used for: reading, acting, the public's Open311."""
ADMINISTRATOR = "administrator"
SESSION = timedelta(hours=12)
SHORTEST_PASSWORD = 10
TRIES = 10
LOCKED = timedelta(minutes=15)
KEY_PREFIX = "bhk_"
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun or lives on."""

    principal: Principal
    csrf: str
    """Every form of the session carries it."""
    must_change: bool
    """Whether the password must be changed before anything else."""
    demo: bool
    login: str
    token: str | None = None
    """For the cookie; told once, at signing in."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an administrator says of a new account."""

    login: str
    name: str
    unit: str | None
    roles: tuple[str, ...]
    scope: Scope = "own"


def known_roles(types: Mapping[str, CaseType]) -> tuple[str, ...]:
    """Return the account roles that mean something: those the case types name, and the administrator's."""
    named = {role.account for case_type in types.values() for role in case_type.roles.values() if role.account}
    return tuple(sorted(named | {ADMINISTRATOR}))


def create(
    connection: Connection,
    new: NewAccount,
    units: Units,
    roles: Collection[str],
    *,
    actor: str,
    now: datetime,
    password: str | None = None,
    demo: bool = False,
) -> str:
    """Create an account and return its password: the given one, else a one-time one that must be changed.

    Args:
        connection: an open transaction.
        new: login, name, unit, roles, scope.
        units: the organisation tree the unit stands in.
        roles: the account roles that mean something, `known_roles`.
        actor: who creates it.
        now: the present moment.
        password: a chosen one.
        demo: whether the password is public knowledge; such accounts sign in on this machine only.

    Raises:
        InputError: login, unit, role or password does not fit, or the login is taken.
    """
    _check(new, units, roles)
    chosen = password if password is not None else secrets.token_urlsafe(12)
    _check_password(chosen)
    account_id = accounts.insert(
        connection,
        login=new.login,
        name=new.name.strip(),
        unit=units.find(new.unit) if new.unit else None,
        roles=list(new.roles),
        scope=new.scope,
        password_hash=_hasher().hash(chosen),
        must_change=password is None,
        demo=demo,
        at=now,
    )
    if account_id is None:
        raise InputError("this login is taken", where=new.login)
    _tell(connection, account_id, "created", actor, now, unit=new.unit, roles=list(new.roles), scope=new.scope)
    return chosen


def first_administrator(connection: Connection, units: Units, now: datetime) -> str | None:
    """Create the account `admin` where there is none at all; return its one-time password, else None."""
    if accounts.count(connection):
        return None
    new = NewAccount("admin", "管理员", None, (ADMINISTRATOR,), "city")
    return create(connection, new, units, (ADMINISTRATOR,), actor="system", now=now)


def sign_in(
    connection: Connection, login: str, password: str, now: datetime, *, local: bool = False
) -> SignedIn | None:
    """Begin a session; None where login and password do not belong together (the failure is stored: commit it).

    Args:
        connection: an open transaction.
        login: as typed.
        password: as typed.
        now: the present moment.
        local: whether the request comes from this machine; demo accounts sign in from nowhere else.

    Raises:
        ForbiddenError: too many wrong passwords, the account is disabled, or a demo account from elsewhere.
    """
    account = accounts.by_login(connection, login.strip().lower())
    if account is None:
        _fits(_dummy_hash(), password)  # as long as a known login takes
        return None
    if account.locked_until and account.locked_until > now:
        raise ForbiddenError(N_("too many wrong passwords; try again in a quarter of an hour"), key="act.locked")
    if not _fits(account.password_hash, password):
        failures = account.failures + 1
        accounts.note_failure(connection, account.id, failures, now + LOCKED if failures % TRIES == 0 else None)
        return None
    if account.disabled_at is not None:
        raise ForbiddenError(N_("this account is disabled; ask the administrator"), key="act.disabled")
    if account.demo and not local:
        raise ForbiddenError(N_("a demo account signs in on the machine itself only"), key="act.demo_only_here")
    if _hasher().check_needs_rehash(account.password_hash):
        accounts.set_password(connection, account.id, _hasher().hash(password), must_change=account.must_change)
    accounts.note_failure(connection, account.id, 0, None)
    return _begin(connection, account, now)


def _begin(connection: Connection, account: Account, now: datetime) -> SignedIn:
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    accounts.open_session(connection, _digest(token), account.id, csrf, now, now + SESSION)
    return SignedIn(_principal(account), csrf, account.must_change, account.demo, account.login, token)


def session(connection: Connection, token: str, now: datetime) -> SignedIn | None:
    """Return the session of a cookie; None where it has ended or never was."""
    found = accounts.session(connection, _digest(token), now)
    if found is None:
        return None
    csrf, account = found
    return SignedIn(_principal(account), csrf, account.must_change, account.demo, account.login)


def sign_out(connection: Connection, token: str) -> None:
    """End a session."""
    accounts.close_session(connection, _digest(token))


def change_password(connection: Connection, login: str, old: str, new: str, now: datetime) -> None:
    """Change one's own password; every session ends, this one too.

    Raises:
        ForbiddenError: the old password is wrong.
        InputError: the new one is too short, or the old one again.
    """
    account = accounts.by_login(connection, login)
    if account is None or not _fits(account.password_hash, old):
        raise ForbiddenError(N_("the old password is wrong"), key="act.wrong_password")
    if new == old:
        raise InputError(N_("the new password is the old one"), where="password", key="act.same_password")
    _check_password(new)
    _set_password(connection, account, new, must_change=False, actor=f"account:{account.id}", now=now)


def reset_password(connection: Connection, login: str, *, actor: str, now: datetime) -> str:
    """Give an account a one-time password and return it.

    Raises:
        MissingError: there is no such account.
    """
    fresh = secrets.token_urlsafe(12)
    _set_password(connection, _account(connection, login), fresh, must_change=True, actor=actor, now=now)
    return fresh


def set_disabled(connection: Connection, login: str, disabled: bool, *, actor: str, now: datetime) -> None:
    """Disable an account and end its sessions, or enable it again.

    Raises:
        MissingError: there is no such account.
    """
    account = _account(connection, login)
    accounts.disable(connection, account.id, now if disabled else None)
    accounts.close_sessions(connection, account.id)
    _tell(connection, account.id, "disabled" if disabled else "enabled", actor, now)


def create_key(
    connection: Connection,
    name: str,
    unit: str | None,
    roles: Sequence[str],
    scope: Scope,
    grants: Sequence[Grant],
    units: Units,
    *,
    actor: str,
    now: datetime,
) -> str:
    """Create an API key and return it; it is told once.

    Raises:
        InputError: the unit is unknown, or a grant is.
    """
    if unit is not None and units.find(unit) is None:
        raise InputError(f"'{unit}' is no unit of the organisation tree", where="unit")
    if "system" in roles:
        raise InputError("'system' is the engine's own role; no key speaks in its name", where="roles")
    if not grants or not set(grants) <= set(GRANTS):
        raise InputError(f"grants are some of {', '.join(GRANTS)}", where="grants")
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    key_id = accounts.insert_key(
        connection, key_sha256=_digest(key), name=name.strip(), unit=units.find(unit) if unit else None,
        roles=list(roles), scope=scope, grants=list(grants), at=now,
    )  # fmt: skip
    event = events.NewEvent("key.created", {"roles": list(roles), "scope": scope, "grants": list(grants)}, actor)
    events.append(connection, f"key:{key_id}", [event], at=now)
    return key


def key_principal(connection: Connection, key: str, grant: Grant) -> Principal | None:
    """Return who a key speaks for; None where it is unknown, revoked or not granted this."""
    found = accounts.key(connection, _digest(key))
    if found is None or grant not in found.grants:
        return None
    return Principal(f"key:{found.id}", found.name, found.unit, frozenset(found.roles), found.scope)


def revoke_key(connection: Connection, key_id: int, *, actor: str, now: datetime) -> None:
    """Revoke a key.

    Raises:
        MissingError: there is no such key, or it is revoked.
    """
    if not accounts.revoke_key(connection, key_id, now):
        raise MissingError("there is no such key, or it is revoked already", where=str(key_id))
    events.append(connection, f"key:{key_id}", [events.NewEvent("key.revoked", {}, actor)], at=now)


def principal(connection: Connection, login: str) -> Principal:
    """Return who acts when an account does.

    Raises:
        MissingError: there is no such account.
    """
    return _principal(_account(connection, login))


# -- how -------------------------------------------------------------------------------------------------------------


def _account(connection: Connection, login: str) -> Account:
    account = accounts.by_login(connection, login)
    if account is None:
        raise MissingError("there is no such account", where=login)
    return account


def _set_password(
    connection: Connection, account: Account, password: str, *, must_change: bool, actor: str, now: datetime
) -> None:
    accounts.set_password(connection, account.id, _hasher().hash(password), must_change=must_change)
    accounts.close_sessions(connection, account.id)
    _tell(connection, account.id, "password_changed", actor, now)


def _check(new: NewAccount, units: Units, roles: Collection[str]) -> None:
    if not _LOGIN.fullmatch(new.login):
        raise InputError("a login has 2 to 40 of a–z, 0–9, dot, hyphen, underscore", where="login")
    if not new.name.strip() or len(new.name) > 60:
        raise InputError("a name of at most 60 characters was expected", where="name")
    if new.unit is not None and units.find(new.unit) is None:
        raise InputError(f"'{new.unit}' is no unit of the organisation tree", where="unit")
    unknown = sorted(set(new.roles) - set(roles))
    if unknown or not new.roles:
        raise InputError(f"{unknown or 'no role'}: roles are {', '.join(roles)}", where="roles")


def _check_password(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= 200:
        raise InputError(
            N_("a password has at least {least} characters"), where="password", key="act.short", least=SHORTEST_PASSWORD
        )


def _principal(account: Account) -> Principal:
    return Principal(f"account:{account.id}", account.name, account.unit, frozenset(account.roles), account.scope)


def _tell(connection: Connection, account_id: int, what: str, actor: str, now: datetime, **body: object) -> None:
    events.append(connection, f"account:{account_id}", [events.NewEvent(f"account.{what}", body, actor)], at=now)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's floor, 15 ms here


@cache
def _dummy_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(12))


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, password[:200])
    except (VerificationError, InvalidHashError):
        return False
