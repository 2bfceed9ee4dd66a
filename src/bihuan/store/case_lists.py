"""Lists of cases: sorting, pages, exports. Made for a million cases of which a tenth are open.

A list names whose cases may be seen (`units`). Each list is asked for with a plan of its own (`prepare=False`): what is
best for one filter costs another ten times as much.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Literal, LiteralString, TypeVar

import msgspec
from psycopg import sql
from psycopg.rows import RowFactory, class_row, tuple_row

from bihuan.core.errors import InputError
from bihuan.core.records.case import LIGHTS, Light
from bihuan.store.case_conditions import ALL, CaseFilter, concerned, conditions, found, marks, search
from bihuan.store.case_words import Hits, find, having, month_mark, months
from bihuan.store.connect import Connection

Sort = Literal["due", "newest", "oldest"]
MOST_ROWS = 500
Stamp = tuple[int, str]
"""Id of a case and the transaction that wrote its row: another as soon as anything has happened to the case."""
WALKED = 10_000
"""So many cases are looked at in the order of their due times before all hits are sorted."""
SORTED = 2_000
"""So many hits of some months are sorted; a month that has more is walked."""


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
    hits: Hits | None = None,
) -> CasePage:
    """Return one page of cases.

    Args:
        connection: an open transaction.
        wanted: which.
        sort: by nearest due time, newest or oldest first.
        after: where the page before ended.
        limit: rows of a page, at most 500.
        hits: what `search` returned for `wanted`, where it was asked before.

    Raises:
        InputError: the limit or sort is out of range.
    """
    if not 0 < limit <= MOST_ROWS or sort not in _SORTS:
        raise InputError(f"1 to {MOST_ROWS} rows, sorted by {', '.join(_SORTS)}", where="limit")
    if sort == "due" and not wanted.is_open:
        raise InputError(
            "only open cases have a due time to sort by; sort closed ones by newest or oldest", where="sort"
        )
    way = _Way(connection, wanted, sort, after, limit + 1, _COLUMNS, class_row(CaseRow))
    rows = way.rows(hits or search(connection, wanted))
    return CasePage(rows[:limit], _mark(rows[limit - 1], sort) if len(rows) > limit else None)


Row = TypeVar("Row")


class _Way(Generic[Row]):
    """The way to the first rows of a list that costs least."""

    def __init__(
        self,
        connection: Connection,
        wanted: CaseFilter,
        sort: Sort,
        after: tuple[Any, int] | None,
        limit: int,
        columns: LiteralString,
        made: RowFactory[Row],
    ) -> None:
        key, sign = _SORTS[sort]
        self._connection, self._wanted, self._sort, self._after, self._made = connection, wanted, sort, after, made
        self._columns, self._key, self._limit = sql.SQL(columns), sql.SQL(key), limit
        self._direction = sql.SQL("desc" if sort == "newest" else "asc")
        self._order = sql.SQL("order by {key} {way}, c.id {way} limit %(limit)s").format(
            key=self._key, way=self._direction
        )
        self._parts, self._parameters = conditions(wanted)
        self._parameters["limit"] = limit
        if after is not None:
            self._parts.append(sql.SQL(f"({key}, c.id) {sign} (%(after_value)s::timestamptz, %(after_id)s)"))
            self._parameters |= {"after_value": after[0], "after_id": after[1]}

    def rows(self, hits: Hits | None) -> list[Row]:
        """Return the rows; `hits` are those of the filter's words, None where it has none."""
        if hits is None:
            return self._rows(self._select() if self._wanted.units is None else self._by_unit())
        if hits.whole:
            return self._of(hits)
        return self._due_among_many() if self._sort == "due" else self._opened_among_many()

    def _of(self, hits: Hits) -> list[Row]:
        """All hits, sorted."""
        source, parameters = found(hits)
        return self._rows(self._select(source), parameters)

    def _due_among_many(self) -> list[Row]:
        """The list is walked from what is due first: every few cases there is a hit. Where there is none, all are sorted."""
        reach: LiteralString = (
            "select ({key})::text, c.id from act_case c where {where} order by {key}, c.id offset {walked} limit 1"
        )
        query = sql.SQL(reach).format(key=self._key, where=self._where(whose=False), walked=WALKED)
        last = self._connection.execute(query, self._parameters, prepare=False).fetchone()
        if last is None:
            return self._walked()
        near = sql.SQL("({key}, c.id) < (%(reach)s::timestamptz, %(reach_id)s)").format(key=self._key)
        rows = self._walked([near], {"reach": last[0], "reach_id": last[1]})
        if len(rows) == self._limit:
            return rows
        return self._of(find(self._connection, self._wanted.text, marks(self._wanted), sys.maxsize - 1))

    def _opened_among_many(self) -> list[Row]:
        """Month by month, several at once where there is little in them."""
        rows: list[Row] = []
        ahead, width = self._months(), 1
        while ahead and len(rows) < self._limit:
            window = [month_mark(month) for month in ahead[:width]]
            hits = find(self._connection, self._wanted.text, [*marks(self._wanted), window], SORTED)
            if hits.whole:
                rows += self._of(hits)
            elif width == 1:
                rows += self._walked(*_within(ahead[0]))
            ahead = ahead[width:] if hits.whole or width == 1 else ahead
            width = width * 4 if hits.whole else 1
        return rows[: self._limit]

    def _months(self) -> list[datetime]:
        """Return the months with cases from where the page begins, in the list's order."""
        span = self._connection.execute("select min(opened_at), max(opened_at) from act_case").fetchone()
        if span is None or span[0] is None:
            return []
        first, last = span
        if self._after is not None and isinstance(self._after[0], datetime):
            mark = self._after[0] if self._after[0].tzinfo else self._after[0].replace(tzinfo=UTC)
            first, last = (first, min(mark, last)) if self._sort == "newest" else (max(mark, first), last)
        return months(first, last)[:: -1 if self._sort == "newest" else 1]

    def _walked(self, within: Sequence[sql.Composable] = (), bounds: Mapping[str, Any] | None = None) -> list[Row]:
        """In the list's own order, each case's words looked at."""
        source, parameters = having(self._wanted.text)
        return self._rows(self._select(source, within), {**parameters, **(bounds or {})})

    def _select(self, source: sql.Composable = ALL, within: Sequence[sql.Composable] = ()) -> sql.Composed:
        query = sql.SQL("select {} from {} where {} {}")
        return query.format(self._columns, source, self._where(within), self._order)

    def _where(self, within: Sequence[sql.Composable] = (), *, whose: bool = True) -> sql.Composed:
        units = concerned(self._wanted) if whose else []
        return sql.SQL(" and ").join([*self._parts, *units, *within, sql.SQL("true")])

    def _by_unit(self) -> sql.Composed:
        """The first rows of each unit, by its own index, merged: a unit that has few or none costs no scan of all."""
        merged: LiteralString = """
            with found as (
                select x.id from unnest(%(units)s::text[]) u cross join lateral (
                    select c.id from act_case c where c.lead = u and {where} {order}) x
                union
                select x.id from unnest(%(units)s::text[]) u cross join lateral (
                    select c.id from act_case c where c.office = u and {where} {order}) x
                union
                {supported}
            )
            select {columns} from act_case c where c.id in (select id from found) {order}
            """
        names = {"where": self._where(whose=False), "order": self._order, "way": self._direction, "key": self._key}
        supported = sql.SQL(_SUPPORTED_DUE if self._sort == "due" else _SUPPORTED_OPENED).format(
            **names, go_on=sql.SQL(self._go_on())
        )
        return sql.SQL(merged).format(**names, supported=supported, columns=self._columns)

    def _go_on(self) -> LiteralString:
        if self._after is None:
            return "true"
        newest: LiteralString = "(s.opened_at, s.case_id) < (%(after_value)s::timestamptz, %(after_id)s)"
        return newest if self._sort == "newest" else newest.replace("<", ">")

    def _rows(self, query: sql.Composed, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        with self._connection.cursor(row_factory=self._made) as cursor:
            return cursor.execute(query, {**self._parameters, **(parameters or {})}, prepare=False).fetchall()


_SUPPORTED_DUE: LiteralString = """
    select x.id from (
        select c.id from act_case c where c.supports && %(units)s and {where}
        order by {key} + interval '0' {way}, c.id {way} limit %(limit)s) x
    """
"""Open cases that units support are few and sorted by themselves; what is added to the key keeps the planner from
walking the index of all cases in the hope of meeting some soon."""
_SUPPORTED_OPENED: LiteralString = """
    select x.id from unnest(%(units)s::text[]) u cross join lateral (
        select c.id from act_support s cross join lateral (select c.* from act_case c where c.id = s.case_id offset 0) c
        where s.unit = u and {go_on} and {where} order by s.opened_at {way}, s.case_id {way} limit %(limit)s) x
    """


def _within(month: datetime) -> tuple[list[sql.Composable], dict[str, datetime]]:
    """Return what holds of the cases opened in a month, and its parameters."""
    following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    condition = sql.SQL("c.opened_at >= %(month)s and c.opened_at < %(following)s")
    return [condition], {"month": month, "following": following}


def _mark(row: CaseRow, sort: Sort) -> tuple[Any, int]:
    return (row.next_due or "infinity") if sort == "due" else row.opened_at, row.id


def stamps(connection: Connection, wanted: CaseFilter, *, limit: int) -> list[Stamp]:
    """Return the stamps of the newest cases of a filter: what a reader needs who keeps what he made of them."""
    way = _Way(connection, wanted, "newest", None, limit, "c.id, c.xmin", tuple_row)
    return way.rows(search(connection, wanted))


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
    hits = search(connection, wanted)
    while True:
        page = listed(connection, wanted, sort=sort, after=after, limit=MOST_ROWS, hits=hits)
        yield from page.rows
        if page.after is None:
            return
        after = page.after
