"""Open the store: the embedded PostgreSQL, or the server that `BIHUAN_DATABASE_URL` names; the same code after that.

    with open_store() as store:
        with store.connection() as connection:
            page = search(connection, Filter(text="增加值"))

A `store.connection()` block is one transaction: committed at its end, rolled back on an exception.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from bihuan.core.errors import InputError, OutsideError
from bihuan.store import migrate
from bihuan.store.embedded import EmbeddedServer, default_home

Connection = psycopg.Connection[tuple[Any, ...]]
POOL_SIZE = 10
WAIT_SECONDS = 15
SESSION = "-c search_path=bihuan -c timezone=UTC"


def utc_now() -> datetime:
    """Return the present moment; the one place where the store reads the clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Store:
    """An open database, upgraded to this version's schema."""

    url: str = field(repr=False)
    """Connection string; holds a password, never log it."""
    pool: ConnectionPool[Connection]
    clock: Callable[[], datetime] = utc_now

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection]:
        """Yield a connection for one transaction: committed at the end, rolled back on an exception.

        Raises:
            OutsideError: no connection within 15 seconds, or it was lost; the database is down or busy.
            InputError: a text holds U+0000, which PostgreSQL cannot keep.
        """
        used: Connection | None = None
        try:
            with self.pool.connection() as used:
                yield used
        except PoolTimeout as error:
            raise OutsideError("no database connection within 15 seconds; is the server up, or too busy?") from error
        except psycopg.OperationalError as error:
            if used is not None and not used.broken:
                raise  # the server is there and has something else to say
            raise OutsideError("the database server was stopped while it was in use; try again") from error
        except psycopg.DataError as error:
            if not isinstance(error, psycopg.errors.UntranslatableCharacter) and "NUL" not in str(error):
                raise
            raise InputError("a text holds the character U+0000, which no text here can have; leave it out") from error

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection for questions alone: no transaction, so two round trips fewer than `connection`.

        Each question sees what stood when it was asked, as in a transaction of PostgreSQL's default isolation.

        Raises:
            OutsideError: as `connection`.
        """
        with self.connection() as connection:
            connection.autocommit = True  # until it is back in the pool
            yield connection

    def connect(self) -> Connection:
        """Return a connection of the caller's own, outside the pool, to be held for long; the caller closes it.

        Raises:
            OutsideError: the database does not answer.
        """
        try:
            return psycopg.connect(self.url, connect_timeout=WAIT_SECONDS, options=SESSION)
        except psycopg.OperationalError as error:
            raise OutsideError(f"the database does not answer: {error}".strip()) from error


@contextlib.contextmanager
def open_store(
    *, home: Path | None = None, url: str | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Store]:
    """Yield the store, started and upgraded where needed, and close it at the end.

    Args:
        home: data folder of the embedded server; default `BIHUAN_HOME`, else `~/.local/share/bihuan`.
        url: a PostgreSQL server to use instead; default `BIHUAN_DATABASE_URL`, else the embedded one.
        settings: PostgreSQL settings of the embedded server.

    Raises:
        OutsideError: the server does not start or answer.
        StateError: the database was made by a newer bihuan.
    """
    url = url or (None if home else os.environ.get("BIHUAN_DATABASE_URL"))
    with contextlib.ExitStack() as stack:
        if not url:
            url = stack.enter_context(EmbeddedServer(home or default_home(), settings)).conninfo()
        yield stack.enter_context(_connected(url))


def _in_transactions(connection: Connection) -> None:
    """Make a connection that comes back to the pool begin a transaction with its next statement."""
    if connection.autocommit:
        connection.autocommit = False


@contextlib.contextmanager
def _connected(url: str) -> Iterator[Store]:
    """Upgrade the database behind `url` and yield a pool on it."""
    try:
        with psycopg.connect(url, connect_timeout=WAIT_SECONDS) as connection:
            migrate.upgrade(connection)
    except psycopg.OperationalError as error:
        raise OutsideError(f"the database does not answer: {error}".strip(), where="BIHUAN_DATABASE_URL") from error
    except psycopg.ProgrammingError as error:
        if not isinstance(error, psycopg.errors.Error) or error.sqlstate:
            raise
        message = "is no PostgreSQL connection string, such as postgresql://user:password@host:5432/database"
        raise OutsideError(message, where="BIHUAN_DATABASE_URL") from error
    pool: ConnectionPool[Connection] = ConnectionPool(
        url,
        min_size=1,
        max_size=POOL_SIZE,
        timeout=WAIT_SECONDS,
        open=False,
        kwargs={"options": SESSION},
        reset=_in_transactions,
    )
    with pool:
        yield Store(url, pool)
