"""What the casework API takes and gives, as OpenAPI describes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bihuan.act.case_type import CaseType
from bihuan.act.command import Command, Opening
from bihuan.act.engine import CaseView
from bihuan.core.records.case import Case, EvidenceRef, Grade, Light
from bihuan.store.case_lists import CaseRow


class Given(BaseModel):
    """A body; a member it does not know is refused, for a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class CaseTypeOut(BaseModel):
    """A type of case, as far as a program needs it to open cases and act on them."""

    type: str
    name: str
    english: str
    about: str
    profiles: list[str]
    fields: dict[str, FieldOut]
    steps: dict[str, str]
    actions: dict[str, ActionOut]
    may_open: bool


class FieldOut(BaseModel):
    """A field of a case."""

    name: str
    kind: str
    required: bool
    personal: bool
    choices: list[str]


class ActionOut(BaseModel):
    """What may be done to a case, and where."""

    name: str
    does: str
    steps: list[str]
    to: str | None
    needs_note: bool
    needs_evidence: int
    needs_fields: list[str]
    sets: list[str]


class RowOut(BaseModel):
    """A case in a list; it holds no personal data."""

    number: str
    type: str
    category: str | None
    title: str
    step: str
    office: str
    lead: str | None
    supports: list[str]
    light: Light
    level: int
    version: int
    is_open: bool
    next_due: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    updated_at: datetime
    returns: int
    grade: str | None
    rating: int | None
    parent: str | None


class CountOut(BaseModel):
    """How many cases a list has."""

    cases: int
    more: bool = Field(description="True where there are more than these `cases`: no more were counted.")


class CasesOut(BaseModel):
    """A page of a list."""

    items: list[RowOut]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")
    count: CountOut | None = Field(None, description="Of all pages; null where it was not asked for.")


class EventOut(BaseModel):
    """One thing that happened to a case."""

    seq: int
    type: str
    actor: str
    at: datetime
    action: str | None
    note: str


class CaseOut(BaseModel):
    """A case, with what the caller may do and see of it."""

    case: Case
    may: list[str] = Field(description="Actions that the caller may do now.")
    personal: Mapping[str, str] = Field(description="Whole for the roles that see them, masked for others.")
    masked: list[str]
    history: list[EventOut]


class OpenedOut(BaseModel):
    """A case that was opened."""

    case: Case
    code: str | None = Field(description="What the public follows and rates it with; told once.")


class OpenIn(Given):
    """A case to be opened."""

    type: str
    fields: dict[str, Any] = Field(description="Field -> value, as `GET /api/case-types` lists them.")
    profile: str | None = None
    received_at: AwareDatetime | None = None
    lead: str | None = None
    supports: list[str] = []


class ActIn(Given):
    """Something to be done to a case; which members an action takes depends on what it does."""

    action: str
    version: int = Field(ge=1, description="Version of the case that was seen; somebody quicker makes it stale (409).")
    note: str = ""
    fields: dict[str, Any] = {}
    lead: str | None = None
    supports: list[str] = []
    clock: str | None = None
    days: int = Field(0, ge=0, le=366)
    until: date | None = None
    grade: Grade | None = None
    rating: int | None = Field(None, ge=1, le=5)
    other: str | None = Field(None, description="Number of the other case of a link or merge.")
    relation: Literal["parent", "child", "blocks", "blocked_by", "repeats", "repeated_by", "related"] | None = Field(
        None, description="Without it, what the action makes."
    )

    parts: list[OpenIn] = Field([], max_length=50, description="Of a split: the cases it is split into.")


def opening_of(given: OpenIn, key: str | None, evidence: tuple[EvidenceRef, ...] = ()) -> Opening:
    """Return what a body asks to be opened."""
    return Opening(
        given.type, given.fields, given.profile, given.received_at,
        lead=given.lead, supports=tuple(given.supports), evidence=evidence, key=key,
    )  # fmt: skip


def command_of(given: ActIn, evidence: tuple[EvidenceRef, ...], key: str | None) -> Command:
    """Return what a body asks to be done."""
    return Command(
        given.action, given.version, given.note, given.fields, evidence, given.lead, tuple(given.supports),
        given.clock, given.days, given.until, given.grade, given.rating, given.other, given.relation,
        parts=tuple(opening_of(part, None) for part in given.parts), key=key,
    )  # fmt: skip


def row_out(row: CaseRow) -> RowOut:
    """Return a row of a list."""
    told = {name: getattr(row, name) for name in RowOut.model_fields if name != "light"}
    return RowOut(**told, light=row.light_name)


def case_out(view: CaseView) -> CaseOut:
    """Return a case as its caller sees it."""
    history = [
        EventOut(
            seq=h.seq, type=h.type, actor=h.actor, at=h.at, action=h.body.get("action"), note=h.body.get("note") or ""
        )
        for h in view.history
    ]
    masked = sorted(view.personal.keys() - view.unmasked)
    return CaseOut(case=view.case, may=list(view.may), personal=view.personal, masked=masked, history=history)


def type_out(found: CaseType, may_open: bool) -> CaseTypeOut:
    """Return a case type."""
    fields = {
        name: FieldOut(
            name=f.name, kind=f.kind, required=f.required, personal=f.personal is not None, choices=list(f.choices)
        )
        for name, f in found.fields.items()
    }
    actions = {
        name: ActionOut(
            name=a.name, does=a.does, steps=list(a.from_), to=a.to, needs_note=a.needs.note,
            needs_evidence=a.needs.evidence, needs_fields=list(a.needs.fields), sets=list(a.sets),
        )
        for name, a in found.actions.items()
    }  # fmt: skip
    steps = {name: step.name for name, step in found.steps.items()}
    return CaseTypeOut(
        type=found.type, name=found.name, english=found.english, about=found.about, profiles=list(found.profiles),
        fields=fields, steps=steps, actions=actions, may_open=may_open,
    )  # fmt: skip
