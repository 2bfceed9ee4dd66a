"""Signing in and out, and changing one's password."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from bihuan.act import accounts
from bihuan.act.demo_accounts import PASSWORD
from bihuan.core.errors import BihuanError
from bihuan.show.labels import N_
from bihuan.show.rendering import local, page, reason
from bihuan.show.rooms import connection_of, now_of
from bihuan.show.session import COOKIE, is_local, remember, require_session, require_token, safe_path, signed_in
from bihuan.store import accounts as rows

router = APIRouter()
WRONG = N_("Login and password do not belong together.")


@router.get("/sign-in")
def sign_in_page(request: Request) -> Response:
    """Show the form that signs in."""
    return _form(request, request.query_params.get("next", "/cases"), "")


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Begin a session, and go where the reader wanted to."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_sign_in, request, form)


def _sign_in(request: Request, form: dict[str, str]) -> Response:
    login, password, onward = form.get("login", ""), form.get("password", ""), form.get("next", "/cases")
    try:
        with connection_of(request) as connection:
            begun = accounts.sign_in(connection, login, password, now_of(request), local=is_local(request))
    except BihuanError as error:
        return _form(request, onward, reason(request, error), login)
    if begun is None or begun.token is None:
        return _form(request, onward, local(request, WRONG), login)
    return remember(RedirectResponse(safe_path(onward), 303), request, begun.token)


def _form(request: Request, onward: str, fault: str, login: str = "") -> Response:
    status = 403 if fault else 200
    demo = _demo(request) if is_local(request) else []
    return page(
        request,
        "sign_in.html",
        status,
        onward=safe_path(onward),
        fault=fault,
        login=login,
        demo=demo,
        password=PASSWORD,
    )


def _demo(request: Request) -> list[tuple[str, str]]:
    """Return login and name of the demonstration's accounts; none where no demonstration was begun."""
    with connection_of(request) as connection:
        return [(one.login, one.name) for one in rows.listed(connection) if one.demo and one.disabled_at is None]


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session of this browser."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_sign_out, request, form)


def _sign_out(request: Request, form: dict[str, str]) -> Response:
    session = signed_in(request)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(COOKIE)
    if session is not None:
        require_token(session, form)
        with connection_of(request) as connection:
            accounts.sign_out(connection, request.cookies[COOKIE])
    return response


@router.get("/password")
def password_page(request: Request) -> Response:
    """Show the form that changes one's password."""
    return page(request, "password.html", session=require_session(request), fault="")


@router.post("/password")
async def change_password(request: Request) -> Response:
    """Change one's password; every session ends, so sign in anew."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_change_password, request, form)


def _change_password(request: Request, form: dict[str, str]) -> Response:
    session = require_session(request)
    require_token(session, form)
    try:
        with connection_of(request) as connection:
            accounts.change_password(
                connection, session.login, form.get("old", ""), form.get("new", ""), now_of(request)
            )
    except BihuanError as error:
        return page(request, "password.html", 422, session=session, fault=reason(request, error))
    return RedirectResponse("/sign-in", 303)
