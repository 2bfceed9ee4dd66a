"""How the cost answers to a budget: one model, solved again and again with another limit from the basis before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan

from bihuan.core.errors import InputError
from bihuan.plan import highs
from bihuan.plan.highs import Options, Status
from bihuan.plan.network import Network
from bihuan.plan.optimum import build, demand_sound

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Point:
    """The optimum at one limit."""

    limit: float
    """As the row has it: less what is used outside the model; in tce for an intensity."""
    status: Status
    cost: float
    """NaN without an optimum."""
    worth: float
    """Cost saved by one more unit of the limit; NaN without an optimum or with whole numbers."""


def budget_curve(
    network: Network, budget: str, factors: Sequence[float], *, progress: Progress = lambda _: None
) -> list[Point]:
    """Return the optimum at each multiple of a budget's limit, in the order of `factors`.

    Args:
        network: with the budget, or a global constraint of that name.
        budget: its name.
        factors: multiples of its limit, 1 for the limit as it is.
        progress: told which limit is being solved.

    Raises:
        InputError: no such budget; the message names those there are.
    """
    demand_sound(network)
    model = build(network)
    rows = {
        name.removeprefix("global-"): row
        for name, row in model.problem.constraints.items()
        if name.startswith("global-")
    }
    if budget not in rows:
        raise InputError(f"no budget {budget!r}; there are {', '.join(rows) or 'none'}", where=network.name)
    row = int(rows[budget].index[0])
    lower, upper = float(model.problem.row_lower[row]), float(model.problem.row_upper[row])
    solver, _ = highs.hand_over(model.problem, Options(method="simplex"))
    points = []
    for factor in factors:
        progress(f"{budget} × {factor:g}")
        solver.changeRowBounds(row, lower * factor, upper * factor)
        answer = highs.run(solver)
        dual = float(answer.row_duals[row]) if answer.row_duals.size else nan
        limit = (upper if upper < float("inf") else lower) * factor
        points.append(Point(limit, answer.status, answer.objective, -dual))
    return points
