"""Small steps on one problem in HiGHS: hold some conditions, let others go, make one elastic, and see what follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from typing import Any

import highspy
import numpy as np

from bihuan.core.errors import OutsideError
from bihuan.plan.explain.conditions import Condition
from bihuan.plan.matrix import Indices, Matrix, Problem
from bihuan.plan.network import Floats

TOLERANCE = 1e-6


class Engine:
    """A problem without its cost, loaded once."""

    def __init__(self, problem: Problem, matrix: Matrix, *, whole: bool = False, cost: bool = False) -> None:
        self.problem = problem
        self.solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # its stubs lack part of what it has
        self.solver.setOptionValue("output_flag", False)
        kinds = np.zeros(problem.columns, dtype=np.int32)
        if whole:
            kinds[problem.whole] = 1
        paid = problem.cost if cost else np.zeros(problem.columns)
        size = (problem.columns, problem.rows, int(matrix.values.size), 2, 1, 0.0)
        arrays = (paid, problem.lower, problem.upper, problem.row_lower, problem.row_upper)
        said = self.solver.passModel(*size, *arrays, matrix.starts, matrix.columns, matrix.values, kinds)
        if said == highspy.HighsStatus.kError:
            raise OutsideError("HiGHS refuses the problem; a bound or a coefficient is no number", where="solver")

    def is_feasible(self) -> bool:
        """Solve, and say whether there is a point that fulfils what is held now."""
        self.solver.run()
        status = self.solver.getModelStatus()
        return bool(status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnbounded))

    def let_go(self, condition: Condition) -> None:
        """Hold a condition no more. A lower bound above 0 falls to 0, since quantities stay quantities."""
        index, size = condition.index, condition.index.size
        free = np.full(size, inf)
        if condition.side == "rows":
            self.solver.changeRowsBounds(size, index, -free, free)
            return
        lower, upper = self._bounds(index)
        if condition.side == "upper":
            self.solver.changeColsBounds(size, index, lower, free)
        else:
            self.solver.changeColsBounds(size, index, np.where(lower > 0, 0.0, -inf), upper)

    def hold(self, condition: Condition) -> None:
        """Hold a condition again, as the problem has it."""
        index, size = condition.index, condition.index.size
        if condition.side == "rows":
            self.solver.changeRowsBounds(size, index, self.problem.row_lower[index], self.problem.row_upper[index])
            return
        lower, upper = self._bounds(index)
        given = self.problem.upper if condition.side == "upper" else self.problem.lower
        bounds = (lower, given[index]) if condition.side == "upper" else (given[index], upper)
        self.solver.changeColsBounds(size, index, *bounds)

    def _bounds(self, index: Indices) -> tuple[Floats, Floats]:
        """Return the variables' bounds as they are now."""
        said, _, _, lower, upper, _ = self.solver.getCols(index.size, index)
        if said == highspy.HighsStatus.kError:
            raise OutsideError("HiGHS does not return the bounds of its variables", where="solver")
        return np.array(lower), np.array(upper)

    def slack_rows(self, rows: Indices, price: Floats) -> Slack:
        """Let rows be missed, each by an amount of its own, where their bounds are finite."""
        short = rows[np.isfinite(self.problem.row_lower[rows])]
        over = rows[np.isfinite(self.problem.row_upper[rows])]
        added = np.concatenate([short, over])
        sign = np.concatenate([np.ones(short.size), -np.ones(over.size)])
        paid = np.concatenate(
            [price[np.isfinite(bound[rows])] for bound in (self.problem.row_lower, self.problem.row_upper)]
        )
        return Slack(self._columns(added, np.arange(added.size + 1)[:-1], sign, paid), added, sign)

    def slack_bounds(self, columns: Indices, lower: Floats, price: Floats) -> Slack:
        """Let lower bounds be missed: rows x + s >= lower in their place. Returns the rows in `Slack.rows`."""
        first = self.solver.getNumRow()
        rows = np.arange(first, first + columns.size, dtype=np.int32)
        free = np.full(columns.size, inf)
        ones = np.ones(columns.size)
        starts = np.arange(columns.size, dtype=np.int32)
        self.solver.addRows(columns.size, lower, free, columns.size, starts, columns.astype(np.int32), ones)
        _, upper = self._bounds(columns)
        self.solver.changeColsBounds(columns.size, columns, np.zeros(columns.size), upper)
        return Slack(self._columns(rows, starts, ones, price), rows, ones)

    def one_slack(self, columns: Indices, bound: Floats, share: Floats, sign: float) -> int:
        """Let bounds be moved by one amount, times a share in each place; returns the number of its variable.

        Rows x − share · Δ <= bound for sign +1 (more capacity), x + share · Δ >= bound for −1 (less duty).
        """
        first = self.solver.getNumRow()
        size = columns.size
        free = np.full(size, inf)
        low, high = (-free, bound) if sign > 0 else (bound, free)
        self.solver.addRows(
            size, low, high, size, np.arange(size, dtype=np.int32), columns.astype(np.int32), np.ones(size)
        )
        lower, upper = self._bounds(columns)
        lower, upper = (lower, free) if sign > 0 else (np.where(lower > 0, 0.0, -inf), upper)
        self.solver.changeColsBounds(size, columns, lower, upper)
        rows = np.arange(first, first + size, dtype=np.int32)
        return int(self._columns(rows, np.zeros(1, np.int32), -sign * share, np.ones(1))[0])

    def _columns(self, rows: Indices, starts: np.ndarray, values: Floats, price: Floats) -> Indices:
        """Add variables >= 0 with their entries, and return their numbers."""
        first, size = self.solver.getNumCol(), price.size
        zero, free = np.zeros(size), np.full(size, inf)
        begins = starts.astype(np.int32)[:size]
        self.solver.addCols(size, price, zero, free, rows.size, begins, rows.astype(np.int32), values)
        return np.arange(first, first + size, dtype=np.int32)

    def values(self) -> Floats:
        """Return the variables, slacks included."""
        return np.array(self.solver.getSolution().col_value)

    def duals(self) -> tuple[Floats, Floats]:
        """Return the multipliers of rows and of variables' bounds."""
        solution = self.solver.getSolution()
        return np.array(solution.row_dual), np.array(solution.col_dual)


class Slack:
    """Amounts by which rows may be missed."""

    def __init__(self, columns: Indices, rows: Indices, sign: Floats) -> None:
        self.columns = columns
        self.rows = rows
        self.sign = sign

    def amounts(self, values: Floats) -> Floats:
        """Return the amounts, + where a row falls short, − where it runs over."""
        return np.asarray(values[self.columns] * self.sign)


def let_all_go(engine: Engine, conditions: Iterable[Condition]) -> None:
    """Hold none of the conditions."""
    for condition in conditions:
        engine.let_go(condition)


def smallest(engine: Engine, candidates: Sequence[Condition], everything: Sequence[Condition]) -> list[Condition]:
    """Return a set of conditions that cannot hold together, none of which can be left out (deletion filter).

    Source: J. W. Chinneck, Feasibility and Infeasibility in Optimization (2008), §6.1.

    Args:
        engine: with everything held.
        candidates: places that cannot hold together, those that matter least first.
        everything: all conditions; those that are no candidates are let go.
    """
    let_all_go(engine, everything)
    for condition in candidates:
        engine.hold(condition)
    if engine.is_feasible():
        return []
    kept = []
    for condition in candidates:
        engine.let_go(condition)
        if engine.is_feasible():
            engine.hold(condition)
            kept.append(condition)
    return kept
