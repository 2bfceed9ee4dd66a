"""REST over casework: list, read, open, act, attach evidence; and what the public does with number and code.

Who calls is an API key with the grants `read` and `write`, or a signed-in session; every call is checked by the engine as
on a page. `Idempotency-Key` makes repeating a request harmless. Failures are problem details (RFC 9457).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, File, Form, Header, HTTPException, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field, ValidationError

from bihuan.act import evidence
from bihuan.act.access import units_seen
from bihuan.act.case_type import CaseType
from bihuan.act.engine import CaseView
from bihuan.act.turns import Side
from bihuan.core.errors import InputError
from bihuan.core.records.case import LIGHTS, Case, EvidenceRef, Light
from bihuan.show import listmarks, mywork
from bihuan.show.api.caller import Reader, Writer
from bihuan.show.api.case_models import (
    ActIn,
    CaseOut,
    CasesOut,
    CaseTypeOut,
    CountOut,
    Given,
    OpenedOut,
    OpenIn,
    case_out,
    command_of,
    opening_of,
    row_out,
    type_out,
)
from bihuan.show.api.rest import Problem
from bihuan.show.casecounts import SOON
from bihuan.show.downloads import kept_as
from bihuan.show.pages.ask import rating_of
from bihuan.show.pages.public import photographs, public_view
from bihuan.show.rooms import connection_of, engine_of, now_of
from bihuan.store import case_lists, cases
from bihuan.store.case_conditions import CaseFilter, search
from bihuan.store.case_tallies import tallies
from bihuan.store.connect import Connection

_REASONS = {
    401: "No API key or session that holds.",
    403: "The key lacks the grant, or this is for another role.",
    404: "There is no such case, or it is not the caller's to see.",
    409: "Somebody was quicker (`changes` says what they did), or the step does not allow it.",
    422: "Something in the request does not fit.",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}, "description": description}
    for status, description in _REASONS.items()
}
router = APIRouter(tags=["cases"], responses=PROBLEMS)
MOST_FILES = 20
Files = Annotated[list[UploadFile], File(description="At most 20; see the kinds that are taken.")]
Texts = Annotated[list[str] | None, Query()]
Repeatable = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="The same key of the same caller does it once."),
]


@router.get("/case-types")
def case_types(request: Request, who: Reader) -> list[CaseTypeOut]:
    """List the case types with their fields, steps and actions."""
    engine = engine_of(request)
    openable = engine.may_open(who)
    return [type_out(found, name in openable) for name, found in engine.types.items()]


@router.get("/cases")
def list_cases(
    request: Request,
    who: Reader,
    type: Texts = None,  # the parameter's public name
    category: Texts = None,
    step: Texts = None,
    light: Annotated[list[Light] | None, Query()] = None,
    office: Texts = None,
    lead: Texts = None,
    state: Literal["open", "overdue", "soon", "returned", "closed", "all"] = "open",
    q: Annotated[str, Query(max_length=200, description="Words in number, title or other texts.")] = "",
    sort: Annotated[
        Literal["due", "newest", "oldest"] | None, Query(description="Without it by due time where all are open.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=case_lists.MOST_ROWS)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    count: Annotated[bool, Query(description="Count all pages, too.")] = False,
) -> CasesOut:
    """List the cases the caller may see; on request with their count, which ends at 10,000 closed ones or hits of words."""
    is_open, now = {"closed": False, "all": None}.get(state, True), now_of(request)
    wanted = CaseFilter(
        units=units_seen(who, engine_of(request).units), is_open=is_open, type=tuple(type or ()),
        category=tuple(category or ()), step=tuple(step or ()), light=tuple(LIGHTS.index(one) for one in light or ()),
        office=tuple(office or ()), lead=tuple(lead or ()), text=q.strip(),
        overdue_at={"overdue": now, "soon": now + SOON}.get(state), due_from=now if state == "soon" else None,
        least_returns=1 if state == "returned" else None,
    )  # fmt: skip
    chosen = sort or ("due" if is_open else "newest")
    with connection_of(request) as connection:
        hits = search(connection, wanted)
        found = case_lists.listed(connection, wanted, sort=chosen, limit=limit, after=listmarks.read(after), hits=hits)
        counted = tallies(connection, wanted, now, now + SOON, hits=hits) if count else None
    return CasesOut(
        items=[row_out(row) for row in found.rows],
        next=listmarks.written(found.after),
        count=None if counted is None else CountOut(cases=counted.at_least, more=not counted.whole),
    )


@router.get("/work/{side}")
def list_work(
    request: Request,
    who: Reader,
    side: Side,
    light: Annotated[list[Light] | None, Query()] = None,
    mine: Annotated[bool, Query(description="Only what the caller has accepted.")] = False,
    limit: Annotated[int, Query(ge=1, le=case_lists.MOST_ROWS)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> CasesOut:
    """List what waits for the caller's unit, the nearest due first: as the leading unit, or as the office that assigned it."""
    lights, now = tuple(LIGHTS.index(one) for one in light or ()), now_of(request)
    wanted = mywork.filter_of(engine_of(request).types.values(), side, who, lights, mine=mine)
    if not wanted.turns:
        return CasesOut(items=[], next=None, count=CountOut(cases=0, more=False))
    with connection_of(request) as connection:
        found = case_lists.listed(connection, wanted, limit=limit, after=listmarks.read(after))
        counted = tallies(connection, wanted, now, now + SOON)
    return CasesOut(
        items=[row_out(row) for row in found.rows],
        next=listmarks.written(found.after),
        count=CountOut(cases=counted.at_least, more=not counted.whole),
    )


@router.get("/cases/{number}")
def get_case(request: Request, who: Reader, number: str) -> CaseOut:
    """Return one case: its state, clocks, history, and what the caller may do."""
    with connection_of(request) as connection:
        return case_out(engine_of(request).view(connection, who, number))


@router.post("/cases", status_code=201)
def open_case(request: Request, response: Response, who: Writer, given: OpenIn, key: Repeatable = None) -> OpenedOut:
    """Open a case."""
    with connection_of(request) as connection:
        opened = engine_of(request).open(connection, who, opening_of(given, key), now_of(request))
    response.headers["location"] = f"/api/cases/{opened.case.number}"
    return OpenedOut(case=opened.case, code=opened.code)


@router.post("/cases/evidence", status_code=201)
def open_with_evidence(
    request: Request,
    response: Response,
    who: Writer,
    opening: Annotated[str, Form(description="JSON, as the body of `POST /api/cases`.", max_length=100_000)],
    files: Files,
    key: Repeatable = None,
) -> OpenedOut:
    """Open a case together with files: all of it, or nothing."""
    engine, now, given = engine_of(request), now_of(request), _read(OpenIn, opening, "opening")
    with connection_of(request) as connection:
        opened = engine.open(connection, who, opening_of(given, key, _kept(connection, files, now)), now)
    response.headers["location"] = f"/api/cases/{opened.case.number}"
    return OpenedOut(case=opened.case, code=opened.code)


@router.post("/cases/{number}/actions")
def act(request: Request, who: Writer, number: str, given: ActIn, key: Repeatable = None) -> Case:
    """Do something to a case and return it as it is then."""
    with connection_of(request) as connection:
        return engine_of(request).act(connection, who, number, command_of(given, (), key), now_of(request))


@router.post("/cases/{number}/evidence")
def act_with_evidence(
    request: Request,
    who: Writer,
    number: str,
    command: Annotated[str, Form(description="JSON, as the body of `actions`.", max_length=100_000)],
    files: Files,
    key: Repeatable = None,
) -> Case:
    """Do something to a case together with files that prove it: all of it, or nothing."""
    engine, now, given = engine_of(request), now_of(request), _read(ActIn, command, "command")
    with connection_of(request) as connection:
        engine.load(connection, who, number)
        return engine.act(connection, who, number, command_of(given, _kept(connection, files, now), key), now)


def _kept(connection: Connection, files: list[UploadFile], now: datetime) -> tuple[EvidenceRef, ...]:
    if len(files) > MOST_FILES:
        raise InputError(f"{len(files)} files; at most {MOST_FILES} are taken at once", where="files")
    return tuple(evidence.keep(connection, file.file.read(), file.filename or "", now) for file in files)


Body = TypeVar("Body", bound=BaseModel)


def _read(body: type[Body], text: str, where: str) -> Body:
    try:
        return body.model_validate_json(text)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InputError(told, where=where) from error


@router.get("/cases/{number}/evidence/{sha256}", response_class=Response)
def get_evidence(request: Request, who: Reader, number: str, sha256: str) -> Response:
    """Return a piece of evidence, to be kept."""
    with connection_of(request) as connection:
        case = engine_of(request).load(connection, who, number)
        media_type, content = evidence.content_of(connection, number, sha256)
    name = next((ref.name for ref in case.evidence if ref.sha256 == sha256), sha256)
    return Response(content, media_type=media_type, headers=kept_as(name))


# -- the public, by number and code ----------------------------------------------------------------------------------


class FollowIn(Given):
    """What stands on the receipt; with a rating, that is given first."""

    number: str
    code: str
    rating: int | None = Field(None, ge=1, le=5)
    note: str = ""


class FollowedOut(BaseModel):
    """What the public sees of a case."""

    number: str
    type: str
    step: str
    is_open: bool
    fields: dict[str, Any]
    history: list[PublicStepOut]
    rating: int | None = None
    may_rate: bool = False
    photographs: list[str] = Field([], description="Addresses of pictures, of a case on a public list.")


class PublicListOut(BaseModel):
    """A page of a public list."""

    items: list[PublicRowOut]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")


class PublicRowOut(BaseModel):
    """A case of a public list."""

    number: str
    step: str
    is_open: bool
    fields: dict[str, Any]


class PublicStepOut(BaseModel):
    """A public action, and when."""

    action: str
    at: datetime


@router.post("/follow")
def follow(request: Request, given: FollowIn) -> FollowedOut:
    """Return what the public sees of a case by its number and code, and rate it; needs no key."""
    engine, number = engine_of(request), given.number.strip().upper()
    with connection_of(request) as connection:
        who = engine.follower(connection, number, given.code)
        if given.rating is not None:
            case = engine.load(connection, who, number)
            rate = rating_of(engine.types[case.type], case.version, given.rating, given.note)
            engine.act(connection, who, number, rate, now_of(request))
        view = engine.view(connection, who, number)
    may_rate = any(view.type.actions[name].does == "rate" for name in view.may)
    return FollowedOut(**_public(view), rating=view.case.rating, may_rate=may_rate)


def _public(view: CaseView) -> dict[str, Any]:
    case, actions = view.case, view.type.actions
    steps = [(str(h.body.get("action", "")), h.at) for h in view.history]
    return {
        "number": case.number,
        "type": case.type,
        "step": case.step,
        "is_open": case.is_open,
        "fields": _public_fields(view.type, case),
        "history": [PublicStepOut(action=a, at=at) for a, at in steps if a in actions and actions[a].public],
    }


def _public_fields(spec: CaseType, case: Case) -> dict[str, Any]:
    return {name: case.values[name] for name in spec.public.fields if name in case.values}


@router.get("/public/{type}")
def public_list(request: Request, type: str, after: Annotated[str | None, Query()] = None) -> PublicListOut:
    """Return a page of a type's public list, the newest first, closed cases too; needs no key."""
    spec = engine_of(request).law(type).type
    if not spec.public.listed:
        raise HTTPException(404)
    with connection_of(request) as connection:
        wanted = CaseFilter(type=(type,), is_open=None)
        found = case_lists.listed(connection, wanted, sort="newest", after=listmarks.read(after))
        states = cases.states(connection, [row.number for row in found.rows])
    rows = [(row, states[row.number]) for row in found.rows]
    items = [
        PublicRowOut(number=row.number, step=row.step, is_open=row.is_open, fields=_public_fields(spec, case))
        for row, case in rows
    ]
    return PublicListOut(items=items, next=listmarks.written(found.after))


@router.get("/public/cases/{number}")
def public_case(request: Request, number: str) -> FollowedOut:
    """Return what everybody sees of a case of a public list; needs no key."""
    with connection_of(request) as connection:
        view = public_view(connection, engine_of(request), number)
    shown = [f"/public/cases/{number}/photographs/{ref.sha256}" for ref in photographs(view)]
    return FollowedOut(**_public(view), photographs=shown)
