"""Who acts: an authenticated person, program or the system itself, with what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["public", "own", "subtree", "city"]
"""How far a principal sees: published fields only, own unit's cases, those of the units below as well, all."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody whose identity was checked; every action of a case has one as its actor."""

    id: str
    """As it stands in events: `account:12`, `key:3`, `system`. Never a name."""
    name: str
    """For people to read; never stored in events."""
    unit: str | None
    """Identifier of the organisation in the pack; None for the public and the system."""
    roles: frozenset[str] = frozenset()
    """`administrator`, `supervisor`, `dispatcher`, `handler`, `reviewer`, `reporter`, or what a pack's types name."""
    scope: Scope = "own"


SYSTEM = Principal("system", "system", None, frozenset({"system"}), "city")
"""Timers and engines act in this name; it may never close a case."""
