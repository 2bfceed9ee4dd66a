"""Who calls the casework API: an API key (grants `read`, `write`), or the session of a signed-in browser."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from bihuan.act import accounts
from bihuan.core.errors import ForbiddenError
from bihuan.core.records.principal import Principal
from bihuan.show.rooms import connection_of
from bihuan.show.session import COOKIE, require_token, signed_in

_BEARER = HTTPBearer(auto_error=False, scheme_name="api_key", description="bihuan account api-key create …")
_COOKIE = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session")
TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105  # the header's name
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
Cookie = Annotated[str | None, Security(_COOKIE)]


def _reader(request: Request, bearer: Bearer, _: Cookie) -> Principal:
    return principal(request, bearer.credentials if bearer else None, "read")


def _writer(request: Request, bearer: Bearer, _: Cookie) -> Principal:
    return principal(request, bearer.credentials if bearer else None, "write")


def _guest(request: Request, bearer: Bearer, cookie: Cookie) -> Principal | None:
    if bearer is not None:
        return _reader(request, bearer, cookie)
    session = signed_in(request)
    return None if session is None or session.must_change else session.principal


Guest = Annotated[Principal | None, Depends(_guest)]
"""Anybody; who it is where they say so. A key that does not hold is refused."""
Reader = Annotated[Principal, Depends(_reader)]
"""Somebody who may read."""
Writer = Annotated[Principal, Depends(_writer)]
"""Somebody who may act; what exactly, the case type says."""


def principal(request: Request, key: str | None, grant: Literal["read", "write"]) -> Principal:
    """Return who calls.

    Raises:
        HTTPException: 401 without a key or session that holds.
        ForbiddenError: the key lacks the grant; the session's token is missing; its password must be changed first.
    """
    return _of_session(request, grant) if key is None else _of_key(request, key, grant)


def _of_key(request: Request, key: str, grant: Literal["read", "write"]) -> Principal:
    with connection_of(request) as connection:
        found = accounts.key_principal(connection, key, grant)
        others = (accounts.key_principal(connection, key, other) for other in accounts.GRANTS)
        if found is None and any(others):
            raise ForbiddenError(f"this key was not granted '{grant}'", key="act.not_granted")
    if found is None:
        raise _unknown("the API key is unknown or revoked")
    return found


def _of_session(request: Request, grant: Literal["read", "write"]) -> Principal:
    session = signed_in(request)
    if session is None:
        raise _unknown("send an API key as 'Authorization: Bearer bhk_…', or sign in")
    if session.must_change:
        raise ForbiddenError("change the one-time password first", key="act.must_change")
    if grant == "write":
        require_token(session, {"csrf": request.headers.get(TOKEN_HEADER, "")})
    return session.principal


def _unknown(detail: str) -> HTTPException:
    return HTTPException(401, detail, {"www-authenticate": "Bearer"})
