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
        raise InputError("nothing to change was given", where="values")
    return case


def _attach(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if not command.evidence:
        raise InputError("no file was given", where="evidence", key="act.no_file")
    return case


def _assign(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    lead = law.units.find(command.lead) if command.lead else case.lead
    supports = [law.units.find(unit) for unit in command.supports]
    if lead is None or None in supports:
        raise InputError("name a leading unit of the organisation tree", where="lead", key="act.no_unit")
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
                f"it could be given back until {last.isoformat() if last else 'an unknown time'}",
                where=case.number,
                key="act.bounce_late",
            )
    return replace(case, bounces=case.bounces + 1, lead=None, handler=None)


def _return(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if not command.note:
        raise InputError("say what is unfinished", where="note", key="act.note_missing", action=action.name)
    return replace(case, returns=case.returns + 1, applied_at=None, reviewed=False, proposal=None)


def _request_extension(
    law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime
) -> Case:
    clock = _extendable(law, case, command, now)
    spec = limits.spec_of(law.type, clock)
    if command.until is not None:
        if not spec.dated_plan:
            raise InputError("this clock takes no dated plan; ask for working days", where="until")
        if clock.due_at is not None and command.until <= clock.due_at.astimezone(CHINA).date():
            raise InputError("the date asked for is not later than the present one", where="until")
    elif not limits.counts_working_days(clock, case, law.type):
        raise InputError("this clock does not count working days; ask for a date", where="days")
    elif not 0 < command.days <= spec.extend_days - clock.extended:
        left = spec.extend_days - clock.extended
        raise InputError(f"{command.days} working days were asked for; 1 to {left} can be granted", where="days")
    if not command.note:
        raise InputError("say why", where="note", key="act.note_missing", action=action.name)
    return replace(case, extension=ExtensionRequest(clock.id, command.days, command.until, command.note))


def _extendable(law: Law, case: Case, command: Command, now: datetime) -> Clock:
    if case.extension is not None:
        raise StateError("an extension is asked for already and not answered", where=case.number)
    able = [
        clock
        for clock in case.clocks
        if clock.status == "running"
        and (limits.spec_of(law.type, clock).extend_days or limits.spec_of(law.type, clock).dated_plan)
        and command.clock in (None, clock.id)
    ]
    if not able:
        raise InputError("no running clock of this name can be extended", where="clock")
    clock = able[-1]
    if clock.due_at is not None and now > clock.due_at:
        raise StateError(
            "it is overdue; an extension is asked for before the time is up", where=clock.id, key="act.overdue"
        )
    return clock


def _grant_extension(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    request = _pending(case)
    clock = next(c for c in case.clocks if c.id == request.clock)
    if not clock.is_open:
        raise StateError("the clock it was asked for has ended", where=clock.id)
    longer = replace(clock, extended=clock.extended + request.days, until=request.until or clock.until)
    return replace(limits.moved(case, law.type, longer, law.calendar), extension=None)


def _refuse_extension(
    law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime
) -> Case:
    _pending(case)
    return replace(case, extension=None)


def _pending(case: Case) -> ExtensionRequest:
    if case.extension is None:
        raise StateError("no extension is asked for", where=case.number, key="act.no_request")
    return case.extension


def _suspend(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if case.suspended_on is not None:
        raise StateError("the clock is suspended already", where=case.number)
    stopping = [
        clock
        for clock in case.clocks
        if clock.status == "running"
        and limits.spec_of(law.type, clock).suspendable
        and limits.counts_working_days(clock, case, law.type)
        and (clock.due_at is None or now <= clock.due_at)
    ]
    if not stopping:
        raise StateError("no running clock can be suspended: none allows it, or all are overdue", where=case.number)
    for clock in stopping:
        case = limits.moved(case, law.type, replace(clock, status="suspended"), law.calendar)
    return replace(case, suspended_on=now.astimezone(CHINA).date())


def _resume(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if case.suspended_on is None:
        raise StateError("the clock is not suspended", where=case.number)
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
        raise InputError(f"grade it as one of {'、'.join(GRADES)}", where="grade", key="act.grade_missing")
    if command.grade == "不合格":
        raise InputError("what fails is returned to the handler, not passed", where="grade", key="act.grade_failed")
    return replace(case, reviewed=True, grade=command.grade)


def _close(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    _require_other(case, action, who)
    if case.suspended_on is not None:
        raise StateError("the clock is suspended; resume it first", where=case.number)
    return replace(case, closed_at=now, extension=None, proposal=None, grade=command.grade or case.grade)


def _require_other(case: Case, action: ActionSpec, who: Principal) -> None:
    """Nobody judges their own work."""
    own = who.id in case.workers or (
        action.independent == "unit" and who.unit is not None and who.unit in case.working_units
    )
    if own or "system" in who.roles:
        raise ForbiddenError(
            f"'{action.name}' is never done by the one who did the work, nor by the system; ask somebody else to",
            where=case.number,
            key="act.own_work",
            action=action.name,
        )


def _reopen(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if not command.note:
        raise InputError("say why it is reopened", where="note", key="act.note_missing", action=action.name)
    fresh = replace(case, closed_at=None, applied_at=None, reviewed=False, grade=None, rating=None)
    return replace(fresh, reopened=case.reopened + 1)


def _link(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if command.other is None or command.other == case.number or command.relation not in RELATIONS:
        raise InputError(f"name another case and one of {', '.join(RELATIONS)}", where="other")
    relation = Relation(command.relation, command.other)  # type: ignore[arg-type]  # one of RELATIONS
    if relation in case.relations:
        raise StateError("these cases are linked already", where=case.number)
    return replace(case, relations=(*case.relations, relation))


def _merge(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    """A repeat（重复件）ends in the case it repeats."""
    linked = _link(law, case, action, replace(command, relation="repeats"), who, now)
    return replace(linked, closed_at=now)


def _split(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    """The numbers of the parts are given by the engine, which opens them in the same transaction."""
    if not command.parts:
        raise InputError("name at least one part", where="parts")
    children = tuple(Relation("child", number) for number in command.part_numbers)
    return replace(case, relations=(*case.relations, *children))


def _rate(law: Law, case: Case, action: ActionSpec, command: Command, who: Principal, now: datetime) -> Case:
    if command.rating is None or not 1 <= command.rating <= 5:
        raise InputError("rate from 1 (very bad) to 5 (very good)", where="rating", key="act.rating")
    if case.rating is not None:
        raise StateError("it was rated already", where=case.number, key="act.rated")
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
