"""The board: the open cases of one type, a column for each step; for projects it is the pipeline, with money and blockers.

Beside it the lists of a pipeline（五张清单）: what the cases say of goals, tasks, duties, problems and measures, side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from bihuan.act.access import units_seen
from bihuan.act.case_type import CaseType
from bihuan.act.engine import Engine
from bihuan.core.records.case import Case
from bihuan.show import listmarks
from bihuan.show.case_facts import field_name, field_text, money_text
from bihuan.show.language import Language
from bihuan.show.pages.cases import type_name
from bihuan.show.rendering import language_of, page, query
from bihuan.show.rooms import connection_of, engine_of, now_of
from bihuan.show.session import require_session
from bihuan.show.sheets import SheetColumn, sheet_answer
from bihuan.store import case_lists, case_pipeline, cases
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_lists import CaseRow
from bihuan.store.case_pipeline import StepSum
from bihuan.store.case_tallies import tallies
from bihuan.store.connect import Connection

router = APIRouter()
CARDS = 15
FIRST = "project"
ROWS = 50


@dataclass(frozen=True, slots=True)
class Money:
    """Investment planned and done, as a reader writes it."""

    planned: str
    done: str
    percent: float | None
    """Done of planned; None where nothing is planned."""


@dataclass(frozen=True, slots=True)
class Card:
    """One case on the board."""

    row: CaseRow
    money: Money | None
    blockers: list[str]
    """Numbers of the open cases that block it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One step with its most urgent cases."""

    id: str
    title: str
    total: int
    cards: list[Card]
    address: str
    """Of the list with all of them."""
    money: Money | None
    blockers: int


@router.get("/cases/board")
def show(request: Request) -> Response:
    """Show the cases of a type by step; a card opens the case, where the next step is taken."""
    session, engine, now, language = require_session(request), engine_of(request), now_of(request), language_of(request)
    chosen = request.query_params.get("type") or (FIRST if FIRST in engine.types else next(iter(engine.types)))
    spec, seen = _type(engine, chosen), units_seen(session.principal, engine.units)
    with connection_of(request) as connection:
        totals = tallies(connection, CaseFilter(units=seen, type=(chosen,)), now, now).by("step")
        rows = {name: _rows(connection, seen, chosen, name) if totals[name] else [] for name in spec.steps}
        sums, states = (
            _sums(connection, spec, seen),
            _states(connection, spec, [r for some in rows.values() for r in some]),
        )
        blockers = case_pipeline.open_blockers(connection, states.values())
    columns = [
        Column(
            name, step.name if language == "zh-CN" else step.english, totals[name],
            [_card(spec, row, states.get(row.number), blockers.get(row.number, []), language) for row in rows[name]],
            "/cases" + query({}, type=chosen, step=name), _of_step(sums.get(name), language),
            sums[name].blockers if name in sums else 0,
        )
        for name, step in spec.steps.items() if not step.end
    ]  # fmt: skip
    whole = StepSum("", *(sum(getattr(one, part) for one in sums.values()) for part in PARTS)) if sums else None
    types = [(name, type_name(request, name)) for name in engine.types]
    return page(
        request, "board.html", session=session, engine=engine, columns=columns, types=types, chosen=chosen, now=now,
        whole=whole, money=_of_step(whole, language), has_lists=bool(spec.pipeline and spec.pipeline.lists),
    )  # fmt: skip


PARTS = ("cases", "planned_yuan", "done_yuan", "blockers")


def _type(engine: Engine, name: str) -> CaseType:
    if name not in engine.types:
        raise HTTPException(404)
    return engine.types[name]


def _rows(connection: Connection, seen: tuple[str, ...] | None, type_: str, step: str) -> list[CaseRow]:
    return case_lists.listed(connection, CaseFilter(units=seen, type=(type_,), step=(step,)), limit=CARDS).rows


def _sums(connection: Connection, spec: CaseType, seen: tuple[str, ...] | None) -> dict[str, StepSum]:
    if spec.pipeline is None:
        return {}
    return case_pipeline.by_step(connection, spec.type, seen, spec.pipeline.planned, spec.pipeline.done)


def _states(connection: Connection, spec: CaseType, rows: list[CaseRow]) -> dict[str, Case]:
    return cases.states(connection, [row.number for row in rows]) if spec.pipeline else {}


def _card(spec: CaseType, row: CaseRow, case: Case | None, blockers: list[str], language: Language) -> Card:
    if spec.pipeline is None or case is None:
        return Card(row, None, [])
    planned, done = (case.values.get(name) for name in (spec.pipeline.planned, spec.pipeline.done))
    is_known = planned is not None or done is not None
    return Card(row, _money(planned or 0, done or 0, language) if is_known else None, blockers)


def _of_step(step: StepSum | None, language: Language) -> Money | None:
    return _money(step.planned_yuan, step.done_yuan, language) if step else None


def _money(planned_yuan: float, done_yuan: float, language: Language) -> Money:
    percent = 100 * done_yuan / planned_yuan if planned_yuan else None
    return Money(money_text(planned_yuan, language), money_text(done_yuan, language), percent)


# -- the lists -------------------------------------------------------------------------------------------------------


@router.get("/cases/lists/{type_}")
def lists(request: Request, type_: str) -> Response:
    """Show the lists of a pipeline, a row a case, the newest first; with the open cases that block."""
    session, engine, params = require_session(request), engine_of(request), request.query_params
    spec, seen = _with_lists(engine, type_), units_seen(session.principal, engine.units)
    wanted = CaseFilter(units=seen, type=(type_,), step=_steps(request))
    after = listmarks.read(params.get("after"))
    with connection_of(request) as connection:
        found = case_lists.listed(connection, wanted, sort="newest", limit=ROWS, after=after)
        lines = _lines(connection, engine, spec, found.rows, language_of(request))
    return page(
        request, "case_lists.html", session=session, engine=engine, type=spec, titles=_titles(spec, language_of(request)),
        lines=lines, step=_steps(request), after=listmarks.written(found.after),
    )  # fmt: skip


@router.get("/cases/lists/{type_}/lists.xlsx")
def export(request: Request, type_: str) -> Response:
    """Take the lists away as an Excel file."""
    session, engine, language = require_session(request), engine_of(request), language_of(request)
    spec = _with_lists(engine, type_)
    seen, step = units_seen(session.principal, engine.units), _steps(request)
    with connection_of(request) as connection:
        rows = list(case_lists.everything(connection, CaseFilter(units=seen, type=(type_,), step=step)))
        lines = _lines(connection, engine, spec, rows, language)
    titles = [field_name(spec.fields["title"], language), *_titles(spec, language)]
    columns = [SheetColumn(title, 36, True) for title in titles]
    return sheet_answer(spec.name, columns, [[line.row.title, *line.texts] for line in lines])


@dataclass(frozen=True, slots=True)
class Line:
    """What one case says in each list."""

    row: CaseRow
    texts: list[str]
    blockers: list[str]


def _lines(
    connection: Connection, engine: Engine, spec: CaseType, rows: list[CaseRow], language: Language
) -> list[Line]:
    states = _states(connection, spec, rows)
    blockers = case_pipeline.open_blockers(connection, states.values())
    return [Line(row, _texts(engine, spec, states[row.number], language), blockers.get(row.number, [])) for row in rows]


def _texts(engine: Engine, spec: CaseType, case: Case, language: Language) -> list[str]:
    told = ((spec.fields[name], case.values.get(name)) for name in _lists_of(spec))
    return ["" if value is None else field_text(field, value, engine.units, language) for field, value in told]


def _lists_of(spec: CaseType) -> list[str]:
    return spec.pipeline.lists if spec.pipeline else []


def _steps(request: Request) -> tuple[str, ...]:
    return tuple(name for name in request.query_params.getlist("step") if name)


def _titles(spec: CaseType, language: Language) -> list[str]:
    return [field_name(spec.fields[name], language) for name in _lists_of(spec)]


def _with_lists(engine: Engine, name: str) -> CaseType:
    spec = _type(engine, name)
    if not _lists_of(spec):
        raise HTTPException(404)
    return spec
