"""The registry a pack brings along: indicators and projects under one name each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Good = Literal["up", "down", "none"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure that reports speak of year after year."""

    id: str
    """Stable, `gdp`, `urban-income`."""
    name: str
    """Canonical Chinese name."""
    english: str
    aliases: tuple[str, ...]
    """Other names of the same thing; never of a part or a neighbour of it."""
    unit: str
    """Canonical unit of its level."""
    good: Good
    """Which way is good."""
    source: str
    """Statistical definition or office that keeps it."""


@dataclass(frozen=True, slots=True)
class Project:
    """A named project followed through its stages."""

    id: str
    name: str
    aliases: tuple[str, ...]
    district: str | None
    source: str
