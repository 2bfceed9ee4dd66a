"""What a city's pack says of its devices: attributes, limits, retention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AttributeKind:
    """What is known of an attribute whoever measures it."""

    id: str
    name: str
    english: str
    unit: str | None = None
    lowest: float | None = None
    """Below, a value cannot be."""
    highest: float | None = None
    jump: float | None = None
    """Furthest it can move from one message to the next; None: any."""
    frozen_minutes: float | None = None
    """A live sensor does not give one value for longer; None: it may."""
    is_counter: bool = False
    """A meter that only grows."""
    wraps_at: float | None = None
    """Where a counter's register begins again."""


@dataclass(frozen=True, slots=True)
class KeepingPolicy:
    """How long what is kept."""

    hot_days: int = 3
    """In PostgreSQL; older days are sealed into the lake."""
    raw_days: int = 90
    """Frames as they came."""
    lake_days: int = 1830
    """Readings; of those before, roll-ups by hour, day and month remain."""
    quarantine_days: int = 30
    silent_after: float = 3
    """Reports missed before a device counts as silent."""
    monitoring: tuple[str, ...] = ()
    """Types of entity that are rolled up by the practice of environmental monitoring."""


@dataclass(frozen=True, slots=True)
class Sensing:
    """A pack's part on devices."""

    attributes: Mapping[str, AttributeKind]
    policy: KeepingPolicy
