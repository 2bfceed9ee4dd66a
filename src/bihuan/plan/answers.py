"""The best that HiGHS has to say of a problem: with prices where units are whole, by tangents where squares beat it."""

from __future__ import annotations

import highspy

from bihuan.plan import highs, tangents
from bihuan.plan.highs import Answer, Options
from bihuan.plan.matrix import Problem


def solved(solver: highspy.Highs, problem: Problem, options: Options) -> Answer:
    """Solve what was handed over, and return the answer.

    An optimum with whole numbers comes with prices (`highs.priced`). A convex quadratic cost on which HiGHS' active set
    gives up (it takes some for non-convex) is solved by tangents, to a proven gap.
    """
    answer = highs.run(solver, options)
    quadratic = problem.quadratic
    if answer.status == "unknown" and quadratic.size:
        return tangents.solved(solver, quadratic, options)
    return highs.priced(solver, problem, answer, options)
