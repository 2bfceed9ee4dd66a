"""A reviewer's form, checked field by field before anything is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import get_args

from bihuan.core.errors import InputError
from bihuan.core.numerals import parse_number
from bihuan.core.period import Period, due_day
from bihuan.core.records.statement import Bound, Direction, Kind, Measure, Stage
from bihuan.show.labels import N_
from bihuan.store.entries import Entry

DIRECTED_MEASURES = ("growth", "change", "gap")
LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """A form after checking."""

    fields: Mapping[str, object]
    """Field -> value as records have it; only sound fields stand here."""
    faults: Mapping[str, str]
    """Field -> what is wrong with it, in catalogued English."""


class Fault(Exception):
    """What is wrong with one field."""


def check_statement(form: Mapping[str, str]) -> Checked:
    """Return the fields of a corrected statement and the faults of the form."""
    checked = _check(form, STATEMENT_FIELDS)
    measure, direction = checked.fields.get("measure"), checked.fields.get("direction")
    if "direction" in checked.fields and measure in DIRECTED_MEASURES and direction is None:
        return Checked(checked.fields, {**checked.faults, "direction": N_("Growth, change and gap need a direction.")})
    if measure not in DIRECTED_MEASURES:
        return Checked({**checked.fields, "direction": None}, checked.faults)
    return checked


def check_commitment(form: Mapping[str, str]) -> Checked:
    """Return the fields of a corrected commitment and the faults of the form."""
    return _check(form, COMMITMENT_FIELDS)


def _check(form: Mapping[str, str], readers: Mapping[str, Callable[[str], object]]) -> Checked:
    fields: dict[str, object] = {}
    faults: dict[str, str] = {}
    for name, read in readers.items():
        try:
            fields[name] = read(form.get(name, "").strip())
        except Fault as fault:
            faults[name] = str(fault)
    return Checked(fields, faults)


def _optional(text: str) -> str | None:
    if len(text) > LONGEST_TEXT:
        raise Fault(N_("This is too long."))
    return text or None


def _required(text: str) -> str:
    if not text:
        raise Fault(N_("This must not be empty."))
    _optional(text)
    return text


def _unit(text: str) -> str:
    return _optional(text) or ""


def _value(text: str) -> float:
    try:
        value = parse_number(text.replace(",", ""))
    except InputError as error:
        raise Fault(N_("Write a number such as 1012.9, 25.6 or 101290000000 (or 1012.9亿).")) from error
    if value < 0:
        raise Fault(N_("A value is not negative; the direction says down."))
    return value


def _period(text: str) -> str | None:
    if not text:
        return None
    try:
        return str(Period.parse(text))
    except InputError as error:
        raise Fault(N_("Write 2023, 2023-09, 2023-01/2023-11 or 2021/2023.")) from error


def _due(text: str) -> str | None:
    if not text:
        return None
    try:
        due_day(text)
    except InputError as error:
        raise Fault(N_("Write a month (2023-08) or a day (2023-08-31).")) from error
    return text


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise Fault(N_("Choose one of the list."))
        return text

    return read


def _direction(text: str) -> str | None:
    return _one_of(get_args(Direction))(text) if text else None


STATEMENT_FIELDS: Mapping[str, Callable[[str], object]] = {
    "name": _required,
    "value": _value,
    "unit": _unit,
    "measure": _one_of(get_args(Measure)),
    "direction": _direction,
    "bound": _one_of(get_args(Bound)),
    "kind": _one_of(get_args(Kind)),
    "period": _period,
    "subject": _optional,
    "reference": _optional,
}
COMMITMENT_FIELDS: Mapping[str, Callable[[str], object]] = {
    "name": _required,
    "verb": _required,
    "stage": _one_of(get_args(Stage)),
    "kind": _one_of(get_args(Kind)),
    "period": _period,
    "due": _due,
    "subject": _optional,
}


def form_values(row: Entry, fields: Mapping[str, object]) -> dict[str, str]:
    """Return what a form shows for a row: every field as text, an absent one empty."""
    return {name: _as_text(getattr(row, name)) for name in fields}


def _as_text(value: object) -> str:
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    return "" if value is None else str(value)
