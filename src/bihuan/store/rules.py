"""The rules of a pack, `rules/*.yaml`, and its fences, `rules/fences.json` (GeoJSON). Needs no database.

The format is described in `docs/reference/rules.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import get_args

import yaml

from bihuan.core.errors import PackError
from bihuan.core.messages import N_, Message
from bihuan.core.records.rule import Clock, Fence, Rule
from bihuan.core.records.signal import Severity
from bihuan.store.yaml_records import (
    Fault,
    Faults,
    Field,
    Record,
    compose,
    compose_text,
    entries,
    line_of,
    one_of,
    read_record,
)

NEW_RULE = "new"
_SPAN = re.compile(r"(\d+)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_QUIET = re.compile(r"(\d\d):(\d\d)/(\d\d):(\d\d)")


def _check_span(text: str) -> Message | None:
    return (
        None if _SPAN.fullmatch(text) else Message(N_("'{text}' is no time; write 30s, 10m, 2h or 1d"), {"text": text})
    )


def _check_quiet(text: str) -> Message | None:
    try:
        _quiet(text)
    except ValueError:
        return Message(N_("'{text}' is no span of the day; write 22:00/06:00"), {"text": text})
    return None


def _check_id(text: str) -> Message | None:
    fine = text.replace("-", "").isalnum() and text.isascii() and text == text.lower()
    if text == NEW_RULE:
        taken = N_("'{text}' is taken: by this name the cockpit calls a rule that is still to be made")
        return Message(taken, {"text": text})
    wrong = N_("'{text}' is no identifier; use lower-case letters, digits and hyphens")
    return None if fine else Message(wrong, {"text": text})


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


@dataclass(frozen=True, slots=True)
class Written:
    """A rule as somebody wrote it."""

    rule: Rule
    text: str
    """YAML of this rule alone."""
    lines: Mapping[str, int]
    """Line of each field in `text`, from 1."""


def load_rules(folder: Path) -> tuple[list[Rule], list[Fence]]:
    """Return the rules and fences of a pack's folder; their expressions are tried by `bihuan sense rules check`.

    Raises:
        PackError: a file is wrong; the message lists every fault.
    """
    written, fences = load_written_rules(folder)
    return [one.rule for one in written], fences


def load_written_rules(folder: Path) -> tuple[list[Written], list[Fence]]:
    """Return what `load_rules` does, each rule with its text.

    Raises:
        PackError: as `load_rules`.
    """
    faults = Faults()
    written: list[Written] = []
    for path in sorted((folder / "rules").glob("*.yaml")):
        written += _read(path, faults, {one.rule.id for one in written})
    fences = _fences(folder / "rules" / "fences.json", faults)
    if faults.found:
        raise PackError(faults.report(), where=str(folder / "rules"))
    return written, fences


def read_rule(text: str) -> tuple[Written | None, list[Fault]]:
    """Return one rule from its text, or None, and all that is wrong: `3: when: is missing`, with the line first."""
    path, faults = Path(_TEXT), Faults()
    root = compose_text(text, path, faults)
    rule = None
    if isinstance(root, yaml.SequenceNode):
        faults.add(path, line_of(root), "", N_("one rule is expected here, its fields without a hyphen in front"))
    elif root is not None:
        rule = _rule(path, root, faults)
    said = [Fault.of("", one.line, one.name, one.message) for one in faults.found if isinstance(one, Fault)]
    return (None, said) if rule is None or root is None else (Written(rule, text, _lines(root)), said)


_TEXT = "rule"


def _read(path: Path, faults: Faults, taken: set[str]) -> list[Written]:
    root = compose(path, faults)
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode):
        faults.add(path, line_of(root), "", "a list of rules is expected here")
        return []
    found = []
    for node in root.value:
        rule = _rule(path, node, faults)
        if rule is not None and rule.id in taken:
            faults.add(path, line_of(node), "id", f"'{rule.id}' is the id of another rule too")
        elif rule is not None:
            taken.add(rule.id)
            found.append(Written(rule, _text_of(path, node), _lines(node)))
    return found


def _text_of(path: Path, node: yaml.Node) -> str:
    """Return a rule's own lines out of a list, moved to the margin; comments behind it belong to the next."""
    start, end = node.start_mark, node.end_mark
    first, *more = path.read_text(encoding="utf-8").splitlines()[start.line : end.line + (end.column > start.column)]
    while more and (not more[-1].strip() or more[-1].lstrip().startswith("#")):
        more.pop()
    return "\n".join([first[start.column :], *(line.removeprefix(" " * start.column) for line in more)]) + "\n"


def _lines(node: yaml.Node) -> dict[str, int]:
    return {name: line_of(value) - node.start_mark.line for name, value in entries(Path(_TEXT), node, Faults()).items()}


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
