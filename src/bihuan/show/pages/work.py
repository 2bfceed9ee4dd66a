"""My work（我的工作）: the cases where it is one's own unit's turn, by light and due time, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bihuan.act import turns
from bihuan.act.engine import Engine
from bihuan.act.turns import SIDES, Side
from bihuan.core.records.case import LIGHTS
from bihuan.show import listmarks, mywork
from bihuan.show.casecounts import SOON
from bihuan.show.labels import N_
from bihuan.show.language import Language
from bihuan.show.mywork import Waiting
from bihuan.show.rendering import language_of, page
from bihuan.show.rooms import connection_of, engine_of, now_of
from bihuan.show.session import require_session
from bihuan.store import case_lists
from bihuan.store.case_lists import CasePage, CaseRow
from bihuan.store.case_tallies import tallies

router = APIRouter()
TITLES: dict[Side, tuple[str, str]] = {
    "lead": (N_("To be done by us"), N_("Cases that my unit leads and that wait for it.")),
    "office": (N_("To be decided by us"), N_("Cases that my unit assigned and that wait for its decision.")),
}
FIRST, ROWS = 20, 100
"""Rows of a side beside the other, and of one side alone."""


@dataclass(frozen=True, slots=True)
class Part:
    """What waits on one side."""

    side: Side
    title: str
    """Catalogued English, as `lead`."""
    lead: str
    waiting: Waiting
    page: CasePage


@router.get("/work")
def show(request: Request) -> Response:
    """Show what waits for one's unit, the nearest due first."""
    session, engine, now, params = require_session(request), engine_of(request), now_of(request), request.query_params
    chosen = [side for side in SIDES if side == params.get("side")]
    lights = tuple(LIGHTS.index(name) for name in params.getlist("light") if name in LIGHTS) if chosen else ()
    mine, after = params.get("mine") == "1", listmarks.read(params.get("after")) if chosen else None
    parts = []
    with connection_of(request) as connection:
        for side in chosen or SIDES:
            wanted = mywork.filter_of(engine.types.values(), side, session.principal, mine=mine)
            if not wanted.turns:
                continue
            counted = tallies(connection, wanted, now, now + SOON)
            lit = mywork.filter_of(engine.types.values(), side, session.principal, lights, mine=mine)
            rows = case_lists.listed(connection, lit, after=after, limit=ROWS if chosen else FIRST)
            parts.append(Part(side, *TITLES[side], mywork.waiting(counted), rows))
    return page(
        request, "work.html", session=session, engine=engine, now=now, sides=parts, mine=mine, written=listmarks.written,
        side=chosen[0] if chosen else None, chosen_lights=[LIGHTS[light] for light in lights],
        to_do=lambda row, side: _to_do(engine, row, side, language_of(request)),
    )  # fmt: skip


def _to_do(engine: Engine, row: CaseRow, side: Side, language: Language) -> list[str]:
    """Return the names of what takes a case on."""
    actions = turns.next_actions(engine.types[row.type], row.step, side)
    return [action.name if language == "zh-CN" else action.english for action in actions]
