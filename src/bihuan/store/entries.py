"""Rows of the ledger（台账）: statements and commitments with the reviewers' corrections applied; search and facets.

An entry is a `Statement` or a `Commitment` that has a place in the store. Both families share one shape and one table,
so that a list, a filter and a link can hold both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, LiteralString

from psycopg import sql
from psycopg.rows import class_row

from bihuan.core.errors import InputError
from bihuan.core.records.statement import Commitment, Statement
from bihuan.store.connect import Connection
from bihuan.store.memo import remembered
from bihuan.store.words import conditions

Family = Literal["statement", "commitment"]
Review = Literal["unreviewed", "confirmed", "corrected", "rejected"]
Sort = Literal["document", "name", "value", "year", "confidence"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger."""

    id: int
    """Changes when the document is read anew; (document_id, family, start, quote) does not."""
    document_id: int
    document: str
    """File name."""
    document_title: str | None
    document_year: int | None
    """The year that 今年 means in the document."""
    city: str | None
    """The document's."""
    family: Family
    start: int
    """Offset of `quote` in the document's raw text, in Unicode code points."""
    quote: str
    name: str
    """`indicator` of a statement, `object` of a commitment."""
    value: float | None
    """Statements only, as are the next five."""
    unit: str | None
    measure: str | None
    direction: str | None
    bound: str | None
    reference: str | None
    verb: str | None
    """Commitments only, as are the next two."""
    stage: str | None
    due: str | None
    kind: str
    period: str | None
    year: int | None
    """Last year of the period; the document's where the row names none."""
    subject: str | None
    section: str | None
    sentence: str | None
    canonical: str | None
    """Identifier of the pack's indicator or project."""
    confidence: float
    locator: str | None
    review: Review
    original: Mapping[str, Any] | None
    """Fields as they were read, where a reviewer changed them."""

    def record(self) -> Statement | Commitment:
        """Return the row as the record that the reader makes, corrections applied."""
        shared = {name: getattr(self, name) for name in _SHARED}
        if self.family == "statement":
            own = {
                name: getattr(self, name) for name in ("value", "unit", "measure", "direction", "bound", "reference")
            }
            return Statement(doc=self.document, indicator=self.name, **shared, **own)
        own = {name: getattr(self, name) for name in ("verb", "stage", "due")}
        return Commitment(doc=self.document, object=self.name, **shared, **own)


_SHARED = ("quote", "start", "kind", "period", "subject", "section", "sentence", "canonical", "confidence", "locator")

COLUMNS: LiteralString = """
    e.id, e.document_id, d.name as document, d.title as document_title, d.year as document_year, d.city, e.family, e.start_at as start, e.quote,
    e.name, e.value, e.unit, e.measure, e.direction, e.bound, e.reference, e.verb, e.stage, e.due, e.kind, e.period,
    e.year, e.subject, e.section, e.sentence, e.canonical, e.confidence, e.locator, e.review, e.original"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows; values of one field are alternatives, fields and words must all hold."""

    text: str = ""
    """Words separated by white space, each found character for character in name, sentence, quote, section …"""
    family: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    """Indicator or project: its canonical identifier, or the name where the registry knows none."""
    measure: tuple[str, ...] = ()
    year: tuple[int, ...] = ()
    section: tuple[str, ...] = ()
    document: tuple[int, ...] = ()
    """Document ids."""
    subject: tuple[str, ...] = ()
    """The empty text is the document's own city."""
    review: tuple[str, ...] = ()


FACETS: Mapping[str, LiteralString] = {
    "family": "e.family",
    "kind": "e.kind",
    "topic": "e.topic",
    "measure": "coalesce(e.measure, '')",
    "year": "e.year",
    "section": "coalesce(e.section, '')",
    "document": "e.document_id",
    "subject": "coalesce(e.subject, '')",
    "review": "e.review",
}
"""Field of `Filter` -> what is counted."""

SORTS: Mapping[str, LiteralString] = {
    "document": "e.document_id {way}, e.start_at {way}, e.id {way}",
    "name": "e.name {way}, e.id {way}",
    "value": "e.value {way} nulls last, e.id {way}",
    "year": "e.year {way} nulls last, e.id {way}",
    "confidence": "e.confidence {way}, e.id {way}",
}


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One choice of a facet."""

    value: Any
    """What to put into the filter's field."""
    label: str
    """Text to show where the reader's language has no better: a document's name, else the value."""
    count: int
    """Rows that the choice would leave, all other fields of the filter holding."""
    chosen: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a result."""

    entries: tuple[Entry, ...]
    total: int
    """Rows over all pages."""
    number: int
    """From 1."""
    size: int
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    """By field of `Filter`, the most frequent first; empty where not asked for."""

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // self.size))


def search(
    connection: Connection,
    where: Filter = Filter(),
    *,
    sort: str = "document",
    descending: bool = False,
    page: int = 1,
    size: int = 50,
    facets: bool = True,
    facet_values: int = 30,
) -> Page:
    """Return one page of the rows that `where` describes, with what can be narrowed further.

    Raises:
        InputError: `sort` is none of `SORTS`, or `page` or `size` is out of bounds (size 1 to 1000).
    """
    if sort not in SORTS:
        raise InputError(f"cannot sort by {sort!r}; choose one of {', '.join(SORTS)}", where="sort")
    if page < 1 or not 1 <= size <= 1000:
        raise InputError(f"page {page} of {size} rows: page counts from 1, size is 1 to 1000", where="page")
    total, counted = _totals(connection, where, facet_values) if facets else (count(connection, where), {})
    rows = tuple(_rows(connection, where, sort, descending, size, (page - 1) * size))
    return Page(rows, total, page, size, counted)


def _totals(
    connection: Connection, where: Filter, facet_values: int
) -> tuple[int, Mapping[str, tuple[FacetValue, ...]]]:
    question = ("facets", where, facet_values)
    return remembered(connection, question, lambda: _counted(connection, where, facet_values))


def count(connection: Connection, where: Filter = Filter()) -> int:
    """Return how many rows `where` describes."""
    return remembered(connection, ("count", where), lambda: _count(connection, where))


def _count(connection: Connection, where: Filter) -> int:
    condition, parameters = _condition(where)
    row = connection.execute(sql.SQL("select count(*) from entry e where ") + condition, parameters).fetchone()
    assert row is not None
    return int(row[0])


def get(connection: Connection, entry_id: int) -> Entry | None:
    """Return one row; None where there is none (any more)."""
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        query = sql.SQL("select {} from entry e join document d on d.id = e.document_id where e.id = %s")
        return cursor.execute(query.format(sql.SQL(COLUMNS)), [entry_id]).fetchone()


def find(connection: Connection, document_id: int, family: str, start: int, quote: str) -> int | None:
    """Return the id of the row at a place in a document; None where the last reading has none there."""
    query = "select id from entry where document_id = %s and family = %s and start_at = %s and quote = %s"
    row = connection.execute(query, [document_id, family, start, quote]).fetchone()
    return None if row is None else int(row[0])


def export(
    connection: Connection, where: Filter = Filter(), *, sort: str = "document", descending: bool = False
) -> Iterator[Entry]:
    """Yield all rows from a server-side cursor: memory stays flat whatever their number.

    Use it up inside the `store.connection()` block.
    """
    condition, parameters = _condition(where)
    order = SORTS[sort].replace("{way}", "desc" if descending else "asc")
    with connection.cursor("entry_export", row_factory=class_row(Entry)) as cursor:
        cursor.itersize = 2000
        yield from cursor.execute(_select(condition, order), parameters)


def _rows(
    connection: Connection, where: Filter, sort: str, descending: bool, limit: int, offset: int
) -> Iterator[Entry]:
    """Yield a page of rows: which ones they are is remembered, and only they are fetched whole."""
    order = SORTS[sort].replace("{way}", "desc" if descending else "asc")
    question = ("rows", where, order, limit, offset)
    ids = remembered(connection, question, lambda: _ids(connection, where, order, limit, offset))
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        yield from cursor.execute(_select(sql.SQL("e.id = any(%(ids)s)"), order), {"ids": ids})


def _ids(connection: Connection, where: Filter, order: LiteralString, limit: int, offset: int) -> list[int]:
    condition, parameters = _condition(where)
    query = sql.SQL("select e.id from entry e where {} order by {} limit {} offset {}")
    return [row[0] for row in connection.execute(query.format(condition, sql.SQL(order), limit, offset), parameters)]


def _select(condition: sql.Composable, order: LiteralString) -> sql.Composed:
    return sql.SQL("select {} from entry e join document d on d.id = e.document_id where {} order by {}").format(
        sql.SQL(COLUMNS), condition, sql.SQL(order)
    )


def _condition(where: Filter, without: str = "") -> tuple[sql.Composable, dict[str, Any]]:
    """Return the condition and its parameters; `without` leaves one field out."""
    parts: list[sql.Composable] = [sql.SQL("true")]
    parameters: dict[str, Any] = {}
    for name, expression in FACETS.items():
        chosen = getattr(where, name)
        if chosen and name != without:
            parts.append(sql.SQL("{} = any({})").format(sql.SQL(expression), sql.Placeholder(name)))
            parameters[name] = list(chosen)
    for number, (tsquery, pattern) in enumerate(conditions(where.text)):
        query, like = f"query{number}", f"like{number}"
        found = sql.SQL("select entry_id from entry_words where search @@ {}::tsquery").format(sql.Placeholder(query))
        parameters[query] = tsquery
        if pattern is not None:
            found += sql.SQL(" and words like {}").format(sql.Placeholder(like))
            parameters[like] = pattern
        parts.append(sql.SQL("e.id in ({})").format(found))
    return sql.SQL(" and ").join(parts), parameters


_COUNT_OF_FAMILY: LiteralString = (
    "case when grouping(family) = 0 then count(*) else count(*) filter (where family = any(%(family)s)) end"
)


def _counted(connection: Connection, where: Filter, limit: int) -> tuple[int, dict[str, tuple[FacetValue, ...]]]:
    """Return how many rows there are, and the facets.

    All fields without a choice are counted in one pass, and the family with them, chosen or not: its few values add
    hardly a row. Any other field with a choice is counted as if it had none, in a pass of its own.
    """
    free = [name for name in FACETS if name == "family" or not getattr(where, name)]
    total, counted = _count_by(connection, where, free, limit, without="family")
    for name in FACETS:
        if name not in free:
            counted |= _count_by(connection, where, [name], limit, without=name)[1]
    names = _document_names(connection, [value for value, _ in counted["document"]])
    return total, {
        name: tuple(
            FacetValue(
                value, names.get(value, "") if name == "document" else str(value), n, value in getattr(where, name)
            )
            for value, n in counted[name]
            if value is not None
        )
        for name in FACETS
    }


def _count_by(
    connection: Connection, where: Filter, names: list[str], limit: int, without: str = ""
) -> tuple[int, dict[str, list[tuple[Any, int]]]]:
    """Count the rows in all and by each of `names`, the `limit` most frequent values each, in one pass.

    `without` names a field whose choice is left out; where that is the family, its choice still holds for all counts but
    the family's own.
    """
    condition, parameters = _condition(where, without)
    columns = [sql.Identifier(name) for name in names]
    listed = sql.SQL(", ").join(columns)
    query = sql.SQL(
        """
        with hit as (select {selected} from entry e where {condition}),
        counted as (select array[{masks}] as mask, {listed}, {n} as n from hit group by grouping sets ({sets})),
        ranked as (select *, row_number() over (partition by mask order by n desc, {listed}) as rank from counted)
        select mask, {listed}, n from ranked where rank <= {limit} and n > 0 order by rank
        """
    ).format(
        selected=sql.SQL(", ").join(sql.SQL("{} as {}").format(sql.SQL(FACETS[n]), sql.Identifier(n)) for n in names),
        condition=condition,
        masks=sql.SQL(", ").join(sql.SQL("grouping({})").format(column) for column in columns),
        listed=listed,
        n=sql.SQL(_COUNT_OF_FAMILY if without == "family" and where.family else "count(*)"),
        sets=sql.SQL(", ").join([sql.SQL("()"), *(sql.SQL("({})").format(column) for column in columns)]),
        limit=limit,
    )
    parameters["family"] = list(where.family)
    total = 0
    found: dict[str, list[tuple[Any, int]]] = {name: [] for name in names}
    for mask, *values, n in connection.execute(query, parameters):
        if 0 in mask:  # grouped by this one
            found[names[mask.index(0)]].append((values[mask.index(0)], n))
        else:
            total = n
    return total, found


def _document_names(connection: Connection, ids: list[int]) -> dict[int, str]:
    return dict(connection.execute("select id, name from document where id = any(%s)", [ids]).fetchall())
