"""How many cases there are, by type, step, light and leading unit: one question answers all that a page counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from bihuan.store.case_lists import CaseFilter, question
from bihuan.store.connect import Connection

MOST_COUNTED = 10_000
"""Of closed cases so many at most: years of them would be gone through for a figure that nobody needs to the last one."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Cases of one type in one step and light that one unit leads."""

    type: str
    step: str
    light: int
    """Position in `core.records.case.LIGHTS`."""
    lead: str | None
    count: int
    overdue: int
    soon: int
    returned: int
    """Cases that were returned at least once."""


@dataclass(frozen=True, slots=True)
class Tallies:
    """All tallies of a filter."""

    all: Sequence[Tally]
    whole: bool
    """False where there are more than were counted."""

    @property
    def total(self) -> int:
        """Return how many cases were counted."""
        return sum(tally.count for tally in self.all)

    def by(self, field: str) -> Counter[Any]:
        """Return how many cases there are of each `type`, or of each `step`, `light` or leading unit (`lead`)."""
        counted = Counter[Any]()
        for tally in self.all:
            counted[getattr(tally, field)] += tally.count
        return counted


def tallies(
    connection: Connection, wanted: CaseFilter, now: datetime, soon: datetime, most: int = MOST_COUNTED
) -> Tallies:
    """Count the cases of a filter: all of them where they are open, else some.

    Args:
        connection: an open connection.
        wanted: which.
        now: what is due before it is overdue.
        soon: what is due before it, and is not overdue, is nearly due.
        most: how many are counted where closed ones are asked for.
    """
    limit = None if wanted.is_open else most + 1
    found, parameters = question(wanted, "c.type, c.step, c.light, c.lead, c.next_due, c.returns")
    query = sql.SQL(
        """
        select type, step, light, lead, count(*) as count, count(*) filter (where next_due < %(now)s) as overdue,
            count(*) filter (where next_due >= %(now)s and next_due < %(soon)s) as soon,
            count(*) filter (where returns > 0) as returned
        from ({} limit %(limit)s) c group by type, step, light, lead
        """
    ).format(found)
    with connection.cursor(row_factory=class_row(Tally)) as cursor:
        counted = cursor.execute(query, {**parameters, "now": now, "soon": soon, "limit": limit}).fetchall()
    return Tallies(counted, limit is None or sum(tally.count for tally in counted) < limit)
