"""NGSI-LD under `/ngsi-ld/v1/`: who may ask, which address means what, and each request in one transaction.

What the requests mean is `bihuan.sense.ngsi_ld`; `docs/reference/ngsi-ld.md` says what is there and what is not.
Source: ETSI GS CIM 009 V1.8.1, clause 6.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote

import psycopg
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bihuan.act import accounts
from bihuan.core.errors import InputError
from bihuan.sense.ngsi_ld.problems import Problem, bad, invalid
from bihuan.show.api import (
    ngsi_ld_attributes,
    ngsi_ld_batch,
    ngsi_ld_contexts,
    ngsi_ld_entities,
    ngsi_ld_subscriptions,
    ngsi_ld_temporal,
    ngsi_ld_types,
)
from bihuan.show.api.ngsi_ld_routes import Route
from bihuan.show.api.ngsi_ld_wire import JSON, ROOT, Answer, Call, accepted, read_query_string
from bihuan.show.session import is_local
from bihuan.store.connect import Connection, Store

logger = logging.getLogger(__name__)
ROUTES: tuple[Route, ...] = (
    *ngsi_ld_entities.ROUTES,
    *ngsi_ld_attributes.ROUTES,
    *ngsi_ld_batch.ROUTES,
    *ngsi_ld_types.ROUTES,
    *ngsi_ld_subscriptions.ROUTES,
    *ngsi_ld_temporal.ROUTES,
    *ngsi_ld_contexts.ROUTES,
)
_TRIES = 4
_SAFE = ("GET", "HEAD")
_RETRIED = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)


class NgsiLd:
    """The whole interface as one ASGI application.

    Args:
        store: open.
        instances: of an attribute's history in one answer, at most.
    """

    def __init__(self, store: Store, *, instances: int) -> None:
        self._store = store
        self._instances = instances

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        body = await request.body()
        response = await run_in_threadpool(self._answer, request, body)
        await response(scope, receive, send)

    def _answer(self, request: Request, body: bytes) -> Response:
        try:
            return self._routed(request, body).response()
        except Problem as problem:
            answer = Answer(problem.status, problem.told())
            if problem.kind == "Unauthorized":
                answer.headers.append(("WWW-Authenticate", "Bearer"))
            return answer.response()

    def _routed(self, request: Request, body: bytes) -> Answer:
        try:
            return self._handled(request, body)
        except InputError as error:  # of the store
            raise bad(str(error)) from error
        except RecursionError:
            raise invalid("the body is nested too deeply") from None

    def _handled(self, request: Request, body: bytes) -> Answer:
        path = _path(request.scope)
        route, parameters = _found(request.method, path)
        query = read_query_string(request.scope.get("query_string", b"").decode())
        unknown = sorted(query.keys() - route.query)
        if unknown:
            known = ", ".join(sorted(route.query)) or "none"
            raise invalid(f"'{unknown[0]}' is no parameter of this request; it has {known}")
        headers = {name.lower(): value for name, value in request.headers.items()}
        kind = accepted(headers.get("accept"), *route.offers) if route.offers else JSON
        for attempt in range(_TRIES):
            try:
                with self._store.connection() as connection:
                    self._admit(connection, request, headers, route)
                    call = Call(request.method, connection, self._store.clock(), query, headers, body,
                                str(request.base_url).rstrip("/"), "/".join(path), kind, self._instances)  # fmt: skip
                    return route.handler(call, **parameters)
            except _RETRIED:
                if attempt == _TRIES - 1:
                    raise
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    def _admit(self, connection: Connection, request: Request, headers: Mapping[str, str], route: Route) -> None:
        """Let in whoever sits at this machine, or has a key with the grant.

        Raises:
            Problem: Unauthorized; NonexistentTenant, for there is one tenant only.
        """
        if headers.get("ngsild-tenant"):
            raise Problem(
                "NonexistentTenant", f"there is no tenant '{headers['ngsild-tenant']}'; leave NGSILD-Tenant out"
            )
        if is_local(request):
            return
        key = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ").strip()
        grant: Any = "read" if request.method in _SAFE or route.reads else "write"
        if not key or accounts.key_principal(connection, key, grant) is None:
            raise Problem(
                "Unauthorized",
                f"a key with the grant '{grant}' is needed in X-Api-Key or as Bearer: "
                f"bihuan account api-key create NAME --grant {grant}",
            )


def _path(scope: Scope) -> list[str]:
    raw = cast(bytes, scope.get("raw_path") or scope["path"].encode())
    path = raw.split(b"?")[0].decode().removeprefix(ROOT)
    return [unquote(part) for part in path.strip("/").split("/")]


def _found(method: str, path: list[str]) -> tuple[Route, dict[str, str]]:
    there = [(route, found) for route in ROUTES if (found := route.match(path)) is not None]
    for route, found in there:
        if route.method == method:
            return route, found
    if there:
        allowed = ", ".join(sorted({route.method for route, _ in there}))
        raise _MethodNotAllowed(f"{method} has no meaning here; there are {allowed}")
    raise Problem("ResourceNotFound", f"there is nothing at {ROOT}/{'/'.join(path)}")


class _MethodNotAllowed(Problem):
    def __init__(self, detail: str) -> None:
        super().__init__("InvalidRequest", detail)

    @property
    def status(self) -> int:
        return 405
