"""The public's room: ask, follow by number and code, rate. Works on a phone and without script."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from bihuan.act import evidence
from bihuan.act.case_type import CaseType
from bihuan.act.command import Command, Opening
from bihuan.act.engine import CaseView, Opened
from bihuan.act.units import Units
from bihuan.core.errors import BihuanError, ForbiddenError, InputError
from bihuan.core.records.principal import SYSTEM, Principal
from bihuan.show.case_facts import field_name, field_text
from bihuan.show.case_forms import Input, field_values, opening_inputs, uploads
from bihuan.show.labels import N_
from bihuan.show.language import Language
from bihuan.show.rendering import language_of, page, reason
from bihuan.show.rooms import Place, connection_of, engine_of, now_of

router = APIRouter()
PLACE = Place("/ask", N_("Ask and follow"))
_INSIDE = ("account", "lat", "long", "media_url", "source", "subject", "severity", "grid")
"""Fields that programs fill, not people."""


@dataclass(frozen=True, slots=True)
class PublicStep:
    """One line of what the public sees of a case's history."""

    at: datetime
    what: str


@router.get("/ask")
def show(request: Request) -> Response:
    """Show what can be asked for, and where to follow it."""
    return page(request, "ask.html", types=_types(request).values(), fault="")


@router.get("/ask/{type_name}")
def ask_form(request: Request, type_name: str) -> Response:
    """Show the form of one kind of request."""
    return _form(request, _type(request, type_name), "", None)


@router.post("/ask/{type_name}")
async def ask(request: Request, type_name: str) -> Response:
    """Open a case and give number and code; a faulty form comes back with what is wrong."""
    async with request.form(max_files=5) as form:
        return await run_in_threadpool(_ask, request, type_name, form)


def _ask(request: Request, type_name: str, form: FormData) -> Response:
    spec, engine, now = _type(request, type_name), engine_of(request), now_of(request)
    try:
        with connection_of(request) as connection:
            files = tuple(evidence.keep(connection, f.file.read(), f.filename or "", now) for f in uploads(form))
            asked = Opening(type_name, field_values(spec, form), evidence=files)
            opened: Opened = engine.open(connection, _somebody(), asked, now)
    except BihuanError as error:
        return _form(request, spec, reason(request, error, spec.fields), form)
    return page(request, "asked.html", number=opened.case.number, code=opened.code, type=spec)


def _somebody() -> Principal:
    """Return who asks without an account: one for each request, so that nobody sees what another one opened."""
    return Principal(f"public:{uuid.uuid4().hex}", "citizen", None, frozenset({"reporter"}), "public")


def _form(request: Request, spec: CaseType, fault: str, form: FormData | None) -> Response:
    inputs = tuple(
        one for one in opening_inputs(spec, engine_of(request).units, language_of(request)) if _is_asked(one)
    )
    entered = {name: form.get(name) for name in form} if form else {}
    status = 422 if fault else 200
    return page(request, "ask_form.html", status, type=spec, inputs=inputs, fault=fault, entered=entered)


def _is_asked(one: Input) -> bool:
    return one.name.partition(".")[2] not in _INSIDE


def _types(request: Request) -> dict[str, CaseType]:
    return {name: spec for name, spec in engine_of(request).types.items() if spec.open311}


def _type(request: Request, name: str) -> CaseType:
    found = _types(request).get(name)
    if found is None:
        raise HTTPException(404)
    return found


# -- following -------------------------------------------------------------------------------------------------------


@router.post("/follow")
async def follow(request: Request) -> Response:
    """Show a case to who knows its number and its code; with a rating, store that first."""
    form = {name: str(value).strip() for name, value in (await request.form()).items()}
    return await run_in_threadpool(_follow, request, form)


def _follow(request: Request, form: Mapping[str, str]) -> Response:
    engine, now = engine_of(request), now_of(request)
    number, code = form.get("number", "").upper(), form.get("code", "")
    try:
        with connection_of(request) as connection:
            who = engine.follower(connection, number, code)
            if form.get("rating", "").isdigit():
                case = engine.load(connection, who, number)
                rate = rating_of(engine.types[case.type], case.version, int(form["rating"]), form.get("note", ""))
                engine.act(connection, who, number, rate, now)
            view = engine.view(connection, who, number, personal=False)
            repeated = next((tie.number for tie in view.case.relations if tie.kind == "repeats"), None)
            original = engine.view(connection, SYSTEM, repeated) if repeated else None
    except ForbiddenError as error:
        types = _types(request).values()
        return page(request, "ask.html", 403, types=types, fault=reason(request, error))
    except BihuanError as error:
        return page(request, "ask.html", 422, types=_types(request).values(), fault=reason(request, error))
    may_rate = any(view.type.actions[name].does == "rate" for name in view.may)
    return page(
        request, "followed.html", case=view.case, type=view.type, steps=public_steps(view, language_of(request)),
        facts=public_facts(view, engine.units, language_of(request)), code=code, may_rate=may_rate, now=now,
        original=original, original_steps=public_steps(original, language_of(request)) if original else [],
    )  # fmt: skip


def rating_of(spec: CaseType, version: int, rating: int, note: str) -> Command:
    """Return what rates a case of a type.

    Raises:
        InputError: cases of the type are not rated.
    """
    action = next((name for name, one in spec.actions.items() if one.does == "rate"), None)
    if action is None:
        raise InputError(N_("cases of '{type}' are not rated"), where="rating", key="act.no_rating", type=spec)
    return Command(action, version, note=note, rating=rating)


def public_steps(view: CaseView, language: str) -> list[PublicStep]:
    """Return what the type shows the public of the history: which public action, and when."""
    steps = []
    for happened in view.history:
        action = view.type.actions.get(str(happened.body.get("action", "")))
        if action is not None and action.public:
            steps.append(PublicStep(happened.at, action.name if language == "zh-CN" else action.english))
    return steps


def public_facts(view: CaseView, units: Units, language: Language) -> list[tuple[str, str]]:
    """Return title and text of the fields that the type shows the public."""
    fields, values = view.type.fields, view.case.values
    shown = ((fields[name], values[name]) for name in view.type.public.fields if name in values)
    return [(field_name(spec, language), field_text(spec, value, units, language)) for spec, value in shown]
