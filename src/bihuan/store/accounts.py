"""Accounts, sessions and API keys as rows. Passwords come hashed, tokens and keys as SHA-256; see `bihuan.act.accounts`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row, dict_row

from bihuan.core.records.principal import Scope
from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("accounts.sql")


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in."""

    id: int
    login: str
    name: str
    unit: str | None
    roles: Sequence[str]
    scope: Scope
    password_hash: str
    """argon2id; empty where the row was not read for signing in."""
    must_change: bool
    """Whether somebody else has seen the password."""
    demo: bool
    """Whether its password is public knowledge."""
    created_at: datetime
    disabled_at: datetime | None
    failures: int
    """Wrong passwords in a row."""
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key."""

    id: int
    name: str
    unit: str | None
    roles: Sequence[str]
    scope: Scope
    grants: Sequence[str]
    created_at: datetime
    revoked_at: datetime | None


def count(connection: Connection) -> int:
    """Return how many accounts there are."""
    row = connection.execute(_SQL["count"]).fetchone()
    assert row is not None
    return int(row[0])


def insert(connection: Connection, **fields: Any) -> int | None:
    """Store a new account and return its id; None where the login is taken."""
    row = connection.execute(_SQL["insert"], fields).fetchone()
    return None if row is None else int(row[0])


def by_login(connection: Connection, login: str) -> Account | None:
    """Return an account by its login, locked until the transaction ends."""
    with connection.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(_SQL["by_login"], {"login": login}).fetchone()


def listed(connection: Connection) -> list[Account]:
    """Return all accounts by login, without their passwords' hashes."""
    with connection.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(_SQL["listed"]).fetchall()


def set_password(connection: Connection, account_id: int, password_hash: str, *, must_change: bool) -> None:
    """Replace a password, and forget wrong ones."""
    connection.execute(
        _SQL["set_password"], {"id": account_id, "password_hash": password_hash, "must_change": must_change}
    )


def change(
    connection: Connection, account_id: int, *, name: str, unit: str | None, roles: Sequence[str], scope: Scope
) -> None:
    """Change what an account may."""
    row = {"id": account_id, "name": name, "unit": unit, "roles": list(roles), "scope": scope}
    connection.execute(_SQL["change"], row)


def disable(connection: Connection, account_id: int, at: datetime | None) -> None:
    """Disable an account, or enable it again with None."""
    connection.execute(_SQL["disable"], {"id": account_id, "at": at})


def note_failure(connection: Connection, account_id: int, failures: int, locked_until: datetime | None) -> None:
    """Note wrong passwords in a row, and until when no further one is tried."""
    connection.execute(_SQL["note_failure"], {"id": account_id, "failures": failures, "locked_until": locked_until})


def open_session(
    connection: Connection, token_sha256: bytes, account_id: int, csrf: str, at: datetime, expires_at: datetime
) -> None:
    """Store a session; what has expired goes."""
    connection.execute(_SQL["close_expired"], {"now": at})
    row = {"token_sha256": token_sha256, "account_id": account_id, "csrf": csrf, "at": at, "expires_at": expires_at}
    connection.execute(_SQL["open_session"], row)


def session(connection: Connection, token_sha256: bytes, now: datetime) -> tuple[str, Account] | None:
    """Return the CSRF token and account of a session that lives; else None."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["session"], {"token_sha256": token_sha256, "now": now}).fetchone()
    if row is None:
        return None
    return row.pop("csrf"), Account(**row)


def close_session(connection: Connection, token_sha256: bytes) -> None:
    """End a session."""
    connection.execute(_SQL["close_session"], {"token_sha256": token_sha256})


def close_sessions(connection: Connection, account_id: int) -> None:
    """End all sessions of an account."""
    connection.execute(_SQL["close_sessions"], {"id": account_id})


def insert_key(connection: Connection, **fields: Any) -> int:
    """Store an API key and return its id."""
    row = connection.execute(_SQL["insert_key"], fields).fetchone()
    assert row is not None
    return int(row[0])


def key(connection: Connection, key_sha256: bytes) -> ApiKey | None:
    """Return a key that was not revoked; else None."""
    with connection.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(_SQL["key"], {"key_sha256": key_sha256}).fetchone()


def keys(connection: Connection) -> list[ApiKey]:
    """Return all keys, revoked ones too."""
    with connection.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(_SQL["keys"]).fetchall()


def revoke_key(connection: Connection, key_id: int, at: datetime) -> bool:
    """Revoke a key; False where there is none to revoke."""
    return connection.execute(_SQL["revoke_key"], {"id": key_id, "at": at}).fetchone() is not None
