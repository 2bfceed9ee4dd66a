"""The cockpit as one ASGI application over an open store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bihuan import __version__
from bihuan.act.engine import Engine
from bihuan.act.personal import load_keys
from bihuan.act.promises import propose_closings
from bihuan.act.scorecard import read_formula
from bihuan.read.shelf import relink
from bihuan.sense.ngsi_ld.landing import Landing
from bihuan.sense.ngsi_ld.sending import Kept, Sender
from bihuan.sense.quality import Judge
from bihuan.sense.setting import limits_of, units_of
from bihuan.show import failures, metrics
from bihuan.show.api import case_api, device_api, office_api, open311, rest
from bihuan.show.api.ngsi_ld import NgsiLd
from bihuan.show.api.ngsi_ld_wire import ROOT as NGSI_LD
from bihuan.show.api.open311_requests import Requests
from bihuan.show.api.open311_services import services_of
from bihuan.show.caretaker import Caretaker
from bihuan.show.desk import ReadingDesk
from bihuan.show.guard import Guard
from bihuan.show.linker import Linker
from bihuan.show.pages import (
    account,
    ask,
    board,
    case,
    case_filters,
    case_sheet,
    cases,
    device,
    devices,
    documents,
    energy,
    entities,
    events,
    home,
    inbox,
    indicators,
    ledger,
    operations,
    preferences,
    promises,
    public,
    review,
    rules,
    scores,
    subscriptions,
    supervision,
    work,
)
from bihuan.show.planner import Planner
from bihuan.show.registry import Registry
from bihuan.show.rendering import STATIC
from bihuan.show.sensed import Sensed
from bihuan.show.settings import Settings
from bihuan.show.streaming import Watchers
from bihuan.show.trials import Trials
from bihuan.store.connect import Store
from bihuan.store.packs import Pack

ROOMS = (
    home, documents, ledger, promises, indicators, work, supervision, scores, board, case_sheet, case_filters, cases, case, inbox, account,
    ask, public, energy, operations, entities, devices, device, subscriptions, rules, review, events, preferences,
)  # fmt: skip
"""In the order of the navigation; a room without a `PLACE` is not in it (docs/how-to/add-a-room.md)."""


def create_app(store: Store, settings: Settings, pack: Pack) -> FastAPI:
    """Return the cockpit: pages in Chinese and English, the REST API, health and metrics.

    Args:
        store: open and upgraded; the caller closes it.
        settings: of this cockpit.
        pack: the city.
    """
    app = FastAPI(
        title="bihuan",
        version=__version__,
        summary="What a city promised and what came of it, each row with the sentence it was read from.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.store = store
    app.state.settings = settings
    app.state.registry = Registry.of(pack)
    app.state.engine = Engine.of(pack, load_keys())
    app.state.services = services_of(app.state.engine.types)
    app.state.open311_requests = Requests(app.state.engine, app.state.services)
    app.state.formula = read_formula(pack.folder)
    app.state.sensed = Sensed(pack)
    app.state.stopping = asyncio.Event()
    app.state.watchers = Watchers(app.state.stopping)
    app.state.desk = ReadingDesk(settings, pack)
    app.state.linker = Linker(partial(_relink, store, pack, app.state.desk, app.state.engine))
    app.state.caretaker = Caretaker(store, app.state.engine)
    app.state.planner = Planner(store, pack.folder / "energy")
    app.state.trials = Trials(store, lambda: app.state.sensed.book.fences)
    kept = Kept(settings.ngsi_ld_kept, timedelta(days=settings.ngsi_ld_kept_days))
    app.state.sender = Sender(store, _landing(store, app.state.sensed), kept)
    app.state.places = tuple(room.PLACE for room in ROOMS if hasattr(room, "PLACE"))
    app.mount("/open311", open311.ROUTER)  # asked most often, so looked at first
    for room in ROOMS:
        app.include_router(room.router, include_in_schema=False)
    app.include_router(rest.router, prefix="/api")
    app.include_router(case_api.router, prefix="/api")
    app.include_router(office_api.router, prefix="/api")
    app.include_router(device_api.router, prefix="/api")
    app.include_router(metrics.router)
    app.mount(NGSI_LD, NgsiLd(store, instances=settings.ngsi_ld_instances))
    app.mount("/static", _KeptFiles(directory=STATIC), name="static")
    failures.install(app)
    app.add_middleware(metrics.Measured)
    app.add_middleware(
        Guard,
        allowed_hosts=settings.allowed_hosts,
        max_body_bytes=settings.max_upload_bytes,
        refused=failures.refused,
    )
    return app


def _landing(store: Store, sensed: Sensed) -> Landing:
    return Landing(store, units_of(sensed.sensing), Judge(limits_of(sensed.sensing)))


def _relink(store: Store, pack: Pack, desk: ReadingDesk, engine: Engine) -> None:
    """Make the links anew; where a later document tells what came of a promise, propose to close its case."""
    if relink(store, pack, desk.find_links):
        with store.connection() as connection:
            propose_closings(connection, engine, store.clock())


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    app.state.desk.prepare()
    app.state.linker.start()
    app.state.planner.start()
    app.state.caretaker.start()
    app.state.sender.start()
    try:
        yield {}
    finally:
        app.state.sender.close()
        app.state.trials.close()
        app.state.caretaker.close()
        app.state.planner.close()
        app.state.linker.close()
        app.state.desk.close()


class _KeptFiles(StaticFiles):
    """Static files, kept by the browser for a year: their addresses carry a mark of their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, or Starlette's 404."""
        response = await super().get_response(path, scope)
        if response.status_code == 200 and b"v=" in scope.get("query_string", b""):
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response
