"""Scorecards of units with their trend, as a page and Excel; the bulletin（督查通报）as Word and as a page to print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from bihuan.act.access import units_seen
from bihuan.act.accounts import SignedIn
from bihuan.act.bulletin import bulletin
from bihuan.act.clock import CHINA
from bihuan.act.fields import day_of
from bihuan.act.scorecard import Card, cards, months
from bihuan.core.errors import ForbiddenError, InputError
from bihuan.show.charts import Chart, ChartPoint
from bihuan.show.labels import N_
from bihuan.show.pages.cases import type_name
from bihuan.show.papers import PaperForm, paper_answer
from bihuan.show.rendering import local, page
from bihuan.show.rooms import connection_of, engine_of, formula_of, now_of
from bihuan.show.session import require_session
from bihuan.show.sheets import SheetColumn, sheet_answer
from bihuan.store.connect import Connection

router = APIRouter()
TREND_MONTHS = 6
MEASURES: Mapping[str, str] = {
    "late": N_("Met late"),
    "red": N_("Red lights"),
    "escalated": N_("Escalated"),
    "returned": N_("Returned"),
    "bounced": N_("Sent back as wrongly addressed"),
    "bad_ratings": N_("Bad ratings"),
    "excellent": N_("Graded excellent"),
    "good": N_("Graded good"),
    "passed": N_("Graded passed"),
    "on_time": N_("Met in time"),
    "opened": N_("Opened"),
    "closed": N_("Closed"),
}
SHEET = (
    (N_("Unit"), 24), (N_("Score"), 8), (N_("On-time rate, %"), 12), (N_("Average days"), 12), (N_("Opened"), 8),
    (N_("Closed"), 8), (N_("Met in time"), 10), (N_("Met late"), 10), (N_("Red lights"), 8), (N_("Returned"), 8),
    (N_("Satisfaction, of 5"), 12),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Month:
    """A month to choose."""

    value: str
    start: date
    end: date


@router.get("/scores")
def show(request: Request) -> Response:
    """Show the cards of one month, the best first."""
    session, month, by_type = require_session(request), _month(request), _by_type(request)
    with connection_of(request) as connection:
        found = _seen(connection, request, session, month, by_type)
    return page(
        request, "scores.html", by_type=by_type, type_name=lambda name: type_name(request, name), session=session, cards=found, engine=engine_of(request), month=month, measures=MEASURES,
        choices=_choices(request), week=_week(request), may_print=_may_print(session),
    )  # fmt: skip


@router.get("/scores.xlsx")
def export(request: Request) -> Response:
    """Take the cards of one month away as an Excel file."""
    session, month, engine, by_type = require_session(request), _month(request), engine_of(request), _by_type(request)
    with connection_of(request) as connection:
        found = _seen(connection, request, session, month, by_type)
    columns = [SheetColumn(local(request, title), width) for title, width in SHEET]
    rows = [[engine.units.name(card.unit), *_figures(card)] for card in found]
    if by_type:
        columns.insert(1, SheetColumn(local(request, N_("Type")), 16))
        rows = [[row[0], type_name(request, card.type), *row[1:]] for row, card in zip(rows, found, strict=True)]
    return sheet_answer(f"{local(request, N_('Scorecards'))} {month.value}", columns, rows)


@router.get("/scores/bulletin.{form}")
def print_bulletin(request: Request, form: PaperForm) -> Response:
    """Give the bulletin of a span of days."""
    session = require_session(request)
    office = session.principal.unit
    if office is None or not _may_print(session):
        raise ForbiddenError(
            N_("bulletins are written by an account of a unit that sees the whole city"), key="act.no_bulletin"
        )
    start, end = (_day(request, name) for name in ("from", "to"))
    with connection_of(request) as connection:
        made = bulletin(connection, engine_of(request), formula_of(request), office, start, end, now_of(request))
    return paper_answer(made, form)


@router.get("/scores/{unit}")
def trend(request: Request, unit: str) -> Response:
    """Show how the figures of one unit went over the months."""
    session, engine = require_session(request), engine_of(request)
    seen = units_seen(session.principal, engine.units)
    if unit not in engine.units or (seen is not None and unit not in seen):
        raise HTTPException(404)
    month, formula, by_month = _month(request), formula_of(request), []
    with connection_of(request) as connection:
        for start, end in months(month.end, TREND_MONTHS):
            card = next((c for c in cards(connection, formula, start, end) if c.unit == unit), None)
            by_month.append((Month(f"{start:%Y-%m}", start, end), card))
    name = engine.units.name(unit)
    return page(
        request, "score.html", session=session, name=name, unit=unit, by_month=by_month, month=month,
        charts=_charts(request, name, by_month), measures=MEASURES, formula=formula, card=by_month[-1][1],
    )  # fmt: skip


def _may_print(session: SignedIn) -> bool:
    return session.principal.scope == "city" and session.principal.unit is not None


def _by_type(request: Request) -> bool:
    return request.query_params.get("by") == "type"


def _seen(connection: Connection, request: Request, session: SignedIn, month: Month, by_type: bool) -> list[Card]:
    seen = units_seen(session.principal, engine_of(request).units)
    found = cards(connection, formula_of(request), month.start, month.end, by_type=by_type)
    return [card for card in found if seen is None or card.unit in seen]


def _today(request: Request) -> date:
    return now_of(request).astimezone(CHINA).date()


def _month(request: Request) -> Month:
    text = request.query_params.get("month") or f"{_today(request):%Y-%m}"
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  # a month has no zone
    except ValueError:
        raise InputError(
            N_("a month such as {example} was expected, not '{given}'"),
            where="month",
            key="show.no_month",
            example="2026-03",
            given=text,
        ) from None
    return Month(text, *months(first, 1)[0])


def _choices(request: Request) -> list[str]:
    return [f"{start:%Y-%m}" for start, _ in reversed(months(_today(request), 2 * TREND_MONTHS))]


def _week(request: Request) -> tuple[date, date]:
    """Return Monday and Sunday of the last whole week: what a weekly bulletin is about."""
    monday = _today(request) - timedelta(days=_today(request).weekday() + 7)
    return monday, monday + timedelta(days=6)


def _day(request: Request, name: str) -> date:
    return day_of(request.query_params.get(name, ""), name)


def _figures(card: Card) -> tuple[object, ...]:
    counts = card.counts
    rate = None if card.on_time_rate is None else round(100 * card.on_time_rate, 1)
    days = None if card.average_days is None else round(card.average_days, 1)
    stars = None if card.satisfaction is None else round(card.satisfaction, 2)
    return (
        card.score, rate, days, counts.opened, counts.closed, counts.on_time, counts.late, counts.red, counts.returned,
        stars,
    )  # fmt: skip


def _charts(request: Request, name: str, by_month: list[tuple[Month, Card | None]]) -> list[Chart]:
    """Return score and on-time rate over the months; a month in which nothing happened is a gap."""
    scores = [(month, card.score) for month, card in by_month if card]
    rates = [(month, 100 * card.on_time_rate) for month, card in by_month if card and card.on_time_rate is not None]
    return [
        _chart(request, name, title, unit, values)
        for title, unit, values in ((N_("Score"), "", scores), (N_("On-time rate"), "%", rates))
        if values
    ]


def _chart(request: Request, name: str, title: str, unit: str, values: list[tuple[Month, float]]) -> Chart:
    points = tuple(ChartPoint(month.value, round(value, 1), unit, "result") for month, value in values)
    measure = local(request, title)
    return Chart(name, measure, unit, points, measure, measure)
