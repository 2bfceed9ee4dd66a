"""The linear problem as arrays: variables and rows come in blocks, coefficients as whole arrays, never one by one.

minimise  cost · x   subject to   row_lower <= A x <= row_upper,   lower <= x <= upper
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bihuan.plan.network import Floats

Indices = npt.NDArray[np.int32]
Numbers = npt.ArrayLike


@dataclass(frozen=True, slots=True)
class Block:
    """Variables or rows of one meaning, numbered without a gap."""

    label: str
    index: Indices
    """Their numbers in the problem, in the shape of their meaning: (snapshots, components) or (components,)."""

    def of(self, solution: Floats) -> Floats:
        """Return this block's part of a solution, in its shape."""
        return solution[self.index]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A in compressed rows."""

    starts: Indices
    columns: Indices
    values: Floats


class Problem:
    """A linear problem being put together."""

    def __init__(self) -> None:
        self.blocks: dict[str, Block] = {}
        self.constraints: dict[str, Block] = {}
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._cost: list[Floats] = []
        self._row_lower: list[Floats] = []
        self._row_upper: list[Floats] = []
        self._entries: list[tuple[Indices, Indices, Floats]] = []
        self.columns = 0
        self.rows = 0

    def variables(self, label: str, lower: Numbers, upper: Numbers, cost: Numbers, shape: tuple[int, ...]) -> Block:
        """Add a block of variables; bounds and cost are broadcast to `shape`."""
        for store, values in ((self._lower, lower), (self._upper, upper), (self._cost, cost)):
            store.append(_flat(values, shape))
        block = Block(label, _numbered(self.columns, shape))
        self.columns += block.index.size
        self.blocks[label] = block
        return block

    def rows_between(self, label: str, lower: Numbers, upper: Numbers, shape: tuple[int, ...]) -> Block:
        """Add a block of rows `lower <= … <= upper`, broadcast to `shape`; their entries come by `put`."""
        self._row_lower.append(_flat(lower, shape))
        self._row_upper.append(_flat(upper, shape))
        block = Block(label, _numbered(self.rows, shape))
        self.rows += block.index.size
        self.constraints[label] = block
        return block

    def put(self, rows: Indices, columns: Indices, values: Numbers) -> None:
        """Add `values` to A at (rows, columns); the three are broadcast together, zeros left out."""
        r, c, v = np.broadcast_arrays(rows, columns, np.asarray(values, dtype=np.float64))
        keep = v != 0
        self._entries.append((r[keep], c[keep], v[keep]))

    def add_to_right_side(self, rows: Indices, values: Numbers) -> None:
        """Add `values` to both bounds of `rows`; a row may be named more than once."""
        for store in (self._row_lower, self._row_upper):
            merged = np.concatenate(store) if store else np.zeros(0)
            np.add.at(merged, *_paired(rows, values))
            store[:] = [merged]

    @property
    def lower(self) -> Floats:
        """Lower bounds of the variables."""
        return _joined(self._lower)

    @property
    def upper(self) -> Floats:
        """Upper bounds of the variables."""
        return _joined(self._upper)

    @property
    def cost(self) -> Floats:
        """Cost of one unit of each variable."""
        return _joined(self._cost)

    @property
    def row_lower(self) -> Floats:
        """Lower bounds of the rows."""
        return _joined(self._row_lower)

    @property
    def row_upper(self) -> Floats:
        """Upper bounds of the rows."""
        return _joined(self._row_upper)

    def matrix(self) -> Matrix:
        """Return A in compressed rows; entries put at one place more than once are summed."""
        rows = np.concatenate([entry[0] for entry in self._entries] or [np.zeros(0, np.int32)])
        columns = np.concatenate([entry[1] for entry in self._entries] or [np.zeros(0, np.int32)])
        values = np.concatenate([entry[2] for entry in self._entries] or [np.zeros(0)])
        place = rows.astype(np.int64) * max(self.columns, 1) + columns
        order = np.argsort(place, kind="stable")
        place, values = place[order], values[order]
        first = np.flatnonzero(np.diff(place, prepend=-1))
        if first.size < place.size:
            place, values = place[first], np.add.reduceat(values, first)
        starts = np.searchsorted(place, np.arange(self.rows + 1, dtype=np.int64) * max(self.columns, 1))
        return Matrix(starts.astype(np.int32), (place % max(self.columns, 1)).astype(np.int32), values)


def _numbered(first: int, shape: tuple[int, ...]) -> Indices:
    size = int(np.prod(shape))
    return np.arange(first, first + size, dtype=np.int32).reshape(shape)


def _flat(values: Numbers, shape: tuple[int, ...]) -> Floats:
    return np.array(np.broadcast_to(np.asarray(values, dtype=np.float64), shape)).ravel()


def _paired(rows: Indices, values: Numbers) -> tuple[Indices, Floats]:
    r, v = np.broadcast_arrays(rows, np.asarray(values, dtype=np.float64))
    return r.ravel(), v.ravel()


def _joined(parts: list[Floats]) -> Floats:
    if len(parts) > 1:
        parts[:] = [np.concatenate(parts)]
    return parts[0] if parts else np.zeros(0)
