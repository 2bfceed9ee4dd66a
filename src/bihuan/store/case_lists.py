"""Lists of cases: filters, sorting, pages, counts. Made for a million cases of which a tenth are open.

A list names whose cases may be seen (`units`); every filter is part of the statement, never of its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString

import msgspec
from psycopg import sql
from psycopg.rows import class_row

from bihuan.core.errors import InputError
from bihuan.core.records.case import LIGHTS, Light
from bihuan.store.connect import Connection
from bihuan.store.words import conditions

Sort = Literal["due", "newest", "oldest"]
MOST_ROWS = 500
NOBODY = "none"
"""Among leading units: cases that no unit leads yet."""
Stamp = tuple[int, str]
"""Id of a case and the transaction that wrote its row: another as soon as anything has happened to the case."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row of a list."""

    id: int
    number: str
    type: str
    category: str | None
    title: str
    step: str
    office: str
    lead: str | None
    supports: list[str]
    light: int
    """Position in `core.records.case.LIGHTS`."""
    level: int
    version: int
    is_open: bool
    next_due: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    updated_at: datetime
    returns: int
    grade: str | None
    rating: int | None
    parent: str | None

    @property
    def light_name(self) -> Light:
        """Return the light's name."""
        return LIGHTS[self.light]


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
    opened_by: str | None = None
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


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a list."""

    rows: list[CaseRow]
    after: tuple[Any, int] | None
    """Give it to `listed` for the next page; None at the end."""


_SORTS: Mapping[Sort, tuple[LiteralString, LiteralString]] = {
    "due": ("coalesce(c.next_due, 'infinity'::timestamptz)", ">"),
    "newest": ("c.opened_at", "<"),
    "oldest": ("c.opened_at", ">"),
}
_COLUMNS: LiteralString = (
    "c.id, c.number, c.type, c.category, c.title, c.step, c.office, c.lead, c.supports, c.light, c.level, c.version, "
    "c.is_open, c.next_due, c.opened_at, c.closed_at, c.updated_at, c.returns, c.grade, c.rating, c.parent"
)


def listed(
    connection: Connection,
    wanted: CaseFilter,
    *,
    sort: Sort = "due",
    after: tuple[Any, int] | None = None,
    limit: int = 50,
) -> CasePage:
    """Return one page of cases.

    Args:
        connection: an open transaction.
        wanted: which.
        sort: by nearest due time, newest or oldest first.
        after: where the page before ended.
        limit: rows of a page, at most 500.

    Raises:
        InputError: the limit or sort is out of range.
    """
    if not 0 < limit <= MOST_ROWS or sort not in _SORTS:
        raise InputError(f"1 to {MOST_ROWS} rows, sorted by {', '.join(_SORTS)}", where="limit")
    if sort == "due" and not wanted.is_open:
        raise InputError(
            "only open cases have a due time to sort by; sort closed ones by newest or oldest", where="sort"
        )
    parts, parameters = _conditions(wanted)
    query = _query(_COLUMNS, wanted, parts, sort, after is not None)
    parameters |= {"limit": limit + 1}
    if after is not None:
        parameters |= {"after_value": after[0], "after_id": after[1]}
    with connection.cursor(row_factory=class_row(CaseRow)) as cursor:
        rows = cursor.execute(query, parameters).fetchall()
    return CasePage(rows[:limit], _mark(rows[limit - 1], sort) if len(rows) > limit else None)


def question(wanted: CaseFilter, columns: LiteralString) -> tuple[sql.Composed, dict[str, Any]]:
    """Return the question for some columns (of `act_case c`) of all cases of a filter, in any order."""
    parts, parameters = _conditions(wanted)
    return _select(columns, wanted, [*parts, *_units_condition(wanted)]), parameters


def _select(columns: LiteralString, wanted: CaseFilter, parts: list[sql.Composable]) -> sql.Composed:
    join = sql.SQL(" join act_words w on w.case_id = c.id") if wanted.text else sql.SQL("")
    where = sql.SQL(" and ").join([*parts, sql.SQL("true")])
    return sql.SQL("select {} from act_case c{} where {}").format(sql.SQL(columns), join, where)


def _query(
    columns: LiteralString, wanted: CaseFilter, parts: list[sql.Composable], sort: Sort, goes_on: bool
) -> sql.Composed:
    key, sign = _SORTS[sort]
    way: LiteralString = "desc" if sort == "newest" else "asc"
    if goes_on:
        parts = [*parts, sql.SQL(f"({key}, c.id) {sign} (%(after_value)s, %(after_id)s)")]
    order = sql.SQL("order by {} {}, c.id {} limit %(limit)s").format(sql.SQL(key), sql.SQL(way), sql.SQL(way))
    if wanted.units is not None and not wanted.text:
        parts = [*parts, sql.SQL("true")]
        return _by_unit(columns, sql.SQL(" and ").join(parts), sql.SQL(key), sql.SQL(way), order)
    return sql.SQL("{} {}").format(_select(columns, wanted, [*parts, *_units_condition(wanted)]), order)


def _by_unit(
    columns: LiteralString, where: sql.Composed, key: sql.SQL, way: sql.SQL, order: sql.Composed
) -> sql.Composed:
    """The first rows of each unit, by its own index, merged: a unit that has few or none costs no scan of all.

    Cases that units support are few and sorted by themselves; the `+ 0` keeps the planner from walking the index of
    all cases in the hope of meeting some soon.
    """
    return sql.SQL(
        """
        with found as (
            select x.id from unnest(%(units)s::text[]) u cross join lateral (
                select c.id from act_case c where c.lead = u and {where} {order}) x
            union
            select x.id from unnest(%(units)s::text[]) u cross join lateral (
                select c.id from act_case c where c.office = u and {where} {order}) x
            union
            select x.id from (
                select c.id from act_case c where c.supports && %(units)s and {where}
                order by {key} + interval '0' {way}, c.id {way} limit %(limit)s) x
        )
        select {columns} from act_case c where c.id in (select id from found) {order}
        """
    ).format(where=where, order=order, key=key, way=way, columns=sql.SQL(columns))


def _mark(row: CaseRow, sort: Sort) -> tuple[Any, int]:
    return (row.next_due or "infinity") if sort == "due" else row.opened_at, row.id


def stamps(connection: Connection, wanted: CaseFilter, *, limit: int) -> list[Stamp]:
    """Return the stamps of the newest cases of a filter: what a reader needs who keeps what he made of them."""
    parts, parameters = _conditions(wanted)
    query = _query("c.id, c.xmin", wanted, parts, "newest", False)
    return connection.execute(query, {**parameters, "limit": limit}).fetchall()


def with_values(connection: Connection, ids: Sequence[int]) -> list[tuple[Stamp, CaseRow, dict[str, Any]]]:
    """Return rows of cases with their stamps and the values of their fields, none of them personal, in any order."""
    query = sql.SQL(
        "select c.id, c.xmin, (s.state->'values')::text, {} from act_case c join act_state s on s.case_id = c.id "
        "where c.id = any (%s)"
    ).format(sql.SQL(_COLUMNS))
    found = connection.execute(query, [list(ids)]).fetchall()
    return [((case_id, xmin), CaseRow(*row), msgspec.json.decode(values)) for case_id, xmin, values, *row in found]


def everything(connection: Connection, wanted: CaseFilter, *, sort: Sort = "newest") -> Iterator[CaseRow]:
    """Yield all cases of a filter, in portions: for exports."""
    after: tuple[Any, int] | None = None
    while True:
        page = listed(connection, wanted, sort=sort, after=after, limit=MOST_ROWS)
        yield from page.rows
        if page.after is None:
            return
        after = page.after


def _conditions(wanted: CaseFilter) -> tuple[list[sql.Composable], dict[str, Any]]:
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
    if wanted.is_open is not None:
        parts.append(sql.SQL("c.is_open" if wanted.is_open else "not c.is_open"))
    if wanted.units is not None:
        parameters["units"] = list(wanted.units)
    for name, condition in _BOUNDS.items():
        if (value := getattr(wanted, name)) is not None:
            parts.append(sql.SQL(condition))
            parameters[name] = value
    for number, (query, pattern) in enumerate(conditions(wanted.text)):
        parts.append(sql.SQL(f"w.search @@ %(query{number})s::tsquery"))
        parameters[f"query{number}"] = query
        if pattern is not None:
            parts.append(sql.SQL(f"w.words like %(pattern{number})s"))
            parameters[f"pattern{number}"] = pattern
    return parts, parameters


def _has(wanted: CaseFilter, name: str, condition: LiteralString) -> sql.Composable:
    has = sql.SQL(condition).format(sql.Identifier(name), sql.SQL(name))
    return sql.SQL("({} or c.lead is null)").format(has) if name == "lead" and NOBODY in wanted.lead else has


def _units_condition(wanted: CaseFilter) -> list[sql.Composable]:
    if wanted.units is None:
        return []
    return [sql.SQL("(c.lead = any (%(units)s) or c.office = any (%(units)s) or c.supports && %(units)s)")]


_BOUNDS: Mapping[str, LiteralString] = {
    "opened_by": "c.opened_by = %(opened_by)s",
    "overdue_at": "c.next_due < %(overdue_at)s",
    "due_from": "c.next_due >= %(due_from)s",
    "least_returns": "c.returns >= %(least_returns)s",
    "opened_from": "c.opened_at >= %(opened_from)s",
    "opened_to": "c.opened_at < %(opened_to)s",
}
