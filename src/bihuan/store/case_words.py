"""Cases found by words among a million: one index holds their words and, as marks, what most lists narrow by.

Words and marks meet in the index (migration 0019), so that neither the word of every tenth case nor the unit of every
tenth costs more than the cases that have both. Hits are looked up one by one as long as they are few; of many, a list
is better walked in its own order, where a hit is never far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import sql

from bihuan.store.connect import Connection
from bihuan.store.words import conditions, patterns

MOST_FOUND = 10_000
"""So many hits are looked up to be counted or sorted; of more it is said that there are more."""

Marks = Sequence[Sequence[str]]
"""Groups of marks of which a case must have one each: `open` or `closed`, `type:…`, `unit:…`, `month:2026-03`."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The cases that have all words, and one of each group of marks."""

    ids: list[int]
    """In any order; one more than was asked for at most where there are more."""
    whole: bool
    """False where there are more."""


def find(connection: Connection, text: str, marks: Marks, most: int) -> Hits:
    """Look words up.

    Args:
        connection: an open connection.
        text: words, each found character for character.
        marks: what narrows them.
        most: where there are more hits, only so many are told.
    """
    parts: list[sql.Composable] = []
    parameters: dict[str, Any] = {"limit": most + 1}
    for number, (terms, pattern) in enumerate(conditions(text)):
        parts.append(sql.SQL("w.search @@ {}::tsquery").format(_given(parameters, f"terms{number}", terms)))
        if pattern is not None:
            parts.append(sql.SQL("w.words like {}").format(_given(parameters, f"pattern{number}", pattern)))
    for number, group in enumerate(marks):
        parts.append(sql.SQL("w.marks && {}::text[]").format(_given(parameters, f"marks{number}", list(group))))
    query = sql.SQL("select w.case_id from act_words w where {} limit %(limit)s").format(sql.SQL(" and ").join(parts))
    ids = [case_id for (case_id,) in connection.execute(query, parameters, prepare=False)]
    return Hits(ids, len(ids) <= most)


def having(text: str) -> tuple[sql.Composable, dict[str, Any]]:
    """Return `act_case c` cut down to the cases with all words, each looked at in turn, for a walk; and its parameters."""
    parameters: dict[str, Any] = {}
    tests = [
        sql.SQL("w.words like {}").format(_given(parameters, f"word{number}", pattern))
        for number, pattern in enumerate(patterns(text))
    ]
    words = sql.SQL("act_case c cross join lateral (select from act_words w where w.case_id = c.id and {} offset 0) w")
    return words.format(sql.SQL(" and ").join(tests)), parameters


def _given(parameters: dict[str, Any], name: str, value: object) -> sql.Composable:
    parameters[name] = value
    return sql.Placeholder(name)


def months(first: datetime, last: datetime) -> list[datetime]:
    """Return the beginnings (UTC) of the months from one moment to another, as marks name them, in order."""
    first, last = first.astimezone(UTC), last.astimezone(UTC)
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in numbers]


def month_mark(month: datetime) -> str:
    """Return the mark of the cases opened in a month."""
    return f"month:{month:%Y-%m}"
