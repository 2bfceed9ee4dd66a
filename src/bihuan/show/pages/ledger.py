"""The ledger（台账）: search, facets, sort, paging, export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.datastructures import QueryParams

from bihuan.core.records.statement import Commitment, Statement
from bihuan.read import export
from bihuan.show.downloads import download
from bihuan.show.facets import Naming, chips, facets
from bihuan.show.labels import LABELS, N_, label
from bihuan.show.language import words
from bihuan.show.ledgersheet import cells, columns
from bihuan.show.paging import PAGE_SIZE, Found, page_number
from bihuan.show.rendering import language_of, page
from bihuan.show.rooms import Place, connection_of, registry_of
from bihuan.show.sheets import sheet_answer
from bihuan.store import entries
from bihuan.store.entries import FacetValue, Filter

router = APIRouter()
PLACE = Place("/ledger", N_("Ledger"))

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
    params = request.query_params
    where, filters = filter_of(params), filters_in_address(params)
    sort, descending = sorting(params.get("sort", ""))
    number = page_number(params)
    with connection_of(request) as connection:
        found = entries.search(connection, where, sort=sort, descending=descending, page=number, size=PAGE_SIZE)
        any_rows = bool(found.total or entries.count(connection))
    shown = facets(found.facets, _chosen(where), _titles(where.family[0]), naming_for(request))
    return page(
        request,
        "ledger.html",
        family=where.family[0],
        families=dict.fromkeys(LABELS["record"], 0) | {v.value: v.count for v in found.facets["family"]},
        filters={"q": None, "sort": None, "family": None, **filters},
        facets=shown,
        chips=chips(where.text, filters, shown),
        columns=_columns(where.family[0], sort, descending),
        rows=found.entries,
        any_rows=any_rows,
        found=Found(number, PAGE_SIZE, len(found.entries), found.total),
    )


def _chosen(where: Filter) -> Mapping[str, tuple[object, ...]]:
    return {name: getattr(where, name) for name in FACETS}


def _titles(family: str) -> Mapping[str, str]:
    return {name: title for name, title in FACETS.items() if name != "measure" or family == "statement"}


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


def naming_for(request: Request) -> Naming:
    """Return what a choice is called in the reader's language."""
    local, registry = words(language_of(request)).gettext, registry_of(request)

    def name(facet: str, value: FacetValue) -> str:
        if facet in LABELS:
            return local(label(facet, str(value.value)))
        if value.value in ("", None):
            return local(NAMELESS.get(facet, N_("None")))
        return registry.name(value.label) if facet == "topic" else value.label or str(value.value)

    return name


NAMELESS: Mapping[str, str] = {"subject": N_("The city itself"), "year": N_("Undated")}


@router.get("/ledger/export.{suffix}")
def export_rows(request: Request, suffix: Literal["xlsx", "csv", "parquet"]) -> StreamingResponse:
    """Return all rows that the address asks for: Excel as the page shows them, the others with raw values."""
    where = filter_of(request.query_params)
    sort, descending = sorting(request.query_params.get("sort", ""))
    with connection_of(request) as connection:
        rows = entries.export(connection, where, sort=sort, descending=descending)
        if suffix == "xlsx":
            return _workbook(request, where.family[0], rows)
        return _raw_file(where.family[0], suffix, rows)


def _workbook(request: Request, family: str, rows: Iterator[entries.Entry]) -> StreamingResponse:
    language = language_of(request)
    named = label("record", family)
    return sheet_answer(
        words(language).gettext(named), columns(family, language), (cells(row, language) for row in rows)
    )


def _raw_file(family: str, suffix: str, rows: Iterator[entries.Entry]) -> StreamingResponse:
    kind: type[Any] = Statement if family == "statement" else Commitment
    records = (row.record() for row in rows)
    return download(f"{family}s.{suffix}", lambda path: export.write_all(path, f".{suffix}", kind, records))
