"""A rule of a pack: what must hold of an entity, for how long, before somebody is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Literal

from bihuan.core.records.signal import Severity

Clock = Literal["event", "tick"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: str
    name: str
    types: tuple[str, ...]
    """Types of entity it looks at."""
    when: str
    """CEL: true while it holds."""
    kind: str
    """Kind of the signal, by which the pack's case types choose."""
    severity: Severity
    text: str
    """Of the signal; {name} and {attribute} are filled in."""
    source: str
    """What it rests on: a standard, an order, a practice."""
    where: str | None = None
    """CEL over `entity`: of which entities; None for all of the types."""
    clear: str | None = None
    """CEL: true when it is over, for a rule that holds on until then; None: as soon as `when` does not hold."""
    lasting: timedelta = timedelta(0)
    """How long `when` must hold before the signal."""
    clock: Clock = "event"
    """`event`: at each message; `tick`: every minute, for what is told by the absence of messages or by roll-ups."""
    quiet: tuple[time, time] | None = None
    """Chinese time of day between which nothing is raised; what still holds at its end is raised then."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Further values of the signal: a text with {…} filled in."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A named area."""

    id: str
    name: str
    ring: tuple[tuple[float, float], ...]
    """Corners, longitude and latitude; closed of itself."""
