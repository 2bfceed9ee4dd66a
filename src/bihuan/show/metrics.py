"""Health, readiness and metrics (`/healthz`, `/readyz`, `/metrics`), for whoever keeps the server running."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bihuan.store.connect import Store

router = APIRouter(tags=["operation"])

REQUESTS = Counter("bihuan_requests_total", "Requests answered.", ("method", "route", "status"))
SECONDS = Histogram(
    "bihuan_request_seconds",
    "Time to the first byte of an answer.",
    ("route",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10),
)
DOCUMENTS = Counter("bihuan_uploads_total", "Files uploaded, by what became of them.", ("outcome",))


@router.get("/healthz", response_class=PlainTextResponse)
async def health() -> str:
    """Answer `ok` while the server runs; asks nothing of the database."""
    return "ok"


@router.get("/readyz", response_class=PlainTextResponse)
def ready(request: Request) -> str:
    """Answer `ready` when the database answers too; 503 otherwise."""
    store: Store = request.app.state.store
    with store.connection() as connection:
        connection.execute("select 1")
    return "ready"


@router.get("/metrics")
async def measured() -> Response:
    """Return all metrics in the Prometheus text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class Measured:
    """ASGI middleware: count and time requests by route, never by the address itself (it may name a person)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and take its time."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = _route(scope)
                REQUESTS.labels(scope["method"], route, message["status"]).inc()
                SECONDS.labels(route).observe(time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, noted)


def _route(scope: Scope) -> str:
    """Return the path of the route that answers, else the name of the function that does."""
    found = getattr(scope.get("route"), "path", None) or getattr(scope.get("endpoint"), "__name__", None)
    return str(found or "other")
