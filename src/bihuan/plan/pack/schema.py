"""JSON Schema of a component file, and the tables of the reference page: both made from `fields.KINDS`."""

from __future__ import annotations

from math import isinf
from typing import Any

from bihuan.plan.pack.entry import BASES
from bihuan.plan.pack.fields import CHOICES, KINDS, SCALES, Field, Kind


def component_schema() -> dict[str, Any]:
    """Return the schema (2020-12) of a file under `components/`, for editors and checks."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bihuan-energy-1 components",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            kind.name: {"type": "array", "description": kind.meaning, "items": _item(kind)} for kind in KINDS
        },
    }


def _item(kind: Kind) -> dict[str, Any]:
    about = {name: {"type": "string"} for name in ("name", "english", "source", "note")}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", *(field.name for field in kind.fields if field.default is None)],
        "properties": {
            **about,
            "basis": {"enum": list(BASES)},
            **{field.name: _value(kind, field) for field in kind.fields},
        },
    }


def _value(kind: Kind, field: Field) -> dict[str, Any]:
    if field.shape == "flag":
        return {"type": "boolean", "description": field.meaning}
    if field.shape == "text":
        choices = CHOICES.get((kind.name, field.name))
        return {"description": field.meaning, **({"enum": list(choices)} if choices else {"type": "string"})}
    number: dict[str, Any] = {"type": "number"}
    parts: dict[str, Any] = {
        "value": number,
        "unit": {"enum": list(SCALES.get(field.unit, {field.unit: 1.0}))},
        "basis": {"enum": list(BASES)},
        "source": {"type": "string"},
        "note": {"type": "string"},
    }
    if field.shape == "hourly":
        parts |= {"series": {"type": "string"}, "times": {"type": "number"}}
    mapping = {"type": "object", "additionalProperties": False, "properties": parts}
    return {"description": f"{field.meaning} [{field.unit}]", "anyOf": [number, mapping]}


def reference_tables() -> str:
    """Return the reference page's tables, one a kind, as Markdown."""
    return "\n".join(_table(kind) for kind in KINDS)


def _table(kind: Kind) -> str:
    head = [
        f"### {kind.name}",
        "",
        kind.meaning,
        "",
        "| field | unit | default | meaning |",
        "| --- | --- | --- | --- |",
    ]
    rows = [f"| `{f.name}` | {f.unit} | {_default(f)} | {_meaning(f)} |" for f in kind.fields]
    return "\n".join([*head, *rows, ""])


def _default(field: Field) -> str:
    if field.default is None:
        return "**required**"
    if isinstance(field.default, bool):
        return str(field.default).lower()
    if isinstance(field.default, float):
        return "∞" if isinf(field.default) else f"{field.default:g}"
    return field.default


def _meaning(field: Field) -> str:
    notes = [field.meaning]
    if field.shape == "hourly":
        notes.append("hourly")
    if field.refers:
        notes.append(f"one of {field.refers}")
    return "; ".join(notes)
