"""How many cases there are, by type, step, light and leading unit: one question answers all that a page counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from bihuan.store.case_conditions import ALL, CaseFilter, asks_for_more, concerned, conditions, found, search
from bihuan.store.case_words import Hits, having
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

    @property
    def at_least(self) -> int:
        """Return how many cases there are, or than how many there are more."""
        return self.total if self.whole else max(self.total - 1, 0)

    def by(self, field: str) -> Counter[Any]:
        """Return how many cases there are of each `type`, or of each `step`, `light` or leading unit (`lead`)."""
        counted = Counter[Any]()
        for tally in self.all:
            counted[getattr(tally, field)] += tally.count
        return counted


def tallies(
    connection: Connection,
    wanted: CaseFilter,
    now: datetime,
    soon: datetime,
    most: int = MOST_COUNTED,
    hits: Hits | None = None,
) -> Tallies:
    """Count the cases of a filter: all of them where they are open and no words are asked for, else some.

    Args:
        connection: an open connection.
        wanted: which.
        now: what is due before it is overdue.
        soon: what is due before it, and is not overdue, is nearly due.
        most: how many are counted where closed ones, or words, are asked for.
        hits: what `search` returned for `wanted`, where it was asked before.
    """
    hits = hits or search(connection, wanted)
    if hits is None:
        limit = None if wanted.is_open else most + 1
        counted = _tallied(connection, wanted, now, soon, limit=limit)
        return Tallies(counted, limit is None or sum(tally.count for tally in counted) < limit)
    if not hits.whole and asks_for_more(wanted) and not _are_more(connection, wanted, most):
        return Tallies(_tallied(connection, wanted, now, soon, having(wanted.text)), True)
    return Tallies(_tallied(connection, wanted, now, soon, found(hits)), hits.whole)


def _are_more(connection: Connection, wanted: CaseFilter, most: int) -> bool:
    """Tell whether more cases than so many fit a filter, its words left out."""
    where, parameters = _where(wanted)
    query = sql.SQL("select 1 from act_case c where {} offset %(most)s limit 1").format(where)
    return connection.execute(query, {**parameters, "most": most}, prepare=False).fetchone() is not None


def _tallied(
    connection: Connection,
    wanted: CaseFilter,
    now: datetime,
    soon: datetime,
    source: tuple[sql.Composable, Mapping[str, Any]] = (ALL, {}),
    limit: int | None = None,
) -> list[Tally]:
    where, parameters = _where(wanted)
    query = sql.SQL(
        """
        select type, step, light, lead, count(*) as count, count(*) filter (where next_due < %(now)s) as overdue,
            count(*) filter (where next_due >= %(now)s and next_due < %(soon)s) as soon,
            count(*) filter (where returns > 0) as returned
        from (select c.type, c.step, c.light, c.lead, c.next_due, c.returns from {} where {} limit %(limit)s) c
        group by type, step, light, lead
        """
    ).format(source[0], where)
    given = {**parameters, **source[1], "now": now, "soon": soon, "limit": limit}
    with connection.cursor(row_factory=class_row(Tally)) as cursor:
        return cursor.execute(query, given, prepare=False).fetchall()


def _where(wanted: CaseFilter) -> tuple[sql.Composable, dict[str, Any]]:
    parts, parameters = conditions(wanted)
    return sql.SQL(" and ").join([*parts, *concerned(wanted), sql.SQL("true")]), parameters
