"""The rules of a pack, `rules/*.yaml`, and its fences, `rules/fences.json` (GeoJSON). Needs no database.

The format is described in `docs/reference/rules.md`.
"""

from __future__ import annotations

import json
import re
from datetime import time, timedelta
from pathlib import Path
from typing import get_args

import yaml

from bihuan.core.errors import PackError
from bihuan.core.records.rule import Clock, Fence, Rule
from bihuan.core.records.signal import Severity
from bihuan.store.yaml_records import Faults, Field, Record, compose, entries, line_of, one_of, read_record

_SPAN = re.compile(r"(\d+)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_QUIET = re.compile(r"(\d\d):(\d\d)/(\d\d):(\d\d)")


def _check_span(text: str) -> str | None:
    return None if _SPAN.fullmatch(text) else f"'{text}' is no time; write 30s, 10m, 2h or 1d"


def _check_quiet(text: str) -> str | None:
    try:
        _quiet(text)
    except ValueError:
        return f"'{text}' is no span of the day; write 22:00/06:00"
    return None


def _check_id(text: str) -> str | None:
    fine = text.replace("-", "").isalnum() and text.isascii() and text == text.lower()
    return None if fine else f"'{text}' is no identifier; use lower-case letters, digits and hyphens"


_NEEDED = (
    Field("id", check=_check_id),
    Field("name"),
    Field("types", "texts"),
    Field("when"),
    Field("kind"),
    Field("severity", check=one_of(*get_args(Severity))),
    Field("text"),
    Field("source"),
)
_OPTIONAL = (
    Field("where"),
    Field("clear"),
    Field("for", check=_check_span),
    Field("clock", check=one_of(*get_args(Clock))),
    Field("quiet", check=_check_quiet),
)


def load_rules(folder: Path) -> tuple[list[Rule], list[Fence]]:
    """Return the rules and fences of a pack's folder; their expressions are tried by `bihuan sense rules check`.

    Raises:
        PackError: a file is wrong; the message lists every fault.
    """
    faults = Faults()
    rules: list[Rule] = []
    for path in sorted((folder / "rules").glob("*.yaml")):
        rules += _read(path, faults, {rule.id for rule in rules})
    fences = _fences(folder / "rules" / "fences.json", faults)
    if faults.found:
        raise PackError(faults.report(), where=str(folder / "rules"))
    return rules, fences


def _read(path: Path, faults: Faults, taken: set[str]) -> list[Rule]:
    root = compose(path, faults)
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode):
        faults.add(path, line_of(root), "", "a list of rules is expected here")
        return []
    rules = []
    for node in root.value:
        rule = _rule(path, node, faults)
        if rule is not None and rule.id in taken:
            faults.add(path, line_of(node), "id", f"'{rule.id}' is the id of another rule too")
        elif rule is not None:
            taken.add(rule.id)
            rules.append(rule)
    return rules


def _rule(path: Path, node: yaml.Node, faults: Faults) -> Rule | None:
    nodes = entries(path, node, Faults())
    given = tuple(field for field in _OPTIONAL if field.name in nodes)
    record = read_record(path, node, (*_NEEDED, *given), faults, also=("values",))
    values = entries(path, nodes["values"], faults) if "values" in nodes else {}
    if record is None:
        return None
    texts = {name: str(value.value) for name, value in values.items() if isinstance(value, yaml.ScalarNode)}
    return _made(record, {field.name: record.text(field.name) for field in given}, texts)


def _made(record: Record, given: dict[str, str], values: dict[str, str]) -> Rule:
    severity: Severity = record.text("severity")  # type: ignore[assignment]  # one_of has checked it
    clock: Clock = given.get("clock", "event")  # type: ignore[assignment]
    return Rule(
        id=record.text("id"),
        name=record.text("name"),
        types=record.texts("types"),
        when=record.text("when"),
        kind=record.text("kind"),
        severity=severity,
        text=record.text("text"),
        source=record.text("source"),
        where=given.get("where"),
        clear=given.get("clear"),
        lasting=_span(given.get("for", "0s")),
        clock=clock,
        quiet=_quiet(given["quiet"]) if "quiet" in given else None,
        values=values,
    )


def _span(text: str) -> timedelta:
    match = _SPAN.fullmatch(text)
    assert match is not None
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def _quiet(text: str) -> tuple[time, time]:
    match = _QUIET.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))


def _fences(path: Path, faults: Faults) -> list[Fence]:
    """Read polygons of a GeoJSON FeatureCollection, each with properties `id` and `name`."""
    if not path.exists():
        return []
    try:
        collection = json.loads(path.read_text(encoding="utf-8"))
        return [
            Fence(one["properties"]["id"], one["properties"]["name"],
                  tuple((float(lon), float(lat)) for lon, lat in one["geometry"]["coordinates"][0]))
            for one in collection["features"]
        ]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        faults.add(path, None, "", f"is no GeoJSON of polygons with id and name: {error!r}")
        return []
