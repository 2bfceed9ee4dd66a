"""Accounts, sessions, API keys: who is let in, and who is not."""

from datetime import timedelta

import pytest
from tests.act.conftest import at

from bihuan.act import accounts, demo_accounts
from bihuan.act.accounts import NewAccount
from bihuan.act.engine import Engine
from bihuan.core.errors import ForbiddenError, InputError, MissingError
from bihuan.store import accounts as rows
from bihuan.store import events
from bihuan.store.connect import Connection, Store

NOW = at("2026-03-02T09:00")
PASSWORD = "correct horse battery"


def make(connection: Connection, engine: Engine, login: str = "wang", **changes: object) -> str:
    fields = {"name": "王某", "unit": "ecology", "roles": ("handler",), "scope": "own", **changes}
    new = NewAccount(login, **fields)  # type: ignore[arg-type]
    roles = accounts.known_roles(engine.types)
    return accounts.create(connection, new, engine.units, roles, actor="system", now=NOW, password=PASSWORD)


def test_a_session_carries_who_one_is(store: Store, engine: Engine) -> None:
    with store.connection() as connection:
        make(connection, engine)
        begun = accounts.sign_in(connection, "Wang ", PASSWORD, NOW)
        assert begun is not None
        assert begun.token is not None
        lives = accounts.session(connection, begun.token, NOW + timedelta(hours=11))
        assert lives is not None
        assert lives.principal == begun.principal
        assert (lives.principal.unit, lives.principal.roles, lives.csrf) == ("ecology", {"handler"}, begun.csrf)
        assert accounts.session(connection, begun.token, NOW + timedelta(hours=13)) is None
        assert accounts.session(connection, "guess", NOW) is None
        accounts.sign_out(connection, begun.token)
        assert accounts.session(connection, begun.token, NOW) is None


def test_wrong_passwords_lock_for_a_while(store: Store, engine: Engine) -> None:
    with store.connection() as connection:
        make(connection, engine)
        for _ in range(10):
            assert accounts.sign_in(connection, "wang", "wrong password", NOW) is None
        with pytest.raises(ForbiddenError, match="quarter of an hour"):
            accounts.sign_in(connection, "wang", PASSWORD, NOW)
        assert accounts.sign_in(connection, "wang", PASSWORD, NOW + timedelta(minutes=16)) is not None
        assert accounts.sign_in(connection, "nobody", PASSWORD, NOW) is None


def test_a_password_is_kept_as_argon2id_and_nothing_of_it_in_events(store: Store, engine: Engine) -> None:
    with store.connection() as connection:
        make(connection, engine)
        account = rows.by_login(connection, "wang")
        assert account is not None
        assert account.password_hash.startswith("$argon2id$")
        told = events.since(connection, stream=f"account:{account.id}")
        assert [(event.type, dict(event.body)) for event in told] == [
            ("account.created", {"unit": "ecology", "roles": ["handler"], "scope": "own"})
        ]


def test_changing_a_password_ends_every_session(store: Store, engine: Engine) -> None:
    with store.connection() as connection:
        make(connection, engine)
        begun = accounts.sign_in(connection, "wang", PASSWORD, NOW)
        assert begun is not None
        assert begun.token is not None
        with pytest.raises(ForbiddenError):
            accounts.change_password(connection, "wang", "wrong password", "another password", NOW)
        for bad in ("short", PASSWORD):
            with pytest.raises(InputError):
                accounts.change_password(connection, "wang", PASSWORD, bad, NOW)
        accounts.change_password(connection, "wang", PASSWORD, "another password", NOW)
        assert accounts.session(connection, begun.token, NOW) is None
        assert accounts.sign_in(connection, "wang", "another password", NOW) is not None


def test_a_disabled_account_is_out_at_once(store: Store, engine: Engine) -> None:
    with store.connection() as connection:
        make(connection, engine)
        begun = accounts.sign_in(connection, "wang", PASSWORD, NOW)
        assert begun is not None
        assert begun.token is not None
        accounts.set_disabled(connection, "wang", True, actor="account:1", now=NOW)
        assert accounts.session(connection, begun.token, NOW) is None
        with pytest.raises(ForbiddenError, match="disabled"):
            accounts.sign_in(connection, "wang", PASSWORD, NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"unit": "ministry"}, "unit"),
        ({"roles": ("emperor",)}, "roles"),
        ({"roles": ()}, "roles"),
        ({"login": "王"}, "login"),
        ({"name": " "}, "name"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    store: Store, engine: Engine, changes: dict[str, object], field: str
) -> None:
    with store.connection() as connection, pytest.raises(InputError) as refused:
        make(connection, engine, **changes)  # type: ignore[arg-type]
    assert refused.value.where == field


def test_a_login_is_taken_once(store: Store, engine: Engine) -> None:
    with store.connection() as connection:
        make(connection, engine)
        with pytest.raises(InputError, match="taken"):
            make(connection, engine)


def test_the_first_start_makes_one_administrator_with_a_one_time_password(store: Store, engine: Engine) -> None:
    with store.connection() as connection:
        password = accounts.first_administrator(connection, engine.units, NOW)
        assert password is not None
        assert accounts.first_administrator(connection, engine.units, NOW) is None
        begun = accounts.sign_in(connection, "admin", password, NOW)
        assert begun is not None
        assert begun.must_change
        assert begun.principal.roles == {"administrator"}
        fresh = accounts.reset_password(connection, "admin", actor="system", now=NOW)
        assert accounts.sign_in(connection, "admin", password, NOW) is None
        assert accounts.sign_in(connection, "admin", fresh, NOW) is not None


def test_demo_accounts_are_marked_and_sign_in_here_only(store: Store, engine: Engine) -> None:
    with store.connection() as connection:
        logins = demo_accounts.make(connection, engine, NOW)
        assert demo_accounts.make(connection, engine, NOW) == logins
        assert all(account.demo for account in rows.listed(connection))
        with pytest.raises(ForbiddenError, match="machine itself"):
            accounts.sign_in(connection, "demo-chief", demo_accounts.PASSWORD, NOW)
        begun = accounts.sign_in(connection, "demo-chief", demo_accounts.PASSWORD, NOW, local=True)
        assert begun is not None
        assert begun.demo


def test_a_key_speaks_only_for_what_it_was_granted(store: Store, engine: Engine) -> None:
    with store.connection() as connection:
        key = accounts.create_key(
            connection, "客户端", None, ["reporter"], "public", ["open311"], engine.units, actor="account:1", now=NOW
        )
        who = accounts.key_principal(connection, key, "open311")
        assert who is not None
        assert (who.id, who.scope) == ("key:1", "public")
        assert accounts.key_principal(connection, key, "write") is None
        assert accounts.key_principal(connection, key + "x", "open311") is None
        kept = connection.execute("select * from api_key").fetchone()
        assert kept is not None
        assert key not in str(kept)
        with pytest.raises(InputError, match="engine's own role"):
            accounts.create_key(
                connection, "x", None, ["system"], "city", ["write"], engine.units, actor="account:1", now=NOW
            )
        accounts.revoke_key(connection, 1, actor="account:1", now=NOW)
        assert accounts.key_principal(connection, key, "open311") is None
        with pytest.raises(MissingError):
            accounts.revoke_key(connection, 1, actor="account:1", now=NOW)
