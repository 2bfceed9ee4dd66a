"""Who sits at the browser: the cookie of a session, and the token that every form of it carries."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from fastapi import HTTPException, Request
from starlette.responses import Response

from bihuan.act import accounts
from bihuan.act.accounts import SignedIn
from bihuan.core.errors import ForbiddenError
from bihuan.core.messages import N_
from bihuan.show.rooms import now_of, reading_of

COOKIE = "bihuan_session"


def signed_in(request: Request) -> SignedIn | None:
    """Return the session of this browser; None where nobody has signed in, or the session has ended."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    with reading_of(request) as connection:
        return accounts.session(connection, token, now_of(request))


def require_session(request: Request) -> SignedIn:
    """Return the session of this browser, or send the reader to sign in and back here.

    Raises:
        HTTPException: 303 to the page that signs in, or that changes a one-time password.
    """
    found = signed_in(request)
    page_left = urlsplit(request.headers.get("referer", "")).path or "/cases"
    back = quote(request.url.path if request.method == "GET" else page_left, safe="")
    if found is None:
        raise HTTPException(303, headers={"location": f"/sign-in?next={back}"})
    if found.must_change and request.url.path != "/password":
        raise HTTPException(303, headers={"location": "/password"})
    return found


def require_token(session: SignedIn, form: Mapping[str, object]) -> None:
    """Refuse a form that was not made for this session (cross-site request forgery).

    Raises:
        ForbiddenError: the form's token is missing or another's.
    """
    if not secrets.compare_digest(str(form.get("csrf", "")), session.csrf):
        raise ForbiddenError(N_("this form is of another session; reload the page and try again"), key="show.csrf")


def is_local(request: Request) -> bool:
    """Tell whether a request comes from this machine itself. A proxy in front says for whom it asks (X-Forwarded-For)."""
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def remember(response: Response, request: Request, token: str) -> Response:
    """Give the browser the cookie of a session: never readable by script, never sent by other sites."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        COOKIE, token, max_age=int(accounts.SESSION.total_seconds()), httponly=True, secure=secure, samesite="strict"
    )
    return response


def safe_path(path: str, otherwise: str = "/cases") -> str:
    """Return a path of this site to go on to; anything that could lead elsewhere gives `otherwise`."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path and "\r" not in path
    return path if is_ours else otherwise
