"""The part of a pack on devices: `devices/attributes.yaml` and `devices/policy.yaml`. Needs no database.

The format is described in `docs/reference/sense-pack.md`. A pack without the folder has the defaults.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from bihuan.core.errors import PackError, UnitError
from bihuan.core.quantity import read_unit
from bihuan.core.records.sensing import AttributeKind, KeepingPolicy, Sensing
from bihuan.store.yaml_records import Faults, Field, Record, compose, one_of, read_record


def _check_number(text: str) -> str | None:
    try:
        float(text)
    except ValueError:
        return f"'{text}' is no number"
    return None


def _check_count(text: str) -> str | None:
    return None if text.isdecimal() and int(text) > 0 else f"'{text}' is no whole number above 0"


def _check_unit(text: str) -> str | None:
    try:
        read_unit(text)
    except UnitError as error:
        return error.message
    return None


def _check_id(text: str) -> str | None:
    fine = text.isidentifier() and text.isascii() and text == text.lower()
    return None if fine else f"'{text}' is no attribute name; use lower-case letters, digits and _"


_NUMBERS = ("lowest", "highest", "jump", "frozen_minutes", "wraps_at")
_ATTRIBUTE = (Field("id", check=_check_id), Field("name"), Field("english"))
_OPTIONAL = (
    Field("unit", "optional_text", _check_unit),
    *(Field(name, "optional_text", _check_number) for name in _NUMBERS),
    Field("counter", "optional_text", one_of("yes", "no")),
)
_DAYS = ("hot_days", "raw_days", "lake_days", "quarantine_days")


def load_sensing(folder: Path) -> Sensing:
    """Return what a pack's folder says of devices.

    Raises:
        PackError: a file is wrong; the message lists every fault.
    """
    faults = Faults()
    attributes = _attributes(folder / "devices" / "attributes.yaml", faults)
    policy = _policy(folder / "devices" / "policy.yaml", faults)
    if faults.found:
        raise PackError(faults.report(), where=str(folder / "devices"))
    return Sensing({attribute.id: attribute for attribute in attributes}, policy)


def _attributes(path: Path, faults: Faults) -> list[AttributeKind]:
    root = compose(path, faults) if path.exists() else None
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode):
        faults.add(path, 1, "", "a list of attributes is expected here")
        return []
    records = [_record(path, node, faults) for node in root.value]
    return [_attribute(record) for record in records if record is not None]


def _record(path: Path, node: yaml.Node, faults: Faults) -> Record | None:
    """Read one attribute; what it does not name is None."""
    named = {str(key.value) for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
    given = tuple(field for field in _OPTIONAL if field.name in named)
    record = read_record(path, node, (*_ATTRIBUTE, *given), faults)
    if record is None:
        return None
    return Record({**{field.name: None for field in _OPTIONAL}, **record.values}, record.line)


def _attribute(record: Record) -> AttributeKind:
    numbers = {name: _number(record.optional(name)) for name in _NUMBERS}
    return AttributeKind(
        record.text("id"),
        record.text("name"),
        record.text("english"),
        record.optional("unit"),
        is_counter=record.optional("counter") == "yes",
        **numbers,
    )


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _policy(path: Path, faults: Faults) -> KeepingPolicy:
    root = compose(path, faults) if path.exists() else None
    if root is None:
        return KeepingPolicy()
    days = tuple(Field(name, check=_check_count) for name in _DAYS)
    others = (Field("silent_after", check=_check_number), Field("monitoring", "texts"))
    record = read_record(path, root, (*days, *others), faults)
    if record is None:
        return KeepingPolicy()
    return KeepingPolicy(
        **{name: int(record.text(name)) for name in _DAYS},
        silent_after=float(record.text("silent_after")),
        monitoring=record.texts("monitoring"),
    )
