"""Near-optimal alternatives (MGA): how little and how much of a technology a plan may build at almost the same cost.

With C the least cost, capacities x are searched for with cost(x) <= C + slack · |C|: the least and the most of each
technology. What is built in every one of them is a must; what may be nothing is a choice.

Source: J. DeCarolis, Using modeling to generate alternatives, Energy Economics 33 (2011); F. Neumann and T. Brown, The
near-optimal feasible space of a renewable power system model, EPSR 190 (2021).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan import highs
from bihuan.plan.highs import Options
from bihuan.plan.matrix import Indices
from bihuan.plan.model import Model
from bihuan.plan.network import Network
from bihuan.plan.optimum import build, demand_sound

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One technology's room."""

    technology: str
    least: float
    """MW, or MWh of stores."""
    optimum: float
    most: float

    @property
    def is_must(self) -> bool:
        """Whether no near-optimal plan does without it."""
        return self.least > 1e-3


def alternatives(network: Network, slack: float = 0.05, *, progress: Progress = lambda _: None) -> list[Alternative]:
    """Return the room of each technology that the plan may build.

    Args:
        network: with capacities to choose.
        slack: cost allowed above the least, as a share of its size.
        progress: told what is being solved.

    Raises:
        InputError: nothing is to be chosen, the problem has whole numbers or squares, or there is no optimum.
    """
    demand_sound(network)
    model = build(network)
    groups = dict(_technologies(model))
    if not groups:
        raise InputError("has no capacity to choose, so there is no alternative", where=network.name)
    if model.problem.whole.size or model.problem.quadratic.size:
        raise InputError("alternatives are worked out for linear problems only", where=network.name)
    solver, _ = highs.hand_over(model.problem, Options(method="simplex"))
    progress("the least cost")
    best = highs.run(solver)
    if best.status != "optimal":
        raise InputError(f"has no optimum ({best.status}); ask `bihuan plan explain`", where=network.name)
    cost = np.array(model.problem.cost)
    paid = np.flatnonzero(cost).astype(np.int32)
    solver.addRow(-inf, best.objective + slack * abs(best.objective), paid.size, paid, cost[paid])
    every = np.arange(model.problem.columns, dtype=np.int32)
    found = []
    for name, columns in groups.items():
        ends = []
        for side, sign in (("least", 1.0), ("most", -1.0)):
            progress(f"the {side} of {name}")
            aim = np.zeros(model.problem.columns)
            aim[columns] = sign
            solver.changeColsCost(every.size, every, aim)
            ends.append(float(highs.run(solver).values[columns].sum()))
        found.append(Alternative(name, ends[0], float(best.values[columns].sum()), ends[1]))
    return found


def _technologies(model: Model) -> Iterator[tuple[str, Indices]]:
    """Carrier -> its capacity variables; versions of plants by their own names."""
    groups: dict[str, list[int]] = {}
    for kind, capacity in model.capacities.items():
        components = model.components[kind]
        labels = components.names if kind == "thermal_units" else components.texts("carrier")
        for at, column in zip(capacity.chosen, capacity.variables.index, strict=True):
            groups.setdefault(labels[at] or components.names[at], []).append(int(column))
    for name, columns in groups.items():
        yield name, np.array(columns, dtype=np.int32)
