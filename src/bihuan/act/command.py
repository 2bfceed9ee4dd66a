"""What somebody asks of a case: to open one, or to do something to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bihuan.core.records.case import EvidenceRef, Grade


@dataclass(frozen=True, slots=True)
class Opening:
    """A case to be opened."""

    type: str
    values: Mapping[str, Any]
    """Field -> value, personal ones included; JSON values."""
    profile: str | None = None
    received_at: datetime | None = None
    """When the matter reached the office; None for now."""
    office: str | None = None
    """For openings by the public or by a signal; else the opener's unit."""
    lead: str | None = None
    supports: tuple[str, ...] = ()
    evidence: tuple[EvidenceRef, ...] = ()
    parent: str | None = None
    """Number of the case this one was split off."""
    about: Mapping[str, Any] | None = None
    """The signal that asked for it; stands in the opening's event."""
    key: str | None = None
    """Idempotency key: the same key of the same principal opens one case."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something to be done to a case. Which of the fields an action takes depends on what it does."""

    action: str
    """Name of an action of the case's type."""
    version: int
    """Version of the case that the person saw; somebody quicker makes it stale."""
    note: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[EvidenceRef, ...] = ()
    """Files already kept by `act.evidence`."""
    lead: str | None = None
    supports: tuple[str, ...] = ()
    clock: str | None = None
    """Clock a report meets, or an extension is asked for."""
    days: int = 0
    until: date | None = None
    grade: Grade | None = None
    rating: int | None = None
    other: str | None = None
    """Number of the other case of a link or merge."""
    relation: str | None = None
    """How the other case stands to this one; None for what the action makes."""
    parts: tuple[Opening, ...] = ()
    """Subcases of a split."""
    part_numbers: tuple[str, ...] = ()
    """Numbers of the parts; given by the engine."""
    at: datetime | None = None
    """When it was done, where somebody claims another time than now; back-dated and future times are refused."""
    key: str | None = None
    """Idempotency key: repeating the command with it changes nothing."""
