"""A table of components in the making: rows of numbers, texts and series -> `Components`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bihuan.plan.attributes import ATTRIBUTES
from bihuan.plan.network import Components, Floats, Series

Cell = float | str | bool | Floats


class TableMaker:
    """Collects components of one kind; what a row leaves out has the attribute's default."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.rows: dict[str, Mapping[str, Cell]] = {}

    def add(self, name: str, **cells: Cell) -> None:
        """Add a component; an array is a value for each snapshot."""
        self.rows[name] = cells

    def table(self) -> Components:
        """Return the table."""
        used = [name for name in ATTRIBUTES[self.kind] if any(name in cells for cells in self.rows.values())]
        varying = {name: series for name in used if (series := self._series(name)) is not None}
        columns = {name: self._column(name) for name in used}
        return Components(self.kind, tuple(self.rows), columns, varying)

    def _column(self, name: str) -> np.ndarray:
        default = ATTRIBUTES[self.kind][name].default
        given = [cells.get(name, default) for cells in self.rows.values()]
        kind = object if isinstance(default, str) else bool if isinstance(default, bool) else np.float64
        return np.array([default if isinstance(cell, np.ndarray) else cell for cell in given], dtype=kind)

    def _series(self, name: str) -> Series | None:
        rows = [at for at, cells in enumerate(self.rows.values()) if isinstance(cells.get(name), np.ndarray)]
        if not rows:
            return None
        values = np.stack([np.asarray(list(self.rows.values())[at][name]) for at in rows], axis=1)
        return Series(np.array(rows, dtype=np.int32), values)
