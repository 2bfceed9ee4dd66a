"""Saved filters of the case table: save under a name, remove; every account sees its own."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from bihuan.show import savedfilters
from bihuan.show.rooms import connection_of, now_of
from bihuan.show.session import require_session, require_token

router = APIRouter()


@router.post("/cases/filters")
async def save(request: Request) -> Response:
    """Keep the filter of the present list under a name, and go back to the list."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_save, request, form)


def _save(request: Request, form: dict[str, str]) -> Response:
    session = require_session(request)
    require_token(session, form)
    with connection_of(request) as connection:
        saved = savedfilters.save(
            connection, session.principal.id, form.get("name", ""), form.get("query", ""), now_of(request)
        )
    return RedirectResponse(f"/cases?{saved.query}", 303)


@router.post("/cases/filters/{filter_id}/remove")
async def remove(request: Request, filter_id: int) -> Response:
    """Take a saved filter away, and go back to all cases."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_remove, request, filter_id, form)


def _remove(request: Request, filter_id: int, form: dict[str, str]) -> Response:
    session = require_session(request)
    require_token(session, form)
    with connection_of(request) as connection:
        savedfilters.remove(connection, session.principal.id, filter_id)
    return RedirectResponse("/cases", 303)
