"""Forms of casework, made from the case type: which inputs an action needs, and what was entered as the engine takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from starlette.datastructures import FormData, UploadFile

from bihuan.act.case_type import NUMBERS, ActionSpec, CaseType, FieldSpec
from bihuan.act.command import Command, Opening
from bihuan.act.fields import day_of, moment_of
from bihuan.act.units import Units
from bihuan.core.errors import InputError
from bihuan.core.messages import N_
from bihuan.core.records.case import GRADES, Case, EvidenceRef

_WITH_FILES = ("report", "attach", "apply", "move", "open", "edit")
_ON_A_CLOCK = ("report", "request_extension", "grant_extension")
PREFIX = "f."
"""Of the inputs that are fields of the case, so that none is taken for another input."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a form."""

    name: str
    title: str
    kind: str
    """Of the field; `unit`, `units`, `clock`, `grade`, `rating`, `files`, `note` and so on for what is none."""
    required: bool = False
    value: Any = ""
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ActionForm:
    """What an action asks for."""

    name: str
    title: str
    does: str
    inputs: tuple[Input, ...]
    is_grave: bool
    """Whether it ends, returns or escalates the case, so that it should not be pressed by mistake."""


def field_input(name: str, spec: FieldSpec, language: str, units: Units, value: Any, required: bool) -> Input:
    """Return the input of one field of a case."""
    choices = tuple((key, _named(choice, language)) for key, choice in spec.choices.items())
    if spec.kind == "unit":
        choices = _units(units)
    shown = ", ".join(map(str, value)) if spec.kind == "dates" and isinstance(value, list) else value
    return Input(
        PREFIX + name, _named(spec, language), spec.kind, required, "" if shown is None else shown, choices, spec.hint
    )


def _named(spec: Any, language: str) -> str:
    return str(spec.name if language == "zh-CN" else spec.english)


def _units(units: Units) -> tuple[tuple[str, str], ...]:
    return tuple((unit.id, unit.name) for unit in units.by_id.values())


def opening_inputs(case_type: CaseType, units: Units, language: str) -> tuple[Input, ...]:
    """Return the inputs of a new case: what the opener can know, what an action sets later left out."""
    later = {
        name for action in case_type.actions.values() if action.does not in ("open", "edit", "assign")
        for name in action.sets
    }  # fmt: skip
    asked = ((name, spec) for name, spec in case_type.fields.items() if spec.required or name not in later)
    return tuple(field_input(n, spec, language, units, spec.default, spec.required) for n, spec in asked)


def office_inputs(case_type: CaseType, units: Units) -> tuple[Input, ...]:
    """Return what an office says of a new case besides its fields: who leads, who helps, and since when it waits."""
    chosen = _units(units)
    received = Input("received_at", "received_at", "datetime") if case_type.backdate_days else None
    inputs = (
        Input("lead", "lead", "unit", False, "", chosen),
        Input("supports", "supports", "units", False, (), chosen),
    )
    return (*inputs, received) if received else inputs


def received_of(form: FormData) -> datetime | None:
    """Return when a matter came in, by Chinese time; None where the form leaves it open.

    Raises:
        InputError: it is no time.
    """
    given = str(form.get("received_at") or "").strip()
    return moment_of(given, "received_at") if given else None


def action_form(case_type: CaseType, case: Case, name: str, units: Units, language: str) -> ActionForm:
    """Return the form of an action that may be done to a case now."""
    action = case_type.actions[name]
    wanted = dict.fromkeys((*action.sets, *action.needs.fields))
    fields = (
        field_input(
            field, case_type.fields[field], language, units, case.values.get(field), field in action.needs.fields
        )
        for field in wanted
    )
    inputs = (*_special(case_type, case, action, units, language), *fields, *_always(action))
    return ActionForm(name, _named(action, language), action.does, inputs, action.does in _GRAVE)


_GRAVE = ("close", "return", "bounce", "escalate", "merge", "reopen")


def _special(case_type: CaseType, case: Case, action: ActionSpec, units: Units, language: str) -> Iterable[Input]:
    """Yield what a verb asks for beyond fields, note and files."""
    if action.does == "assign":
        yield Input("lead", "lead", "unit", True, case.lead or "", _units(units))
        yield Input("supports", "supports", "units", False, case.supports, _units(units))
    if action.does in _ON_A_CLOCK and (clocks := _clocks(case_type, case, action, language)):
        yield Input("clock", "clock", "clock", False, "", clocks)
    if action.does == "request_extension":
        yield Input("days", "days", "integer")
        yield Input("until", "until", "date")
    if action.does == "review":
        yield Input("grade", "grade", "grade", True, "", tuple((grade, grade) for grade in GRADES))
    if action.does == "rate":
        yield Input("rating", "rating", "rating", True, "", tuple((str(n), "★" * n) for n in range(5, 0, -1)))
    if action.does in ("link", "merge"):
        yield Input("other", "other", "case", True)
    if action.does == "split":
        yield Input("parts", "parts", "long_text", True)


def _clocks(case_type: CaseType, case: Case, action: ActionSpec, language: str) -> tuple[tuple[str, str], ...]:
    running = [clock for clock in case.clocks if clock.is_open]
    if action.meets:
        running = [clock for clock in running if clock.id.partition("#")[0] in action.meets]
    return tuple((c.id, _named(case_type.clocks[c.id.partition("#")[0]], language)) for c in running)


def _always(action: ActionSpec) -> Iterable[Input]:
    yield Input("note", "note", "note", action.needs.note)
    if action.does in _WITH_FILES or action.needs.evidence:
        yield Input("files", "files", "files", bool(action.needs.evidence))


# -- what was entered ------------------------------------------------------------------------------------------------


def uploads(form: FormData) -> list[UploadFile]:
    """Return the files of a form that were really chosen."""
    return [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]


def field_values(case_type: CaseType, form: FormData) -> dict[str, Any]:
    """Return the fields of a form as the engine takes them; what was left empty is left out.

    Raises:
        InputError: a number or date is none; `where` names the field.
    """
    values: dict[str, Any] = {}
    for name, spec in case_type.fields.items():
        given = [text.strip() for text in form.getlist(PREFIX + name) if isinstance(text, str) and text.strip()]
        if given:
            values[name] = _value(name, spec, given)
    return values


def _value(name: str, spec: FieldSpec, given: list[str]) -> Any:
    text = given[0]
    if spec.kind == "choices":
        return given
    if spec.kind == "dates":
        return [day for day in text.replace("，", ",").replace("、", ",").replace("\n", ",").split(",") if day.strip()]
    if spec.kind == "boolean":
        return text == "true"
    if spec.kind in NUMBERS:
        return _number(name, spec, text)
    return text


def _number(name: str, spec: FieldSpec, text: str) -> float | int:
    try:
        return int(text) if spec.kind == "integer" else float(text.replace(",", ""))
    except ValueError:
        raise InputError(
            N_("a number was expected, not '{given}'"), where=name, key="act.no_number", given=text
        ) from None


def command_of(case_type: CaseType, case: Case, form: FormData, files: tuple[EvidenceRef, ...]) -> Command:
    """Return what a form asks to be done to a case.

    Raises:
        InputError: something entered is no number or date, or no version was sent along.
    """
    text = {name: value.strip() for name, value in form.multi_items() if isinstance(value, str)}
    return Command(
        action=text.get("action", ""),
        version=_whole(text, "version"),
        note=text.get("note", ""),
        values=field_values(case_type, form),
        evidence=files,
        lead=text.get("lead") or None,
        supports=tuple(unit for unit in form.getlist("supports") if isinstance(unit, str) and unit),
        clock=text.get("clock") or None,
        days=_whole(text, "days"),
        until=_day(text, "until"),
        grade=text.get("grade") or None,  # type: ignore[arg-type]  # the engine refuses others
        rating=_whole(text, "rating") or None,
        other=text.get("other") or None,
        parts=_parts(case, text.get("parts", "")),
        key=text.get("key") or None,
    )


def _parts(case: Case, lines: str) -> tuple[Opening, ...]:
    """Return one subcase a line: of the same type, with the values of the whole and a title of its own."""
    titles = [line.strip() for line in lines.splitlines() if line.strip()]
    return tuple(Opening(case.type, {**case.values, "title": title}, profile=case.profile) for title in titles)


def _whole(text: Mapping[str, str], name: str) -> int:
    given = text.get(name, "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 10):
        raise InputError(N_("a whole number was expected, not '{given}'"), where=name, key="act.no_number", given=given)
    return int(given) if given else 0


def _day(text: Mapping[str, str], name: str) -> date | None:
    return day_of(text[name], name) if text.get(name) else None
