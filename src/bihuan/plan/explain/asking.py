"""Asking why a network has no plan, step by step.

1. Every demand, budget, duty and least quantity may be missed at a price; the cheapest way says what is missed at least.
2. The multipliers of that answer prove the conflict: only conditions with a multiplier take part in it (Farkas).
3. Of those, one after the other is let go and taken out of the conflict if it still stands without it.
4. Each condition that is left is made elastic alone, all others held: how far must it give way?
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from bihuan.plan.explain.answer import Clause, Explanation, Repair, Runaway
from bihuan.plan.explain.conditions import Condition, conditions
from bihuan.plan.explain.engine import TOLERANCE, Engine, Slack, smallest
from bihuan.plan.explain.ray import runaway
from bihuan.plan.matrix import Matrix
from bihuan.plan.model import Model
from bihuan.plan.network import Floats, Network
from bihuan.plan.optimum import build, demand_sound

Progress = Callable[[str], None]
_ELASTIC_ROWS = ("demand", "budget", "reserve", "band", "energy", "ramp", "rule")
_MANY = 25
"""Conditions of a conflict for which a repair is worked out alone."""


def explain(network: Network, *, progress: Progress = lambda _: None) -> Explanation:
    """Return why a network has no plan, or that it has one.

    Args:
        network: the energy system.
        progress: told what is being asked.

    Raises:
        FaultyNetwork: the network contradicts itself before anything is solved; every fault is named.
    """
    demand_sound(network)
    model = build(network)
    matrix = model.problem.matrix()
    progress("what is missed at least")
    asked = _ask(model, matrix)
    if asked is None:
        return Explanation("unclear")
    if asked.missed <= TOLERANCE * max(1.0, model.steps):
        return _feasible(model, matrix, progress)
    progress(f"which of {len(asked.suspects)} conditions contradict each other")
    conflict = smallest(Engine(model.problem, matrix), asked.suspects, asked.all)
    whole = {(c.label, c.name, c.side): c for c in asked.all}
    single = []
    for part in conflict[:_MANY]:
        progress(f"how far must it give way: {part.kind} {part.name}")
        single.append(_alone(model, matrix, whole[part.label, part.name, part.side]))
    clauses = tuple(_clause(model, part) for part in conflict)
    several = bool(single) and all(repair.total != repair.total for repair in single)
    return Explanation("infeasible", clauses, tuple(single), asked.together, several=several)


@dataclass(frozen=True)
class _Asked:
    """Answer of the first step."""

    missed: float
    together: tuple[Repair, ...]
    suspects: list[Condition]
    """Places of conditions with a multiplier, smallest multiplier first."""
    all: list[Condition]


def _ask(model: Model, matrix: Matrix) -> _Asked | None:
    everything = conditions(model, matrix)
    engine = Engine(model.problem, matrix)
    scale, hours = _row_scale(matrix), model.hours("generators")[:, 0]
    slacks: list[tuple[Condition, Slack]] = []
    for condition in everything:
        if condition.family in _ELASTIC_ROWS:
            price = _hours(condition, hours, 1.0) / scale[condition.index]
            slacks.append((condition, engine.slack_rows(condition.index, price)))
        elif condition.side == "lower":
            part = condition.only(model.problem.lower[condition.index] > 0)
            if part.index.size:
                bounds = model.problem.lower[part.index]
                slacks.append((part, engine.slack_bounds(part.index, bounds, _hours(part, hours, float(hours.sum())))))
    if not engine.is_feasible():
        return None
    values = engine.values()
    row_dual, column_dual = engine.duals()
    missed = float(engine.solver.getInfo().objective_function_value)
    together = tuple(
        repair
        for condition, slack in slacks
        if (repair := _missed(model, condition, slack.amounts(values))) is not None
    )
    suspects = [found for c in everything if (found := _suspect(c, row_dual, column_dual)) is not None]
    missed_bounds = [(c, slack) for c, slack in slacks if c.side == "lower"]
    suspects += [c.only(np.abs(row_dual[slack.rows]) > TOLERANCE) for c, slack in missed_bounds]
    return _Asked(
        missed, together, sorted((c for c in suspects if c.index.size), key=lambda c: c.index.size), everything
    )


def _hours(condition: Condition, hours: Floats, yearly: float) -> Floats:
    """Return the hours that each place of a condition stands for, so that all is missed in MWh."""
    if condition.snapshots.size:
        return np.asarray(hours[condition.snapshots])
    return np.full(condition.index.size, yearly)


def _row_scale(matrix: Matrix) -> Floats:
    """Return the largest coefficient of each row, 1 where it has none."""
    largest = np.zeros(matrix.starts.size - 1)
    rows = np.repeat(np.arange(largest.size), np.diff(matrix.starts))
    np.maximum.at(largest, rows, np.abs(matrix.values))
    return np.where(largest > 0, largest, 1.0)


def _suspect(condition: Condition, row_dual: Floats, column_dual: Floats) -> Condition | None:
    """The places of a condition whose multiplier is not 0, of the sign of its side."""
    if condition.side == "rows":
        weight = np.abs(row_dual[condition.index])
    else:
        weight = column_dual[condition.index] * (1 if condition.side == "lower" else -1)
    part = condition.only(weight > TOLERANCE)
    return part if part.index.size else None


def _feasible(model: Model, matrix: Matrix, progress: Progress) -> Explanation:
    if model.problem.whole.size:
        progress("whether whole units are the trouble")
        if not Engine(model.problem, matrix, whole=True).is_feasible():
            return Explanation("infeasible_whole")
    progress("whether the cost falls without end")
    found: Sequence[Runaway] = runaway(model, matrix)
    return Explanation("unbounded", runaway=tuple(found)) if found else Explanation("feasible")


def _alone(model: Model, matrix: Matrix, condition: Condition) -> Repair:
    """Hold everything else and let one condition give way."""
    engine = Engine(model.problem, matrix)
    if condition.side == "rows":
        slack = engine.slack_rows(condition.index, np.ones(condition.index.size))
        possible = engine.is_feasible()
        repair = _missed(model, condition, slack.amounts(engine.values())) if possible else None
        return repair or Repair(_clause(model, condition), nan, nan, 0, False)
    up = condition.side == "upper"
    bound = (model.problem.upper if up else model.problem.lower)[condition.index]
    share = np.abs(bound) / (np.abs(bound).max() or 1.0)
    at = engine.one_slack(condition.index, bound, share if share.any() else np.ones_like(bound), 1.0 if up else -1.0)
    amount = float(engine.values()[at]) if engine.is_feasible() else nan
    return Repair(_clause(model, condition), amount, amount, 0, False)


def _missed(model: Model, condition: Condition, amounts: Floats) -> Repair | None:
    """What is missed of a condition; None for nothing."""
    missed = np.abs(amounts) > TOLERANCE
    if not missed.any():
        return None
    sizes = np.abs(amounts[missed])
    over = condition.family == "demand" and bool(amounts.sum() < 0)
    clause = _clause(model, condition)
    if not condition.snapshots.size:
        return Repair(clause, float(sizes.sum()), float(sizes.max()), 0, over)
    return Repair(clause, float(sizes.sum()), float(sizes.max()), int(missed.sum()), over)


def _clause(model: Model, condition: Condition) -> Clause:
    problem = model.problem
    if condition.side == "rows":
        sides = np.stack([problem.row_lower[condition.index], problem.row_upper[condition.index]])
        finite = sides[np.isfinite(sides)]
    else:
        finite = (problem.upper if condition.side == "upper" else problem.lower)[condition.index]
    limit = float(finite[np.argmax(np.abs(finite))]) if finite.size else nan
    hours = [model.network.snapshots[at] for at in (condition.snapshots[:1], condition.snapshots[-1:]) for at in at]
    first, last = (hours[0], hours[-1]) if hours else ("", "")
    unit = _unit(condition)
    return Clause(condition.family, condition.kind, condition.name, first, last, condition.snapshots.size, limit, unit)


def _unit(condition: Condition) -> str:
    if condition.family in ("budget", "energy"):
        return "" if condition.family == "budget" else "MWh"
    return "MW"
