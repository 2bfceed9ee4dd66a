"""Roll-ups as they are kept, and which hours have to be rolled up again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from bihuan.core.records.observation import PERIODS
from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("rollups.sql")
Level = Literal["hour", "day", "month"]
FIELDS = ("count", "valid", "mean", "total", "lowest", "highest", "first", "last", "growth")


def mark(connection: Connection, hours: Iterable[tuple[int, datetime]], *, at: datetime) -> None:
    """Note that hours of entities (by number) have got new values."""
    ordered = sorted(set(hours))
    if ordered:
        values = {"entities": [e for e, _ in ordered], "hours": [h for _, h in ordered], "at": at}
        connection.execute(_SQL["mark"], values)


def take(
    connection: Connection, *, now: datetime, settle: timedelta = timedelta(minutes=5), limit: int = 500
) -> list[tuple[int, datetime]]:
    """Take hours that are to be rolled up, in the caller's transaction.

    Args:
        connection: an open transaction; rolled back, they are there again.
        now: the platform's time.
        settle: an hour that still runs is taken only after it has waited so long.
        limit: at most so many.
    """
    wanted = {"ended": now - timedelta(hours=1), "waited": now - settle, "limit": limit}
    return connection.execute(_SQL["take"], wanted).fetchall()


def backlog(connection: Connection) -> tuple[int, datetime | None]:
    """Return how many hours are to be rolled up, and since when the oldest."""
    found = connection.execute(_SQL["backlog"]).fetchone()
    assert found is not None
    return int(found[0]), found[1]


def keep(
    connection: Connection, entity: int, level: Level, start: datetime, rollups: Mapping[str, Mapping[str, Any]]
) -> None:
    """Keep the roll-ups of one entity's hour, day or month by attribute, each with the fields of FIELDS."""
    period = PERIODS.index(level)
    rows = [
        {"entity": entity, "attribute": attribute, "period": period, "start": start, **fields}
        for attribute, fields in sorted(rollups.items())
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_SQL["keep"], rows)


def span(
    connection: Connection,
    entity: int,
    level: Level,
    start: datetime,
    end: datetime,
    attributes: Sequence[str] | None = None,
) -> dict[str, list[tuple[datetime, dict[str, Any]]]]:
    """Return the roll-ups of an entity from `start` to before `end`, by attribute, oldest first."""
    wanted = {"entity": entity, "period": PERIODS.index(level), "start": start, "end": end,
              "attributes": list(attributes) if attributes is not None else None}  # fmt: skip
    found: dict[str, list[tuple[datetime, dict[str, Any]]]] = {}
    for attribute, begun, *fields in connection.execute(_SQL["span"], wanted).fetchall():
        found.setdefault(attribute, []).append((begun, dict(zip(FIELDS, fields, strict=True))))
    return found


def grown(
    connection: Connection, entities: Sequence[int], attribute: str, start: datetime, end: datetime
) -> dict[int, tuple[float, datetime, datetime]]:
    """Return how far a counter went from `start` to before `end`, and its first and last metered hour, by entity."""
    wanted = {"entities": list(entities), "attribute": attribute, "period": PERIODS.index("hour"), "start": start,
              "end": end}  # fmt: skip
    rows = connection.execute(_SQL["grown"], wanted).fetchall()
    return {entity: (growth, first, last) for entity, growth, first, last in rows}


def next_hours(
    connection: Connection, entity: int, attributes: Sequence[str], hour: datetime, until: datetime
) -> list[datetime]:
    """Return the first hour after one, up to `until`, in which each of these attributes has a valid value."""
    wanted = {"entity": entity, "attributes": list(attributes), "hour": hour, "until": until,
              "period": PERIODS.index("hour")}  # fmt: skip
    return [start for (start,) in connection.execute(_SQL["next_hours"], wanted).fetchall()]


def expected_seconds(connection: Connection, entities: Sequence[int]) -> dict[int, int | None]:
    """Return how often entities are reported on, by number; those without a device are left out."""
    return dict(connection.execute(_SQL["expected"], {"entities": list(entities)}).fetchall())
