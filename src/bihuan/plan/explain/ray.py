"""The way along which the cost of an unbounded plan falls without end."""

from __future__ import annotations

import highspy
import numpy as np

from bihuan.plan.explain.answer import Runaway
from bihuan.plan.explain.conditions import component_of
from bihuan.plan.explain.engine import TOLERANCE, Engine
from bihuan.plan.matrix import Matrix
from bihuan.plan.model import Model


def runaway(model: Model, matrix: Matrix) -> list[Runaway]:
    """Return the quantities that grow along the way, those that gain most first; none where the cost has an end."""
    solver = Engine(model.problem, matrix, cost=True).solver
    for name, value in (("presolve", "off"), ("solver", "simplex")):
        solver.setOptionValue(name, value)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kUnbounded:
        return []
    _, known, ray = solver.getPrimalRay()
    ray = np.array(ray) if known else np.zeros(model.problem.columns)
    found = []
    for label, block in model.problem.blocks.items():
        grown = ray[block.index]
        grid, cost = (a if a.ndim == 2 else a[None, :] for a in (grown, model.problem.cost[block.index]))
        kind, _, attribute = label.partition("-")
        for column in np.flatnonzero((np.abs(grid) > TOLERANCE).any(axis=0)):
            gain = float(-(grid[:, column] * cost[:, column]).sum())
            found.append(Runaway(kind, attribute, component_of(model, block, int(column)), gain))
    return sorted(found, key=lambda way: -way.gain)
