"""Which light a promise shows: green met, yellow partly, red missed, grey where nobody can tell yet.

A light is never colour alone: it has a shape and a word too (WCAG 2.2, 1.4.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


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
}
"""Verdict -> light, in the order of a legend."""


def light(verdict: str | None) -> Light:
    """Return the light of a verdict; a promise nobody has reported on yet is grey."""
    return LIGHTS.get(verdict or "unknown", LIGHTS["unknown"])


def count_lights(verdicts: Iterable[str | None]) -> dict[str, int]:
    """Return verdict -> how many, every verdict present; what is no verdict yet counts as `unknown`."""
    counted = Counter(verdict if verdict in LIGHTS else "unknown" for verdict in verdicts)
    return {verdict: counted[verdict] for verdict in LIGHTS}
