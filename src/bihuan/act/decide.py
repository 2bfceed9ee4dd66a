"""What becomes of a case when somebody acts on it. Pure: state, command, person, time in; new state and its event out.

`decide_opening` and `decide` refuse with a reason or return a `Decision`; `evolve` folds events back into the state,
so that the same history always gives the same case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from bihuan.act import access, fields, limits
from bihuan.act.case_type import ActionSpec, CaseType
from bihuan.act.command import Command, Opening
from bihuan.act.effects import EFFECTS, WORK
from bihuan.act.plain_text import plain_text, without_numbers
from bihuan.act.units import Units
from bihuan.core.errors import InputError, StaleError, StateError
from bihuan.core.messages import N_
from bihuan.core.records.case import Case, Relation
from bihuan.core.records.principal import Principal
from bihuan.core.workdays import Calendar

NOTE_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Law:
    """All that a decision rests on besides the case: the type, the working days, the organisation tree."""

    type: CaseType
    calendar: Calendar
    units: Units


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided."""

    case: Case
    """As it is now."""
    event: str
    """Type of the event: `case.report`."""
    body: Mapping[str, Any]
    """Of the event: action, steps, units, clocks met, note, files, and `changes` of the state; nothing personal."""
    personal: Mapping[str, str] = field(default_factory=dict)
    """Personal values to be kept encrypted, in the clear here and nowhere else."""
    tell: tuple[str, ...] = ()
    """Units to be notified."""


def decide_opening(law: Law, number: str, opening: Opening, who: Principal, now: datetime) -> Decision:
    """Return a new case.

    Raises:
        InputError: a field, profile or time does not fit.
        ForbiddenError: the person may not open cases of this type.
    """
    name, action = law.type.opening
    access.require_role(law.type, action, None, who, law.units)
    values = fields.defaults(law.type) | fields.checked(law.type, opening.values)
    fields.require(law.type, [n for n, s in law.type.fields.items() if s.required] + action.needs.fields, set(values))
    open_values, personal = fields.parted(law.type, values)
    assert action.to is not None
    case = Case(
        number=number,
        type=law.type.type,
        profile=_profile(law.type, opening.profile),
        step=action.to,
        office=_office(law, opening, who),
        opened_by=who.id,
        opened_at=now,
        received_at=_received(law.type, opening.received_at, now),
        values=open_values,
        personal=tuple(personal),
        lead=_unit(law, opening.lead or _lead_by_choice(law.type, open_values)),
        supports=tuple(_require_unit(law, unit) for unit in opening.supports),
        evidence=tuple(replace(e, step=action.to) for e in opening.evidence),
        relations=(Relation("parent", opening.parent),) if opening.parent else (),
        updated_at=now,
    )
    _require_evidence(action, case, len(opening.evidence))
    case = limits.started(case, law.type, action.starts, case.received_at, law.calendar)
    case = limits.lit(case, law.type)
    body = _body(name, action, None, case, Command(name, 0, evidence=opening.evidence), ())
    if opening.about is not None:
        body["signal"] = dict(opening.about)
    body["changes"] = msgspec.to_builtins(case)
    return Decision(case, "case.opened", body, personal, _told(law, action, case))


def decide(law: Law, case: Case, command: Command, who: Principal, now: datetime) -> Decision:
    """Return what a command makes of a case.

    Raises:
        StaleError: the case has another version than the person saw.
        StateError: the action does not fit the step, or something is missing or forbidden by the state.
        InputError: a value does not fit.
        ForbiddenError: the person plays none of the action's roles, or closes their own work.
    """
    action = _allowed(law, case, command, who)
    now = max(now, case.updated_at or now)
    _require_present(command, now)
    command = replace(command, note=_note(command.note))
    values, personal = fields.parted(law.type, _settable(law.type, action, command))
    before, case = case, _with_values(case, values, personal, command)
    _require_needs(law, action, case, command)
    case = EFFECTS[action.does](law, case, action, command, who, now)
    case = _with_step_and_clocks(law, case, action, command, now)
    case = _with_work(before, case, action, who)
    case = replace(case, version=case.version + 1, updated_at=now)
    case = limits.lit(case, law.type)
    body = _body(command.action, action, before, case, command, _newly_met(before, case))
    body["changes"] = changes(before, case)
    return Decision(case, f"case.{action.does}", body, personal, _told(law, action, case))


def recalculate(law: Law, case: Case, now: datetime) -> Decision | None:
    """Return what a new holiday notice makes of a case's open clocks; None where nothing moves."""
    after = limits.lit(limits.recalculated(case, law.type, law.calendar), law.type)
    if after.clocks == case.clocks:
        return None
    after = replace(after, version=case.version + 1, updated_at=max(now, case.updated_at or now))
    old = {clock.id: clock.due_at for clock in case.clocks}
    moved = [
        {"clock": clock.id, "from": _iso(old[clock.id]), "to": _iso(clock.due_at)}
        for clock in after.clocks
        if clock.due_at != old[clock.id]
    ]
    body = {"action": "recalculate", "moved": moved, "changes": changes(case, after)}
    return Decision(after, "case.recalculated", body)


def evolve(case: Case | None, event: str, body: Mapping[str, Any]) -> Case:
    """Return the case after one of its events."""
    if case is None:
        return msgspec.convert(body["changes"], Case)
    if event == "case.timer":
        return _after_timer(case, body)
    merged = msgspec.to_builtins(case) | dict(body.get("changes", {}))
    return msgspec.convert({**merged, "version": case.version + 1}, Case)


def _after_timer(case: Case, body: Mapping[str, Any]) -> Case:
    clock = next(c for c in case.clocks if c.id == body["clock"])
    case = limits.changed(case, replace(clock, fired=body["number"], light=body["clock_light"]))
    at = datetime.fromisoformat(body["at"])
    return replace(case, light=body["light"], level=body["level"], version=case.version + 1, updated_at=at)


# -- what must hold --------------------------------------------------------------------------------------------------


def _allowed(law: Law, case: Case, command: Command, who: Principal) -> ActionSpec:
    action = law.type.actions.get(command.action)
    if action is None or action.does == "open":
        raise InputError(
            N_("'{action}' is no action of '{type}'; there are {actions}"),
            where="action",
            key="act.no_action",
            action=command.action,
            type=law.type,
            actions=[name for name, a in law.type.actions.items() if a.does != "open"],
        )
    access.require_role(law.type, action, case, who, law.units)
    if command.version != case.version:
        raise StaleError(
            N_("the case is at version {version}, you saw {seen}; reload it and look again"),
            where=case.number,
            key="act.stale",
            version=case.version,
            seen=command.version,
        )
    if case.step not in action.from_:
        raise StateError(
            N_(
                "'{action}' is possible in the steps {steps}; the case stands in '{step}'. "
                "Reload it to see what may be done now"
            ),
            where=case.number,
            key="act.wrong_step",
            action=action,
            steps=[law.type.steps[name] for name in action.from_],
            step=law.type.steps[case.step],
        )
    return action


def _require_present(command: Command, now: datetime) -> None:
    """An action is recorded when it is done: another claimed time is refused, at a minute's grace for clocks."""
    if command.at is None:
        return
    if command.at.tzinfo is None or abs((command.at - now).total_seconds()) > 60:
        raise InputError(
            N_("an action is recorded when it is done, now at {now}; it cannot be dated {at}. Leave the time out"),
            where="at",
            key="act.backdated",
            now=now,
            at=command.at,
        )


def _received(case_type: CaseType, received: datetime | None, now: datetime) -> datetime:
    if received is None:
        return now
    if received.tzinfo is None:
        raise InputError(N_("an instant needs its offset, such as +08:00"), where="received_at", key="act.no_offset")
    if received > now:
        raise InputError(
            N_("{at} lies in the future; give the time at which the matter came in"),
            where="received_at",
            key="act.future",
            at=received,
        )
    if (now - received).days > case_type.backdate_days:
        raise InputError(
            N_("{at} lies more than {days} days back, the most that '{type}' allows; give a later time, or none"),
            where="received_at",
            key="act.backdated_opening",
            at=received,
            days=case_type.backdate_days,
            type=case_type,
        )
    return received


def _profile(case_type: CaseType, name: str | None) -> str | None:
    if name is not None and name not in case_type.profiles:
        raise InputError(
            N_("'{profile}' is no day profile of '{type}'; there are {profiles}"),
            where="profile",
            key="act.no_profile",
            profile=name,
            type=case_type,
            profiles=tuple(case_type.profiles) or "—",
        )
    return name or case_type.default_profile


def _office(law: Law, opening: Opening, who: Principal) -> str:
    unit = who.unit if who.unit is not None and opening.office in (None, who.unit) else None
    unit = unit or (opening.office if who.unit is None else None) or law.type.office
    if unit is None or (opening.office not in (None, unit)):
        raise InputError(
            N_("no office: open it from an account of a unit, for that unit"), where="office", key="act.no_office"
        )
    return _require_unit(law, unit)


def _lead_by_choice(case_type: CaseType, values: Mapping[str, Any]) -> str | None:
    for name, spec in case_type.fields.items():
        chosen = spec.choices.get(str(values.get(name)))
        if chosen and chosen.lead:
            return chosen.lead
    return None


def _unit(law: Law, unit: str | None) -> str | None:
    return None if unit is None else _require_unit(law, unit)


def _require_unit(law: Law, unit: str) -> str:
    found = law.units.find(unit)
    if found is None:
        raise InputError(
            N_("'{unit}' is no unit of the organisation tree; choose one of it"),
            where="unit",
            key="act.no_unit",
            unit=unit,
        )
    return found


def _note(text: str) -> str:
    return without_numbers(plain_text(text, "note", limit=NOTE_CHARACTERS), "note")


def _settable(case_type: CaseType, action: ActionSpec, command: Command) -> dict[str, Any]:
    barred = sorted(command.values.keys() - set(action.sets))
    if barred:
        raise InputError(
            N_("cannot be changed by '{action}'; it takes {fields}"),
            where=barred[0],
            key="act.field_barred",
            action=action,
            fields=[case_type.fields[name] for name in action.sets] or "—",
        )
    return fields.checked(case_type, command.values)


def _require_needs(law: Law, action: ActionSpec, case: Case, command: Command) -> None:
    needs = action.needs
    if needs.note and not command.note:
        raise InputError(
            N_("'{action}' needs a few words: say why, or what was done"),
            where="note",
            key="act.note_missing",
            action=action,
        )
    fields.require(law.type, needs.fields, {*case.values, *case.personal})
    _require_evidence(action, case, len(command.evidence))
    if needs.reviewed and not case.reviewed:
        raise StateError(
            N_("the application to close was not reviewed yet; review and grade it first"),
            where=case.number,
            key="act.not_reviewed",
        )


def _require_evidence(action: ActionSpec, case: Case, brought: int) -> None:
    """Files count that were attached in this step, or come with the action."""
    there = sum(ref.step == case.step for ref in case.evidence)
    if there < action.needs.evidence:
        raise InputError(
            N_("'{action}' needs files as evidence: {needed} at least, {there} are attached in this step. Attach them"),
            where="evidence",
            key="act.evidence_missing",
            action=action,
            needed=action.needs.evidence,
            there=there,
        )


# -- the new state ---------------------------------------------------------------------------------------------------


def _with_values(case: Case, values: Mapping[str, Any], personal: Mapping[str, str], command: Command) -> Case:
    added = tuple(
        replace(ref, step=case.step) for ref in command.evidence if ref.sha256 not in {e.sha256 for e in case.evidence}
    )
    return replace(
        case,
        values={**case.values, **values},
        personal=tuple(dict.fromkeys((*case.personal, *personal))),
        evidence=(*case.evidence, *added),
    )


def _with_step_and_clocks(law: Law, case: Case, action: ActionSpec, command: Command, now: datetime) -> Case:
    case = replace(case, step=action.to) if action.to and action.does != "rate" else case
    case = limits.met(case, law.type, _meets(case, action, command), now, law.calendar)
    case = limits.dropped(case, action.stops)
    case = limits.reopened(case, law.type, action.reopens, law.calendar)
    case = limits.started(case, law.type, action.starts, now, law.calendar)
    return case if case.is_open else limits.dropped(case)


def _meets(case: Case, action: ActionSpec, command: Command) -> list[Any]:
    """A report meets the clock it names, else the first open one; every other action all it lists."""
    waiting = [clock for clock in limits.open_clocks(case, action.meets) if clock.status == "running"]
    if action.does != "report":
        return waiting
    if command.clock is None:
        return waiting[:1]
    named = [clock for clock in waiting if command.clock in (clock.id, clock.id.partition("#")[0])]
    if not named:
        raise InputError(
            N_("'{clock}' is no open time limit that '{action}' can meet; choose one of the list, or none"),
            where="clock",
            key="act.no_clock",
            clock=command.clock,
            action=action,
        )
    return named[:1]


def _with_work(before: Case, case: Case, action: ActionSpec, who: Principal) -> Case:
    """Remember who did the work: whoever reports, accepts or applies, and the working units in all they do."""
    working = who.unit is not None and who.unit in (before.lead, *before.supports)
    if action.does not in WORK or not (working or action.does in ("report", "accept", "apply")):
        return case
    units = (who.unit,) if who.unit else ()
    return replace(
        case,
        workers=tuple(dict.fromkeys((*case.workers, who.id))),
        working_units=tuple(dict.fromkeys((*case.working_units, *units))),
    )


def _newly_met(before: Case, after: Case) -> tuple[Any, ...]:
    was = {clock.id: clock.met_at for clock in before.clocks}
    return tuple(clock for clock in after.clocks if clock.met_at is not None and was.get(clock.id) != clock.met_at)


def _body(
    name: str, action: ActionSpec, before: Case | None, case: Case, command: Command, met: tuple[Any, ...]
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "action": name,
        "does": action.does,
        "case_type": case.type,
        "office": case.office,
        "lead": case.lead or (before.lead if before else None),
        "from": before.step if before else None,
        "to": case.step,
        "note": command.note or None,
        "evidence": [ref.sha256 for ref in command.evidence],
        "met": [{"clock": c.id, "due": _iso(c.due_at), "on_time": limits.is_on_time(c)} for c in met],
        "grade": command.grade,
        "rating": command.rating,
        "clock": command.clock,
        "days": command.days or None,
        "until": command.until.isoformat() if command.until else None,
        "other": command.other,
    }
    return {key: value for key, value in body.items() if value not in (None, [], ())}


def changes(before: Case, after: Case) -> dict[str, Any]:
    """Return the fields of the state that differ, as JSON values: what `evolve` lays over the former state."""
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return {key: value for key, value in new.items() if value != old[key] and key != "version"}


def _told(law: Law, action: ActionSpec, case: Case) -> tuple[str, ...]:
    roles = [law.type.roles[name] for name in action.tell]
    return tuple(dict.fromkeys(unit for role in roles for unit in access.units_of_role(role, case, law.units)))


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
