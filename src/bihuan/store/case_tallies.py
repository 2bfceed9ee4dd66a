"""How the open cases stand, by type and leading unit: lights, overdue, nearly due, returned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("case_tallies.sql")


@dataclass(frozen=True, slots=True)
class Tally:
    """The open cases of one type that one unit leads."""

    type: str
    lead: str | None
    open: int
    lights: list[int]
    """In the order of `core.records.case.LIGHTS`."""
    overdue: int
    soon: int
    returned: int
    """Cases that were returned at least once."""


def tallies(connection: Connection, units: Sequence[str] | None, now: datetime, soon: datetime) -> list[Tally]:
    """Return how the open cases stand.

    Args:
        connection: an open transaction.
        units: whose cases may be seen; None for all.
        now: what is due before it is overdue.
        soon: what is due before it, and is not overdue, is nearly due.
    """
    row = {"units": None if units is None else list(units), "now": now, "soon": soon}
    with connection.cursor(row_factory=class_row(Tally)) as cursor:
        return cursor.execute(_SQL["tallies"], row).fetchall()
