"""What happened to the cases of each unit, counted from the events: the raw figures of scorecards.

Days that are over are counted once and kept; an event that is dated back opens them again (migration 0017).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import cast

from psycopg import sql
from psycopg.rows import class_row

from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("scores.sql")


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened to the cases of one unit and type in a span of time."""

    unit: str
    type: str
    opened: int
    closed: int
    on_time: int
    """Clocks met in time."""
    late: int
    """Clocks met late."""
    red: int
    """Clocks that passed their due time unmet."""
    escalated: int
    returned: int
    bounced: int
    excellent: int
    good: int
    passed: int
    rated: int
    bad_ratings: int
    stars: int
    """Sum of the ratings."""
    days: float
    """Sum of the days from opening to closing, over the closed."""


MEASURES = tuple(field.name for field in fields(Counts) if field.name not in ("unit", "type"))


def counted(connection: Connection, start: date, end: date) -> list[Counts]:
    """Return what happened on the days (in China) from `start` until before `end`, by unit and type."""
    unsealed = _next_day(connection) or start
    row = {"sealed_from": start, "start": max(start, min(unsealed, end)), "end": end}
    with connection.cursor(row_factory=class_row(Counts)) as cursor:
        return cursor.execute(_filled("added_up"), row).fetchall()


def seal_next_day(connection: Connection, before: date) -> bool:
    """Count the next day for good, so that its events need not be gone through again; False where none is left.

    Args:
        connection: an open transaction.
        before: only a day before this one; late enough that nothing of it is still being written.
    """
    day = _next_day(connection)
    if day is None or day >= before:
        return False
    row = {"start": day, "end": day + timedelta(days=1)}
    if connection.execute(_SQL["seal"], row).fetchone() is None:
        return False  # another process was quicker
    connection.execute(_filled("keep_day"), row)
    return True


def _next_day(connection: Connection) -> date | None:
    row = connection.execute(_SQL["next_day"]).fetchone()
    assert row is not None
    return cast("date | None", row[0])


def _filled(name: str) -> sql.Composed:
    names = [sql.Identifier(measure) for measure in MEASURES]
    sums = [_sum(measure).format(name) for measure, name in zip(MEASURES, names, strict=True)]
    comma = sql.SQL(", ")
    return sql.SQL(_SQL[name]).format(names=comma.join(names), sums=comma.join(sums), counted=sql.SQL(_SQL["counted"]))


def _sum(measure: str) -> sql.SQL:
    """Sum a measure; days to the millionth, so that the order in which they are added does not show."""
    return sql.SQL("round(sum({0})::numeric, 6)::float8 as {0}" if measure == "days" else "sum({0})::bigint as {0}")
