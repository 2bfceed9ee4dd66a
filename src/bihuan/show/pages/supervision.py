"""Supervision: how all open cases stand, by type and unit; what is overdue, nearly due, returned."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bihuan.act.access import units_seen
from bihuan.core.records.case import LIGHTS
from bihuan.show import casecounts
from bihuan.show.labels import N_
from bihuan.show.pages.cases import type_name
from bihuan.show.rendering import local, page
from bihuan.show.rooms import Place, connection_of, engine_of, now_of
from bihuan.show.session import require_session
from bihuan.store import case_lists
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_tallies import tallies

router = APIRouter()
PLACE = Place("/supervision", N_("Supervision"))
URGENT = 20


@router.get("/supervision")
def show(request: Request) -> Response:
    """Show how the open cases stand that a reader may see."""
    session, engine, now = require_session(request), engine_of(request), now_of(request)
    seen = units_seen(session.principal, engine.units)
    with connection_of(request) as connection:
        found = tallies(connection, CaseFilter(units=seen), now, now + casecounts.SOON).all
        urgent = case_lists.listed(
            connection, CaseFilter(units=seen, overdue_at=now + casecounts.SOON), limit=URGENT
        ).rows
    nobody = local(request, N_("No unit leads it yet"))
    return page(
        request, "supervision.html", session=session, engine=engine, now=now, lights=LIGHTS, urgent=urgent,
        whole=casecounts.whole(found), types=casecounts.by_type(found, lambda name: type_name(request, name)),
        units=casecounts.by_unit(found, lambda unit: engine.units.name(unit) if unit else nobody),
    )  # fmt: skip
