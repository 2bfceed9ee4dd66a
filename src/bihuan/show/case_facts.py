"""What the fields of a case read like: money as 6.2 亿元, choices and units by name, dates and shares as people write them."""

from __future__ import annotations

from typing import Any

from bihuan.act.case_type import FieldSpec
from bihuan.act.units import Units
from bihuan.show.language import Language
from bihuan.show.wording import plain_number, scaled


def field_name(spec: FieldSpec, language: Language) -> str:
    """Return what a field is called."""
    return spec.name if language == "zh-CN" else spec.english


def money_text(yuan: float, language: Language) -> str:
    """Return an amount as a reader writes it: 6.2 亿元, 620 m yuan."""
    return scaled(yuan, "元" if language == "zh-CN" else "yuan", language)


def field_text(spec: FieldSpec, value: Any, units: Units, language: Language) -> str:
    """Return the value of a field as a reader writes it."""
    if isinstance(value, list):
        return "、".join(field_text(spec, one, units, language) for one in value)
    if spec.choices:
        choice = spec.choices.get(str(value))
        return str(value) if choice is None else choice.name if language == "zh-CN" else choice.english
    if spec.kind == "unit":
        return units.name(value)
    if spec.kind == "money_yuan":
        return money_text(value, language)
    if spec.kind == "percent":
        return scaled(value, "%", language)
    if spec.kind == "number":
        return plain_number(value)
    return str(value)
