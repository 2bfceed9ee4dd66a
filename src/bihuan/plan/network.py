"""An energy system as tables: one table a kind of component, a row each, some attributes varying by snapshot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from bihuan.core.errors import InputError
from bihuan.plan.attribute import Attribute
from bihuan.plan.attributes import ATTRIBUTES
from bihuan.plan.faults import Fault

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.signedinteger[Any]]
"""Numbers of rows and columns; 32 bits where there are many."""
Column = npt.NDArray[Any]

WEIGHTINGS = ("objective", "stores", "generators")
_PORT = re.compile(r"(bus|efficiency|rate|delay|cyclic_delay)([2-9]|[1-9]\d+)$")
_FIRST_PORT = {"bus": "bus1", "rate": "rate1"}


def attribute_of(kind: str, name: str) -> Attribute | None:
    """Return what an attribute is; `efficiency2` is as `efficiency`, `rate3` as `rate1`. None where it is not known."""
    known = ATTRIBUTES.get(kind, {})
    if name in known:
        return known[name]
    port = _PORT.match(name)
    if port is None:
        return None
    stem = port.group(1)
    return known.get(_FIRST_PORT.get(stem, stem)) or known.get(f"{stem}1")


@dataclass(frozen=True)
class Series:
    """An attribute's values by snapshot, for some components."""

    rows: Ints
    """Components that have them."""
    values: Floats
    """Shape (snapshots, len(rows))."""


@dataclass(frozen=True)
class Components:
    """All components of one kind.

    Attributes not given have the defaults of `attributes.ATTRIBUTES`.
    """

    kind: str
    """`generators`, `lines`, …, as in a network folder."""
    names: tuple[str, ...]
    columns: dict[str, Column] = field(default_factory=dict)
    """Attribute -> a value for each component: numbers, flags or texts, as the attribute asks for."""
    varying: dict[str, Series] = field(default_factory=dict)
    """Attribute -> values by snapshot; they stand before the column."""

    def __len__(self) -> int:
        return len(self.names)

    def _column(self, attribute: str) -> Column:
        given = self.columns.get(attribute)
        if given is not None:
            return given
        known = attribute_of(self.kind, attribute)
        if known is None:
            raise KeyError(f"{self.kind} have no attribute {attribute!r}")
        return np.full(len(self), known.default, dtype=object if isinstance(known.default, str) else None)

    def texts(self, attribute: str) -> list[str]:
        """Return the attribute of each component as text."""
        return [str(value) for value in self._column(attribute)]

    def numbers(self, attribute: str) -> Floats:
        """Return the attribute of each component, shape (components,), as a new array.

        A column that bihuan does not know (emissions of another kind, say) counts 0 where it is empty.
        """
        given = self._column(attribute)
        if given.dtype == object:
            given = np.array([float(cell) if cell not in ("", "nan") else 0.0 for cell in given])
        return np.array(given, dtype=np.float64)

    def flags(self, attribute: str) -> Bools:
        """Return the attribute of each component as true or false, shape (components,)."""
        return np.array(self._column(attribute), dtype=bool)

    def by_snapshot(self, attribute: str, snapshots: int) -> Floats:
        """Return the attribute for each snapshot and component, shape (snapshots, components).

        A read-only view where nothing varies, so that a constant costs no memory.
        """
        constant = np.broadcast_to(self.numbers(attribute), (snapshots, len(self)))
        series = self.varying.get(attribute)
        if series is None or not series.rows.size:
            return constant
        if series.rows.size == len(self) and (np.diff(series.rows) == 1).all():
            return series.values
        values = constant.copy()
        values[:, series.rows] = series.values
        return values

    def only(self, keep: Bools) -> Components:
        """Return the components that `keep` marks."""
        if keep.all():
            return self
        rows = np.flatnonzero(keep)
        columns = {name: values[rows] for name, values in self.columns.items()}
        varying = {name: _only(series, keep) for name, series in self.varying.items()}
        return Components(self.kind, tuple(self.names[row] for row in rows), columns, varying)

    def with_column(self, attribute: str, values: Column) -> Components:
        """Return the same components with another column."""
        return Components(self.kind, self.names, {**self.columns, attribute: values}, self.varying)

    def with_row(self, name: str, **values: str | float) -> Components:
        """Return the same components and one more; attributes that are not given have their defaults."""
        columns = {}
        for attribute in {**self.columns, **values}:
            column, known = self._column(attribute), attribute_of(self.kind, attribute)
            unset = known.default if known else "" if column.dtype == object else np.nan
            more = np.array([values.get(attribute, unset)], dtype=column.dtype)
            columns[attribute] = np.concatenate([column, more])
        return Components(self.kind, (*self.names, name), columns, self.varying)


def _only(series: Series, keep: Bools) -> Series:
    new_row = np.cumsum(keep, dtype=np.int32) - 1
    kept = keep[series.rows]
    return Series(new_row[series.rows[kept]].astype(np.int32), series.values[:, kept])


@dataclass(frozen=True)
class Periods:
    """Investment periods: years in which the plan may build, each with its own snapshots."""

    years: tuple[int, ...]
    of_snapshot: Ints
    """Which of `years` each snapshot belongs to, shape (snapshots,)."""
    cost_weight: Floats
    """What a period counts in the cost (discounting), shape (periods,)."""
    length: Floats
    """Years until the next period, shape (periods,); budgets count each snapshot so often."""


@dataclass(frozen=True)
class Network:
    """An energy system and the snapshots it is looked at in."""

    name: str
    snapshots: tuple[str, ...]
    weightings: dict[str, Floats]
    """`objective`, `stores`, `generators`: hours each snapshot stands for in cost, storage and yearly sums."""
    tables: Mapping[str, Components]
    periods: Periods | None = None
    """None where all is built at once."""
    warnings: tuple[Fault, ...] = ()
    """What the reader found odd and passed over."""

    def __getitem__(self, kind: str) -> Components:
        table = self.tables.get(kind)
        return Components(kind, ()) if table is None else table

    @cached_property
    def bus_index(self) -> dict[str, int]:
        """Where each bus stands in the table of buses."""
        return {name: row for row, name in enumerate(self["buses"].names)}

    def buses_of(self, components: Components, attribute: str) -> Ints:
        """Return the index of the bus that `attribute` names for each component.

        Raises:
            InputError: a bus is not in the table; the message names the component and the bus.
        """
        named = components.texts(attribute)
        unknown = [(c, bus) for c, bus in zip(components.names, named, strict=True) if bus not in self.bus_index]
        if unknown:
            faults = "; ".join(f"{attribute} of {component!r} is {bus!r}" for component, bus in unknown[:10])
            raise InputError(f"no such bus: {faults}", where=components.kind)
        return np.array([self.bus_index[bus] for bus in named], dtype=np.int32)

    def replace(self, **tables: Components) -> Network:
        """Return the network with other tables of these kinds."""
        merged = {**self.tables, **tables}
        return Network(self.name, self.snapshots, self.weightings, merged, self.periods, self.warnings)
