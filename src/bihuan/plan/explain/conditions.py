"""The conditions of a problem that a person set and could change: demand, capacities, budgets, contracts, duties.

Everything else (a plant's region, what it burns, a store's balance, the voltage law) is nature and is never given up. A condition is
one component's limit over all snapshots: rows of the problem, or bounds of variables on one side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bihuan.plan.attributes import NOMINAL
from bihuan.plan.matrix import Block, Indices, Matrix
from bihuan.plan.model import Model

Family = Literal[
    "demand", "budget", "band", "reserve", "energy", "ramp", "rule", "contract", "duty", "build", "most", "least"
]
Side = Literal["rows", "lower", "upper"]


@dataclass(frozen=True)
class Condition:
    """One thing that must hold."""

    family: Family
    kind: str
    """Kind of component."""
    name: str
    """Component, or budget."""
    label: str
    """Block of rows or variables that it comes from."""
    side: Side
    """Rows, or the lower or upper bounds of variables."""
    index: Indices
    """Numbers of the rows or of the variables."""
    snapshots: Indices
    """Snapshot of each of `index`; empty for what holds over the year."""

    def only(self, keep: np.ndarray) -> Condition:
        """Return the condition in some of its places."""
        snapshots = self.snapshots[keep] if self.snapshots.size else self.snapshots
        return replace(self, index=self.index[keep], snapshots=snapshots)


def conditions(model: Model, matrix: Matrix) -> list[Condition]:
    """Return all conditions of a model; `matrix` is that of its problem."""
    names = _Names(model)
    found = [*_of_rows(model, matrix, names), *_of_bounds(model)]
    return [condition for condition in found if condition.index.size]


_HARD = {"storage_units-spill", "heat_districts-missing", "stores-p", "thermal_units-q"}
"""Variables whose bounds are nature."""


def _family_of_rows(label: str, block: Block, steps: int) -> Family | None:
    if label == "balance":
        return "demand"
    if label.startswith(("global-", "buses-")):
        return "budget"
    if label.startswith("reserves-") and block.index.shape == (steps,):
        return "reserve"
    for pattern, family in (
        (r"export_contracts-(above|below)$", "band"),
        (r"generators-e_sum$", "energy"),
        (r".*-ramp", "ramp"),
        (r"storage_rules-", "rule"),
    ):
        if re.match(pattern, label):
            return family  # type: ignore[return-value]
    return None


class _Names:
    """Which component a variable belongs to."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.blocks = [block for block in model.problem.blocks.values() if block.index.size]
        self.first = np.array([block.index.flat[0] for block in self.blocks], dtype=np.int64)

    def of_variable(self, number: int) -> tuple[str, str]:
        """Return (kind, component) of a variable."""
        block = self.blocks[int(np.searchsorted(self.first, number, side="right")) - 1]
        kind = block.label.partition("-")[0]
        place = np.unravel_index(number - int(block.index.flat[0]), block.index.shape)
        return kind, component_of(self.model, block, int(place[-1]))


def component_of(model: Model, block: Block, column: int) -> str:
    """Return the component that a column of a block of variables belongs to."""
    kind, _, attribute = block.label.partition("-")
    capacity = model.capacities.get(kind)
    if capacity is not None and attribute == NOMINAL.get(kind):
        column = int(capacity.chosen[column])
    components = model.components.get(kind)
    return components.names[column] if components is not None and column < len(components) else block.label


def _of_rows(model: Model, matrix: Matrix, names: _Names) -> Iterator[Condition]:
    for label, block in model.problem.constraints.items():
        family = _family_of_rows(label, block, model.steps)
        if family is None or not block.index.size:
            continue
        if family == "demand":
            fuels = set(model.network["fuels"].names)
            for column, bus in enumerate(model.network["buses"].names):
                if bus in fuels:
                    continue
                yield Condition(
                    family, "buses", bus, label, "rows", block.index[:, column], np.arange(model.steps, dtype=np.int32)
                )
        elif family in ("budget", "reserve"):
            kind, _, name = label.partition("-")
            snapshots = np.arange(model.steps, dtype=np.int32) if family == "reserve" else np.zeros(0, np.int32)
            yield Condition(family, kind, name, label, "rows", block.index.ravel(), snapshots)
        else:
            yield from _by_component(family, block, matrix, names)


def _by_component(family: Family, block: Block, matrix: Matrix, names: _Names) -> Iterator[Condition]:
    """A block's columns, each named after the component whose variable its first row begins with."""
    grid = block.index if block.index.ndim == 2 else block.index[None, :]
    for column in range(grid.shape[1]):
        rows = grid[:, column]
        entries = matrix.columns[matrix.starts[rows[0]] : matrix.starts[rows[0] + 1]]
        if not entries.size:
            continue
        kind, name = names.of_variable(int(entries[0]))
        steps = np.arange(rows.size, dtype=np.int32) if block.index.ndim == 2 else np.zeros(0, np.int32)
        yield Condition(family, kind, name, block.label, "rows", rows, steps)


def _of_bounds(model: Model) -> Iterator[Condition]:
    problem = model.problem
    for label, block in problem.blocks.items():
        kind, _, attribute = label.partition("-")
        if label in _HARD or not block.index.size:
            continue
        yearly = block.index.ndim == 1
        grid = block.index[None, :] if yearly else block.index
        for column in range(grid.shape[1]):
            index = grid[:, column]
            steps = np.zeros(0, np.int32) if yearly else np.arange(index.size, dtype=np.int32)
            name = component_of(model, block, column)
            upper = np.isfinite(problem.upper[index])
            lower = np.isfinite(problem.lower[index]) & (problem.lower[index] != 0)
            for side, keep in (("upper", upper), ("lower", lower)):
                family = _family_of_bound(kind, attribute, side)
                if family is not None and keep.any():
                    whole = Condition(family, kind, name, label, side, index, steps)  # type: ignore[arg-type]
                    yield whole.only(keep)


def _family_of_bound(kind: str, attribute: str, side: str) -> Family | None:
    if kind == "export_contracts" and attribute == "mean":
        return "contract"
    if kind == "heat_districts":
        return "duty" if side == "lower" else None
    if attribute == NOMINAL.get(kind):
        return "build"
    return "most" if side == "upper" else "least"
