"""The board: the open cases of one type, a column for each step; for projects it is the pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from bihuan.act.access import units_seen
from bihuan.show.pages.cases import type_name
from bihuan.show.rendering import language_of, page, query
from bihuan.show.rooms import connection_of, engine_of, now_of
from bihuan.show.session import require_session
from bihuan.store import case_lists
from bihuan.store.case_lists import CaseFilter, CaseRow

router = APIRouter()
CARDS = 15
FIRST = "project"


@dataclass(frozen=True, slots=True)
class Column:
    """One step with its most urgent cases."""

    id: str
    title: str
    total: int
    rows: list[CaseRow]
    address: str
    """Of the list with all of them."""


@router.get("/cases/board")
def show(request: Request) -> Response:
    """Show the cases of a type by step; a card opens the case, where the next step is taken."""
    session, engine, now = require_session(request), engine_of(request), now_of(request)
    chosen = request.query_params.get("type") or (FIRST if FIRST in engine.types else next(iter(engine.types)))
    if chosen not in engine.types:
        raise HTTPException(404)
    wanted = CaseFilter(units=units_seen(session.principal, engine.units), type=(chosen,))
    spec, columns = engine.types[chosen], []
    with connection_of(request) as connection:
        totals = case_lists.counted(connection, wanted, "step")
        for name, step in spec.steps.items():
            if step.end:
                continue
            rows = []
            if totals.get(name):
                at_step = CaseFilter(units=wanted.units, type=(chosen,), step=(name,))
                rows = case_lists.listed(connection, at_step, limit=CARDS).rows
            title = step.name if language_of(request) == "zh-CN" else step.english
            address = "/cases" + query({}, type=chosen, step=name)
            columns.append(Column(name, title, totals.get(name, 0), rows, address))
    types = [(name, type_name(request, name)) for name in engine.types]
    return page(
        request, "board.html", session=session, engine=engine, columns=columns, types=types, chosen=chosen, now=now
    )
