"""What is wrong with a network: every fault by table, component, field and row, with what was got and expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bihuan.core.errors import InputError

_SHOWN = 200
"""Faults written out in a message; the number of the rest is said."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, or looks wrong."""

    table: str
    """Kind of component or file: `generators`, `snapshots`, …"""
    component: str
    """Name of the component; empty where the whole table is meant."""
    field: str
    """Attribute; empty where the whole component is meant."""
    row: str
    """Snapshot or line; empty where there is no single one."""
    got: str
    expected: str
    severity: Literal["fault", "warning"] = "fault"
    """A fault stops; a warning is said, and the network is solved."""

    def __str__(self) -> str:
        place = [self.table, repr(self.component) if self.component else "", self.field]
        row = f" at {self.row}" if self.row else ""
        return f"{', '.join(part for part in place if part)}{row}: got {self.got}; expected {self.expected}"


class FaultyNetwork(InputError):
    """A network that cannot be solved as it stands; `faults` holds every one that was found."""

    def __init__(self, faults: Iterable[Fault], *, where: str | None = None) -> None:
        self.faults = tuple(faults)
        shown = [f"  {fault}" for fault in self.faults[:_SHOWN]]
        more = [f"  … and {len(self.faults) - _SHOWN} more"] if len(self.faults) > _SHOWN else []
        number = f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''}"
        super().__init__("\n".join([f"{number}; mend them and try again", *shown, *more]), where=where)
