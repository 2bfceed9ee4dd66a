"""Policies of a pack, `policies.yaml`, and which enterprises match which, as far as it has been told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bihuan.core.errors import PackError
from bihuan.core.records.policy import Condition, Operator, Policy
from bihuan.store.connect import Connection
from bihuan.store.sql import statements
from bihuan.store.yaml_records import Faults, Field, compose, line_of, read_record

_SQL = statements("policies.sql")
_CONDITION = re.compile(r"([a-z]\w*) (>=|<=|==|!=|>|<|not in|in) (\S.*)")
Match = tuple[str, int]
"""Policy and number of the enterprise."""


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An enterprise as policies see it."""

    number: int
    urn: str
    name: str
    facts: Mapping[str, Any]
    """Registered attributes, and `district`."""


def _check_condition(text: str) -> str | None:
    match = _CONDITION.fullmatch(text)
    if match is None:
        return f"'{text}' is no condition; write `attribute >= 5`, `attribute == yes` or `attribute in 甲, 乙`"
    if match[2] in (">=", "<=", ">", "<") and not isinstance(_value(match[3]), float):
        return f"'{match[3]}' is no number to compare with"
    return None


_FIELDS = (
    Field("id"),
    Field("name"),
    Field("benefit"),
    Field("amount_yuan", "optional_text"),
    Field("office"),
    Field("source"),
    Field("conditions", "texts"),
)


def load_policies(folder: Path) -> list[Policy]:
    """Return the policies of a pack's folder; none where it has no `policies.yaml`.

    Raises:
        PackError: the file is wrong; the message lists every fault.
    """
    path, faults = folder / "policies.yaml", Faults()
    root = compose(path, faults) if path.exists() else None
    nodes = root.value if isinstance(root, yaml.SequenceNode) else []
    policies = [policy for node in nodes if (policy := _policy(path, node, faults)) is not None]
    if faults.found:
        raise PackError(faults.report(), where=str(folder))
    return policies


def _policy(path: Path, node: yaml.Node, faults: Faults) -> Policy | None:
    record = read_record(path, node, _FIELDS, faults)
    if record is None:
        return None
    wrong = [fault for text in record.texts("conditions") if (fault := _check_condition(text))]
    for fault in wrong:
        faults.add(path, line_of(node), "conditions", fault)
    if wrong:
        return None
    conditions = tuple(_condition(text) for text in record.texts("conditions"))
    return Policy(record.text("id"), record.text("name"), conditions, record.text("benefit"),
                  record.optional("amount_yuan"), record.text("office"), record.text("source"))  # fmt: skip


def _condition(text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    assert match is not None
    operator: Operator = match[2]  # type: ignore[assignment]
    pieces = match[3].split(",") if operator in ("in", "not in") else [match[3]]
    return Condition(match[1], operator, tuple(_value(piece.strip()) for piece in pieces))


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def enterprises(connection: Connection, numbers: Sequence[int] | None = None) -> list[Enterprise]:
    """Return enterprises, those of `numbers` or all."""
    wanted = {"numbers": list(numbers) if numbers is not None else None}
    return [
        Enterprise(number, urn, name, {**attributes, "district": district})
        for number, urn, name, district, _, attributes in connection.execute(_SQL["enterprises"], wanted).fetchall()
    ]


def changed(connection: Connection, since: datetime) -> list[int]:
    """Return the numbers of the enterprises that have changed since a time."""
    return [number for (number,) in connection.execute(_SQL["changed"], {"since": since}).fetchall()]


def matches(connection: Connection, numbers: Sequence[int] | None = None) -> set[Match]:
    """Return what matched when it was last looked at."""
    wanted = {"numbers": list(numbers) if numbers is not None else None}
    return set(connection.execute(_SQL["matches"], wanted).fetchall())


def keep(
    connection: Connection, policies: Sequence[Policy], new: Iterable[Match], gone: Iterable[Match], *, at: datetime
) -> None:
    """Keep what matches anew, each with a signal, and forget what does so no longer, in the caller's transaction."""
    connection.execute(_SQL["make_new"])
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_new"]) as copy:
        for match in new:
            copy.write_row(match)
    connection.execute(_SQL["raise_new"], {
        "at": at,
        "ids": [policy.id for policy in policies],
        "names": [policy.name for policy in policies],
        "benefits": [policy.benefit for policy in policies],
        "amounts": [policy.amount_yuan for policy in policies],
        "offices": [policy.office for policy in policies],
        "sources": [policy.source for policy in policies],
    })  # fmt: skip
    connection.execute(_SQL["keep_new"], {"at": at})
    over = list(gone)
    if over:
        connection.execute(_SQL["end"], {"policies": [policy for policy, _ in over], "entities": [n for _, n in over]})
