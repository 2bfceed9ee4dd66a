"""The format of a case type: one YAML file of the pack, read into these records. The engine knows no type by name.

Field names here are the keys of the file (`from_` stands for `from`). Its JSON Schema is made from this module, and
`docs/how-to/write-a-case-type.md` walks through one.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct, field

from bihuan.core.records.case import Light
from bihuan.core.records.signal import Severity

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
TypeName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]
Title = Annotated[str, Meta(min_length=1, max_length=60)]
Count = Annotated[int, Meta(ge=0, le=10_000)]
TimeOfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Kind = Literal[
    "text", "long_text", "number", "integer", "money_yuan", "percent", "date", "dates", "choice", "choices", "boolean",
    "phone", "email", "place", "unit", "case", "entry",
]  # fmt: skip
NUMBERS: frozenset[Kind] = frozenset({"number", "integer", "money_yuan", "percent"})
"""Kinds whose values are numbers."""
Verb = Literal[
    "open", "edit", "assign", "accept", "report", "attach", "move", "bounce", "return", "request_extension",
    "grant_extension", "refuse_extension", "suspend", "resume", "escalate", "propose", "apply", "review", "close",
    "reopen", "split", "link", "merge", "rate",
]  # fmt: skip
"""What the engine can do; an action of a type is one of these, under the type's own name."""
VERBS: tuple[Verb, ...] = get_args(Verb)
Party = Literal["office", "lead", "support", "superior", "opener", "handler", "anyone", "system"]
"""How somebody stands to a case: unit that assigned it, that leads, that helps, above the lead; who opened, accepted."""


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """One answer of a `choice` field."""

    name: Title
    english: Title
    group: str = ""
    """Heading under which it is listed."""
    lead: str = ""
    """Unit a case of this choice goes to by default."""
    aliases: list[str] = []
    """Other words for it, in signals and Excel files."""


class Personal(Struct, frozen=True, forbid_unknown_fields=True):
    """What makes a field personal: encrypted at rest, in no event, no log and on no public page."""

    seen_by: Annotated[list[Name], Meta(min_length=1)]
    """Roles of the type that see it unmasked."""
    keep_days: Annotated[int, Meta(ge=1, le=3650)]
    """Days after the closing until it is erased."""
    redacted: bool = False
    """Whether a copy with telephone and identity numbers blanked stands in the case."""


class FieldSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a case."""

    name: Title
    english: Title
    kind: Kind = "text"
    required: bool = False
    """At opening."""
    choices: dict[str, Choice] = {}
    default: str | int | float | bool | None = None
    max: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    """Most characters of a text; the largest number of a number."""
    personal: Personal | None = None
    hint: str = ""


class RoleSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """Who plays a role: how they stand to the case, and the account role they must have."""

    name: Title
    english: Title
    party: Party
    account: str | None = None


class StepSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """One step（环节）a case can stand in."""

    name: Title
    english: Title
    end: bool = False
    """Whether a case here is closed."""


class RuleSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """How long something may take, in the words of docs/reference/act-due.md."""

    unit: Literal["working_day", "calendar_day", "calendar_month", "clock_hour", "working_hour"]
    n: Count
    roll: Literal["forward", "none"] = "forward"
    day_end: TimeOfDay = "18:00"
    office_hours: tuple[tuple[TimeOfDay, TimeOfDay], ...] = (("08:00", "12:00"), ("14:00", "18:00"))
    after_hours: Literal["as_received", "next_working_day"] = "as_received"
    """Whether what comes after `day_end` or on a day off counts as received on the next working day."""


class Offset(Struct, frozen=True, forbid_unknown_fields=True):
    """A distance from a due time."""

    unit: Literal["working_day", "calendar_day", "clock_hour"]
    n: Count


class Point(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happens before, at (neither `before` nor `after`) or after a due time."""

    before: Offset | None = None
    after: Offset | None = None
    light: Light | None = None
    escalate: bool = False
    """Raises the case one level, to the unit above."""
    tell: list[Name] = []
    """Roles that are notified."""


class ClockSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """A time limit（时限）of the type; it starts where an action names it."""

    name: Title
    english: Title
    rule: RuleSpec | None = None
    by: str | None = None
    """A choice field that decides which of `rules` holds; `rule` holds for the rest."""
    rules: dict[str, RuleSpec] = {}
    date: str | None = None
    """A `date` or `dates` field whose day it is due on; of several dates each is one period."""
    repeats: bool = False
    """Whether the next period begins when one is met or missed; periods count from the start."""
    when: dict[str, list[str]] = {}
    """Runs only where these choice fields have one of these values."""
    points: list[Point] | None = None
    """Own points; the type's `points` without."""
    suspendable: bool = False
    extend_days: Count = 0
    """Most working days that may be granted altogether."""
    dated_plan: bool = False
    """Whether a later date may be granted against a plan."""


class Needs(Struct, frozen=True, forbid_unknown_fields=True):
    """What an action must bring with it."""

    note: bool = False
    """A reason or text."""
    evidence: Annotated[int, Meta(ge=0, le=20)] = 0
    """Files: attached in this step or with the action."""
    fields: list[str] = []
    """Fields that must be filled by then."""
    reviewed: bool = False
    """That the application to close was reviewed and passed."""
    children_closed: bool = False


class ActionSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that may be done to a case in some steps, by some roles."""

    name: Title
    english: Title
    does: Verb
    by: list[Name] = []
    from_: list[Name] = field(name="from", default_factory=list)
    to: Name | None = None
    """Step it leads to; none: the case stays where it is."""
    needs: Needs = Needs()
    sets: list[str] = []
    """Fields it may change."""
    starts: list[str] = []
    """Clocks that begin."""
    meets: list[str] = []
    """Clocks it can meet; it meets the first open one in this order, or the one that is named."""
    reopens: list[str] = []
    """Clocks whose being met is taken back."""
    stops: list[str] = []
    """Clocks that are dropped."""
    within: RuleSpec | None = None
    """How long after the assignment it is allowed."""
    tell: list[Name] = []
    """Roles that are notified."""
    relation: Literal["related", "blocks", "blocked_by"] | None = None
    """For `link`: the tie it makes, unless another is asked for; related without."""
    independent: Literal["unit", "person"] = "unit"
    """For `close`: never who worked on it; with `unit`, nobody of a working unit either."""
    public: bool = False
    """Whether the public timeline shows it."""


class LagLight(Struct, frozen=True, forbid_unknown_fields=True):
    """A light by how far something lags behind its plan, in points."""

    planned: str
    done: str
    yellow: Annotated[float, Meta(ge=0)]
    red: Annotated[float, Meta(ge=0)]


class Pipeline(Struct, frozen=True, forbid_unknown_fields=True):
    """What the board adds up at every step, beside the open cases that block（堵点）."""

    planned: str
    """Money field: how much is to be invested."""
    done: str
    """Money field: how much has been."""
    lists: list[str] = []
    """Text fields that stand side by side for all cases（清单）."""


class Public(Struct, frozen=True, forbid_unknown_fields=True):
    """What the public sees of a case."""

    listed: bool = False
    """Whether it stands on a public list; else it is shown only to who knows its number and its key."""
    fields: list[str] = []
    photographs: bool = False
    """Whether the public list shows pictures that public actions brought."""


class Rating(Struct, frozen=True, forbid_unknown_fields=True):
    """Five-level satisfaction（好差评）: 5 very good to 1 very bad."""

    bad: Annotated[int, Meta(ge=1, le=4)] = 2
    """A rating up to this is bad."""
    bad_to: Name | None = None
    """Step a bad rating leads to."""
    bad_starts: list[str] = []
    """Clocks a bad rating starts."""


class Template(Struct, frozen=True, forbid_unknown_fields=True):
    """Values from a signal: which field takes which value of the signal."""

    fields: dict[str, str] = {}
    """Field -> name of a value, or `text`, `subject`, `severity`, `at`."""
    fixed: dict[str, str | int | float | bool] = {}
    lead: str | None = None
    lead_from: str | None = None
    """Value of the signal that names the leading unit; where it names none of the city, `lead` stands."""
    office: str | None = None
    severity_from: Severity = "info"
    """Signals below this open no case."""
    merge: str | None = None
    """Value of the signal by which signals are merged: one with the same joins the case of an earlier, while that is open."""


class CaseType(Struct, frozen=True, forbid_unknown_fields=True):
    """A type of case, whole."""

    type: TypeName
    name: Title
    english: Title
    version: Annotated[int, Meta(ge=1)]
    prefix: Annotated[str, Meta(pattern=r"^[A-Z]{1,4}$")]
    """Of its numbers: `DB` gives DB2026-00001."""
    about: str
    sources: list[str]
    """The public rules it rests on; what no rule says is marked as our default."""
    fields: dict[Name, FieldSpec]
    roles: dict[Name, RoleSpec]
    steps: Annotated[dict[Name, StepSpec], Meta(min_length=2)]
    actions: Annotated[dict[Name, ActionSpec], Meta(min_length=2)]
    clocks: dict[Name, ClockSpec] = {}
    points: list[Point] = []
    """What happens around every due time, where a clock has no points of its own."""
    profiles: dict[str, dict[str, RuleSpec]] = {}
    """Day profiles: rules that replace those of clocks."""
    default_profile: str | None = None
    category: Name | None = None
    """Choice field that lists filter by; with `open311`, its choices are the services."""
    office: str | None = None
    """Unit that is the office of cases opened by the public or by a signal."""
    backdate_days: Annotated[int, Meta(ge=0, le=366)] = 0
    """How long before its opening a case may have been received."""
    light: LagLight | None = None
    pipeline: Pipeline | None = None
    public: Public = Public()
    rating: Rating | None = None
    signals: dict[str, Template] = {}
    """Kinds of signals that open a case of this type."""
    propose_action: Name | None = None
    """Action by which a signal proposes the closing."""
    open311: bool = False
    """Whether the public may open it through Open311."""

    @property
    def opening(self) -> tuple[str, ActionSpec]:
        """Return the action that opens a case, with its name."""
        return next((name, action) for name, action in self.actions.items() if action.does == "open")

    def points_of(self, clock: ClockSpec) -> list[Point]:
        """Return what happens around a clock's due time."""
        return self.points if clock.points is None else clock.points
