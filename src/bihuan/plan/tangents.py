"""A convex quadratic cost by tangents that are added where the plan comes to lie, until it is proven as good as best.

Each square q x² becomes an area y that is no less than its tangents. The linear optimum is a bound from below; what its
plan really costs is one from above.

Source: J. E. Kelley, The cutting-plane method for solving convex programs, J. SIAM 8 (1960).
"""

from __future__ import annotations

from dataclasses import replace
from math import inf

import highspy
import numpy as np

from bihuan.plan import highs
from bihuan.plan.highs import Answer, Options
from bihuan.plan.network import Floats, Ints

GAP = 1e-7
"""Relative gap between both bounds at which a plan counts as the optimum."""
_ROUNDS = 500


def solved(solver: highspy.Highs, quadratic: Floats, options: Options) -> Answer:
    """Return the answer to the problem in `solver`, whose squares cost `quadratic`; it is left as it is.

    Its gap is what is proven, its duals are those of the last tangents. Not within `GAP` after all rounds: `unknown`.
    """
    linear, columns = highspy.Highs(), np.flatnonzero(quadratic)  # type: ignore[no-untyped-call]
    linear.setOptionValue("output_flag", False)
    linear.passModel(solver.getLp())  # without the Hessian
    first = linear.getNumCol()
    for _ in columns:
        linear.addVar(0.0, inf)
    areas = np.arange(first, first + columns.size, dtype=np.int32)
    linear.changeColsCost(areas.size, areas, np.ones(areas.size))
    cost, answer = quadratic[columns], Answer("unknown", np.nan, np.nan, *(np.zeros(0),) * 3, 0)
    if options.time_limit is not None:
        linear.setOptionValue("time_limit", float(options.time_limit))
    rows, iterations = linear.getNumRow(), 0
    for _ in range(_ROUNDS):
        answer = highs.run(linear, options)
        iterations += answer.iterations
        if not answer.values.size:
            return replace(answer, iterations=iterations)
        at = answer.values[columns]
        short = cost * at**2 - answer.values[areas]
        really = answer.objective + float(short.sum())
        gap = float(short.sum()) / max(1.0, abs(really))
        answer = replace(
            answer,
            objective=really,
            gap=max(gap, 0.0),
            values=answer.values[:first],
            row_duals=answer.row_duals[:rows],
            column_duals=answer.column_duals[:first],
            iterations=iterations,
        )
        if gap <= GAP or answer.status != "optimal":
            return answer
        touch = np.flatnonzero(short > GAP / 2 * max(1.0, abs(really)) / columns.size)
        _add(linear, areas[touch], columns[touch], cost[touch], at[touch])
    return replace(answer, status="unknown")


def _add(linear: highspy.Highs, areas: Ints, columns: Ints, cost: Floats, at: Floats) -> None:
    """Tangents y >= 2 q a x − q a² at `at`."""
    starts = np.arange(0, 2 * at.size, 2, dtype=np.int32)
    entries = np.stack([areas, columns], axis=1).ravel().astype(np.int32)
    values = np.stack([np.ones(at.size), -2 * cost * at], axis=1).ravel()
    linear.addRows(at.size, -cost * at**2, np.full(at.size, inf), values.size, starts, entries, values)
