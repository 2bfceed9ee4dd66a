"""Which light a promise shows: green met, yellow partly, red missed, grey not told or still open.

A light is never colour alone: it has a shape and a word too (WCAG 2.2, 1.4.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Light:
    """One of the four lights."""

    name: str
    """CSS class: `green`, `yellow`, `red`, `grey`."""
    shape: str
    """Character shown in the colour."""


LIGHTS: Mapping[str, Light] = {
    "met": Light("green", "●"),
    "partly": Light("yellow", "◐"),
    "missed": Light("red", "■"),
    "unknown": Light("grey", "○"),
    "open": Light("grey", "◌"),
}
"""Verdict -> light, in the order of a legend."""


def light(verdict: str | None) -> Light:
    """Return the light of a verdict; a promise nobody has reported on yet is open."""
    return LIGHTS.get(verdict or "open", LIGHTS["open"])


def in_order(counts: Mapping[Any, int]) -> dict[str, int]:
    """Return counts by verdict in the order of a legend, 0 where there is none."""
    return {verdict: counts.get(verdict, 0) for verdict in LIGHTS}
