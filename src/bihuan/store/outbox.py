"""The outbox: what has been kept, handed to rules, roll-ups and subscriptions exactly once in effect.

    with store.connection() as connection:
        for row in outbox.take(connection, "rules"):
            ...                                  # what is written here commits with the reader's place, or not at all

Any number of readers go through it, each under a name of its own with its own place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from bihuan.store.connect import Connection
from bihuan.store.rows import Row
from bihuan.store.sql import statements

_SQL = statements("outbox.sql")


def put(connection: Connection, rows: Sequence[Row], *, at: datetime) -> None:
    """Append rows in the caller's transaction."""
    if rows:
        packed = msgspec.msgpack.encode([_packed(row) for row in rows])
        connection.execute(_SQL["put"], {"at": at, "rows": packed})


def start(connection: Connection, name: str, *, from_the_beginning: bool = False) -> None:
    """Register a reader; it gets what is written from now on. Does nothing where it is registered."""
    connection.execute(_SQL["start_of_all" if from_the_beginning else "start"], {"name": name})


def stop(connection: Connection, name: str) -> None:
    """Strike a reader off; nothing is kept for it any longer."""
    connection.execute(_SQL["stop"], {"name": name})


def take(connection: Connection, name: str, *, batches: int = 50) -> list[Row]:
    """Return the next rows for a reader and move its place, in the caller's transaction.

    Args:
        connection: an open transaction; rolled back, the same rows come again.
        name: of the reader, registered by `start`.
        batches: at most so many group commits at once.
    """
    return [row for _, rows in take_batches(connection, name, batches=batches) for row in rows]


def take_batches(connection: Connection, name: str, *, batches: int = 50) -> list[tuple[datetime, list[Row]]]:
    """Return the next rows as `take` does, by group commit with when it was received."""
    place = connection.execute(_SQL["place"], {"name": name}).fetchone()
    if place is None:
        return []
    position = {"name": name, "xid": place[0], "id": place[1], "limit": batches}
    found = connection.execute(_SQL["next"], position).fetchall()
    if found:
        connection.execute(_SQL["move"], {"name": name, "xid": found[-1][0], "id": found[-1][1]})
    return [(written, [Row(*fields) for fields in msgspec.msgpack.decode(rows)]) for _, _, written, rows in found]


def clear(connection: Connection, *, before: datetime) -> int:
    """Delete what every reader has seen, and what was written before a time; return how many batches."""
    return connection.execute(_SQL["clear"], {"before": before}).rowcount


def begin_anew(connection: Connection) -> None:
    """Make rows and readers of another server's database good here, where transactions are numbered otherwise.

    With the other's higher numbers, readers would take nothing until this one had counted as far.
    """
    connection.execute(_SQL["begin_anew"])


def _packed(row: Row) -> tuple[Any, ...]:
    return row.entity, row.period, row.layout, row.time_us, row.numbers, row.others, row.quality
