"""Links between rows: promise and result, series, projects. Derived from the rows, so they can always be made anew.

`ledger_revision` counts changes of rows, `links_revision` says which of them the links stand for. A crash between the
two leaves them apart, and whoever opens the ledger next sees it (`links_are_stale`) and links again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from psycopg.rows import class_row, dict_row

from bihuan.core.records.statement import Anchor, Link
from bihuan.store.connect import Connection
from bihuan.store.entries import COLUMNS, Entry
from bihuan.store.memo import remembered
from bihuan.store.sql import statements

_SQL = statements("links.sql")

Light = Literal["met", "missed", "partly", "unknown", "open"]
LIGHTS: tuple[Light, ...] = ("met", "missed", "partly", "unknown", "open")


@dataclass(frozen=True, slots=True)
class Revisions:
    """How far the rows and the links are."""

    ledger: int
    links: int


@dataclass(frozen=True, slots=True)
class Related:
    """Another row that speaks of the same thing."""

    entry: Entry
    same: str
    relation: str
    verdict: str | None
    is_later: bool
    """True where the other row is the result or the later state."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A target and what came of it."""

    target: Entry
    result: Entry | None
    """None while no document tells."""
    light: Light
    """The verdict; `open` where there is no result yet."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The promises of one year beside their results, a page of them."""

    year: int
    counts: Mapping[Light, int]
    """Over all promises of the year."""
    promises: tuple[Promise, ...]
    total: int
    """Over all pages, the choice of a light applied."""
    number: int
    size: int


@dataclass(frozen=True, slots=True)
class Point:
    """One value of an indicator's series."""

    entry_id: int
    document_id: int
    document: str
    city: str | None
    period: str | None
    year: int | None
    kind: str
    measure: str
    value: float
    """Signed: a fall is negative."""
    unit: str
    bound: str


def revisions(connection: Connection) -> Revisions:
    """Return how far the rows and the links are."""
    row = connection.execute(_SQL["revisions"]).fetchone()
    assert row is not None
    return Revisions(*row)


def links_are_stale(connection: Connection) -> bool:
    """True where rows have changed since the links were made."""
    found = revisions(connection)
    return found.links != found.ledger


def bump_ledger_revision(connection: Connection) -> None:
    """Say that rows have changed; the last thing a writing transaction does, for other writers wait on it."""
    connection.execute(_SQL["bump"])


def replace_links(connection: Connection, links: Iterable[Link], *, ledger_revision: int) -> bool:
    """Put `links` in the place of all links, unless the rows have changed since `ledger_revision`.

    Args:
        connection: an open transaction.
        links: whose anchors name documents by SHA-256 (`Anchor.doc`), since two may have one file name; one whose
            anchor meets no row is left out.
        ledger_revision: of the rows the links were made from.

    Returns:
        False where the rows have changed meanwhile; nothing is stored then, link again.
    """
    if connection.execute(_SQL["claim"], {"revision": ledger_revision}).fetchone() is None:
        return False
    connection.execute(_SQL["clear"])
    connection.execute(_SQL["stage"])
    with connection.cursor() as cursor, cursor.copy(_SQL["copy"]) as copy:
        for link in links:
            copy.write_row((*_cells(link.a), *_cells(link.b), link.same, link.relation, link.verdict))
    connection.execute(_SQL["resolve"])
    return True


def _cells(anchor: Anchor) -> tuple[str, int, str]:
    return anchor.doc, anchor.start, anchor.quote


def export(connection: Connection) -> Iterator[Link]:
    """Yield all links between rows that stand, documents named by their file; memory stays flat.

    Use it up inside the `store.connection()` block.
    """
    with connection.cursor("link_export") as cursor:
        cursor.itersize = 2000
        for a_doc, a_start, a_quote, b_doc, b_start, b_quote, same, relation, verdict in cursor.execute(_SQL["export"]):
            yield Link(Anchor(a_doc, a_start, a_quote), Anchor(b_doc, b_start, b_quote), same, relation, verdict)


def related(connection: Connection, entry_id: int) -> list[Related]:
    """Return the rows linked with one row, earlier ones first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["related"].replace("/*columns*/", COLUMNS), {"id": entry_id}).fetchall()
    own = ("same", "relation", "verdict", "is_later")
    return [Related(_entry(row, own), *(row[name] for name in own)) for row in rows]


def _entry(row: Mapping[str, Any], without: Iterable[str]) -> Entry:
    return Entry(**{name: value for name, value in row.items() if name not in without})


def compare(
    connection: Connection,
    year: int,
    *,
    light: Light | None = None,
    city: str | None = None,
    page: int = 1,
    size: int = 50,
) -> Comparison:
    """Return what was promised for `year`, each promise beside its result.

    A promise with several results takes the one with a definite verdict, then the latest. Rejected rows are left out.

    Args:
        connection: an open transaction.
        year: the last year of the promise's period; the document's where the promise names none.
        light: only promises of this light.
        city: only documents of this city.
        page: from 1.
        size: promises a page.
    """
    place = {"year": year, "city": city}
    counts = lights(connection, city=city).get(year, dict.fromkeys(LIGHTS, 0))
    total = sum(counts.values()) if light is None else counts[light]
    with connection.cursor() as cursor:
        cursor.execute(_SQL["promises"], {**place, "light": light, "limit": size, "offset": (page - 1) * size})
        rows = cursor.fetchall()
    found = _by_id(connection, [entry for target, result, _ in rows for entry in (target, result) if entry is not None])
    promises = tuple(Promise(found[target], found.get(result), verdict) for target, result, verdict in rows)
    return Comparison(year, counts, promises, total, page, size)


def lights(connection: Connection, *, city: str | None = None) -> Mapping[int, Mapping[Light, int]]:
    """Return how many promises of each year have which light, the newest year first; every light is named."""
    return remembered(connection, ("lights", city), lambda: _lights(connection, city))


def _lights(connection: Connection, city: str | None) -> Mapping[int, Mapping[Light, int]]:
    counted: dict[int, dict[Light, int]] = {}
    for year, light, count in connection.execute(_SQL["lights"], {"city": city}):
        counted.setdefault(year, dict.fromkeys(LIGHTS, 0))[light] = count
    return counted


def _by_id(connection: Connection, ids: list[int]) -> dict[int, Entry]:
    query = f"select {COLUMNS} from entry e join document d on d.id = e.document_id where e.id = any(%s)"  # noqa: S608
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return {entry.id: entry for entry in cursor.execute(query, [ids])}


def years(connection: Connection) -> list[int]:
    """Return the years that something was promised for, newest first."""
    return list(lights(connection))


def series(
    connection: Connection, topic: str, *, measure: str | None = None, city: str | None = None, limit: int = 500
) -> list[Point]:
    """Return the city's own values of an indicator over the periods, earliest first; rejected rows are left out.

    Args:
        connection: an open transaction.
        topic: `Filter.topic`: canonical identifier, or the name where the registry knows none.
        measure: only this one (`level`, `growth`); levels and growths are never one line of a chart.
        city: only documents of this city.
        limit: at most so many, the latest.
    """
    with connection.cursor(row_factory=class_row(Point)) as cursor:
        parameters = {"topic": topic, "measure": measure, "city": city, "limit": limit}
        return cursor.execute(_SQL["series"], parameters).fetchall()[::-1]
