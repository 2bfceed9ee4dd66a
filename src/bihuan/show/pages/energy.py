"""Energy: the system on a diagram, runs of the plan with what they answer, curves of budgets, runs side by side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bihuan.core.errors import InputError
from bihuan.core.records.plan import BudgetCurve, PlanSummary
from bihuan.plan.pack import EnergyPack
from bihuan.plan.pack.scenario import BASE, components_of
from bihuan.plan.pack.weeks import WEEK_H
from bihuan.plan.report import charts as drawings
from bihuan.plan.report import tables, write_sheets, write_workbook
from bihuan.plan.report.page import cell_text
from bihuan.plan.report.words import Names
from bihuan.plan.studies import CARBON_CAP
from bihuan.plan.summary.promises import Standing
from bihuan.plan.sweep import evenly
from bihuan.show import changing, energycharts
from bihuan.show.downloads import download
from bihuan.show.energydiagram import diagram, diagram_svg
from bihuan.show.labels import N_
from bihuan.show.language import Language
from bihuan.show.planner import promised
from bihuan.show.registry import Registry
from bihuan.show.rendering import language_of, page
from bihuan.show.rooms import Place, connection_of, planner_of, registry_of, store_of
from bihuan.show.wording import scaled
from bihuan.store import plans

router = APIRouter()
PLACE = Place("/energy", N_("Energy"))
SHORT_H = (WEEK_H, 2 * WEEK_H, 4 * WEEK_H, 8 * WEEK_H)
"""Reduced years that the page offers."""
MOST_STEPS = 40
"""Limits of a curve that may be asked for at once."""
_MEDIA = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One scenario of the form."""

    id: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class BudgetChoice:
    """One budget of one scenario that the form offers to move."""

    id: str
    """`scenario:budget`."""
    name: str


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
        budgets=_budget_choices(request, pack),
        most_steps=MOST_STEPS,
        scenario=scenario,
        names={choice.id: choice.name for choice in _choices(request, pack)},
        short=SHORT_H,
        runs=runs,
        basis=basis,
        diagram=diagram(pack, scenario),
        synthetic=_synthetic(request, pack),
        may_change=changing.may_plan(request),
    )


@router.get("/energy/diagram.{suffix}")
def system(request: Request, suffix: str, scenario: str = BASE) -> Response:
    """Return the diagram of a scenario as SVG or PNG."""
    drawn = diagram_svg(diagram(_pack(request), scenario), language_of(request))
    return _picture(f"system-{scenario}", drawn, suffix)


@router.post("/energy/runs")
def ask(request: Request, scenario: Annotated[str, Form()], hours: Annotated[int, Form()] = 0) -> RedirectResponse:
    """Ask for a run; `hours` 0 is the whole year."""
    return _asked(request, scenario, hours)


@router.post("/energy/curves")
def ask_curve(
    request: Request,
    of: Annotated[str, Form()],
    hours: Annotated[int, Form()] = 2 * WEEK_H,
    widest: Annotated[float, Form()] = 110.0,
    tightest: Annotated[float, Form()] = 70.0,
    steps: Annotated[int, Form()] = 9,
) -> RedirectResponse:
    """Ask for the curve of a budget: `of` names scenario and budget, the limits are percent of its own."""
    scenario, _, budget = of.partition(":")
    if of not in {choice.id for choice in _budget_choices(request, _pack(request))}:
        raise InputError(f"no budget {budget!r} in scenario {scenario!r}")
    if not (0 < tightest <= widest <= 1000 and 1 <= steps <= MOST_STEPS):
        raise InputError(
            f"{steps} limits from {widest:g} to {tightest:g} %; 1 to {MOST_STEPS}, falling between 1000 and 0, was expected"
        )
    return _asked(
        request, scenario, hours, budget, [round(share / 100, 6) for share in evenly(widest, tightest, steps)]
    )


def _asked(
    request: Request, scenario: str, hours: int, budget: str | None = None, factors: Sequence[float] | None = None
) -> RedirectResponse:
    actor, pack, store = changing.planner(request), _pack(request), store_of(request)
    if scenario != BASE and scenario not in pack.scenarios:
        raise InputError(f"no scenario {scenario!r}")
    if hours and hours not in SHORT_H:
        raise InputError(f"{hours} hours; 0 or one of {SHORT_H} was expected")
    with store.connection() as connection:
        run = plans.ask(
            connection, scenario, hours or None, actor=actor, at=store.clock(), budget=budget, factors=factors
        )
    planner_of(request).wake()
    return RedirectResponse(f"/energy/runs/{run}", 303)


@router.get("/energy/runs/{run_id}.xlsx")
def workbook(request: Request, run_id: int) -> Response:
    """Return every table of a run as an Excel file."""
    run, answer = _answered(request, run_id)
    lang = energycharts.lang_of(language_of(request))
    name, pack = f"{run.scenario}-{run.id}.xlsx", planner_of(request).pack
    if isinstance(answer, PlanSummary):
        return download(name, lambda path: write_workbook([answer], path, lang, pack))
    sheet = tables.curve_sheet(answer, Names([answer], lang), lang)
    return download(name, lambda path: write_sheets([sheet], path, _label(request, answer)))


@router.get("/energy/runs/{run_id}/charts/{key}.{suffix}")
def chart(request: Request, run_id: int, key: str, suffix: str, week: int = 1) -> Response:
    """Return a chart of a run as SVG or PNG."""
    run, answer = _answered(request, run_id)
    lang = energycharts.lang_of(language_of(request))
    if isinstance(answer, PlanSummary):
        spec = energycharts.spec_of(answer, key, week, lang)
    else:
        spec = drawings.curve_chart(answer, key, Names([answer], lang), lang) if key in drawings.CURVES else None
    return _picture(f"{key}-{run.id}", drawings.svg(spec) if spec else "", suffix)


def _picture(name: str, svg: str, suffix: str) -> Response:
    """A drawing as a file; not found where there is none."""
    if not svg or suffix not in _MEDIA:
        raise HTTPException(404)
    content = svg.encode() if suffix == "svg" else drawings.picture(svg)
    headers = {"content-disposition": f"attachment; filename*=utf-8''{quote(name)}.{suffix}"}
    return Response(content, media_type=_MEDIA[suffix], headers=headers)


@router.get("/energy/runs/{run_id}")
def show_run(request: Request, run_id: int, week: int = 1) -> HTMLResponse:
    """Show a run: how far it is, why it has no plan, or its plan or curve."""
    pack, registry = _pack(request), registry_of(request)
    with connection_of(request) as connection:
        run = _run(plans.get(connection, run_id))
        summary, curve = plans.summary_of(connection, run_id), plans.curve_of(connection, run_id)
        beside = promised(connection, planner_of(request).folder, run_id)
    names = {choice.id: choice.name for choice in _choices(request, pack)}
    about: dict[str, Any] = {
        "run": run,
        "name": names.get(run.scenario, run.scenario),
        "synthetic": _synthetic(request, pack),
        **_under_way(request, run),
    }
    if run.budget is not None:
        return page(request, "energy_curve.html", **about, curve=curve, **_shown_curve(request, curve))
    shown = {**_NOTHING, **(_shown(request, summary, week) if summary else {})}
    standings = [_beside(registry, standing, language_of(request)) for standing in beside]
    return page(request, "energy_run.html", **about, summary=summary, standings=standings, shown=shown)


@router.get("/energy/runs/{run_id}/state")
def state(request: Request, run_id: int) -> HTMLResponse:
    """Return how far a run is; once it has ended the page is asked to load itself again."""
    with connection_of(request) as connection:
        run = _run(plans.get(connection, run_id))
    answer = page(request, "energy_state.html", run=run, **_under_way(request, run))
    if not run.is_open:
        answer.headers["hx-redirect"] = f"/energy/runs/{run_id}"
    return answer


def _under_way(request: Request, run: plans.Run) -> dict[str, Any]:
    """How long a run has been solved [s], and which limit of how many it is at; None where that is not known."""
    elapsed = (store_of(request).clock() - run.started_at).total_seconds() if run.started_at else None
    steps = re.match(r"(\d+) of (\d+)", run.progress)
    return {
        "elapsed": None if elapsed is None else round(elapsed),
        "steps": (int(steps[1]), int(steps[2])) if steps else None,
    }


def _beside(registry: Registry, standing: Standing, language: Language) -> tuple[str, Standing, str, str, str]:
    """Name of the indicator, the standing, and its target, plan and gap as a reader writes them."""
    topic = standing.target.topic
    known = registry.indicators.get(topic)
    numbers = (standing.target.value, standing.figure.value, standing.missing)
    target, plan, missing = (scaled(float(f"{value:.4g}"), known.unit if known else "", language) for value in numbers)
    return registry.name(topic), standing, target, plan, missing


@router.post("/energy/runs/{run_id}/cancel")
def cancel(request: Request, run_id: int) -> RedirectResponse:
    """Stop a run."""
    changing.planner(request)
    store = store_of(request)
    with store.connection() as connection:
        plans.cancel(connection, run_id, at=store.clock())
    return RedirectResponse(f"/energy/runs/{run_id}", 303)


@router.post("/energy/runs/{run_id}/remove")
def remove(request: Request, run_id: int) -> RedirectResponse:
    """Remove a run that has ended."""
    changing.planner(request)
    with connection_of(request) as connection:
        plans.remove(connection, run_id)
    return RedirectResponse("/energy", 303)


@router.get("/energy/compare")
def compare(request: Request, run: Annotated[list[int] | None, Query()] = None) -> HTMLResponse:
    """Show runs side by side."""
    pack, found = _pack(request), _compared(request, run)
    lang = energycharts.lang_of(language_of(request))
    return page(
        request,
        "energy_compare.html",
        sheets=[tables.compare_sheet(found, Names(found, lang), lang)] if found else [],
        charts=energycharts.compared_charts(found, language_of(request)) if found else [],
        runs=run or [],
        cell=cell_text,
        synthetic=_synthetic(request, pack),
    )


@router.get("/energy/compare.xlsx")
def compared_workbook(request: Request, run: Annotated[list[int] | None, Query()] = None) -> Response:
    """Return the tables of runs side by side as an Excel file."""
    found, lang = _compared(request, run), energycharts.lang_of(language_of(request))
    if not found:
        raise HTTPException(404)
    sheets = [tables.compare_sheet(found, Names(found, lang), lang), tables.cost_sheet(found, lang)]
    return download("compare.xlsx", lambda path: write_sheets(sheets, path, _label(request, found[0])))


@router.get("/energy/compare/{key}.{suffix}")
def compared_chart(
    request: Request, key: str, suffix: str, run: Annotated[list[int] | None, Query()] = None
) -> Response:
    """Return a chart of runs side by side as SVG or PNG."""
    found, lang = _compared(request, run), energycharts.lang_of(language_of(request))
    spec = energycharts.compared_specs(found, lang).get(key) if found else None
    return _picture(f"compare-{key}", drawings.svg(spec) if spec else "", suffix)


def _compared(request: Request, runs: list[int] | None) -> list[PlanSummary]:
    """Plans of runs; those of the same scenario are told apart by the run's number."""
    with connection_of(request) as connection:
        found = [(run, summary) for run in dict.fromkeys(runs or []) if (summary := plans.summary_of(connection, run))]
    often = Counter(summary.name for _, summary in found)
    return [
        replace(summary, name=f"{summary.name} · {run}", english=f"{summary.english} · {run}")
        if often[summary.name] > 1
        else summary
        for run, summary in found
    ]


_NOTHING: dict[str, object] = {
    "charts": [],
    "figures": None,
    "sheets": [],
    "sentences": [],
    "week": 1,
    "weeks": 1,
    "cell": cell_text,
}


def _shown_curve(request: Request, curve: BudgetCurve | None) -> dict[str, Any]:
    """Everything that the page of a curve shows."""
    if curve is None:
        return {"charts": [], "sheet": None, "sentences": [], "cell": cell_text}
    lang = energycharts.lang_of(language_of(request))
    return {
        "charts": energycharts.curve_charts(curve, language_of(request)),
        "sheet": tables.curve_sheet(curve, Names([curve], lang), lang),
        "sentences": tables.curve_sentences(curve, lang),
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
        "figures": tables.head_sheet(summary, names, lang),
        "sheets": [sheet for sheet in sheets if sheet.rows],
        "sentences": [p.sentence_zh if lang == "zh" else p.sentence_en for p in summary.shadow_prices],
        "week": min(max(week, 1), energycharts.weeks_of(summary)),
        "weeks": energycharts.weeks_of(summary),
    }


def _choices(request: Request, pack: EnergyPack) -> list[Choice]:
    chinese = language_of(request) != "en"
    base = Choice(BASE, f"{pack.year} 基准" if chinese else f"{pack.year}, base case", "")
    scenarios = sorted(pack.scenarios.values(), key=lambda s: (s.year, s.id))
    return [base, *(Choice(s.id, s.name if chinese else s.english, s.note) for s in scenarios)]


def _budget_choices(request: Request, pack: EnergyPack) -> list[BudgetChoice]:
    """The budgets of each scenario; a cap on CO2 where it has none."""
    chinese = language_of(request) != "en"
    found = []
    for choice in _choices(request, pack):
        budgets = [entry for entry in components_of(pack, choice.id) if entry.kind == "budgets"]
        named = {entry.name: entry.name if chinese else entry.english or entry.name for entry in budgets}
        if not any(entry.values.get("type") == "co2" for entry in budgets):
            named[CARBON_CAP] = CARBON_CAP if chinese else "cap on CO2"
        found += [BudgetChoice(f"{choice.id}:{budget}", f"{choice.name} · {name}") for budget, name in named.items()]
    return found


def _label(request: Request, answer: PlanSummary | BudgetCurve) -> str:
    """What every sheet says about made-up series."""
    return answer.synthetic_zh if language_of(request) != "en" else answer.synthetic_en


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


def _answered(request: Request, run_id: int) -> tuple[plans.Run, PlanSummary | BudgetCurve]:
    with connection_of(request) as connection:
        run = _run(plans.get(connection, run_id))
        answer = plans.summary_of(connection, run_id) or plans.curve_of(connection, run_id)
    if answer is None:
        raise HTTPException(404)
    return run, answer
