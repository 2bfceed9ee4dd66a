"""How the cost answers to a budget: one model, solved again and again with another limit from the basis before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bihuan.core.errors import InputError
from bihuan.core.records.plan import BudgetCurve, CurvePoint
from bihuan.plan.folder import read_network
from bihuan.plan.network import Network
from bihuan.plan.pack import EnergyPack, is_energy_folder, read_energy_pack
from bihuan.plan.pack.compiling import compile_network
from bihuan.plan.pack.scenario import BASE, components_of
from bihuan.plan.summary.accounts import carbon
from bihuan.plan.summary.capacities import capacity_lines
from bihuan.plan.summary.reading import Reading
from bihuan.plan.summary.summing import about, english_names
from bihuan.plan.summary.worth import shadow_prices
from bihuan.plan.sweep import NEVER, Point, limit_of, sweep, with_carbon_cap

Progress = Callable[[str], None]
CARBON_CAP = "碳排放上限"
"""The budget of a scenario that has none on CO2: multiples of what its plan emits without one."""
_CARBON_CAP_ENGLISH = "the cap on CO2"


def budget_curve(
    network: Network,
    budget: str,
    factors: Sequence[float],
    *,
    english: Mapping[str, str] | None = None,
    progress: Progress = lambda _: None,
) -> list[CurvePoint]:
    """Return the optimum at each multiple of a budget's limit, in the order of `factors`.

    Args:
        network: with the budget, or a global constraint of that name.
        budget: its name; `CARBON_CAP` adds a cap on CO2 to a network without one, whose multiples are of what is
            emitted without it.
        factors: multiples of its limit, 1 for the limit as it is; neighbours should lie close.
        english: names in English, for sentences.
        progress: told which limit is being solved, and what the one before came to.

    Raises:
        InputError: no such budget, which the message says with those there are; or no plan even without a cap.
    """
    names = {CARBON_CAP: _CARBON_CAP_ENGLISH, **(english or {})}
    if budget == CARBON_CAP:
        network, budget = with_carbon_cap(network, CARBON_CAP)
    limit = limit_of(network, budget)
    if limit == NEVER:
        progress("what is emitted without a cap")
        (free,) = sweep(network, budget, [NEVER])
        if free.status != "optimal":
            raise InputError(f"has no optimum ({free.status}); ask `bihuan plan explain`", where=network.name)
        limit = free.used
    solved: list[CurvePoint] = []
    points = sweep(network, budget, [limit * factor for factor in factors], keep_plans=True)
    for number, factor in enumerate(factors, 1):
        before = f"; {solved[-1].cost_cny:,.0f} at {solved[-1].factor:g}" if solved and solved[-1].cost_cny else ""
        progress(f"{number} of {len(factors)}: {budget} × {factor:g}{before}")
        solved.append(_curve_point(next(points), budget, factor, names))
    return solved


def _curve_point(point: Point, budget: str, factor: float, english: dict[str, str]) -> CurvePoint:
    """Keep of a plan what belongs on a curve; nothing of one that is no proven optimum."""
    if point.plan is None or point.status != "optimal":
        return CurvePoint(factor, point.constant, point.status)
    reading = Reading(point.plan)
    account = carbon(reading, 0.0)
    price = next((price for price in shadow_prices(point.plan, english) if price.name == budget), None)
    built = {line.name: line.mw for line in capacity_lines(reading, {}) if line.chosen}
    solved = CurvePoint(factor, point.constant, point.status, point.objective, price=price, built_mw=built)
    if not reading.fuels:
        return solved
    return replace(solved, emissions_t=account.emissions_t, coal_tce=account.coal_tce)


def solve_budget(
    folder: Path,
    budget: str,
    factors: Sequence[float],
    scenario: str = BASE,
    *,
    hours: int | None = None,
    progress: Progress = lambda _: None,
) -> tuple[EnergyPack | None, BudgetCurve]:
    """Solve a scenario at each multiple of a budget's limit, as `budget_curve` does.

    Args:
        folder: a pack's energy folder, or a PyPSA folder, which has only the base case.
        budget: its name, or `CARBON_CAP`.
        factors: multiples of its limit.
        scenario: of the pack.
        hours: whole weeks that stand for the year; None for every hour.
        progress: told what is under way.

    Raises:
        InputError: no such budget, or the folder or the scenario cannot be used.
    """
    pack = read_energy_pack(folder) if is_energy_folder(folder) else None
    network = compile_network(pack, scenario, hours=hours) if pack else read_network(folder, scenario, hours=hours)
    english = english_names(components_of(pack, scenario)) if pack else {}
    points = budget_curve(network, budget, factors, english=english, progress=progress)
    named = next((point.price for point in points if point.price), None)
    return pack, BudgetCurve(
        **about(network, pack, scenario),
        budget=named.name if named else budget,
        budget_english=named.english if named else english.get(budget, budget),
        english_names=english,
        synthetic_zh=pack.synthetic if pack else "",
        synthetic_en=pack.synthetic_english if pack else "",
        hours=len(network.snapshots),
        year_hours=float(network.weightings["generators"].sum()),
        points=tuple(points),
    )
