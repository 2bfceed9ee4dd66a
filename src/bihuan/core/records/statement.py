"""What a document says that can be checked: statements with a number, commitments without one, and their links.

The schema is that of the labelled data (`docs/reference/records.md`); a field's order here is its order in JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Measure = Literal["level", "growth", "change", "share", "gap", "rank"]
Direction = Literal["+", "-"]
Bound = Literal["exact", "approx", "at_least", "at_most"]
Kind = Literal["result", "target"]
Stage = Literal["planned", "started", "under_way", "completed", "operating"]
Relation = Literal["target_result", "series", "project_progress", "none"]
Verdict = Literal["met", "missed", "partly", "unknown"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One quantified claim or promise."""

    doc: str
    """`Document.name`."""
    quote: str
    """The number with its unit, exactly as it stands in the raw text."""
    start: int
    """Offset of `quote` in the raw text, in Unicode code points."""
    indicator: str
    """What is measured, as the text names it, in simplified Chinese."""
    value: float
    """Non-negative, 万, 亿 and 千 folded in."""
    unit: str
    """Canonical unit in simplified Chinese; empty for an index."""
    measure: Measure
    direction: Direction | None
    """For growth, change and gap; None for the rest."""
    bound: Bound
    kind: Kind
    period: str | None
    """`2022`, `2023-09`, `2023-01/2023-11` or `2021/2023`; None where the text does not tell."""
    subject: str | None
    """Place or organisation the value belongs to; None for the document's own city."""
    reference: str | None = None
    """What a gap or rank is measured against: 全省, 省定目标; None where there is none."""
    section: str | None = None
    """Headings above, joined by ` / `."""
    sentence: str | None = None
    """The restored sentence the number stands in."""
    canonical: str | None = None
    """Identifier of the pack's indicator, None where the registry knows none."""
    confidence: float = 1.0
    """0 to 1: how many of the fields rest on a rule rather than on a default."""
    locator: str | None = None
    """Page, sheet or cell, where the format has them."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promise or result without a number that names something checkable."""

    doc: str
    quote: str
    """From the first to the last of action and object, exactly as in the raw text."""
    start: int
    verb: str
    """Canonical action: the last of a chain (建成投产 → 投产)."""
    object: str
    stage: Stage
    kind: Kind
    period: str | None
    due: str | None
    """Last month (`2023-08`) or day the text allows; None where it names none."""
    subject: str | None
    section: str | None = None
    sentence: str | None = None
    canonical: str | None = None
    """Identifier of the pack's project, None where the registry knows none."""
    confidence: float = 1.0
    locator: str | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """One end of a link: a number's or a clause's place in a document."""

    doc: str
    start: int
    quote: str


@dataclass(frozen=True, slots=True)
class Link:
    """Two places that speak of the same indicator or project; `a` is the promise or the earlier state."""

    a: Anchor
    b: Anchor
    same: str
    """Name of what they share."""
    relation: Relation
    verdict: Verdict | None
    """For `target_result`; None for the rest."""
