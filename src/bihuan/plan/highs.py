"""Handing a problem to HiGHS, and taking its answer back. Only an optimum that HiGHS proved counts as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import highspy
import numpy as np

from bihuan.core.errors import OutsideError
from bihuan.plan.matrix import Problem
from bihuan.plan.network import Floats

Method = Literal["auto", "simplex", "ipm", "hipo", "pdlp"]
METHODS: tuple[Method, ...] = get_args(Method)
Status = Literal["optimal", "infeasible", "unbounded", "infeasible_or_unbounded", "limit", "unknown"]

_STATUS: dict[highspy.HighsModelStatus, Status] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kModelEmpty: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible_or_unbounded",
    highspy.HighsModelStatus.kTimeLimit: "limit",
    highspy.HighsModelStatus.kIterationLimit: "limit",
    highspy.HighsModelStatus.kInterrupt: "limit",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What HiGHS says."""

    status: Status
    objective: float
    values: Floats
    """Of the variables; empty where there is no solution."""
    row_duals: Floats
    nonzeros: int


def hand_over(problem: Problem, method: Method, time_limit: float | None) -> tuple[highspy.Highs, int]:
    """Return HiGHS with the problem loaded, and the number of entries.

    Raises:
        OutsideError: HiGHS refuses the problem.
    """
    matrix = problem.matrix()
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("solver", {"auto": "choose"}.get(method, method))
    if time_limit is not None:
        solver.setOptionValue("time_limit", time_limit)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = problem.columns, problem.rows
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = problem.cost, problem.lower, problem.upper
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = problem.columns, problem.rows
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.starts, matrix.columns, matrix.values
    if solver.passModel(lp) == highspy.HighsStatus.kError:
        raise OutsideError("HiGHS refuses the problem; a bound or cost is no finite number")
    return solver, matrix.values.size


def run(solver: highspy.Highs, nonzeros: int) -> Answer:
    """Solve and return the answer; a status HiGHS does not vouch for comes back as `unknown`."""
    solver.run()
    status = _STATUS.get(solver.getModelStatus(), "unknown")
    if status != "optimal":
        return Answer(status, float("nan"), np.zeros(0), np.zeros(0), nonzeros)
    solution = solver.getSolution()
    values, duals = np.asarray(solution.col_value), np.asarray(solution.row_dual)
    return Answer(status, solver.getInfo().objective_function_value, values, duals, nonzeros)
