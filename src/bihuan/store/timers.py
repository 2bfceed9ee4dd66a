"""Durable timers: one row a case that has something ahead of it. What a point means is `bihuan.act`'s affair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from bihuan.store import events
from bihuan.store.cases import stream_of
from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("timers.sql")
_STORED = ("id", "light", "level", "version", "next_at", "next_points")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A case whose next point has passed; locked until the transaction ends."""

    id: int
    number: str
    type: str
    office: str
    lead: str | None
    version: int
    points: str
    """JSON list, the passed one first."""


@dataclass(frozen=True, slots=True)
class Fired:
    """What a point made of a case."""

    id: int
    number: str
    body: dict[str, object]
    """Of the event `case.timer`."""
    light: int
    level: int
    version: int
    """Of the case, after it."""
    next_at: datetime | None
    next_points: str
    tell: tuple[str, ...]
    what: str


def set_points(connection: Connection, case_id: int, due_at: datetime | None, points: str) -> None:
    """Replace what is ahead of a case; None: nothing is."""
    if due_at is None:
        connection.execute(_SQL["drop"], {"id": case_id})
    else:
        connection.execute(_SQL["set"], {"id": case_id, "due_at": due_at, "points": points})


def claim(connection: Connection, now: datetime, limit: int) -> list[Claimed]:
    """Lock cases whose next point has passed, oldest first; those that others hold are left to them."""
    return [Claimed(*row) for row in connection.execute(_SQL["claim"], {"now": now, "limit": limit})]


def fire(connection: Connection, fired: Sequence[Fired], now: datetime) -> None:
    """Store events, cases, next points and notices of a claimed batch, each in one statement."""
    streams = [stream_of(each.number) for each in fired]
    events.append_each(connection, streams, [events.NewEvent("case.timer", each.body) for each in fired], at=now)
    rows = [{name: getattr(each, name) for name in _STORED} for each in fired]
    connection.execute(_SQL["fired"], {"rows": msgspec.json.encode(rows).decode(), "now": now})
    told = [(each, unit) for each in fired for unit in each.tell]
    if told:
        save_notices(connection, [(each.id, each.version, unit, f"timer.{each.what}") for each, unit in told], now)


def save_notices(connection: Connection, notices: Sequence[tuple[int, int, str, str]], now: datetime) -> None:
    """Store notices: (case id, version of the event, unit, what); one that is there already stays as it is."""
    ids, versions, units, whats = (list(column) for column in zip(*notices, strict=True))
    connection.execute(_SQL["notices"], {"ids": ids, "versions": versions, "units": units, "whats": whats, "now": now})


def waiting(connection: Connection) -> tuple[int, datetime | None]:
    """Return how many cases have something ahead, and when the first of it is."""
    row = connection.execute(_SQL["waiting"]).fetchone()
    assert row is not None
    return int(row[0]), row[1]
