"""A quadratic cost made piecewise linear, for problems with whole numbers: HiGHS takes no integers with a Hessian."""

from __future__ import annotations

from math import inf

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.matrix import Problem

SEGMENTS = 32
"""Tangents of each parabola."""


def linearize(problem: Problem) -> float:
    """Replace each square by tangents from below and return by how much the cost may be too low at most.

    Tangents touch the parabola q x² in the middles of `SEGMENTS` equal parts of the variable's range w, so that each
    square is short by at most q (w / 2 SEGMENTS)².

    Raises:
        InputError: a variable with a quadratic cost has no finite range.
    """
    quadratic = problem.quadratic
    columns = np.flatnonzero(quadratic).astype(np.int32)
    low, high = problem.lower[columns], problem.upper[columns]
    if not (np.isfinite(low) & np.isfinite(high)).all():
        raise InputError(
            "marginal_cost_quadratic with unit commitment needs a finite range of power; give p_nom instead of letting "
            "the plan choose it, or drop the quadratic cost"
        )
    problem.drop_squares()
    cost, width = quadratic[columns], high - low
    area = problem.variables("squares", -inf, inf, 1.0, columns.shape).index
    for part in range(SEGMENTS):
        at = low + width * (part + 0.5) / SEGMENTS
        problem.rows_of(f"squares-{part}", -cost * at**2, inf, (area, 1.0), (columns, -2 * cost * at))
    return float(np.sum(cost * (width / (2 * SEGMENTS)) ** 2))
