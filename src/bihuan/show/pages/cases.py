"""Cases: who has to do what by when. Lists, a new case, and the overview of a supervision office."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from bihuan.act import evidence
from bihuan.act.access import units_seen
from bihuan.act.accounts import SignedIn
from bihuan.act.command import Command, Opening
from bihuan.act.engine import Engine
from bihuan.core.errors import BihuanError, ForbiddenError
from bihuan.core.records.case import LIGHTS
from bihuan.core.records.principal import Principal
from bihuan.show import listmarks
from bihuan.show.case_forms import field_values, office_inputs, opening_inputs, received_of, uploads
from bihuan.show.casecounts import SOON
from bihuan.show.casefacets import Counts, facet_values, fitting, tiles
from bihuan.show.facets import chips, facets
from bihuan.show.labels import N_, label
from bihuan.show.rendering import language_of, local, page, reason
from bihuan.show.rooms import Place, connection_of, engine_of, now_of
from bihuan.show.savedfilters import filter_of
from bihuan.show.session import require_session, require_token
from bihuan.show.sheets import SheetColumn, sheet_answer
from bihuan.show.wording import time_text
from bihuan.store import case_filters, case_lists
from bihuan.store.case_conditions import CaseFilter, search
from bihuan.store.case_lists import CaseRow, Sort
from bihuan.store.connect import Connection

router = APIRouter()
PLACE = Place("/cases", N_("Cases"), ("/work",))
FACETS: Mapping[str, str] = {
    "light": N_("Warning light"),
    "type": N_("Type"),
    "step": N_("Step"),
    "lead": N_("Leading unit"),
}
SORTS: Mapping[Sort, str] = {"due": N_("Nearest due first"), "newest": N_("Newest first"), "oldest": N_("Oldest first")}
SHEET = (
    (N_("Case number"), 14, False),
    (N_("Type"), 16, False),
    (N_("Title"), 40, True),
    (N_("Step"), 14, False),
    (N_("Warning light"), 8, False),
    (N_("Leading unit"), 20, False),
    (N_("Due"), 18, False),
    (N_("Opened"), 18, False),
    (N_("Closed"), 18, False),
)
ROWS = 100


@router.get("/cases")
def show(request: Request) -> Response:
    """Show the cases a reader may see, the nearest due first."""
    session = require_session(request)
    engine, params = engine_of(request), request.query_params
    wanted, filters = asked_for(request, session)
    sort = _sort(params, wanted)
    unchosen = replace(wanted, light=(), type=(), step=(), lead=())
    with connection_of(request) as connection:
        hits = search(connection, unchosen)
        found = case_lists.listed(
            connection, wanted, sort=sort, limit=ROWS, after=listmarks.read(params.get("after")),
            hits=hits if hits and (hits.whole or wanted == unchosen) else None,
        )  # fmt: skip
        counted = Counts(connection, now_of(request))
        found_all = counted.of(unchosen, hits=hits)
        above = tiles(counted, wanted.units)
        saved = case_filters.of_owner(connection, session.principal.id)
    values = {name: facet_values(found_all, wanted, name, FACETS) for name in FACETS}
    groups = facets(values, _chosen(params), FACETS, lambda name, one: _name(request, engine, name, one.value))
    total = max(fitting(found_all, wanted, FACETS).total, len(found.rows) + (found.after is not None))
    present = filter_of(request.url.query)
    return page(
        request, "cases.html", session=session, rows=found.rows, after=listmarks.written(found.after), engine=engine, facets=groups, filters=filters, total=total, whole=found_all.whole, counted=found_all.total,
        chips=chips(wanted.text, filters, groups), sorts=SORTS, sort=sort, now=now_of(request), tiles=above,
        lights=LIGHTS, openable=openable(request, session), saved=saved, present=present,
        in_use=next((one for one in saved if one.query == present), None),
    )  # fmt: skip


@router.get("/cases.xlsx")
def export(request: Request) -> Response:
    """Take the present list away as an Excel file（台账）."""
    session = require_session(request)
    wanted, _ = asked_for(request, session)
    columns = [SheetColumn(local(request, title), width, wraps) for title, width, wraps in SHEET]
    with connection_of(request) as connection:
        lines = [_line(request, row) for row in case_lists.everything(connection, wanted)]
    return sheet_answer(local(request, N_("Cases")), columns, lines)


@router.get("/cases/new/{type_name}")
def new(request: Request, type_name: str) -> Response:
    """Show the form of a new case."""
    session = require_session(request)
    return _new_form(request, session, type_name, "")


@router.post("/cases/new/{type_name}")
async def open_case(request: Request, type_name: str) -> Response:
    """Open a case and go to it; a faulty form comes back with what is wrong."""
    async with request.form(max_files=20) as form:
        return await run_in_threadpool(_open, request, type_name, form)


def _open(request: Request, type_name: str, form: FormData) -> Response:
    session, engine, now = require_session(request), engine_of(request), now_of(request)
    require_token(session, form)
    spec = engine.law(type_name).type
    try:
        with connection_of(request) as connection:
            files = tuple(evidence.keep(connection, f.file.read(), f.filename or "", now) for f in uploads(form))
            opening = Opening(
                type_name, field_values(spec, form), str(form.get("profile") or "") or None,
                received_of(form), lead=str(form.get("lead") or "") or None,
                supports=tuple(unit for unit in form.getlist("supports") if isinstance(unit, str) and unit),
                evidence=files, key=str(form.get("key") or "") or None,
            )  # fmt: skip
            opened = engine.open(connection, session.principal, opening, now)
            if blocked := str(form.get("for") or ""):
                _tie(connection, engine, session.principal, blocked, opened.case.number, now)
    except BihuanError as error:
        return _new_form(request, session, type_name, reason(request, error, spec.fields), form)
    return RedirectResponse(f"/cases/{opened.case.number}", 303)


def _tie(connection: Connection, engine: Engine, who: Principal, number: str, other: str, now: datetime) -> None:
    """Link a case that was just opened to the one it was opened for, by the action that this one's type has for it."""
    case = engine.load(connection, who, number)
    if any(tie.number == other for tie in case.relations):  # the form was sent twice
        return
    actions = engine.types[case.type].actions
    linking = [name for name in engine.may(who, case) if actions[name].does == "link"]
    if not linking:
        raise ForbiddenError(
            N_("you cannot link a case to {number} now; open this one without"),
            where="other",
            key="act.no_link",
            number=number,
        )
    link = Command(linking[0], case.version, other=other)
    engine.act(connection, who, number, link, now)


def _new_form(
    request: Request, session: SignedIn, type_name: str, fault: str, form: FormData | None = None
) -> Response:
    engine = engine_of(request)
    if type_name not in engine.types:
        raise HTTPException(404)
    spec = engine.types[type_name]
    inputs = opening_inputs(spec, engine.units, language_of(request))
    entered: dict[str, Any] = {name: form.get(name) for name in form} if form else {}
    if form:
        entered["supports"] = form.getlist("supports")
    return page(
        request, "case_new.html", 422 if fault else 200, session=session, type=spec, inputs=inputs, fault=fault,
        besides=office_inputs(spec, engine.units),
        entered=entered, key=uuid.uuid4().hex, blocked=(form or request.query_params).get("for", ""),
    )  # fmt: skip


def openable(request: Request, session: SignedIn) -> list[tuple[str, str]]:
    """Return the types of which a reader may open cases, with their names."""
    engine, language = engine_of(request), language_of(request)
    return [
        (name, engine.types[name].name if language == "zh-CN" else engine.types[name].english)
        for name in engine.may_open(session.principal)
    ]


def asked_for(request: Request, session: SignedIn) -> tuple[CaseFilter, dict[str, Any]]:
    """Return the filter of an address, and the address's own names of it."""
    params, engine = request.query_params, engine_of(request)
    lights = tuple(LIGHTS.index(name) for name in params.getlist("light") if name in LIGHTS)
    state, now = params.get("state", "open"), now_of(request)
    wanted = CaseFilter(
        units=units_seen(session.principal, engine.units),
        is_open={"closed": False, "all": None}.get(state, True),
        type=tuple(params.getlist("type")),
        step=tuple(params.getlist("step")),
        light=lights,
        lead=tuple(params.getlist("lead")),
        overdue_at={"overdue": now, "soon": now + SOON}.get(state),
        due_from=now if state == "soon" else None,
        least_returns=1 if state == "returned" else None,
        text=params.get("q", "").strip(),
    )
    names = ("light", "type", "step", "lead")
    filters: dict[str, Any] = {"q": wanted.text or None, "state": None if state == "open" else state}
    filters |= {name: params.getlist(name) for name in names} | {"sort": params.get("sort"), "after": None}
    return wanted, filters


def _sort(params: Any, wanted: CaseFilter) -> Sort:
    """Return how a list is sorted: what may be closed has no due time to sort by."""
    possible: tuple[Sort, ...] = tuple(SORTS) if wanted.is_open else ("newest", "oldest")
    return params["sort"] if params.get("sort") in possible else possible[0]


def _chosen(params: Any) -> dict[str, list[Any]]:
    return {name: params.getlist(name) for name in FACETS}


def type_name(request: Request, name: str | None) -> str:
    """Return a case type's name in the reader's language; its identifier where the pack no longer has it."""
    found = engine_of(request).types.get(name or "")
    if found is None:
        return name or "—"
    return found.name if language_of(request) == "zh-CN" else found.english


def _name(request: Request, engine: Engine, facet: str, value: object) -> str:
    language = language_of(request)
    if facet == "light":
        return local(request, label("light", str(value)))
    if facet == "type":
        return type_name(request, str(value))
    if facet == "step":
        steps = [t.steps[str(value)] for t in engine.types.values() if value in t.steps]
        return (steps[0].name if language == "zh-CN" else steps[0].english) if steps else str(value)
    return engine.units.name(str(value))


def _line(request: Request, row: CaseRow) -> list[object]:
    engine = engine_of(request)
    spec = engine.types.get(row.type)
    step = spec.steps[row.step].name if spec and row.step in spec.steps else row.step
    times = (time_text(moment) if moment else None for moment in (row.next_due, row.opened_at, row.closed_at))
    light = local(request, label("light", row.light_name))
    return [row.number, spec.name if spec else row.type, row.title, step, light, engine.units.name(row.lead), *times]
