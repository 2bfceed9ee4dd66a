"""Cases from an Excel file: an empty or filled form, a checked preview, then all rows or none."""

from __future__ import annotations

import base64
import binascii
import uuid
from dataclasses import replace

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from bihuan.act import sheets
from bihuan.act.accounts import SignedIn
from bihuan.act.case_type import CaseType
from bihuan.act.sheets import NUMBER, OWN, VERSION, Fault, Preview
from bihuan.act.sheets_out import filled_form, form
from bihuan.core.errors import BihuanError, InputError
from bihuan.core.messages import N_
from bihuan.show.case_forms import uploads
from bihuan.show.downloads import MEDIA_TYPES, kept_as
from bihuan.show.pages.cases import asked_for
from bihuan.show.rendering import page, reason, say
from bihuan.show.rooms import connection_of, engine_of, now_of
from bihuan.show.session import require_session, require_token
from bihuan.show.sheets import SheetColumn, sheet_answer
from bihuan.store import case_lists
from bihuan.store.connect import Connection

router = APIRouter()
SHOWN_ROWS = 20
SHOWN_FAULTS = 100
_MOST_TEXT = 4 * (sheets.MAX_BYTES // 3 + 1)
"""Characters of the largest file in Base64."""


@router.get("/cases/import/{type_name}")
def show(request: Request, type_name: str) -> Response:
    """Show the form that takes a file."""
    return _page(request, require_session(request), _type(request, type_name))


@router.get("/cases/import/{type_name}/empty.xlsx")
def empty(request: Request, type_name: str) -> Response:
    """Give an empty file whose first row names what may be filled in."""
    require_session(request)
    spec = _type(request, type_name)
    columns = [SheetColumn(name, width) for name, width in form(spec).items() if name not in (NUMBER, VERSION)]
    return sheet_answer(spec.name, columns, [])


@router.get("/cases/import/{type_name}/cases.xlsx")
def filled(request: Request, type_name: str) -> Response:
    """Give the cases of an address's filter in the form that is read back: read at once, it changes nothing."""
    session, spec = require_session(request), _type(request, type_name)
    wanted, _ = asked_for(request, session)
    with connection_of(request) as connection:
        rows = case_lists.everything(connection, replace(wanted, type=(type_name,)))
        content = filled_form(connection, engine_of(request), type_name, rows)
    return Response(content, media_type=MEDIA_TYPES[".xlsx"], headers=kept_as(f"{spec.name}.xlsx"))


@router.post("/cases/import/{type_name}")
async def take(request: Request, type_name: str) -> Response:
    """Check a file and show what it would open; or open what was checked."""
    async with request.form(max_files=1, max_part_size=_MOST_TEXT) as given:
        return await run_in_threadpool(_take, request, type_name, given)


def _take(request: Request, type_name: str, given: FormData) -> Response:
    session, spec = require_session(request), _type(request, type_name)
    require_token(session, given)
    try:
        content = _content(given)
        with connection_of(request) as connection:
            checked = _checked(connection, request, session, type_name, content, str(given.get("key") or ""))
            is_done = bool(given.get("checked")) and not checked.faults
            if is_done:
                sheets.take(connection, engine_of(request), session.principal, checked, now_of(request))
        if is_done:
            return RedirectResponse(f"/cases?type={type_name}&sort=newest", 303)
    except BihuanError as error:
        return _page(request, session, spec, reason(request, error, spec.fields))
    return _page(request, session, spec, "", checked, base64.b64encode(content).decode())


def _checked(
    connection: Connection, request: Request, session: SignedIn, type_name: str, content: bytes, key: str
) -> Preview:
    """Return the preview, each row with an idempotency key of its own, so that pressing twice opens once."""
    engine, now = engine_of(request), now_of(request)
    found = sheets.preview(connection, content, engine, type_name, session.principal, now)
    if not key:
        return found
    openings = (replace(opening, key=f"{key}-{number}") for number, opening in enumerate(found.openings))
    return replace(found, openings=tuple(openings))


def _content(given: FormData) -> bytes:
    """Return the chosen file, or the one that was checked a moment ago and came back with the page."""
    if kept := given.get("checked"):
        try:
            return base64.b64decode(str(kept), validate=True)
        except (binascii.Error, ValueError):
            raise InputError(N_("choose the file anew"), where="file", key="act.no_file") from None
    chosen = uploads(given)
    if not chosen:
        raise InputError(N_("choose an Excel file (.xlsx)"), where="file", key="act.no_file")
    return chosen[0].file.read()


def _type(request: Request, name: str) -> CaseType:
    found = engine_of(request).types.get(name)
    if found is None:
        raise HTTPException(404)
    return found


def _page(
    request: Request,
    session: SignedIn,
    spec: CaseType,
    fault: str = "",
    checked: Preview | None = None,
    content: str = "",
) -> Response:
    bad = fault or (checked and checked.faults)
    titles = {
        name: field
        for name, field in spec.fields.items()
        if checked and any(name in o.values for o in checked.openings)
    }
    faults = [_told(request, spec, one) for one in checked.faults[:SHOWN_FAULTS]] if checked else []
    return page(
        request, "case_sheet.html", 422 if bad else 200, session=session, type=spec, fault=fault, checked=checked,
        faults=faults, content=content, titles=titles, key=uuid.uuid4().hex, shown=SHOWN_ROWS,
        own_columns=tuple(OWN), units=engine_of(request).units,
    )  # fmt: skip


def _told(request: Request, spec: CaseType, fault: Fault) -> str:
    return say(request, N_("Row {row}: {reason}"), row=fault.row, reason=reason(request, fault.error, spec.fields))
