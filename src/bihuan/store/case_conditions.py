"""Which cases are wanted, and how that is asked of the database: every filter is part of the statement, never of its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import sql

from bihuan.store.case_words import MOST_FOUND, Hits, find
from bihuan.store.connect import Connection
from bihuan.store.words import patterns

NOBODY = "none"
"""Among leading units: cases that no unit leads yet."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases; values of one field are alternatives, all fields must hold."""

    units: tuple[str, ...] | None = None
    """Whose cases may be seen: office, lead or support; None for all."""
    is_open: bool | None = True
    """None for both."""
    type: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    step: tuple[str, ...] = ()
    light: tuple[int, ...] = ()
    office: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    turns: tuple[tuple[str, str], ...] = ()
    """Types with one of their steps."""
    opened_by: str | None = None
    handler: str | None = None
    """Who has accepted it."""
    overdue_at: datetime | None = None
    """Only what is due before this moment."""
    due_from: datetime | None = None
    """Only what is due at this moment or later."""
    least_returns: int | None = None
    """Only what was returned at least so often."""
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    number: tuple[str, ...] = ()
    text: str = ""
    """Words, each found character for character in number, title or another text."""


ALL: sql.Composable = sql.SQL("act_case c")


def search(connection: Connection, wanted: CaseFilter) -> Hits | None:
    """Return the cases with the words of a filter, narrowed by what is looked up beside them; None where it has no words.

    Lists and counts of one page share them. The filter's other conditions still have to hold for them.
    """
    return find(connection, wanted.text, marks(wanted), MOST_FOUND) if patterns(wanted.text) else None


def marks(wanted: CaseFilter) -> list[list[str]]:
    """Return the marks by which a filter narrows the cases found by words."""
    groups = [] if wanted.is_open is None else [["open" if wanted.is_open else "closed"]]
    if wanted.type:
        groups.append([f"type:{name}" for name in wanted.type])
    groups.extend([f"unit:{unit}" for unit in units] for units in _whose(wanted))
    return groups


def _whose(wanted: CaseFilter) -> list[tuple[str, ...]]:
    """Return the groups of units of which one each is concerned."""
    named = [units for units in (wanted.office, wanted.lead) if units and NOBODY not in units]
    return [*named, *([] if wanted.units is None else [wanted.units])]


def asks_for_more(wanted: CaseFilter) -> bool:
    """Tell whether a filter has conditions besides those that words and marks answer."""
    answered = CaseFilter(units=wanted.units, is_open=wanted.is_open, type=wanted.type, text=wanted.text)
    return wanted != answered


def found(hits: Hits) -> tuple[sql.Composable, dict[str, Any]]:
    """Return, in the place of `act_case c`, the cases that were found, each looked up by itself; and its parameters."""
    one_by_one = """unnest(%(hits)s::bigint[]) as hit (id)
        cross join lateral (select c.*, c.xmin from act_case c where c.id = hit.id offset 0) c"""
    return sql.SQL(one_by_one), {"hits": hits.ids}


def conditions(wanted: CaseFilter) -> tuple[list[sql.Composable], dict[str, Any]]:
    """Return what holds for `act_case c` of a filter, and its parameters; its words and whose cases are left out."""
    parts: list[sql.Composable] = []
    parameters: dict[str, Any] = {}
    for name in ("type", "category", "step", "light", "office", "lead", "number"):
        values = getattr(wanted, name)
        if len(values) == 1:  # an index gives what equals one value in the order of its next columns
            parts.append(_has(wanted, name, "c.{} = %({})s"))
            parameters[name] = values[0]
        elif values:
            parts.append(_has(wanted, name, "c.{} = any (%({})s)"))
            parameters[name] = list(values)
    if wanted.turns:
        parts.append(
            sql.SQL("(c.type, c.step) in (select * from unnest(%(turn_types)s::text[], %(turn_steps)s::text[]))")
        )
        parameters["turn_types"], parameters["turn_steps"] = map(list, zip(*wanted.turns, strict=True))
    if wanted.is_open is not None:
        parts.append(sql.SQL("c.is_open" if wanted.is_open else "not c.is_open"))
    if wanted.units is not None:
        parameters["units"] = list(wanted.units)
    for name, condition in _BOUNDS.items():
        if (value := getattr(wanted, name)) is not None:
            parts.append(sql.SQL(condition))
            parameters[name] = value
    return parts, parameters


def _has(wanted: CaseFilter, name: str, condition: LiteralString) -> sql.Composable:
    has = sql.SQL(condition).format(sql.Identifier(name), sql.SQL(name))
    return sql.SQL("({} or c.lead is null)").format(has) if name == "lead" and NOBODY in wanted.lead else has


def concerned(wanted: CaseFilter) -> list[sql.Composable]:
    """Return what holds for `act_case c` whose cases may be seen; its parameter is one of `conditions`."""
    if wanted.units is None:
        return []
    return [sql.SQL("(c.lead = any (%(units)s) or c.office = any (%(units)s) or c.supports && %(units)s)")]


_BOUNDS: Mapping[str, LiteralString] = {
    "opened_by": "c.opened_by = %(opened_by)s",
    "handler": "c.handler = %(handler)s",
    "overdue_at": "c.next_due < %(overdue_at)s",
    "due_from": "c.next_due >= %(due_from)s",
    "least_returns": "c.returns >= %(least_returns)s",
    "opened_from": "c.opened_at >= %(opened_from)s",
    "opened_to": "c.opened_at < %(opened_to)s",
}
