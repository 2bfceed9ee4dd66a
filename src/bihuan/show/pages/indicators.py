"""Indicators: which figures the reports speak of, and the series of one."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from bihuan.show.labels import N_
from bihuan.show.paging import PAGE_SIZE, Found, page_number
from bihuan.show.rendering import language_of, page
from bihuan.show.rooms import Place, connection_of, registry_of
from bihuan.show.seriescharts import charts_of
from bihuan.store import ledger
from bihuan.store.entries import Filter
from bihuan.store.overview import topics

router = APIRouter()
PLACE = Place("/indicators", N_("Indicators"))


@dataclass(frozen=True, slots=True)
class Listed:
    """One indicator of the list."""

    id: str
    name: str
    english: str
    unit: str
    good: str
    count: int
    years: str


@router.get("/indicators")
def show_list(request: Request) -> HTMLResponse:
    """Show the registry's indicators that have a figure."""
    registry = registry_of(request)
    with connection_of(request) as connection:
        found = topics(connection)
    listed = [
        Listed(
            known.id, known.name, known.english, known.unit, known.good, topic.count, _years(topic.first, topic.last)
        )
        for topic in found
        if (known := registry.indicators.get(topic.topic))
    ]
    return page(request, "indicators.html", indicators=listed)


def _years(first: int | None, last: int | None) -> str:
    if first is None or first == last:
        return str(last or "")
    return f"{first}–{last}"


@router.get("/indicators/{topic}")
def show(request: Request, topic: str) -> HTMLResponse:
    """Show the city's own series of one indicator, with every source, a page of them at a time."""
    registry, number = registry_of(request), page_number(request.query_params)
    known = registry.indicators.get(topic)
    own = Filter(topic=(topic,), family=("statement",), subject=("",))
    with connection_of(request) as connection:
        points = ledger.series(connection, topic)
        found = ledger.search(connection, own, sort="year", descending=True, page=number, size=PAGE_SIZE, facets=False)
    if known is None and not found.total:
        raise HTTPException(404)
    return page(
        request,
        "indicator.html",
        name=registry.name(topic),
        english=known.english if known else "",
        good=known.good if known else "none",
        source=known.source if known else "",
        charts=charts_of(points, registry.name(topic), language_of(request)),
        rows=found.entries,
        found=Found(number, PAGE_SIZE, len(found.entries), found.total),
    )


@router.get("/indicators/{topic}/chart")
def show_chart(request: Request, topic: str, measure: str = "level") -> HTMLResponse:
    """Return the chart of one measure alone, for a page that opens it on demand.

    404 where the city has no dated figure of that measure.
    """
    name, language = registry_of(request).name(topic), language_of(request)
    with connection_of(request) as connection:
        charts = charts_of(ledger.series(connection, topic, measure=measure), name, language)
    if not charts:
        raise HTTPException(404)
    return page(request, "chart.html", chart=charts[0])
