"""What happened to the cases of each unit, counted from the events: the raw figures of scorecards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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


def counted(connection: Connection, start: datetime, end: datetime) -> list[Counts]:
    """Return what happened from `start` until before `end`, by unit and type."""
    with connection.cursor(row_factory=class_row(Counts)) as cursor:
        return cursor.execute(_SQL["counted"], {"start": start, "end": end}).fetchall()
