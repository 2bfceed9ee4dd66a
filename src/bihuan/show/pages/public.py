"""What the city shows everybody: the lists of the types that are public, each case with its progress and photographs.

No account, no script. What stands here is what a case type names as public, and nothing else of a case.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from bihuan.act import evidence
from bihuan.act.case_type import CaseType
from bihuan.act.engine import CaseView, Engine
from bihuan.core.records.case import Case, EvidenceRef
from bihuan.core.records.principal import SYSTEM
from bihuan.show import listmarks
from bihuan.show.case_facts import field_name, field_text
from bihuan.show.labels import N_
from bihuan.show.language import Language
from bihuan.show.pages.ask import public_facts, public_steps
from bihuan.show.photographs import MEDIA_TYPE, for_everybody
from bihuan.show.rendering import language_of, page
from bihuan.show.rooms import Place, connection_of, engine_of
from bihuan.store import case_lists, cases
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.connect import Connection

router = APIRouter()
PLACE = Place("/public", N_("Public lists"))
ROWS = 50
COLUMNS = 5
"""Fields of a list besides the title; the page of a case has all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One case of a public list."""

    number: str
    title: str
    step: str
    texts: list[str]


@router.get("/public")
def show(request: Request) -> Response:
    """Show which lists are public."""
    types = [spec for spec in engine_of(request).types.values() if spec.public.listed]
    return page(request, "public.html", types=types)


@router.get("/public/{type_}")
def listed(request: Request, type_: str) -> Response:
    """Show the public list of a type, the newest first, closed cases too."""
    engine, language = engine_of(request), language_of(request)
    spec = engine.types.get(type_)
    if spec is None or not spec.public.listed:
        raise HTTPException(404)
    after = listmarks.read(request.query_params.get("after"))
    with connection_of(request) as connection:
        wanted = CaseFilter(type=(type_,), is_open=None)
        found = case_lists.listed(connection, wanted, sort="newest", limit=ROWS, after=after)
        states = cases.states(connection, [row.number for row in found.rows])
    names = _columns(spec)
    lines = [_line(engine, spec, states[row.number], names, language) for row in found.rows]
    titles = [field_name(spec.fields[name], language) for name in names]
    return page(
        request, "public_list.html", type=spec, titles=titles, lines=lines, after=listmarks.written(found.after)
    )


def _columns(spec: CaseType) -> list[str]:
    short = (name for name in spec.public.fields if name != "title" and spec.fields[name].kind != "long_text")
    return list(short)[:COLUMNS]


def _line(engine: Engine, spec: CaseType, case: Case, names: list[str], language: Language) -> Line:
    step = spec.steps[case.step]
    values = ((spec.fields[name], case.values.get(name)) for name in names)
    texts = ["" if value is None else field_text(field, value, engine.units, language) for field, value in values]
    title = str(case.values["title"]) if "title" in spec.public.fields else case.number
    return Line(case.number, title, step.name if language == "zh-CN" else step.english, texts)


@router.get("/public/cases/{number}")
def one(request: Request, number: str) -> Response:
    """Show what the public sees of one case of a public list."""
    engine, language = engine_of(request), language_of(request)
    with connection_of(request) as connection:
        view = public_view(connection, engine, number)
    return page(
        request, "public_case.html", case=view.case, type=view.type, steps=public_steps(view, language),
        facts=public_facts(view, engine.units, language), photographs=photographs(view),
    )  # fmt: skip


@router.get("/public/cases/{number}/photographs/{sha256}")
def photograph(request: Request, number: str, sha256: str) -> Response:
    """Give a photograph that a public action brought, without what the camera wrote beside it."""
    engine = engine_of(request)
    with connection_of(request) as connection:
        view = public_view(connection, engine, number)
        if sha256 not in {ref.sha256 for ref in photographs(view)}:
            raise HTTPException(404)
        _, content = evidence.content_of(connection, number, sha256)
    return Response(for_everybody(content), media_type=MEDIA_TYPE, headers={"cache-control": "public, max-age=86400"})


def public_view(connection: Connection, engine: Engine, number: str) -> CaseView:
    """Return a case of a public list.

    Raises:
        MissingError: there is no such case.
        HTTPException: 404, its type is on no public list.
    """
    view = engine.view(connection, SYSTEM, number, personal=False)
    if not view.type.public.listed:
        raise HTTPException(404)
    return view


def photographs(view: CaseView) -> list[EvidenceRef]:
    """Return the pictures that public actions brought, where the type shows them; what else is evidence stays inside."""
    if not view.type.public.photographs:
        return []
    actions = view.type.actions
    brought = {
        sha256
        for happened in view.history
        if (action := actions.get(str(happened.body.get("action", "")))) and action.public
        for sha256 in happened.body.get("evidence", ())
    }
    return [ref for ref in view.case.evidence if ref.sha256 in brought and ref.media_type.startswith("image/")]
