"""An energy system as tables: one table a kind of component, a row each, some attributes varying by snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bihuan.core.errors import InputError
from bihuan.plan.attributes import ATTRIBUTES

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Components:
    """All components of one kind.

    Attributes not given have the defaults of `attributes.ATTRIBUTES`.
    """

    kind: str
    """`generators`, `lines`, …, as in a network folder."""
    names: tuple[str, ...]
    columns: dict[str, list[str]] = field(default_factory=dict)
    """Attribute -> a text for each component; empty for the default."""
    varying: dict[str, dict[int, Floats]] = field(default_factory=dict)
    """Attribute -> component's index -> value by snapshot; stands before the column."""

    def __len__(self) -> int:
        return len(self.names)

    def texts(self, attribute: str) -> list[str]:
        """Return the attribute of each component as text."""
        default = str(ATTRIBUTES[self.kind].get(attribute, ""))
        return [value or default for value in self.columns.get(attribute, [""] * len(self))]

    def numbers(self, attribute: str) -> Floats:
        """Return the attribute of each component, shape (components,).

        Raises:
            InputError: a value is no number; the message names table, row and value.
        """
        default = float(ATTRIBUTES[self.kind].get(attribute, 0.0))
        given = self.columns.get(attribute)
        if given is None:
            return np.full(len(self), default)
        return np.array([self._number(attribute, row, text, default) for row, text in enumerate(given)])

    def flags(self, attribute: str) -> Bools:
        """Return the attribute of each component as true or false, shape (components,)."""
        default = str(ATTRIBUTES[self.kind].get(attribute, False))
        given = self.columns.get(attribute, [""] * len(self))
        return np.array([(text or default).strip().lower() in ("true", "1", "1.0") for text in given], dtype=bool)

    def by_snapshot(self, attribute: str, snapshots: int) -> Floats:
        """Return the attribute for each snapshot and component, shape (snapshots, components).

        A read-only view where nothing varies, so that a constant costs no memory.
        """
        constant = np.broadcast_to(self.numbers(attribute), (snapshots, len(self)))
        varying = self.varying.get(attribute)
        if not varying:
            return constant
        values = constant.copy()
        for row, series in varying.items():
            values[:, row] = series
        return values

    def only(self, keep: Bools) -> Components:
        """Return the components that `keep` marks."""
        rows = np.flatnonzero(keep)
        new_row = {int(old): new for new, old in enumerate(rows)}
        columns = {name: [values[row] for row in rows] for name, values in self.columns.items()}
        varying = {
            name: {new_row[row]: series for row, series in by_row.items() if row in new_row}
            for name, by_row in self.varying.items()
        }
        return Components(self.kind, tuple(self.names[row] for row in rows), columns, varying)

    def _number(self, attribute: str, row: int, text: str, default: float) -> float:
        if not text:
            return default
        try:
            return float(text)
        except ValueError:
            message = f"{attribute} of {self.names[row]!r} is {text!r}; a number was expected"
            raise InputError(message, where=self.kind) from None


@dataclass(frozen=True)
class Network:
    """An energy system and the snapshots it is looked at in."""

    name: str
    snapshots: tuple[str, ...]
    weightings: dict[str, Floats]
    """`objective`, `stores`, `generators`: hours each snapshot stands for in cost, storage and yearly sums."""
    tables: dict[str, Components]

    def __getitem__(self, kind: str) -> Components:
        return self.tables[kind]

    @cached_property
    def bus_index(self) -> dict[str, int]:
        """Where each bus stands in the table of buses."""
        return {name: row for row, name in enumerate(self.tables["buses"].names)}

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
