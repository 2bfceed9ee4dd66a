"""Handing a problem to HiGHS, and taking its answer back. Only an optimum that HiGHS proved counts as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import highspy
import numpy as np

from bihuan.core.errors import InputError, OutsideError
from bihuan.plan.matrix import Problem
from bihuan.plan.network import Floats

Method = Literal["auto", "simplex", "ipm", "hipo", "pdlp"]
METHODS: tuple[Method, ...] = get_args(Method)
Status = Literal[
    "optimal",
    "infeasible",
    "unbounded",
    "infeasible_or_unbounded",
    "time_limit",
    "iteration_limit",
    "interrupted",
    "unknown",
]
Progress = Callable[[str], None]
Setting = bool | int | float | str

_STATUS: dict[highspy.HighsModelStatus, Status] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kModelEmpty: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible_or_unbounded",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
    highspy.HighsModelStatus.kIterationLimit: "iteration_limit",
    highspy.HighsModelStatus.kInterrupt: "interrupted",
}
_POLL_S = 0.1
_LARGE = 15_000
"""Columns from which an interior point beats the simplex where capacities are chosen (docs/explanation/plan-speed.md)."""
_SHARED_BY = 100
"""Rows that a variable stands in from which it ties snapshots together: a capacity that the plan chooses."""


@dataclass(frozen=True, slots=True)
class Options:
    """How HiGHS solves."""

    method: Method = "auto"
    """`auto` takes an interior point for large problems in which capacities are chosen, else the simplex."""
    time_limit: float | None = None
    """Seconds; None for no limit."""
    gap: float = 1e-4
    """Relative gap at which an incumbent with whole numbers counts as optimal."""
    threads: int | None = None
    progress: Progress | None = None
    """Told each line that HiGHS logs."""
    interruptible: bool = False
    """Ctrl-C stops the solver and keeps what it has, instead of the program."""
    cancelled: Callable[[], bool] | None = None
    """Asked now and then; once it says yes the solver stops and keeps what it has."""
    extra: dict[str, Setting] = field(default_factory=dict)
    """Further options of HiGHS, by their names there."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What HiGHS says."""

    status: Status
    objective: float
    """Of the optimum, or of the best plan known; NaN without one."""
    gap: float
    """Relative gap to the bound that is proven; 0 at an optimum without whole numbers, NaN where nothing is known."""
    values: Floats
    """Of the variables; empty where there is no solution."""
    row_duals: Floats
    """Change of the objective per unit of a row's right side; empty without a solution that is proven best.

    With whole numbers: where these stay as they are (`priced`).
    """
    column_duals: Floats
    """Reduced costs, in the same way."""
    iterations: int


def hand_over(problem: Problem, options: Options) -> tuple[highspy.Highs, int]:
    """Return HiGHS with the problem loaded, and the number of entries.

    Raises:
        OutsideError: HiGHS refuses the problem.
        InputError: whole numbers with a quadratic cost that was not made linear before.
    """
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    _set(solver, "output_flag", False)
    configure(solver, problem, options)
    entries = _pass(solver, problem)
    return solver, entries


def configure(solver: highspy.Highs, problem: Problem, options: Options) -> None:
    """Set the options of HiGHS.

    Raises:
        OutsideError: HiGHS does not know an option or has no such method here.
    """
    _set(solver, "solver", _method(problem, options.method))
    _set(solver, "mip_rel_gap", options.gap)
    if options.time_limit is not None:
        _set(solver, "time_limit", float(options.time_limit))
    if options.threads is not None:
        _set(solver, "threads", options.threads)
    for name, value in options.extra.items():
        _set(solver, name, value)


def _method(problem: Problem, asked: Method) -> str:
    if asked != "auto":
        return asked
    plain = not problem.whole.size and not problem.quadratic.size
    return "ipm" if plain and problem.columns >= _LARGE and _chooses_capacities(problem) else "choose"


def _chooses_capacities(problem: Problem) -> bool:
    """Whether a variable stands in rows of many snapshots.

    Without one, snapshots hang together only by storage and budgets, and the simplex is quicker at any size.
    """
    columns = problem.matrix().columns
    return bool(columns.size) and int(np.bincount(columns).max()) >= _SHARED_BY


def _set(solver: highspy.Highs, name: str, value: Setting) -> None:
    if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
        raise OutsideError(
            f"HiGHS does not take {name}={value!r}; for hipo install highspy-extras, or choose another method",
            where="solver",
        )


def _pass(solver: highspy.Highs, problem: Problem) -> int:
    matrix, quadratic, whole = problem.matrix(), problem.quadratic, problem.whole
    if whole.size and quadratic.size:
        raise InputError("whole numbers together with a quadratic cost; make the cost piecewise linear first")
    bounds = (problem.cost, problem.lower, problem.upper, problem.row_lower, problem.row_upper)
    rowwise, triangular, minimise, offset = 2, 1, 1, 0.0
    size: tuple[int, ...] = (problem.columns, problem.rows, int(matrix.values.size))
    arrays: tuple[Any, ...] = (*bounds, matrix.starts, matrix.columns, matrix.values)
    give: Any = solver.passModel
    if whole.size or quadratic.size:
        kinds = np.zeros(problem.columns, dtype=np.int32)
        kinds[whole] = 1
        start, index, value = _hessian(quadratic)
        head = (*size, int(value.size), rowwise, triangular, minimise, offset)
        said = give(*head, *arrays, start, index, value, kinds)
    else:
        said = give(*size, rowwise, minimise, offset, *arrays, np.zeros(problem.columns, dtype=np.int32))
    if said == highspy.HighsStatus.kError:
        raise OutsideError("HiGHS refuses the problem; a bound, a cost or a coefficient is no number", where="solver")
    return int(matrix.values.size)


def _hessian(quadratic: Floats) -> tuple[Any, Any, Floats]:
    """Σ quadratic · x² as ½ x' Q x, by columns."""
    if not quadratic.size:
        return np.zeros(1, np.int32), np.zeros(0, np.int32), np.zeros(0)
    index = np.flatnonzero(quadratic).astype(np.int32)
    start = np.searchsorted(index, np.arange(quadratic.size + 1)).astype(np.int32)
    return start, index, 2.0 * quadratic[index]


def run(solver: highspy.Highs, options: Options | None = None) -> Answer:
    """Solve and return the answer; a status HiGHS does not vouch for comes back as `unknown`."""
    options = options or Options()
    if options.progress is not None:
        _listen(solver, options.progress)
    _run(solver, options)
    return _answer(solver)


def _run(solver: highspy.Highs, options: Options) -> None:
    if options.interruptible or options.cancelled is not None:
        _run_until_stopped(solver, options)
    else:
        solver.run()


def priced(solver: highspy.Highs, problem: Problem, answer: Answer, options: Options) -> Answer:
    """Return an optimum with whole numbers with prices: those of the problem in which these are held.

    What is left is linear, so it has duals, and its own optimum costs no more than the plan found; that is what comes
    back, with the gap that was proven before. As it was, where the held problem is not solved. The solver has its
    problem back afterwards.

    Source: R. P. O'Neill et al., Efficient market-clearing prices in markets with nonconvexities, EJOR 164 (2005), 2.
    """
    whole = problem.whole
    if not whole.size or answer.status != "optimal" or not answer.values.size:
        return answer
    held = np.round(answer.values[whole])
    continuous = np.zeros(whole.size, dtype=np.uint8)
    solver.changeColsIntegrality(whole.size, whole, continuous)
    solver.changeColsBounds(whole.size, whole, held, held)
    _run(solver, options)
    linear = _answer(solver)
    solver.changeColsBounds(whole.size, whole, problem.lower[whole], problem.upper[whole])
    solver.changeColsIntegrality(whole.size, whole, continuous + 1)
    if linear.status != "optimal":
        return answer
    return replace(linear, gap=answer.gap, iterations=answer.iterations + linear.iterations)


def _run_until_stopped(solver: highspy.Highs, options: Options) -> None:
    """In a thread beside, so that Ctrl-C or the caller may stop it; a second Ctrl-C is let through."""
    solver.HandleUserInterrupt = True
    solver.startSolve()
    stopping = done = False
    while not done:
        try:
            done, _ = solver.wait(_POLL_S)
            if not stopping and options.cancelled is not None and options.cancelled():
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            if stopping:
                raise
            stopping = True
            solver.cancelSolve()  # type: ignore[no-untyped-call]


def _listen(solver: highspy.Highs, progress: Progress) -> None:
    _set(solver, "output_flag", True)
    _set(solver, "log_to_console", False)
    solver.cbLogging.subscribe(lambda event: progress(event.message.rstrip()))


def _answer(solver: highspy.Highs) -> Answer:
    status = _STATUS.get(solver.getModelStatus(), "unknown")
    info, solution = solver.getInfo(), solver.getSolution()
    has_plan = status == "optimal" or int(info.primal_solution_status) == 2
    if not has_plan or not solution.value_valid:
        if solver.getNumCol() == 0 and status == "optimal":
            return Answer(status, 0.0, 0.0, np.zeros(0), np.zeros(solver.getNumRow()), np.zeros(0), 0)
        return Answer(status, np.nan, np.nan, np.zeros(0), np.zeros(0), np.zeros(0), _iterations(info))
    dual = status == "optimal" and solution.dual_valid
    return Answer(
        status,
        float(info.objective_function_value),
        _gap(solver, status),
        np.array(solution.col_value),
        np.array(solution.row_dual if dual else []),
        np.array(solution.col_dual if dual else []),
        _iterations(info),
    )


def _gap(solver: highspy.Highs, status: Status) -> float:
    gap = float(solver.getInfo().mip_gap)
    if solver.getInfo().mip_node_count >= 0:
        return gap if np.isfinite(gap) else np.nan
    return 0.0 if status == "optimal" else np.nan


def _iterations(info: Any) -> int:
    counts = (info.simplex_iteration_count, info.ipm_iteration_count, info.pdlp_iteration_count)
    return sum(max(int(count), 0) for count in counts)
