"""Promise against result, year by year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from bihuan.act.promises import cases_of, open_promises
from bihuan.show.labels import N_, label
from bihuan.show.language import Language
from bihuan.show.lights import in_order
from bihuan.show.paging import PAGE_SIZE, Found, page_number
from bihuan.show.rendering import language_of, local, page, say
from bihuan.show.rooms import Place, connection_of, engine_of, now_of, registry_of
from bihuan.show.session import require_session, require_token, signed_in
from bihuan.show.sheets import SheetColumn, sheet_answer
from bihuan.show.wording import period_text, source_text, value_text
from bihuan.store import ledger
from bihuan.store.connect import Connection
from bihuan.store.entries import Entry

router = APIRouter()
PLACE = Place("/promises", N_("Promises"))


@dataclass(frozen=True, slots=True)
class Side:
    """A promise or a result, with its source."""

    said: str
    """Value, or action; with the object where that is not the promise's own."""
    stage: str | None
    period: str | None
    due: str | None
    sentence: str
    quote: str
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
    chart_address: str | None
    """Of the chart that the page fetches when it is opened; a chart for each promise at once would be a slow page."""
    entry_id: int
    case: str | None
    """Number of the case that follows it."""


@router.get("/promises")
def newest(request: Request) -> Response:
    """Go to the newest year that something was promised for and reported on."""
    with connection_of(request) as connection:
        years = ledger.lights(connection)
    known = [year for year, lights in years.items() if any(lights[light] for light in JUDGED)]
    if not years:
        return page(request, "promises.html", year=None, years=[], total=0, session=None)
    return RedirectResponse(f"/promises/{(known or list(years))[0]}", 303)


JUDGED: tuple[ledger.Light, ...] = ("met", "missed", "partly")


@router.get("/promises/{year}")
def show(request: Request, year: int) -> HTMLResponse:
    """Show the promises of one year."""
    chosen, at = _light(request), page_number(request.query_params)
    with connection_of(request) as connection:
        years = ledger.years(connection)
        found = ledger.compare(connection, year, light=chosen, page=at, size=PAGE_SIZE)
        followed = cases_of(connection, (promise.target for promise in found.promises))
    pairs = [_pair(request, promise, followed.get(promise.target.id)) for promise in found.promises]
    return page(
        request,
        "promises.html",
        year=year,
        years=years if year in years else sorted([*years, year], reverse=True),
        counts=in_order(found.counts),
        total=sum(found.counts.values()),
        chosen=chosen,
        pairs=pairs,
        found=Found(at, PAGE_SIZE, len(pairs), found.total),
        filters={"verdict": chosen},
        session=signed_in(request),
    )


@router.post("/promises/{year}/cases")
async def open_cases(request: Request, year: int) -> Response:
    """Open a case for each chosen promise, all or none, and go to the cases; one that has a case gets no second."""
    async with request.form() as form:
        return await run_in_threadpool(_open_cases, request, year, form)


def _open_cases(request: Request, year: int, form: FormData) -> Response:
    session = require_session(request)
    require_token(session, form)
    chosen = [int(text) for text in form.getlist("entry") if isinstance(text, str) and text.isdigit()]
    if not chosen:
        return RedirectResponse(f"/promises/{year}", 303)
    with connection_of(request) as connection:
        numbers = open_promises(connection, engine_of(request), session.principal, chosen, now_of(request))
    return RedirectResponse(f"/cases/{numbers[0]}" if len(numbers) == 1 else "/cases?sort=newest", 303)


def _light(request: Request) -> ledger.Light | None:
    asked = request.query_params.get("verdict")
    return next((light for light in ledger.LIGHTS if light == asked), None)


@router.get("/promises/{year}/export.xlsx")
def export(request: Request, year: int) -> StreamingResponse:
    """Return the promises of a year that the address asks for as an Excel file."""
    title = say(request, N_("Promises of {year}"), year=year)
    columns = [SheetColumn(local(request, name), width, width > 40) for name, width in SHEET]
    with connection_of(request) as connection:
        return sheet_answer(title, columns, _sheet_rows(request, _all_promises(connection, year, _light(request))))


SHEET = (
    (N_("Light"), 10), (N_("Name"), 32), (N_("Subject"), 12),
    (N_("Promised"), 20), (N_("Period"), 12), (N_("Due"), 12), (N_("Sentence of the promise"), 50),
    (N_("Source of the promise"), 24),
    (N_("Reported"), 20), (N_("Period"), 12), (N_("Sentence of the result"), 50), (N_("Source of the result"), 24),
)  # fmt: skip


def _all_promises(connection: Connection, year: int, light: ledger.Light | None) -> Iterator[ledger.Promise]:
    for number in count(1):
        found = ledger.compare(connection, year, light=light, page=number, size=1000)
        yield from found.promises
        if number * 1000 >= found.total:
            return


def _sheet_rows(request: Request, promises: Iterable[ledger.Promise]) -> Iterator[list[object]]:
    language = language_of(request)
    for promise in promises:
        target = _side(request, promise.target, "")
        result = _side(request, promise.result, "") if promise.result else None
        yield [
            local(request, label("verdict", promise.light)), promise.target.name, promise.target.subject,
            target.said, period_text(target.period, language), period_text(target.due, language), target.sentence,
            target.source,
            *((result.said, period_text(result.period, language), result.sentence, result.source)
              if result else (None,) * 4),
        ]  # fmt: skip


def _pair(request: Request, promise: ledger.Promise, case: str | None) -> PromisePair:
    target, result = promise.target, promise.result
    indicator = _indicator(request, target)
    return PromisePair(
        key=f"e{target.id}",
        name=target.name,
        subject=target.subject,
        verdict=promise.light,
        promise=_side(request, target, target.name),
        result=_side(request, result, target.name) if result else None,
        indicator_address=f"/indicators/{indicator}" if indicator else None,
        chart_address=f"/indicators/{indicator}/chart?measure={target.measure}"
        if indicator and target.period
        else None,
        entry_id=target.id,
        case=case,
    )


def _indicator(request: Request, target: Entry) -> str | None:
    """Return the registry's indicator that a promise gives a figure of the city itself for."""
    known = (
        target.family == "statement" and target.subject is None and target.canonical in registry_of(request).indicators
    )
    return target.canonical if known else None


def _side(request: Request, row: Entry, name: str) -> Side:
    return Side(
        said=_said(row, name, language_of(request)),
        stage=row.stage,
        period=row.period,
        due=row.due,
        sentence=row.sentence or row.quote,
        quote=row.quote,
        source=source_text(row),
        address=f"/documents/{row.document_id}#e{row.id}",
    )


def _said(row: Entry, name: str, language: Language) -> str:
    """Return the value, or the action, of a row; a name other than the promise's own stands with it."""
    own = None if row.name == name else row.name
    said = (own, value_text(row, language)) if row.family == "statement" else (row.verb, own)  # type: ignore[arg-type]
    return " · ".join(part for part in said if part)
