"""Energy: the system on a diagram, runs of the plan with what they answer, scenarios side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bihuan.core.errors import InputError
from bihuan.core.records.plan import PlanSummary
from bihuan.plan.pack import EnergyPack
from bihuan.plan.pack.scenario import BASE, components_of
from bihuan.plan.pack.weeks import WEEK_H
from bihuan.plan.report import charts as drawings
from bihuan.plan.report import tables, write_workbook
from bihuan.plan.report.page import cell_text
from bihuan.plan.report.words import Names
from bihuan.show import energycharts
from bihuan.show.downloads import download
from bihuan.show.energydiagram import diagram
from bihuan.show.labels import N_
from bihuan.show.planner import promised_gaps
from bihuan.show.rendering import language_of, page
from bihuan.show.rooms import REVIEWER, Place, connection_of, planner_of, registry_of, store_of
from bihuan.store import plans

router = APIRouter()
PLACE = Place("/energy", N_("Energy"))
SHORT_H = (WEEK_H, 2 * WEEK_H, 4 * WEEK_H, 8 * WEEK_H)
"""Reduced years that the page offers."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One scenario of the form."""

    id: str
    name: str
    note: str


@router.get("/energy")
def show(request: Request, scenario: str = BASE) -> HTMLResponse:
    """Show the energy system of a scenario and the runs so far."""
    pack = planner_of(request).pack
    if pack is None:
        return page(request, "energy_none.html")
    with connection_of(request) as connection:
        runs = plans.latest(connection)
    values = [v for entry in components_of(pack, scenario) for v in entry.values.values() if hasattr(v, "basis")]
    basis = {name: sum(v.basis == name for v in values) for name in ("stated", "computed", "assumed")}
    return page(
        request,
        "energy.html",
        choices=_choices(request, pack),
        scenario=scenario,
        names={choice.id: choice.name for choice in _choices(request, pack)},
        short=SHORT_H,
        runs=runs,
        basis=basis,
        diagram=diagram(pack, scenario),
        synthetic=_synthetic(request, pack),
    )


@router.post("/energy/runs")
def ask(request: Request, scenario: Annotated[str, Form()], hours: Annotated[int, Form()] = 0) -> RedirectResponse:
    """Ask for a run; `hours` 0 is the whole year."""
    pack = _pack(request)
    if scenario != BASE and scenario not in pack.scenarios:
        raise InputError(f"no scenario {scenario!r}")
    if hours and hours not in SHORT_H:
        raise InputError(f"{hours} hours; 0 or one of {SHORT_H} was expected")
    store = store_of(request)
    with store.connection() as connection:
        run = plans.ask(connection, scenario, hours or None, actor=REVIEWER, at=store.clock())
    planner_of(request).wake()
    return RedirectResponse(f"/energy/runs/{run}", 303)


@router.get("/energy/runs/{run_id}.xlsx")
def workbook(request: Request, run_id: int) -> Response:
    """Return every table of a run as an Excel file."""
    run, summary = _answered(request, run_id)
    lang = energycharts.lang_of(language_of(request))
    pack = planner_of(request).pack
    return download(f"{run.scenario}-{run.id}.xlsx", lambda path: write_workbook([summary], path, lang, pack))


@router.get("/energy/runs/{run_id}/charts/{key}.{suffix}")
def chart(request: Request, run_id: int, key: str, suffix: str, week: int = 1) -> Response:
    """Return a chart of a run as SVG or PNG."""
    run, summary = _answered(request, run_id)
    spec = energycharts.spec_of(summary, key, week, energycharts.lang_of(language_of(request)))
    if spec is None or suffix not in ("svg", "png"):
        raise HTTPException(404)
    content = drawings.svg(spec).encode() if suffix == "svg" else drawings.png(spec)
    media = "image/svg+xml" if suffix == "svg" else "image/png"
    name = f"{key}-{run.id}.{suffix}"
    return Response(content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})


@router.get("/energy/runs/{run_id}")
def show_run(request: Request, run_id: int, week: int = 1) -> HTMLResponse:
    """Show a run: how far it is, why it has no plan, or its plan."""
    pack = _pack(request)
    with connection_of(request) as connection:
        run = _run(plans.get(connection, run_id))
        summary = plans.summary_of(connection, run_id)
        gaps = promised_gaps(connection, planner_of(request).folder, run_id) if summary else []
    names = {choice.id: choice.name for choice in _choices(request, pack)}
    shown = {**_NOTHING, **(_shown(request, summary, week) if summary else {})}
    registry = registry_of(request)
    missing = [(registry.name(gap.target.topic), gap) for gap in gaps]
    return page(
        request,
        "energy_run.html",
        run=run,
        name=names.get(run.scenario, run.scenario),
        summary=summary,
        gaps=missing,
        synthetic=_synthetic(request, pack),
        shown=shown,
    )


@router.get("/energy/runs/{run_id}/state")
def state(request: Request, run_id: int) -> HTMLResponse:
    """Return how far a run is; once it has ended the page is asked to load itself again."""
    with connection_of(request) as connection:
        run = _run(plans.get(connection, run_id))
    answer = page(request, "energy_state.html", run=run)
    if not run.is_open:
        answer.headers["hx-redirect"] = f"/energy/runs/{run_id}"
    return answer


@router.post("/energy/runs/{run_id}/cancel")
def cancel(request: Request, run_id: int) -> RedirectResponse:
    """Stop a run."""
    store = store_of(request)
    with store.connection() as connection:
        plans.cancel(connection, run_id, at=store.clock())
    return RedirectResponse(f"/energy/runs/{run_id}", 303)


@router.post("/energy/runs/{run_id}/remove")
def remove(request: Request, run_id: int) -> RedirectResponse:
    """Remove a run that has ended."""
    with connection_of(request) as connection:
        plans.remove(connection, run_id)
    return RedirectResponse("/energy", 303)


@router.get("/energy/compare")
def compare(request: Request, run: Annotated[list[int] | None, Query()] = None) -> HTMLResponse:
    """Show runs side by side."""
    pack = _pack(request)
    with connection_of(request) as connection:
        found = [summary for run_id in run or [] if (summary := plans.summary_of(connection, run_id))]
    lang = energycharts.lang_of(language_of(request))
    sheets = [tables.compare_sheet(found, Names(found, lang), lang), tables.cost_sheet(found, lang)] if found else []
    return page(request, "energy_compare.html", sheets=sheets, cell=cell_text, synthetic=_synthetic(request, pack))


_NOTHING: dict[str, object] = {
    "charts": [],
    "figures": None,
    "sheets": [],
    "sentences": [],
    "week": 1,
    "weeks": 1,
    "reduced": False,
    "cell": cell_text,
}


def _shown(request: Request, summary: PlanSummary, week: int) -> dict[str, object]:
    """Everything that the page of an answered run shows."""
    language = language_of(request)
    lang = energycharts.lang_of(language)
    names = Names([summary], lang)
    sheets = [tables.storage_sheet(summary, names, lang), tables.check_sheet(summary, lang)]
    return {
        "charts": energycharts.charts_of(summary, week, language),
        "figures": tables.head_sheet(summary, lang),
        "sheets": [sheet for sheet in sheets if sheet.rows],
        "sentences": [p.sentence_zh if lang == "zh" else p.sentence_en for p in summary.shadow_prices],
        "week": min(max(week, 1), energycharts.weeks_of(summary)),
        "weeks": energycharts.weeks_of(summary),
        "reduced": summary.hours < summary.year_hours - 1,
    }


def _choices(request: Request, pack: EnergyPack) -> list[Choice]:
    chinese = language_of(request) != "en"
    base = Choice(BASE, f"{pack.year} 基准" if chinese else f"{pack.year}, base case", "")
    scenarios = sorted(pack.scenarios.values(), key=lambda s: (s.year, s.id))
    return [base, *(Choice(s.id, s.name if chinese else s.english, s.note) for s in scenarios)]


def _synthetic(request: Request, pack: EnergyPack) -> str:
    return pack.synthetic if language_of(request) != "en" else pack.synthetic_english


def _pack(request: Request) -> EnergyPack:
    pack = planner_of(request).pack
    if pack is None:
        raise HTTPException(404)
    return pack


def _run(run: plans.Run | None) -> plans.Run:
    if run is None:
        raise HTTPException(404)
    return run


def _answered(request: Request, run_id: int) -> tuple[plans.Run, PlanSummary]:
    with connection_of(request) as connection:
        run, summary = _run(plans.get(connection, run_id)), plans.summary_of(connection, run_id)
    if summary is None:
        raise HTTPException(404)
    return run, summary
