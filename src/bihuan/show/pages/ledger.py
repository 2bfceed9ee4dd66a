"""The ledger（台账）: search, facets, sort, paging, export."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse
from starlette.background import BackgroundTask
from starlette.datastructures import QueryParams

from bihuan.core.records.statement import Commitment, Statement
from bihuan.read import export
from bihuan.show.labels import LABELS, N_, label
from bihuan.show.language import words
from bihuan.show.paging import PAGE_SIZE, Found
from bihuan.show.rendering import language_of, page, query
from bihuan.store import entries
from bihuan.store.connect import Store
from bihuan.store.entries import FacetValue, Filter

router = APIRouter()

FACETS: Mapping[str, str] = {
    "kind": N_("Kind"),
    "measure": N_("Measure"),
    "year": N_("Year"),
    "review": N_("Review"),
    "topic": N_("Indicator"),
    "subject": N_("Subject"),
    "document": N_("Document"),
    "section": N_("Section"),
}
"""Fields of the filter in the order of the page, with their titles."""
TEXT_FIELDS = ("kind", "topic", "measure", "section", "subject", "review")
NUMBER_FIELDS = ("year", "document")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    title: str
    sort: str | None = None
    """What a click on its head asks for."""
    order: Literal["ascending", "descending"] | None = None
    css: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a facet, in the reader's language."""

    value: object
    text: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One group of choices."""

    name: str
    title: str
    options: tuple[Option, ...]


def filter_of(params: QueryParams) -> Filter:
    """Return the filter that an address asks for; what is no number where one is needed is passed over."""
    family = "commitment" if params.get("family") == "commitment" else "statement"
    texts = {name: tuple(params.getlist(name)) for name in TEXT_FIELDS}
    numbers = {name: tuple(int(v) for v in params.getlist(name) if _is_number(v)) for name in NUMBER_FIELDS}
    return Filter(text=params.get("q", "")[:200], family=(family,), **texts, **numbers)  # type: ignore[arg-type]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def filters_in_address(params: QueryParams) -> dict[str, object]:
    """Return the filter as it stands in the address, for links that change a part of it."""
    kept: dict[str, object] = {name: params.getlist(name) for name in FACETS if params.getlist(name)}
    return kept | {name: params[name] for name in ("q", "family", "sort") if params.get(name)}


@router.get("/ledger")
def show(request: Request) -> HTMLResponse:
    """Show one page of the rows that the address asks for."""
    store: Store = request.app.state.store
    params = request.query_params
    where, filters = filter_of(params), filters_in_address(params)
    sort, descending = sorting(params.get("sort", ""))
    number = int(params["page"]) if _is_number(params.get("page", "")) and int(params["page"]) else 1
    with store.connection() as connection:
        found = entries.search(connection, where, sort=sort, descending=descending, page=number, size=PAGE_SIZE)
        any_rows = bool(found.total or entries.count(connection))
    naming = naming_for(request)
    facets = _facets(found.facets, where, naming)
    return page(
        request,
        "ledger.html",
        family=where.family[0],
        filters={"q": None, "sort": None, "family": None, **filters},
        facets=facets,
        chips=_chips(where, filters, facets),
        columns=_columns(where.family[0], sort, descending),
        rows=found.entries,
        any_rows=any_rows,
        found=Found(number, PAGE_SIZE, len(found.entries), found.total),
    )


def sorting(asked: str) -> tuple[str, bool]:
    """Return (field, descending) for `value` or `-value`; the order of the documents where it is neither."""
    name = asked.removeprefix("-")
    return (name, asked.startswith("-")) if name in entries.SORTS else ("document", False)


def _columns(family: str, sort: str, descending: bool) -> list[Column]:
    def column(title: str, name: str | None = None, css: str = "") -> Column:
        if name is None or name != sort:
            return Column(title, name, None, css)
        return Column(title, name if descending else f"-{name}", "descending" if descending else "ascending", css)

    middle = (
        [column(N_("Indicator"), "name"), column(N_("Value"), "value", "num"), column(N_("Measure"))]
        if family == "statement"
        else [column(N_("Commitment"), "name"), column(N_("Stage")), column(N_("Due"))]
    )
    ends = [
        column(N_("Period"), "year"),
        column(N_("Sentence and source"), "document"),
        column(N_("Review"), css="acts"),
    ]
    return [column(N_("Kind")), *middle, *ends]


Naming = Callable[[str, FacetValue], str]


def naming_for(request: Request) -> Naming:
    """Return what a choice is called in the reader's language."""
    local = words(language_of(request)).gettext

    def name(facet: str, value: FacetValue) -> str:
        if facet in LABELS:
            return local(label(facet, str(value.value)))
        if value.value in ("", None):
            return local(NAMELESS.get(facet, N_("None")))
        return value.label or str(value.value)

    return name


NAMELESS: Mapping[str, str] = {"subject": N_("The city itself"), "year": N_("Undated")}


def _facets(counted: Mapping[str, tuple[FacetValue, ...]], where: Filter, naming: Naming) -> list[Facet]:
    return [
        Facet(name, title, tuple(Option(v.value, naming(name, v), v.count, v.chosen) for v in counted.get(name, ())))
        for name, title in FACETS.items()
        if name != "measure" or where.family == ("statement",)
    ]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that holds, and the address without it."""

    text: str
    without: str


def _chips(where: Filter, filters: Mapping[str, object], facets: list[Facet]) -> list[Chip]:
    chips = [Chip(where.text, query(dict(filters), q=None))] if where.text else []
    for facet in facets:
        chosen = [option for option in facet.options if option.chosen]
        for option in chosen:
            rest = [str(other.value) for other in chosen if other is not option]
            chips.append(Chip(option.text, query(dict(filters), **{facet.name: rest})))
    return chips


@router.get("/ledger/export.{suffix}")
def export_rows(request: Request, suffix: Literal["xlsx", "csv", "parquet"]) -> FileResponse:
    """Return all rows that the address asks for as a file, in document order."""
    store: Store = request.app.state.store
    where = filter_of(request.query_params)
    kind: type[Any] = Statement if where.family == ("statement",) else Commitment
    folder = tempfile.TemporaryDirectory(prefix="bihuan-")
    path = Path(folder.name) / f"bihuan-{where.family[0]}s.{suffix}"
    with store.connection() as connection:
        export.write_all(path, f".{suffix}", kind, _records(entries.export(connection, where)))
    return FileResponse(path, filename=path.name, background=BackgroundTask(folder.cleanup))


def _records(found: Iterator[entries.Entry]) -> Iterator[Statement | Commitment]:
    return (entry.record() for entry in found)
