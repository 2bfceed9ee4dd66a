"""Read case types from the pack's `cases/*.yaml`; every fault is told with its file and line, all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import yaml

from bihuan.act.case_type import CaseType
from bihuan.act.case_type_rules import contradictions
from bihuan.core.errors import PackError
from bihuan.store.packs import Pack
from bihuan.store.yaml_records import Faults, compose, line_of

Where = tuple[str | int, ...]
"""Keys and positions from the root of a file to a value."""
SUFFIX = ".yaml"
SCENARIO_SUFFIX = ".scenario.yaml"


def load_case_types(pack: Pack) -> Mapping[str, CaseType]:
    """Return the types of a pack by their identifier.

    Raises:
        PackError: a file has faults; the message lists all of them, each with its line.
    """
    faults = Faults()
    types: dict[str, CaseType] = {}
    units = frozenset(organisation.id for organisation in pack.organisations)
    for path in type_files(pack.folder / "cases"):
        found = read_case_type(path, faults, units)
        if found is not None and found.type in types:
            faults.add(path, 1, "type", f"'{found.type}' is the type of another file too")
        elif found is not None:
            types[found.type] = found
    if faults.found:
        raise PackError(faults.report(), where=str(pack.folder / "cases"))
    return types


def type_files(folder: Path) -> list[Path]:
    """Return the type files of a folder, scenarios left out, by name."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if not path.name.endswith(SCENARIO_SUFFIX))


def read_case_type(path: Path, faults: Faults, units: frozenset[str]) -> CaseType | None:
    """Read one type; None where it has a fault.

    Args:
        path: of the file.
        faults: where what is wrong is noted.
        units: identifiers of the pack's offices.
    """
    node = compose(path, faults)
    if node is None:
        return None
    before = len(faults.found)
    for twice, line in _doubled_keys(node):
        faults.add(path, line, twice, "stands here twice")
    data = yaml.SafeLoader("").construct_document(node) if len(faults.found) == before else None
    if data is None:
        return None
    for where, message in _schema_faults(data):
        faults.add(path, _line_at(node, where), _dotted(where), message)
    if len(faults.found) > before:
        return None
    case_type = msgspec.convert(data, CaseType)
    for where, message in contradictions(case_type, units):
        faults.add(path, _line_at(node, where), _dotted(where), message)
    return case_type if len(faults.found) == before else None


@cache
def json_schema() -> Mapping[str, Any]:
    """Return the JSON Schema of the format, made from the records it is read into."""
    schema = msgspec.json.schema(CaseType)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "bihuan case type", **schema}


def _schema_faults(data: Any) -> Iterator[tuple[Where, str]]:
    validator = jsonschema.Draft202012Validator(json_schema())
    for error in sorted(validator.iter_errors(data), key=lambda e: [str(part) for part in e.absolute_path]):
        deepest = _deepest(error)
        yield tuple(deepest.absolute_path), _say(deepest)


def _deepest(error: jsonschema.ValidationError) -> jsonschema.ValidationError:
    """Of an alternative (`RuleSpec or null`) report the fault inside it, not that no alternative fits."""
    while error.context:
        error = max(error.context, key=lambda inner: len(inner.absolute_path))
    return error


def _say(error: jsonschema.ValidationError) -> str:
    seen, expected = error.instance, error.validator_value
    match error.validator:
        case "type":
            return f"{_short(seen)} is a {_kind_of(seen)}, but a {_words(expected)} is expected{_quote_hint(seen, expected)}"
        case "enum":
            return f"{_short(seen)} is none of {', '.join(map(str, expected))}"
        case "required":
            missing = [name for name in expected if name not in seen]
            return f"lacks {', '.join(missing)}"
        case "additionalProperties":
            known = error.schema.get("properties", {})
            return f"{', '.join(sorted(map(str, set(seen) - set(known))))} is no key here; known are {', '.join(known)}"
        case "pattern":
            return f"{_short(seen)} does not have the form {expected}"
        case "minItems" | "minLength" | "minProperties":
            return f"needs at least {expected}"
        case "maximum" | "minimum" | "maxLength":
            return f"{_short(seen)} is outside the limit of {expected}"
        case _:
            return str(error.message)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


_KINDS = {dict: "mapping", list: "list", str: "text", bool: "true or false", int: "number", float: "number"}
_WORDS = {"object": "mapping", "array": "list", "string": "text", "boolean": "true or false", "integer": "whole number"}


def _kind_of(value: Any) -> str:
    return _KINDS.get(type(value), type(value).__name__)


def _words(expected: str | Sequence[str]) -> str:
    names = [expected] if isinstance(expected, str) else expected
    return " or ".join(_WORDS.get(name, name) for name in names)


def _quote_hint(seen: Any, expected: Any) -> str:
    return "; put it in quotation marks" if expected == "string" and not isinstance(seen, dict | list) else ""


def _dotted(where: Where) -> str:
    return ".".join(map(str, where))


def _line_at(node: yaml.Node, where: Where) -> int:
    """Return the line of the value at `where`, or of the nearest thing around it that is there."""
    line = line_of(node)
    for part in where:
        child = _child(node, part)
        if child is None:
            break
        key, node = child
        line = line_of(key)
    return line


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _doubled_keys(node: yaml.Node) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield str(key.value), line_of(key)
            seen.add(key.value)
            yield from _doubled_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _doubled_keys(item)
