"""Check the values people give for the fields of a case, and part what is personal from what may stand in events."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from bihuan.act.case_type import CaseType, FieldSpec, Kind
from bihuan.act.clock import CHINA
from bihuan.act.plain_text import plain_text, redacted, without_numbers
from bihuan.core.errors import InputError
from bihuan.core.messages import N_

_PHONE = re.compile(r"\+?[\d\-() ]{5,20}")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
EARLIEST = date(1990, 1, 1)
LATEST = date(2100, 12, 31)
MOST_DAYS = 60
"""Of a field that holds a list of them."""
_EXAMPLE = "0353-1234567"
_LIMITS: Mapping[str, int] = {"text": 200, "long_text": 8000}


def checked(case_type: CaseType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they are kept, personal ones still in the clear; an empty text is no value.

    Raises:
        InputError: a field is unknown, or a value does not fit it; the message names the field.
    """
    unknown = sorted(values.keys() - case_type.fields.keys())
    if unknown:
        raise InputError(
            N_("is no field of '{type}'; there are {fields}"),
            where=unknown[0],
            key="act.no_field",
            type=case_type,
            fields=tuple(case_type.fields),
        )
    given = {name: value for name, value in values.items() if value is not None and value != "" and value != []}
    return {name: _checked(name, case_type.fields[name], value) for name, value in given.items()}


def parted(case_type: CaseType, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return (what may stand in events, what is personal and must not)."""
    personal = {name: str(value) for name, value in values.items() if case_type.fields[name].personal}
    open_values = {name: value for name, value in values.items() if name not in personal}
    for name, text in personal.items():
        spec = case_type.fields[name].personal
        if spec and spec.redacted:
            open_values[name] = redacted(text, (value for other, value in personal.items() if other != name))
    return open_values, personal


def defaults(case_type: CaseType) -> dict[str, Any]:
    """Return the values that hold where nothing was given."""
    return {name: spec.default for name, spec in case_type.fields.items() if spec.default is not None}


def require(case_type: CaseType, names: list[str], present: set[str]) -> None:
    """Refuse where one of `names` is not among the filled fields.

    Raises:
        InputError: names the first missing field.
    """
    for name in names:
        if name not in present:
            raise InputError(N_("must be filled in"), where=name, key="act.field_missing")


def _checked(name: str, spec: FieldSpec, value: Any) -> Any:
    return _CHECKS[spec.kind](name, spec, value)


def _text(name: str, spec: FieldSpec, value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(N_("a text was expected, not {given}"), where=name, key="act.no_text", given=value)
    limit = spec.max or _LIMITS.get(spec.kind, 200)
    text = plain_text(value, name, limit=limit, lines=spec.kind == "long_text")
    return text if spec.personal else without_numbers(text, name)


def _phone(name: str, spec: FieldSpec, value: Any) -> str:
    if not isinstance(value, str) or not _PHONE.fullmatch(value.strip()):
        raise InputError(
            N_("a telephone number such as {example} was expected"), where=name, key="act.no_phone", example=_EXAMPLE
        )
    return value.strip()


def _email(name: str, spec: FieldSpec, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 200 or not _EMAIL.fullmatch(value.strip()):
        raise InputError(N_("an e-mail address was expected"), where=name, key="act.no_email")
    return value.strip()


def _number(name: str, spec: FieldSpec, value: Any) -> float | int:
    number = _as_number(value)
    if number is None or not abs(number) < 1e15 or (spec.kind == "integer" and number != int(number)):
        raise InputError(
            N_("a whole number was expected, not '{given}'")
            if spec.kind == "integer"
            else N_("a number was expected, not '{given}'"),
            where=name,
            key="act.no_number",
            given=value,
        )
    if number < 0:
        raise InputError(N_("{given} is less than 0"), where=name, key="act.range", given=value)
    if spec.max is not None and number > spec.max:
        raise InputError(
            N_("{given} is too much; at most {most:,} is taken"),
            where=name,
            key="act.range",
            given=value,
            most=spec.max,
        )
    return number


def _as_number(value: Any) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not isinstance(value, str):
        return value
    try:
        return float(value) if not value.strip().isdecimal() else int(value)
    except ValueError:
        return None


def _percent(name: str, spec: FieldSpec, value: Any) -> float | int:
    number = _number(name, spec, value)
    if number > 100:
        raise InputError(N_("{given} is more than 100 per cent"), where=name, key="act.range", given=value)
    return number


def day_of(given: str, where: str) -> date:
    """Return a day as people enter it.

    Args:
        given: YYYY-MM-DD.
        where: what was asked for, for the refusal.

    Raises:
        InputError: it is no day.
    """
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise InputError(
            N_("a day such as {example} was expected, not '{given}'"),
            where=where,
            key="act.no_day",
            example="2026-03-31",
            given=given,
        ) from None


def moment_of(given: str, where: str) -> datetime:
    """Return a time as people enter it: a day or a time, in Chinese time where it names no zone.

    Args:
        given: ISO 8601, such as `2026-03-02 09:00`.
        where: what was asked for, for the refusal.

    Raises:
        InputError: it is no time.
    """
    try:
        at = datetime.fromisoformat(given.strip())
    except ValueError:
        raise InputError(
            N_("a day or time such as {example} was expected, not '{given}'"),
            where=where,
            key="act.no_day",
            example="2026-03-02 09:00",
            given=given,
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


def _date(name: str, spec: FieldSpec, value: Any) -> str:
    day = value if isinstance(value, date) else day_of(str(value), name)
    if not EARLIEST <= day <= LATEST:
        raise InputError(
            N_("{day} is no possible day; from {first} to {last} is taken"),
            where=name,
            key="act.impossible_day",
            day=day,
            first=EARLIEST,
            last=LATEST,
        )
    return day.isoformat()[:10]


def _dates(name: str, spec: FieldSpec, value: Any) -> list[str]:
    days = value.replace("，", ",").split(",") if isinstance(value, str) else value
    if not isinstance(days, list | tuple) or len(days) > MOST_DAYS:
        raise InputError(
            N_("a list of at most {most} days was expected"), where=name, key="act.no_days", most=MOST_DAYS
        )
    return sorted({_date(name, spec, day) for day in days})


def _choice(name: str, spec: FieldSpec, value: Any) -> str:
    names = ((key, (choice.name, choice.english, *choice.aliases)) for key, choice in spec.choices.items())
    by_name = {word: key for key, words in names for word in words} | {key: key for key in spec.choices}
    if not isinstance(value, str) or value not in by_name:
        raise InputError(
            N_("'{given}' is none of {choices}"),
            where=name,
            key="act.no_choice",
            given=value,
            choices=list(spec.choices.values()),
        )
    return by_name[value]


def _choices(name: str, spec: FieldSpec, value: Any) -> list[str]:
    several = value if isinstance(value, list | tuple) else str(value).replace("、", ",").replace("，", ",").split(",")
    return list(dict.fromkeys(_choice(name, spec, one) for one in several))


def _boolean(name: str, spec: FieldSpec, value: Any) -> bool:
    known = {"true": True, "false": False, "是": True, "否": False}
    answer = value if isinstance(value, bool) else known.get(str(value).strip().lower())
    if answer is None:
        raise InputError(N_("yes or no was expected, not '{given}'"), where=name, key="act.no_yes", given=value)
    return answer


_CHECKS: Mapping[Kind, Callable[[str, FieldSpec, Any], Any]] = {
    "text": _text,
    "long_text": _text,
    "place": _text,
    "unit": _text,
    "case": _text,
    "entry": _text,
    "phone": _phone,
    "email": _email,
    "number": _number,
    "integer": _number,
    "money_yuan": _number,
    "percent": _percent,
    "date": _date,
    "dates": _dates,
    "choice": _choice,
    "choices": _choices,
    "boolean": _boolean,
}
