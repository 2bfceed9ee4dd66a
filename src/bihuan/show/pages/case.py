"""One case: what it is, how it stands, what was done, and what its reader may do now."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from bihuan.act import evidence
from bihuan.act.access import units_seen
from bihuan.act.accounts import SignedIn
from bihuan.act.bulletin import OrderKind
from bihuan.act.bulletin import order as order_of
from bihuan.act.case_type import CaseType
from bihuan.act.clock import CHINA
from bihuan.act.engine import CaseView, Engine, Happening
from bihuan.act.promises import row_at
from bihuan.core.errors import BihuanError, MissingError
from bihuan.core.records.case import Case, Clock
from bihuan.show.case_facts import field_name, field_text
from bihuan.show.case_forms import action_form, command_of, uploads
from bihuan.show.charts import Chart
from bihuan.show.downloads import kept_as
from bihuan.show.labels import N_, label
from bihuan.show.language import Language
from bihuan.show.pages.cases import openable
from bihuan.show.papers import PaperForm, paper_answer
from bihuan.show.rendering import language_of, local, page, reason, say
from bihuan.show.rooms import connection_of, engine_of, now_of
from bihuan.show.seriescharts import charts_of
from bihuan.show.session import require_session, require_token
from bihuan.show.wording import minute_text
from bihuan.store import accounts, case_lists, ledger, signals
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_lists import MOST_ROWS, CaseRow
from bihuan.store.connect import Connection
from bihuan.store.entries import Entry

router = APIRouter()
SIGNALS_SHOWN = 30
ORDERS: Mapping[str, OrderKind] = {"assignment": "交办单", "supervision": "督办单"}
TIMERS: Mapping[str, str] = {
    "remind": N_("Reminder"),
    "light": N_("The light changed"),
    "due": N_("A due time was reached"),
    "escalate": N_("Told one level up"),
}
"""What a timer did, by `StoredPoint.what`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline."""

    at: datetime
    who: str
    what: str
    note: str
    light: str | None


@router.get("/cases/{number}")
def show(request: Request, number: str) -> Response:
    """Show a case."""
    return _case_page(request, require_session(request), number, "")


@router.post("/cases/{number}")
async def act(request: Request, number: str) -> Response:
    """Do what a form asks; what is refused comes back with the reason, nothing half done."""
    async with request.form(max_files=20) as form:
        return await run_in_threadpool(_act, request, number, form)


def _act(request: Request, number: str, form: FormData) -> Response:
    session, engine, now = require_session(request), engine_of(request), now_of(request)
    require_token(session, form)
    try:
        with connection_of(request) as connection:
            case = engine.load(connection, session.principal, number)
            files = tuple(evidence.keep(connection, f.file.read(), f.filename or "", now) for f in uploads(form))
            command = command_of(engine.types[case.type], case, form, files)
            engine.act(connection, session.principal, number, command, now)
    except MissingError:
        raise
    except BihuanError as error:
        return _case_page(request, session, number, reason(request, error, engine.types[case.type].fields))
    return RedirectResponse(f"/cases/{number}", 303)


def _case_page(request: Request, session: SignedIn, number: str, fault: str) -> Response:
    engine, language = engine_of(request), language_of(request)
    with connection_of(request) as connection:
        view = engine.view(connection, session.principal, number)
        told, told_count, told_open = signals.of_case(connection, number, limit=SIGNALS_SHOWN)
        names = {f"account:{account.id}": account.name for account in accounts.listed(connection)}
        ties = _ties(connection, engine, session, view.case)
        rows = _rows(connection, view)
        charts = _charts(connection, rows, language)
    forms = [action_form(view.type, view.case, name, engine.units, language) for name in view.may]
    return page(
        request, "case.html", 422 if fault else 200, session=session, case=view.case, type=view.type, forms_=forms,
        facts=_facts(view, engine, rows, language), clocks=_clocks(view, language), steps=_timeline(request, view, names),
        told=told, told_count=told_count, told_open=told_open, units=engine.units, fault=fault, key=uuid.uuid4().hex, now=now_of(request),
        ties=ties, charts=charts, openable=openable(request, session), standing=_standing(request, view.case), asked=_asked(request, view),
    )  # fmt: skip


def _ties(connection: Connection, engine: Engine, session: SignedIn, case: Case) -> dict[str, CaseRow]:
    """Return those of the related cases that the reader may see, by number."""
    numbers = tuple(tie.number for tie in case.relations)
    if not numbers:
        return {}
    wanted = CaseFilter(units=units_seen(session.principal, engine.units), is_open=None, number=numbers)
    return {row.number: row for row in case_lists.listed(connection, wanted, sort="newest", limit=MOST_ROWS).rows}


def _rows(connection: Connection, view: CaseView) -> dict[str, Entry]:
    """Return the rows of the ledger that a case names, by field."""
    given = {name: view.case.values.get(name) for name, spec in view.type.fields.items() if spec.kind == "entry"}
    found = {name: row_at(connection, str(place)) for name, place in given.items() if place}
    return {name: row for name, row in found.items() if row is not None}


def _charts(connection: Connection, rows: Mapping[str, Entry], language: Language) -> list[Chart]:
    """Return the series of the indicator that a case's row of the ledger is about: what the figures did beside it."""
    entry = next(iter(rows.values()), None)
    if entry is None or entry.family != "statement":
        return []
    return charts_of(ledger.series(connection, entry.canonical or entry.name), entry.name, language)


def _standing(request: Request, case: Case) -> list[tuple[str, str]]:
    """Return what became of a case so far: claimed done by the handler, verified, and how often it came back."""
    times = ((N_("Claimed done"), case.applied_at), (N_("Verified and closed"), case.closed_at))
    counts = (
        (N_("Escalated"), case.level),
        (N_("Returned"), case.returns),
        (N_("Sent back as wrongly addressed"), case.bounces),
        (N_("Reopened"), case.reopened),
    )
    told = [(local(request, title), minute_text(at)) for title, at in times if at]
    return told + [(local(request, title), say(request, N_("{count} times"), count=n)) for title, n in counts if n]


def _asked(request: Request, view: CaseView) -> str:
    """Return the extension that waits for an answer; empty where none does."""
    asked = view.case.extension
    if asked is None:
        return ""
    clock = _clock_name(view.type, asked.clock, language_of(request))
    if asked.until:
        told = N_("More time is asked for “{clock}”, until {until}: {reason}")
        return say(request, told, clock=clock, until=asked.until, reason=asked.reason)
    told = N_("More time is asked for “{clock}”, {days} working days: {reason}")
    return say(request, told, clock=clock, days=asked.days, reason=asked.reason)


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of a case that is filled."""

    title: str
    text: str
    is_masked: bool = False
    address: str | None = None
    """Where what it names stands."""


def _facts(view: CaseView, engine: Engine, rows: Mapping[str, Entry], language: Language) -> list[Fact]:
    """Return every field that is filled; a row of the ledger by its document and quote."""
    facts = []
    for name, spec in view.type.fields.items():
        title = field_name(spec, language)
        if name in view.personal:
            facts.append(Fact(title, view.personal[name], is_masked=name not in view.unmasked))
        elif name in rows:
            row = rows[name]
            said = f"{row.document_title or row.document} · {row.quote}"
            facts.append(Fact(title, said, address=f"/documents/{row.document_id}#e{row.id}"))
        elif name in view.case.values and name != "title":
            facts.append(Fact(title, field_text(spec, view.case.values[name], engine.units, language)))
    return facts


def _clocks(view: CaseView, language: str) -> list[tuple[str, Clock]]:
    return [(_clock_name(view.type, clock.id, language), clock) for clock in view.case.clocks]


def _clock_name(case_type: CaseType, clock_id: str, language: str) -> str:
    """Return what a clock is called, with the number of its period: 月度调度 2."""
    name, _, period = clock_id.partition("#")
    spec = case_type.clocks.get(name)
    called = name if spec is None else spec.name if language == "zh-CN" else spec.english
    return f"{called} {period}".rstrip()


def _timeline(request: Request, view: CaseView, names: Mapping[str, str]) -> list[Step]:
    language = language_of(request)
    return [_step(request, view.type, happened, names, language) for happened in reversed(view.history)]


def _step(request: Request, spec: CaseType, happened: Happening, names: Mapping[str, str], language: str) -> Step:
    name = str(happened.body.get("action", ""))
    action = spec.actions.get(name)
    told = (action.name if language == "zh-CN" else action.english) if action else ""
    what = told or _by_itself(request, spec, happened, language)
    who = names.get(happened.actor) or local(
        request, N_("By itself") if happened.actor == "system" else N_("The public")
    )
    changes = happened.body.get("changes") or {}
    return Step(happened.at, who, what, str(happened.body.get("note") or ""), changes.get("light"))


def _by_itself(request: Request, spec: CaseType, happened: Happening, language: str) -> str:
    message = TIMERS.get(str(happened.body.get("what"))) if happened.type == "case.timer" else None
    what = local(request, message or label("event", happened.type))
    clock = happened.body.get("clock")
    return f"{what} · {_clock_name(spec, clock, language)}" if isinstance(clock, str) else what


@router.get("/cases/{number}/{kind}.{form}")
def order(request: Request, number: str, kind: Literal["assignment", "supervision"], form: PaperForm) -> Response:
    """Give the order of a case: 交办单 (`assignment`) or 督办单 (`supervision`)."""
    session, engine = require_session(request), engine_of(request)
    with connection_of(request) as connection:
        case = engine.load(connection, session.principal, number)
    made = order_of(engine, case, ORDERS[kind], now_of(request).astimezone(CHINA).date())
    return paper_answer(made, form)


@router.get("/cases/{number}/files/{sha256}")
def file(request: Request, number: str, sha256: str) -> Response:
    """Give a piece of evidence to be kept; it is never shown as a page."""
    session, engine = require_session(request), engine_of(request)
    with connection_of(request) as connection:
        case = engine.load(connection, session.principal, number)
        media_type, content = evidence.content_of(connection, number, sha256)
    name = next((ref.name for ref in case.evidence if ref.sha256 == sha256), sha256)
    return Response(content, media_type=media_type, headers=kept_as(name))
