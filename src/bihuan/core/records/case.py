"""A case（事项）: one closed loop with an owner, clocks, evidence and a closing.

The records are made of plain values, so that a case folds out of its events and is written as one JSON object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Light = Literal["green", "blue", "yellow", "orange", "red"]
LIGHTS: tuple[Light, ...] = ("green", "blue", "yellow", "orange", "red")
"""From good to bad; a case shows the worst of its open clocks."""
Grade = Literal["优秀", "良好", "合格", "不合格"]
GRADES: tuple[Grade, ...] = ("优秀", "良好", "合格", "不合格")
"""Excellent, good, passed, failed: how a closed matter is graded in 13710."""
ClockStatus = Literal["running", "suspended", "met", "dropped"]
"""`dropped` is a clock that something else made pointless: the matter was closed, or done before a report was due."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One running or ended time limit（时限）of a case."""

    id: str
    """Of the type's clock; with `#k` for the k-th of a repeating one."""
    started_at: datetime
    due_at: datetime | None
    """None while it lies past the loaded calendar (provisional) or while the clock is suspended."""
    status: ClockStatus = "running"
    light: Light = "green"
    fired: int = 0
    """How many of its points (reminders, lights, escalations) have fired."""
    met_at: datetime | None = None
    extended: int = 0
    """Working days granted."""
    until: date | None = None
    """A date that was granted instead（承诺办结日）."""
    suspended: tuple[tuple[date, date], ...] = ()
    former: tuple[datetime | None, ...] = ()
    """Due times it had before: a holiday notice, an extension, a suspension."""

    @property
    def is_open(self) -> bool:
        """Whether it still runs (or will again)."""
        return self.status in ("running", "suspended")


@dataclass(frozen=True, slots=True)
class EvidenceRef:
    """A file attached to a case（佐证）; the bytes lie in the store under their SHA-256."""

    sha256: str
    name: str
    media_type: str
    size_bytes: int
    step: str
    """Step in which it was attached."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A tie between two cases."""

    kind: Literal["parent", "child", "blocks", "blocked_by", "repeats", "repeated_by", "related"]
    number: str


@dataclass(frozen=True, slots=True)
class ExtensionRequest:
    """An extension that was asked for and not yet answered."""

    clock: str
    days: int
    until: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """The present state of one case; `version` counts its events."""

    number: str
    type: str
    profile: str | None
    """Day profile of the type's clocks, such as `13710-W`."""
    step: str
    office: str
    """The unit that assigned it and reviews it（交办单位）."""
    opened_by: str
    opened_at: datetime
    received_at: datetime
    """Instant the clocks count from; not later than `opened_at`."""
    version: int = 1
    values: dict[str, Any] = field(default_factory=dict)
    personal: tuple[str, ...] = ()
    """Names of the personal fields held elsewhere, encrypted; never their content."""
    lead: str | None = None
    """Unit that leads（牵头）."""
    supports: tuple[str, ...] = ()
    """Units that help（配合）."""
    handler: str | None = None
    """Principal who accepted the work."""
    clocks: tuple[Clock, ...] = ()
    light: Light = "green"
    level: int = 0
    """How often it was escalated."""
    workers: tuple[str, ...] = ()
    """Principals who worked on it; none of them may close it."""
    working_units: tuple[str, ...] = ()
    evidence: tuple[EvidenceRef, ...] = ()
    relations: tuple[Relation, ...] = ()
    extension: ExtensionRequest | None = None
    suspended_on: date | None = None
    assigned_at: datetime | None = None
    applied_at: datetime | None = None
    """When the handler claimed it done; `closed_at` is the verified end."""
    reviewed: bool = False
    """Whether the last application to close was reviewed and passed."""
    grade: Grade | None = None
    closed_at: datetime | None = None
    returns: int = 0
    bounces: int = 0
    reopened: int = 0
    rating: int | None = None
    proposal: str | None = None
    """Why an engine proposes to close it; None where nothing is proposed."""
    updated_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is not closed."""
        return self.closed_at is None

    @property
    def next_due(self) -> datetime | None:
        """The nearest due time of a running clock."""
        return min((c.due_at for c in self.clocks if c.status == "running" and c.due_at), default=None)

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit that has to do with it."""
        return tuple(dict.fromkeys(unit for unit in (self.office, self.lead, *self.supports) if unit))
