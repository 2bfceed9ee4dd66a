"""REST over what a supervision office sees and makes: overview, pipeline, scores, papers, notices, saved filters, Excel.

As `case_api`: an API key or a session calls, and sees what the page of the same name shows it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, File, HTTPException, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field

from bihuan.act import sheets, sheets_out
from bihuan.act.access import units_seen
from bihuan.act.bulletin import bulletin, order
from bihuan.act.clock import CHINA
from bihuan.act.promises import open_promises
from bihuan.act.scorecard import Card, cards, months
from bihuan.core.errors import ForbiddenError
from bihuan.core.messages import N_
from bihuan.core.records.case import LIGHTS
from bihuan.core.records.principal import Principal
from bihuan.show import savedfilters
from bihuan.show.api.caller import Reader, Writer
from bihuan.show.api.case_api import PROBLEMS, Repeatable, Texts
from bihuan.show.api.case_models import Given
from bihuan.show.casecounts import SOON
from bihuan.show.downloads import MEDIA_TYPES, kept_as
from bihuan.show.pages.case import ORDERS
from bihuan.show.pages.inbox import units_read
from bihuan.show.papers import PaperForm, paper_answer
from bihuan.show.rooms import connection_of, engine_of, formula_of, now_of
from bihuan.store import case_filters, case_lists, case_pipeline, notices
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_tallies import tallies

router = APIRouter(tags=["office"], responses=PROBLEMS)


# -- how it stands ---------------------------------------------------------------------------------------------------


class TallyOut(BaseModel):
    """The open cases of one type that one unit leads."""

    type: str
    lead: str | None
    open: int
    lights: dict[str, int]
    overdue: int
    soon: int = Field(description="Due within three days.")
    returned: int


@router.get("/supervision")
def supervision(request: Request, who: Reader) -> list[TallyOut]:
    """Return how the open cases stand that the caller may see, by type and leading unit."""
    now = now_of(request)
    with connection_of(request) as connection:
        found = tallies(connection, CaseFilter(units=units_seen(who, engine_of(request).units)), now, now + SOON).all
    told: dict[tuple[str, str | None], TallyOut] = {}
    for one in found:
        none = TallyOut(
            type=one.type, lead=one.lead, open=0, lights=dict.fromkeys(LIGHTS, 0), overdue=0, soon=0, returned=0
        )
        together = told.setdefault((one.type, one.lead), none)
        together.lights[LIGHTS[one.light]] += one.count
        together.open += one.count
        together.overdue += one.overdue
        together.soon += one.soon
        together.returned += one.returned
    return list(told.values())


class StepOut(BaseModel):
    """One step of a pipeline."""

    step: str
    cases: int
    planned_yuan: float
    done_yuan: float
    blockers: int = Field(description="Open cases that block one of them.")


@router.get("/case-types/{type}/pipeline")
def pipeline(request: Request, who: Reader, type: str) -> list[StepOut]:
    """Return investment planned and done and the open blockers of a type's open cases, in the order of its steps."""
    law = engine_of(request).law(type)
    if law.type.pipeline is None:
        raise HTTPException(404)
    planned, done = law.type.pipeline.planned, law.type.pipeline.done
    with connection_of(request) as connection:
        found = case_pipeline.by_step(connection, type, units_seen(who, law.units), planned, done)
    return [
        StepOut(
            step=name, cases=one.cases, planned_yuan=one.planned_yuan, done_yuan=one.done_yuan, blockers=one.blockers
        )
        for name in law.type.steps
        if (one := found.get(name))
    ]


# -- scores and papers -----------------------------------------------------------------------------------------------


class CardOut(BaseModel):
    """The figures of a unit in a span of days."""

    unit: str
    type: str | None
    start: date
    end: date
    score: float
    because: dict[str, float] = Field(description="Points that each measure brought.")
    on_time_rate: float | None
    average_days: float | None
    satisfaction: float | None
    counts: dict[str, float]


@router.get("/scores")
def scores(
    request: Request,
    who: Reader,
    start: Annotated[date, Query(alias="from", description="First day.")],
    end: Annotated[date, Query(alias="to", description="Last day, counted.")],
    by_type: Annotated[bool, Query(description="A card for each unit and type.")] = False,
) -> list[CardOut]:
    """Return the scorecards of the units the caller may see, the best first; the same figures whenever asked."""
    with connection_of(request) as connection:
        found = cards(connection, formula_of(request), start, end, by_type=by_type)
    seen = units_seen(who, engine_of(request).units)
    return [_card(card, start, end) for card in found if seen is None or card.unit in seen]


@router.get("/scores/{unit}")
def trend(
    request: Request,
    who: Reader,
    unit: str,
    end: Annotated[date, Query(alias="to", description="A day of the last month.")],
    count: Annotated[int, Query(alias="months", ge=1, le=36)] = 6,
) -> list[CardOut]:
    """Return the cards of one unit month by month; a month in which nothing happened is left out."""
    units, spans = engine_of(request).units, months(end, count)
    seen = units_seen(who, units)
    if unit not in units or (seen is not None and unit not in seen):
        raise HTTPException(404)
    with connection_of(request) as connection:
        found = [(span, cards(connection, formula_of(request), *span)) for span in spans]
    return [_card(card, *span) for span, made in found for card in made if card.unit == unit]


def _card(card: Card, start: date, end: date) -> CardOut:
    measures = {name: getattr(card.counts, name) for name in card.counts.__dataclass_fields__}
    return CardOut(
        unit=card.unit, type=card.type, start=start, end=end, score=card.score, because=dict(card.because),
        on_time_rate=card.on_time_rate, average_days=card.average_days, satisfaction=card.satisfaction,
        counts={name: value for name, value in measures.items() if name not in ("unit", "type")},
    )  # fmt: skip


@router.get("/bulletin.{form}", response_class=Response)
def print_bulletin(
    request: Request,
    who: Reader,
    form: PaperForm,
    start: Annotated[date, Query(alias="from")],
    end: Annotated[date, Query(alias="to")],
) -> Response:
    """Return the bulletin（督查通报）of a span of days; for callers of a unit that see the whole city."""
    if who.unit is None or who.scope != "city":
        raise ForbiddenError(
            N_("bulletins are written by an account of a unit that sees the whole city"), key="act.no_bulletin"
        )
    with connection_of(request) as connection:
        made = bulletin(connection, engine_of(request), formula_of(request), who.unit, start, end, now_of(request))
    return paper_answer(made, form)


@router.get("/cases/{number}/{kind}.{form}", response_class=Response)
def print_order(
    request: Request, who: Reader, number: str, kind: Literal["assignment", "supervision"], form: PaperForm
) -> Response:
    """Return the order of a case: 交办单 (`assignment`) or 督办单 (`supervision`)."""
    engine = engine_of(request)
    with connection_of(request) as connection:
        case = engine.load(connection, who, number)
    return paper_answer(order(engine, case, ORDERS[kind], now_of(request).astimezone(CHINA).date()), form)


# -- notices ---------------------------------------------------------------------------------------------------------


class NoticeOut(BaseModel):
    """What a unit was told."""

    id: int
    number: str
    title: str
    type: str
    unit: str
    what: str = Field(description="Event (`case.assign`), or what a timer did (`timer.due`).")
    at: str
    unread: bool = Field(description="By the account that asks; to an API key everything is.")


class ReadIn(Given):
    """Up to where notices were read."""

    up_to: int = Field(ge=0, lt=2**63)


@router.get("/notices")
def list_notices(
    request: Request,
    who: Reader,
    before: Annotated[int, Query(ge=1, lt=2**63, description="Smallest `id` of the page before.")] = 2**62,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[NoticeOut]:
    """Return what the caller's unit was told, the newest first."""
    units = units_read(who, engine_of(request).units)
    with connection_of(request) as connection:
        found = notices.inbox(connection, units, _account(who) or 0, before=before, limit=limit)
    return [
        NoticeOut(
            id=one.id, number=one.number, title=one.title, type=one.type, unit=one.unit, what=one.what,
            at=one.at.isoformat(), unread=one.unread,
        )
        for one in found
    ]  # fmt: skip


@router.post("/notices/read", status_code=204)
def mark_read(request: Request, who: Writer, given: ReadIn) -> None:
    """Mark notices up to an id as read by the account of the session."""
    account = _account(who)
    if account is None:
        raise ForbiddenError(N_("read marks are kept for accounts, not for API keys"), key="show.no_account")
    with connection_of(request) as connection:
        notices.mark_read(connection, units_read(who, engine_of(request).units), account, given.up_to)


def _account(who: Principal) -> int | None:
    kind, _, number = who.id.partition(":")
    return int(number) if kind == "account" else None


# -- saved filters ---------------------------------------------------------------------------------------------------


class FilterOut(BaseModel):
    """A saved filter of the caller."""

    id: int
    name: str
    query: str = Field(description="As in the address of the case table: `light=red&type=13710`.")


class FilterIn(Given):
    """A filter to be saved; one of the same name is replaced."""

    name: str
    query: str


@router.get("/case-filters")
def list_filters(request: Request, who: Reader) -> list[FilterOut]:
    """Return the caller's saved filters, by name."""
    with connection_of(request) as connection:
        found = case_filters.of_owner(connection, who.id)
    return [FilterOut(id=one.id, name=one.name, query=one.query) for one in found]


@router.post("/case-filters", status_code=201)
def save_filter(request: Request, who: Writer, given: FilterIn) -> FilterOut:
    """Save a filter of the case table under a name."""
    with connection_of(request) as connection:
        one = savedfilters.save(connection, who.id, given.name, given.query, now_of(request))
    return FilterOut(id=one.id, name=one.name, query=one.query)


@router.delete("/case-filters/{filter_id}", status_code=204)
def remove_filter(request: Request, who: Writer, filter_id: int) -> None:
    """Take a saved filter away."""
    with connection_of(request) as connection:
        savedfilters.remove(connection, who.id, filter_id)


# -- Excel -----------------------------------------------------------------------------------------------------------


@router.get("/cases.xlsx", response_class=Response)
def export(request: Request, who: Reader, type: Texts = None, state: Literal["open", "all"] = "open") -> Response:
    """Return the caller's cases as an Excel file（台账）."""
    engine = engine_of(request)
    wanted = _wanted(request, who, tuple(type or ()), state)
    with connection_of(request) as connection:
        content = sheets_out.workbook(engine, case_lists.everything(connection, wanted))
    return Response(content, media_type=MEDIA_TYPES[".xlsx"], headers=kept_as("台账.xlsx"))


@router.get("/case-types/{type}/cases.xlsx", response_class=Response)
def filled_form(request: Request, who: Reader, type: str, state: Literal["open", "all"] = "open") -> Response:
    """Return cases of one type in the form that `…/sheet` reads back; personal values are masked."""
    engine = engine_of(request)
    spec, wanted = engine.law(type).type, _wanted(request, who, (type,), state)
    with connection_of(request) as connection:
        content = sheets_out.filled_form(connection, engine, type, case_lists.everything(connection, wanted))
    return Response(content, media_type=MEDIA_TYPES[".xlsx"], headers=kept_as(f"{spec.name}.xlsx"))


def _wanted(request: Request, who: Principal, types: tuple[str, ...], state: str) -> CaseFilter:
    seen = units_seen(who, engine_of(request).units)
    return CaseFilter(units=seen, is_open=True if state == "open" else None, type=types)


class SheetOut(BaseModel):
    """What taking a file does, or did."""

    done: bool
    openings: int
    changes: list[str] = Field(description="Numbers of the cases that rows change.")
    same: int
    faults: list[str]
    opened: list[str]


@router.post("/case-types/{type}/sheet")
def take_sheet(
    request: Request,
    who: Writer,
    type: str,
    file: Annotated[UploadFile, File(description=".xlsx; its first row names the fields.")],
    check: Annotated[bool, Query(description="Only say what would be done.")] = False,
    key: Repeatable = None,
) -> SheetOut:
    """Open a case for every row of an Excel file, or change the one it names: all rows, or none."""
    engine, now = engine_of(request), now_of(request)
    with connection_of(request) as connection:
        found = sheets.preview(connection, file.file.read(), engine, type, who, now)
        if key:
            openings = (replace(one, key=f"{key}-{number}") for number, one in enumerate(found.openings))
            found = replace(found, openings=tuple(openings))
        is_done = not check and not found.faults
        opened = sheets.take(connection, engine, who, found, now) if is_done else []
    return SheetOut(
        done=is_done, openings=len(found.openings), changes=[edit.number for edit in found.edits], same=found.same,
        faults=[str(fault) for fault in found.faults], opened=[one.case.number for one in opened],
    )  # fmt: skip


# -- from the ledger -------------------------------------------------------------------------------------------------


class PromisesIn(Given):
    """Rows of the ledger that are promises."""

    entries: list[int] = Field(min_length=1, max_length=500)


@router.post("/promise-cases", status_code=201)
def open_for_promises(request: Request, who: Writer, given: PromisesIn) -> list[str]:
    """Open a case for each promise of the ledger, all or none; one that has a case gets no second. Returns the numbers."""
    with connection_of(request) as connection:
        return open_promises(connection, engine_of(request), who, given.entries, now_of(request))
