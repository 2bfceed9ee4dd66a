"""The problem as arrays: variables and rows come in blocks, coefficients as whole arrays, never one by one.

minimise  cost · x + Σ quadratic · x²   subject to   row_lower <= A x <= row_upper,   lower <= x <= upper,
some x whole numbers
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bihuan.plan.network import Floats, Ints

Indices = Ints
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

    def entries(self) -> tuple[Indices, Indices, Floats]:
        """Return row, column and value of each entry."""
        rows = np.repeat(np.arange(self.starts.size - 1, dtype=np.int32), np.diff(self.starts))
        return rows, self.columns, self.values

    def of_row(self, row: int, solution: Floats) -> float:
        """Return what a row of A comes to."""
        part = slice(self.starts[row], self.starts[row + 1])
        return float(self.values[part] @ solution[self.columns[part]])


class Problem:
    """A linear, quadratic or mixed-integer problem being put together."""

    def __init__(self) -> None:
        self.blocks: dict[str, Block] = {}
        self.constraints: dict[str, Block] = {}
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self._cost: list[Floats] = []
        self._row_lower: list[Floats] = []
        self._row_upper: list[Floats] = []
        self._entries: list[tuple[Indices, Indices, Floats]] = []
        self._quadratic: list[tuple[Indices, Floats]] = []
        self._whole: list[Indices] = []
        self._matrix: Matrix | None = None
        self.columns = 0
        self.rows = 0

    def variables(
        self,
        label: str,
        lower: Numbers,
        upper: Numbers,
        cost: Numbers,
        shape: tuple[int, ...],
        *,
        whole: bool = False,
    ) -> Block:
        """Add a block of variables; bounds and cost are broadcast to `shape`; `whole` asks for integers."""
        for store, values in ((self._lower, lower), (self._upper, upper), (self._cost, cost)):
            store.append(_flat(values, shape))
        block = Block(label, _numbered(self.columns, shape))
        self.columns += block.index.size
        self.blocks[label] = block
        if whole:
            self._whole.append(block.index.ravel())
        return block

    def rows_between(self, label: str, lower: Numbers, upper: Numbers, shape: tuple[int, ...]) -> Block:
        """Add a block of rows `lower <= … <= upper`, broadcast to `shape`; their entries come by `put`."""
        self._row_lower.append(_flat(lower, shape))
        self._row_upper.append(_flat(upper, shape))
        block = Block(label, _numbered(self.rows, shape))
        self.rows += block.index.size
        self.constraints[label] = block
        return block

    def rows_of(self, label: str, lower: Numbers, upper: Numbers, *terms: tuple[Indices, Numbers]) -> Block:
        """Add rows `lower <= Σ coefficient · variable <= upper`, in the shape of the first term's variables."""
        rows = self.rows_between(label, lower, upper, terms[0][0].shape)
        for columns, coefficients in terms:
            self.put(rows.index, columns, coefficients)
        return rows

    def put(self, rows: Indices, columns: Indices, values: Numbers) -> None:
        """Add `values` to A at (rows, columns); the three are broadcast together, zeros left out."""
        given = np.asarray(values, dtype=np.float64)
        shape = np.broadcast_shapes(rows.shape, columns.shape, given.shape)
        keep = given != 0
        if not keep.any():
            return
        r, c, v = np.broadcast_to(rows, shape), np.broadcast_to(columns, shape), np.broadcast_to(given, shape)
        if keep.all():
            self._entries.append((r.ravel(), c.ravel(), v.ravel()))
        else:
            kept = np.broadcast_to(keep, shape)
            self._entries.append((r[kept], c[kept], v[kept]))

    def put_square(self, columns: Indices, cost: Numbers) -> None:
        """Let the square of each variable cost `cost`."""
        given = np.broadcast_to(np.asarray(cost, dtype=np.float64), columns.shape)
        self._quadratic.append((columns[given != 0], given[given != 0]))

    def drop_squares(self) -> None:
        """Take back every quadratic cost."""
        self._quadratic.clear()

    def add_cost(self, columns: Indices, cost: Numbers) -> None:
        """Let one more unit of each variable cost so much more."""
        merged = self.cost
        np.add.at(merged, *_paired(columns, cost))

    def tighten(self, columns: Indices, lower: Numbers, upper: Numbers) -> None:
        """Keep variables within these bounds, too."""
        self.lower[columns] = np.maximum(self.lower[columns], lower)
        self.upper[columns] = np.minimum(self.upper[columns], upper)

    def add_to_right_side(self, rows: Indices, values: Numbers) -> None:
        """Add `values` to both bounds of `rows`; a row may be named more than once."""
        for merged in (self.row_lower, self.row_upper):
            np.add.at(merged, *_paired(rows, values))

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

    @property
    def whole(self) -> Indices:
        """Variables that are whole numbers."""
        return np.concatenate(self._whole) if self._whole else np.zeros(0, np.int32)

    @property
    def quadratic(self) -> Floats:
        """Cost of the square of each variable; empty where none has one."""
        if not any(columns.size for columns, _ in self._quadratic):
            return np.zeros(0)
        cost = np.zeros(self.columns)
        for columns, values in self._quadratic:
            np.add.at(cost, columns, values)
        return cost

    def matrix(self) -> Matrix:
        """Return A in compressed rows; entries put at one place more than once are summed.

        The entries given are let go on the way, so that they and A never take memory together for long.
        """
        if self._matrix is not None:
            if not self._entries:
                return self._matrix
            self._entries.insert(0, self._matrix.entries())
        place = _one([entry[0] for entry in self._entries], np.int64)
        place *= max(self.columns, 1)
        place += _one([entry[1] for entry in self._entries], np.int32)
        values = _one([entry[2] for entry in self._entries], np.float64)
        self._entries = []
        if (place[1:] < place[:-1]).any():
            order = np.argsort(place, kind="stable").astype(np.int32 if place.size < 2**31 else np.int64)
            place, values = place[order], values[order]
            del order
        twice = np.flatnonzero(place[1:] == place[:-1])
        if twice.size:
            first = np.flatnonzero(np.append(True, place[1:] != place[:-1]))
            place, values = place[first], np.add.reduceat(values, first)
        starts = np.searchsorted(place, np.arange(self.rows + 1, dtype=np.int64) * max(self.columns, 1))
        place %= max(self.columns, 1)
        self._matrix = Matrix(starts.astype(np.int32), place.astype(np.int32), values)
        return self._matrix


def _one(parts: list[Any], kind: type) -> Any:
    return np.concatenate(parts, dtype=kind, casting="same_kind") if parts else np.zeros(0, kind)


def _numbered(first: int, shape: tuple[int, ...]) -> Indices:
    size = int(np.prod(shape))
    return np.arange(first, first + size, dtype=np.int32).reshape(shape)


def _flat(values: Numbers, shape: tuple[int, ...]) -> Floats:
    return np.array(np.broadcast_to(np.asarray(values, dtype=np.float64), shape)).ravel()


def _paired(rows: Indices, values: Numbers) -> tuple[Indices, Floats]:
    r, v = np.broadcast_arrays(rows, np.asarray(values, dtype=np.float64))
    return r.ravel(), v.ravel()


def _joined(parts: list[Floats]) -> Floats:
    if not parts:
        parts.append(np.zeros(0))
    if len(parts) > 1:
        parts[:] = [np.concatenate(parts)]
    return parts[0]
