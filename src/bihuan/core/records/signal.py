"""A signal: "this needs somebody", told by any engine and made a case by the pack's mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Severity = Literal["info", "warning", "serious", "critical"]


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that needs somebody."""

    source: str
    """Who tells it: `sense.rules`, `read.ledger`, `plan.budget`."""
    kind: str
    """What the pack's mapping knows it by: `air.exceedance`, `ledger.target`."""
    subject: str
    """What it is about: the URN of an entity, `entry:123`."""
    severity: Severity
    text: str
    """One sentence for people; no personal data."""
    at: datetime
    """When it was noticed; with a time zone."""
    key: str
    """Two signals of one source with one key are the same signal and make one case."""
    evidence: tuple[str, ...] = ()
    """References: SHA-256 of files, URNs, `entry:` identifiers."""
    values: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    """What the mapping may put into fields of the case."""
