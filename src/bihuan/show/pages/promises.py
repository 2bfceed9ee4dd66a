"""Promise against result, year by year."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bihuan.show.charts import Chart
from bihuan.show.lights import LIGHTS
from bihuan.show.paging import PAGE_SIZE, Found
from bihuan.show.rendering import language_of, page
from bihuan.show.rooms import connection_of, registry_of
from bihuan.show.seriescharts import charts_of
from bihuan.show.wording import value_text
from bihuan.store import ledger
from bihuan.store.connect import Connection
from bihuan.store.entries import Entry

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Side:
    """A promise or a result, with its source."""

    said: str
    """Value, or action and object."""
    stage: str | None
    period: str | None
    due: str | None
    sentence: str
    source: str
    address: str


@dataclass(frozen=True, slots=True)
class PromisePair:
    """A promise beside what came of it."""

    key: str
    name: str
    subject: str | None
    verdict: str
    promise: Side
    result: Side | None
    indicator_address: str | None
    chart: Chart | None


@router.get("/promises")
def newest(request: Request) -> Response:
    """Go to the newest year that something was promised for and reported on."""
    with connection_of(request) as connection:
        years = ledger.years(connection)
        known = [year for year in years[:10] if _is_judged(connection, year)]
    if not years:
        return page(request, "promises.html", year=None, years=[], total=0)
    return RedirectResponse(f"/promises/{(known or years)[0]}", 303)


def _is_judged(connection: Connection, year: int) -> bool:
    counts = ledger.compare(connection, year, size=1).counts
    return any(counts[light] for light in ("met", "missed", "partly"))


@router.get("/promises/{year}")
def show(request: Request, year: int) -> HTMLResponse:
    """Show the promises of one year."""
    asked, number = request.query_params.get("verdict"), request.query_params.get("page", "1")
    chosen = asked if asked in LIGHTS else None
    at = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    with connection_of(request) as connection:
        years = ledger.years(connection)
        found = ledger.compare(connection, year, light=chosen, page=at, size=PAGE_SIZE)  # type: ignore[arg-type]
        pairs = [_pair(request, connection, promise) for promise in found.promises]
    return page(
        request,
        "promises.html",
        year=year,
        years=years if year in years else sorted([*years, year], reverse=True),
        counts={verdict: found.counts.get(verdict, 0) for verdict in LIGHTS},  # type: ignore[call-overload]
        total=sum(found.counts.values()),
        chosen=chosen,
        pairs=pairs,
        found=Found(at, PAGE_SIZE, len(pairs), found.total),
        filters={"verdict": chosen},
    )


def _pair(request: Request, connection: Connection, promise: ledger.Promise) -> PromisePair:
    target, result = promise.target, promise.result
    registry, language = registry_of(request), language_of(request)
    indicator = target.family == "statement" and target.canonical in registry.indicators
    chart = None
    if indicator and target.canonical and result is not None and target.subject is None:
        points = ledger.series(connection, target.canonical, measure=target.measure)
        chart = next(iter(charts_of(points, registry.name(target.canonical), language)), None)
    return PromisePair(
        key=f"e{target.id}",
        name=target.name,
        subject=target.subject,
        verdict=promise.light,
        promise=_side(request, target),
        result=_side(request, result) if result else None,
        indicator_address=f"/indicators/{target.canonical}" if indicator else None,
        chart=chart,
    )


def _side(request: Request, row: Entry) -> Side:
    said = value_text(row, language_of(request)) if row.family == "statement" else f"{row.verb} · {row.name}"  # type: ignore[arg-type]
    return Side(
        said=said,
        stage=row.stage,
        period=row.period,
        due=row.due,
        sentence=row.sentence or row.quote,
        source=row.document_title or row.document,
        address=f"/documents/{row.document_id}#e{row.id}",
    )
