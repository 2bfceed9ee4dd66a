"""What a pack's energy folder holds once it has been read: components whose every number knows where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bihuan.plan.network import Floats

Basis = Literal["stated", "computed", "assumed"]
BASES: tuple[Basis, ...] = ("stated", "computed", "assumed")


@dataclass(frozen=True, slots=True)
class Value:
    """A number, or a series times a number, with its provenance."""

    number: float
    """In the field's unit; the factor of the series where there is one."""
    series: str
    """Name of a series of the pack; empty for a constant."""
    basis: Basis
    source: str
    """Id in `sources.yaml`."""
    note: str = ""


Content = Value | str | bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One component as its author wrote it."""

    kind: str
    name: str
    values: dict[str, Content]
    """Field -> what was given; fields left out have the default of `fields.KINDS`."""
    file: str
    line: int
    english: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What differs from the base case."""

    id: str
    """Name of its file."""
    name: str
    english: str
    year: int
    extends: str
    """Scenario it builds on; empty for the base case."""
    note: str
    add: tuple[Entry, ...]
    change: tuple[Entry, ...]
    remove: tuple[tuple[str, str], ...]
    """(kind, name)."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from."""

    id: str
    title: str
    where: str


@dataclass(frozen=True)
class EnergyPack:
    """A pack's energy folder."""

    folder: Path
    name: str
    english: str
    year: int
    synthetic: str
    """What every page must say about made-up series, in Chinese; empty where all are measured."""
    synthetic_english: str
    discount_rate: Value
    sources: dict[str, Source]
    snapshots: tuple[str, ...]
    series: dict[str, Floats]
    entries: tuple[Entry, ...]
    scenarios: dict[str, Scenario] = field(default_factory=dict)

    def of(self, kind: str) -> list[Entry]:
        """Return the base case's components of one kind."""
        return [entry for entry in self.entries if entry.kind == kind]
