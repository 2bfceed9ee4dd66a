"""Notices: what one's units were told, with read marks; the due times of a unit as a calendar."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from bihuan.act import accounts
from bihuan.act.access import units_seen
from bihuan.act.accounts import ADMINISTRATOR
from bihuan.act.calendar_feed import feed, may_read
from bihuan.act.messages import WHAT_WORDS
from bihuan.act.units import Units
from bihuan.core.errors import InputError
from bihuan.core.records.principal import Principal
from bihuan.show.labels import N_
from bihuan.show.rendering import page
from bihuan.show.rooms import Place, connection_of, engine_of, now_of
from bihuan.show.session import require_session, require_token
from bihuan.store import notices

router = APIRouter()
PLACE = Place("/notices", N_("Notices"))
ROWS = 50


@router.get("/notices")
def show(request: Request) -> Response:
    """Show what one's units were told, the newest first."""
    session, engine = require_session(request), engine_of(request)
    units, before = units_read(session.principal, engine.units), request.query_params.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise InputError(N_("a number was expected, not '{given}'"), where="before", key="act.no_number", given=before)
    account = _account(session.principal)
    with connection_of(request) as connection:
        found = notices.inbox(connection, units, account, before=int(before or 2**62), limit=ROWS + 1)
        unread = notices.unread(connection, units, account)
        failing = notices.failing(connection) if ADMINISTRATOR in session.principal.roles else []
    return page(
        request, "notices.html", session=session, engine=engine, notices=found[:ROWS], unread=unread, said=WHAT_WORDS,
        after=found[ROWS - 1].id if len(found) > ROWS else None, newest=found[0].id if found else 0,
        unit=session.principal.unit, failing=failing,
    )  # fmt: skip


@router.post("/notices/read")
async def read(request: Request) -> Response:
    """Mark what was shown as read, and what came before it; later notices stay unread."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_read, request, form)


def _read(request: Request, form: dict[str, str]) -> Response:
    session = require_session(request)
    require_token(session, form)
    up_to = form.get("up_to", "")
    if not (up_to.isascii() and up_to.isdigit() and len(up_to) < 19):
        raise InputError(N_("a number was expected, not '{given}'"), where="up_to", key="act.no_number", given=up_to)
    with connection_of(request) as connection:
        notices.mark_read(
            connection, units_read(session.principal, engine_of(request).units), _account(session.principal), int(up_to)
        )
    return RedirectResponse("/notices", 303)


@router.get("/calendar/{unit}.ics")
def calendar(request: Request, unit: str) -> Response:
    """Give the due times of a unit's open cases as iCalendar, to a session or to a key that may read (`api_key`)."""
    key, engine = request.query_params.get("api_key"), engine_of(request)
    who = _of_key(request, key) if key else require_session(request).principal
    if unit not in engine.units or not may_read(who, unit, engine):
        raise HTTPException(404)
    with connection_of(request) as connection:
        content = feed(connection, engine, unit, now_of(request))
    return Response(content, media_type="text/calendar; charset=utf-8", headers={"cache-control": "no-store"})


def _of_key(request: Request, key: str) -> Principal:
    with connection_of(request) as connection:
        who = accounts.key_principal(connection, key, "read")
    if who is None:
        raise HTTPException(403)
    return who


def units_read(who: Principal, units: Units) -> tuple[str, ...]:
    """Return whose notices somebody reads: the own unit's and, with that scope, those of the units below it."""
    if who.unit is None:
        return ()
    return (units_seen(who, units) or (who.unit,)) if who.scope == "subtree" else (who.unit,)


def _account(who: Principal) -> int:
    return int(who.id.partition(":")[2])
