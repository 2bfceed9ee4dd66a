"""Who acts on the command line: an API key (BIHUAN_API_KEY), or an account whose password is asked for."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from getpass import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from bihuan.core.errors import ForbiddenError, InputError

if TYPE_CHECKING:
    from datetime import datetime

    from bihuan.act.accounts import Grant
    from bihuan.act.engine import Engine
    from bihuan.core.records.principal import Principal
    from bihuan.store.connect import Connection, Store

AsOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="LOGIN",
        help="Account to act as; its password is asked for (or read from stdin). Default: BIHUAN_API_KEY.",
    ),
]


@dataclass(frozen=True, slots=True)
class Desk:
    """An open store, the city's engine, and who acts."""

    store: Store
    engine: Engine
    who: Principal

    def now(self) -> datetime:
        """Return the present moment."""
        return self.store.clock()


@contextlib.contextmanager
def casework(pack: str | None) -> Iterator[tuple[Store, Engine]]:
    """Yield the store and the engine of a city.

    Raises:
        BihuanError: the store does not open, or the pack or key file has faults.
    """
    from bihuan.act.engine import Engine
    from bihuan.act.personal import load_keys
    from bihuan.cli.options import resolve_pack
    from bihuan.store.connect import open_store

    engine = Engine.of(resolve_pack(pack), load_keys())
    with open_store() as store:
        yield store, engine


@contextlib.contextmanager
def desk(pack: str | None, login: str | None, grant: Grant) -> Iterator[Desk]:
    """Yield a desk at which somebody sits who may do what `grant` says.

    Raises:
        ForbiddenError: key or password is wrong.
        InputError: neither a key nor an account was named.
    """
    with casework(pack) as (store, engine):
        with store.connection() as connection:
            who = _principal(connection, login, grant, store.clock())
        if who is None:  # raised here, so that a wrong password is counted
            raise ForbiddenError("login and password do not belong together, or the key does not allow this")
        yield Desk(store, engine, who)


def _principal(connection: Connection, login: str | None, grant: Grant, now: datetime) -> Principal | None:
    from bihuan.act import accounts

    key = os.environ.get("BIHUAN_API_KEY")
    if login is None and key is None:
        raise InputError(
            "say who acts: --as LOGIN, or an API key in BIHUAN_API_KEY (`bihuan account api-key create` makes one)",
            where="--as",
        )
    if login is None:
        return accounts.key_principal(connection, key or "", grant)
    password = getpass(f"password of {login}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    begun = accounts.sign_in(connection, login, password, now, local=True)
    if begun is None or begun.token is None:
        return None
    accounts.sign_out(connection, begun.token)
    return begun.principal
