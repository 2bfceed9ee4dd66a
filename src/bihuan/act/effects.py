"""What each verb of the engine does to a case, beyond changing its step, values and clocks. Pure, one function a verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bihuan.act import limits
from bihuan.act.case_type import ActionSpec, Verb
from bihuan.act.clock import CHINA, due
from bihuan.act.command import Command
from bihuan.core.errors import ForbiddenError, InputError, StateError
from bihuan.core.messages import N_
from bihuan.core.records.case import GRADES, Case, Clock, ExtensionRequest, Relation
from bihuan.core.records.principal import Principal

if TYPE_CHECKING:
    from bihuan.act.decide import Law

Effect = Callable[["Law", Case, ActionSpec, Command, Principal, datetime], Case]
WORK: frozenset[Verb] = frozenset({"accept", "report", "attach", "move", "apply", "edit"})
"""Verbs by which somebody becomes one who worked on the case."""
RELATIONS = {"blocks": "blocked_by", "blocked_by": "blocks", "repeats": "repeated_by", "related": "related"}
"""Kind of a link -> how the other case sees it."""


def _none(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    return case


def _edit(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if not command.values and not command.evidence:
        raise InputError(N_("nothing to change was given; fill in a field"), where="values", key="act.no_change")
    return case


def _attach(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if not command.evidence:
        raise InputError(N_("no file was given; choose at least one"), where="evidence", key="act.no_file")
    return case


def _assign(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    lead = law.units.find(command.lead) if command.lead else case.lead
    supports = [law.units.find(unit) for unit in command.supports]
    if lead is None or None in supports:
        raise InputError(N_("name a leading unit of the organisation tree"), where="lead", key="act.no_unit")
    helpers = tuple(unit for unit in supports if unit and unit != lead)
    return replace(case, lead=lead, supports=helpers or case.supports, assigned_at=now, handler=None)


def _accept(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    return replace(case, handler=who.id)


def _bounce(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    """The wrong addressee gives it back, within the time the type allows."""
    if action.within and case.assigned_at:
        last = due(case.assigned_at, limits.rule_of(action.within), law.calendar).at
        if last is None or now > last:
            raise StateError(
                N_("it could be given back until {last}; ask the office to assign it anew"),
                where=case.number,
                key="act.bounce_late",
                last=last or "—",
            )
    return replace(case, bounces=case.bounces + 1, lead=None, handler=None)


def _return(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if not command.note:
        raise InputError(N_("say what is unfinished"), where="note", key="act.note_missing")
    return replace(case, returns=case.returns + 1, applied_at=None, reviewed=False, proposal=None)


def _request_extension(
    law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime
) -> Case:
    clock = _extendable(law, case, command, now)
    spec = limits.spec_of(law.type, clock)
    if command.until is not None:
        if not spec.dated_plan:
            raise InputError(
                N_("'{clock}' takes no date; ask for working days"), where="until", key="act.no_dated_plan", clock=spec
            )
        if clock.due_at is not None and command.until <= clock.due_at.astimezone(CHINA).date():
            raise InputError(
                N_("{until} is not later than the present due time, {due}; ask for a later day"),
                where="until",
                key="act.not_later",
                until=command.until,
                due=clock.due_at,
            )
    elif not limits.counts_working_days(clock, case, law.type):
        raise InputError(
            N_("'{clock}' does not count working days; ask for a date"), where="days", key="act.no_days", clock=spec
        )
    elif not 0 < command.days <= spec.extend_days - clock.extended:
        left = spec.extend_days - clock.extended
        raise InputError(
            N_("{days} working days were asked for; at most {left} more can be granted for '{clock}'"),
            where="days",
            key="act.too_many_days",
            days=command.days,
            left=left,
            clock=spec,
        )
    if not command.note:
        raise InputError(N_("say why more time is needed"), where="note", key="act.note_missing")
    return replace(case, extension=ExtensionRequest(clock.id, command.days, command.until, command.note))


def _extendable(law: Law, case: Case, command: Command, now: datetime) -> Clock:
    if case.extension is not None:
        raise StateError(
            N_("an extension is asked for already; wait until the office has answered"),
            where=case.number,
            key="act.request_waits",
        )
    able = [
        clock
        for clock in case.clocks
        if clock.status == "running"
        and (limits.spec_of(law.type, clock).extend_days or limits.spec_of(law.type, clock).dated_plan)
        and command.clock in (None, clock.id)
    ]
    if not able:
        raise InputError(
            N_("no running time limit of this case can be extended so; choose another, or none"),
            where="clock",
            key="act.not_extendable",
        )
    clock = able[-1]
    if clock.due_at is not None and now > clock.due_at:
        raise StateError(
            N_("'{clock}' was due at {due}; an extension is asked for before the time is up"),
            where=case.number,
            key="act.overdue",
            clock=limits.spec_of(law.type, clock),
            due=clock.due_at,
        )
    return clock


def _grant_extension(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    request = _pending(case)
    clock = next(c for c in case.clocks if c.id == request.clock)
    if not clock.is_open:
        raise StateError(
            N_("the time limit '{clock}' has ended meanwhile; refuse the extension"),
            where=case.number,
            key="act.clock_ended",
            clock=limits.spec_of(law.type, clock),
        )
    longer = replace(clock, extended=clock.extended + request.days, until=request.until or clock.until)
    return replace(limits.moved(case, law.type, longer, law.calendar), extension=None)


def _refuse_extension(
    law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime
) -> Case:
    _pending(case)
    return replace(case, extension=None)


def _pending(case: Case) -> ExtensionRequest:
    if case.extension is None:
        raise StateError(N_("no extension is asked for"), where=case.number, key="act.no_request")
    return case.extension


def _suspend(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if case.suspended_on is not None:
        raise StateError(N_("the clock is suspended already"), where=case.number, key="act.suspended")
    stopping = [
        clock
        for clock in case.clocks
        if clock.status == "running"
        and limits.spec_of(law.type, clock).suspendable
        and limits.counts_working_days(clock, case, law.type)
        and (clock.due_at is None or now <= clock.due_at)
    ]
    if not stopping:
        raise StateError(
            N_("no running time limit can be suspended: none allows it, or all are overdue"),
            where=case.number,
            key="act.not_suspendable",
        )
    for clock in stopping:
        case = limits.moved(case, law.type, replace(clock, status="suspended"), law.calendar)
    return replace(case, suspended_on=now.astimezone(CHINA).date())


def _resume(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if case.suspended_on is None:
        raise StateError(N_("the clock is not suspended"), where=case.number, key="act.not_suspended")
    span = (case.suspended_on, max(case.suspended_on, now.astimezone(CHINA).date()))
    for clock in case.clocks:
        if clock.status == "suspended":
            going = replace(clock, status="running", suspended=(*clock.suspended, span))
            case = limits.moved(case, law.type, going, law.calendar)
    return replace(case, suspended_on=None)


def _escalate(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    return replace(case, level=case.level + 1)


def _propose(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    return replace(case, proposal=command.note or "a later result")


def _apply(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    return replace(case, applied_at=now, reviewed=False)


def _review(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    _require_other(case, action, who)
    if command.grade not in GRADES:
        raise InputError(N_("grade it as one of {grades}"), where="grade", key="act.grade_missing", grades=GRADES)
    if command.grade == "不合格":
        raise InputError(
            N_("what fails is not passed; return it to the handler"), where="grade", key="act.grade_failed"
        )
    return replace(case, reviewed=True, grade=command.grade)


def _close(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    _require_other(case, action, who)
    if case.suspended_on is not None:
        raise StateError(N_("the clock is suspended; resume it first"), where=case.number, key="act.suspended")
    return replace(case, closed_at=now, extension=None, proposal=None, grade=command.grade or case.grade)


def _require_other(case: Case, action: ActionSpec, who: Principal) -> None:
    """Nobody judges their own work."""
    own = who.id in case.workers or (
        action.independent == "unit" and who.unit is not None and who.unit in case.working_units
    )
    if own or "system" in who.roles:
        raise ForbiddenError(
            N_("'{action}' is never done by the one who did the work, nor by the system; ask somebody else to"),
            where=case.number,
            key="act.own_work",
            action=action,
        )


def _reopen(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if not command.note:
        raise InputError(N_("say why it is reopened"), where="note", key="act.note_missing")
    fresh = replace(case, closed_at=None, applied_at=None, reviewed=False, grade=None, rating=None)
    return replace(fresh, reopened=case.reopened + 1)


def _link(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if command.other is None or command.other == case.number:
        raise InputError(N_("name another case by its number"), where="other", key="act.no_other")
    kind = command.relation or action.relation or "related"
    if kind not in RELATIONS:
        raise InputError(
            N_("cases are tied by one of {relations}"),
            where="relation",
            key="act.no_relation",
            relations=list(RELATIONS),
        )
    relation = Relation(kind, command.other)  # type: ignore[arg-type]  # one of RELATIONS
    if relation in case.relations:
        raise StateError(N_("these cases are linked already"), where=case.number, key="act.linked")
    return replace(case, relations=(*case.relations, relation))


def _merge(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    """A repeat（重复件）ends in the case it repeats."""
    linked = _link(law, case, action, replace(command, relation="repeats"), who, now)
    return replace(linked, closed_at=now)


def _split(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    """The numbers of the parts are given by the engine, which opens them in the same transaction."""
    if not command.parts:
        raise InputError(N_("name at least one part, a line each"), where="parts", key="act.no_parts")
    children = tuple(Relation("child", number) for number in command.part_numbers)
    return replace(case, relations=(*case.relations, *children))


def _rate(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if command.rating is None or not 1 <= command.rating <= 5:
        raise InputError(N_("rate from 1 (very bad) to 5 (very good)"), where="rating", key="act.rating")
    if case.rating is not None:
        raise StateError(N_("it was rated already; a case is rated once"), where=case.number, key="act.rated")
    rules = law.type.rating
    assert rules is not None
    case = replace(case, rating=command.rating)
    if command.rating > rules.bad:
        return case
    if rules.bad_to:
        case = replace(
            case, step=rules.bad_to, closed_at=None, applied_at=None, reviewed=False, reopened=case.reopened + 1
        )
    return limits.started(case, law.type, rules.bad_starts, now, law.calendar)


EFFECTS: Mapping[Verb, Effect] = {
    "edit": _edit,
    "assign": _assign,
    "accept": _accept,
    "report": _none,
    "attach": _attach,
    "move": _none,
    "bounce": _bounce,
    "return": _return,
    "request_extension": _request_extension,
    "grant_extension": _grant_extension,
    "refuse_extension": _refuse_extension,
    "suspend": _suspend,
    "resume": _resume,
    "escalate": _escalate,
    "propose": _propose,
    "apply": _apply,
    "review": _review,
    "close": _close,
    "reopen": _reopen,
    "split": _split,
    "link": _link,
    "merge": _merge,
    "rate": _rate,
}
