"""Records from YAML files a person wrote: every fault is told with its file, line and field, all of them at once.

Nodes are read as text, so that `code: 140300` and `name: 是` stay what their author wrote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml

from bihuan.core.errors import PackError
from bihuan.core.messages import N_, Message

Value = str | None | tuple[str, ...]


class Fault(str):
    """What is wrong at a place: English as files and logs tell it, and its parts for who reads another language."""

    line: int | None
    """From 1; None where none is meant."""
    name: str
    """The field; empty where none is meant."""
    message: Message

    @classmethod
    def of(cls, place: str, line: int | None, name: str, message: str | Message) -> Fault:
        """Return a fault; `place` is a file, empty where the text is one that somebody is writing."""
        where = ":".join(part for part in (place, "" if line is None else str(line)) if part)
        made = cls(": ".join(part for part in (where, name, str(message)) if part))
        made.line, made.name = line, name
        made.message = message if isinstance(message, Message) else Message(message)
        return made


@dataclass
class Faults:
    """Collects what is wrong, file by file and line by line."""

    found: list[str] = field(default_factory=list)

    def add(self, path: Path, line: int | None, name: str, message: str | Message) -> None:
        """Note one fault; `line` counts from 1, `name` is the field (empty where none is meant)."""
        self.found.append(Fault.of(path.name, line, name, message))

    def report(self) -> str:
        """Return all faults, one a line, under their number."""
        count = len(self.found)
        return f"{count} fault{'s' if count > 1 else ''}\n  " + "\n  ".join(self.found)


@dataclass(frozen=True)
class Field:
    """One field of a record: how it is read, and a check that returns what is wrong with a text, or None."""

    name: str
    kind: Literal["text", "optional_text", "texts"] = "text"
    check: Callable[[str], str | Message | None] = lambda _: None
    may_be_absent: bool = False
    """Whether the whole line may be left out, as if empty; for `optional_text`."""
    may_be_quoted_empty: bool = False
    """Whether "" in quotation marks is an answer (an index has no unit), unlike nothing at all."""


@dataclass(frozen=True)
class Record:
    """One mapping that was read without a fault."""

    values: dict[str, Value]
    line: int

    def text(self, name: str) -> str:
        """Return a field of kind `text`."""
        value = self.values[name]
        assert isinstance(value, str)
        return value

    def optional(self, name: str) -> str | None:
        """Return a field of kind `optional_text`."""
        value = self.values[name]
        assert not isinstance(value, tuple)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a field of kind `texts`."""
        value = self.values[name]
        assert isinstance(value, tuple)
        return value


def one_of(*choices: str) -> Callable[[str], str | Message | None]:
    """Return a check that a text is one of `choices`."""
    fault = N_("'{text}' is none of {choices}")
    return lambda text: None if text in choices else Message(fault, {"text": text, "choices": choices})


def compose(path: Path, faults: Faults) -> yaml.Node | None:
    """Return the file's root node, None (and a fault) where it cannot be read or holds nothing."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        faults.add(path, None, "", f"cannot be read ({type(error).__name__}); save it as UTF-8 text")
        return None
    return compose_text(text, path, faults)


def compose_text(text: str, path: Path, faults: Faults) -> yaml.Node | None:
    """Return the root node of a text, None (and a fault) where it is no YAML or holds nothing; `path` is its name."""
    try:
        root = _root(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        faults.add(path, line, "", Message(N_("is no YAML: {problem}"), {"problem": error.problem}))
    except yaml.YAMLError as error:
        faults.add(path, None, "", Message(N_("is no YAML: {problem}"), {"problem": " ".join(str(error).split())}))
    else:
        if root is None:
            faults.add(path, 1, "", N_("is empty"))
        return root
    return None


def _root(text: str) -> yaml.Node | None:
    """Read by the C parser, 13 times as fast; the other one tells better where a fault lies."""
    try:
        return yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return yaml.compose(text, Loader=yaml.SafeLoader)


def entries(path: Path, node: yaml.Node, faults: Faults) -> dict[str, yaml.Node]:
    """Return a mapping's values by key; nothing (and a fault) where the node is no mapping."""
    if not isinstance(node, yaml.MappingNode):
        faults.add(path, line_of(node), "", N_("a mapping of fields is expected here"))
        return {}
    keys = Counter(str(key.value) for key, _ in node.value)
    for name, times in keys.items():
        if times > 1:
            faults.add(path, line_of(node), name, Message(N_("stands here {times} times"), {"times": times}))
    return {str(key.value): value for key, value in node.value}


def read_record(
    path: Path, node: yaml.Node, fields: Sequence[Field], faults: Faults, also: Sequence[str] = ()
) -> Record | None:
    """Read one mapping; None where it has a fault. `also` names keys that the caller reads."""
    before = len(faults.found)
    nodes = entries(path, node, faults)
    if not nodes:
        return None
    for name in nodes.keys() - {f.name for f in fields} - set(also):
        known = ", ".join([*(f.name for f in fields), *also])
        faults.add(
            path, line_of(nodes[name]), name, Message(N_("is no field here; known are {known}"), {"known": known})
        )
    values = {f.name: _read_field(path, node, nodes.get(f.name), f, faults) for f in fields}
    return Record(values, line_of(node)) if len(faults.found) == before else None


def read_records(path: Path, node: yaml.Node, fields: Sequence[Field], faults: Faults) -> list[Record]:
    """Read a list of mappings; a name, alias or id may belong to one record of the list only."""
    if not isinstance(node, yaml.SequenceNode):
        faults.add(path, line_of(node), "", "a list of records is expected here; write [] for none")
        return []
    read = (read_record(path, item, fields, faults) for item in node.value)
    records = [record for record in read if record is not None]
    _check_names(path, records, faults)
    return records


def records_of(path: Path, fields: Sequence[Field]) -> list[Record]:
    """Return the records of a file that holds a list of them; none where there is no file.

    Raises:
        PackError: the file has faults; the message lists all.
    """
    if not path.is_file():
        return []
    faults = Faults()
    root = compose(path, faults)
    if root is not None and not isinstance(root, yaml.SequenceNode):
        faults.add(path, line_of(root), "", "a list of records is expected here; write [] for none")
    items = root.value if isinstance(root, yaml.SequenceNode) else []
    records = [read_record(path, item, fields, faults) for item in items]
    if faults.found:
        raise PackError(faults.report(), where=str(path))
    return [record for record in records if record is not None]


def line_of(node: yaml.Node) -> int:
    """Return the line a node begins in, counted from 1."""
    return int(node.start_mark.line) + 1


def _read_field(path: Path, record: yaml.Node, node: yaml.Node | None, wanted: Field, faults: Faults) -> Value:
    if node is None:
        if not wanted.may_be_absent:
            faults.add(path, line_of(record), wanted.name, N_("is missing"))
        return None
    if wanted.kind == "texts":
        return _read_texts(path, node, wanted, faults)
    if not isinstance(node, yaml.ScalarNode):
        faults.add(path, line_of(node), wanted.name, N_("a text is expected here"))
        return None
    return _read_text(path, node, wanted, faults)


def _read_text(path: Path, node: yaml.ScalarNode, wanted: Field, faults: Faults) -> str | None:
    text = str(node.value).strip()
    empty = not text or node.tag == "tag:yaml.org,2002:null"
    if empty and wanted.kind == "optional_text":
        return None
    if empty and wanted.may_be_quoted_empty and node.style:
        return ""
    fault = N_("is empty") if empty else wanted.check(text)
    if fault:
        faults.add(path, line_of(node), wanted.name, fault)
    return text


def _read_texts(path: Path, node: yaml.Node, wanted: Field, faults: Faults) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode) or not all(isinstance(n, yaml.ScalarNode) for n in node.value):
        faults.add(path, line_of(node), wanted.name, N_("a list of texts is expected here; write [] for none"))
        return ()
    return tuple(str(n.value).strip() for n in node.value)


def _check_names(path: Path, records: Sequence[Record], faults: Faults) -> None:
    owner: dict[tuple[str, str], Record] = {}
    for record in records:
        for key in _names(record):
            other = owner.setdefault(key, record)
            if other is not record:
                faults.add(path, record.line, key[0], f"'{key[1]}' already belongs to the record in line {other.line}")


def _names(record: Record) -> list[tuple[str, str]]:
    """Return what a record is known by, as (field, text)."""
    ids = [("id", record.text("id"))] if "id" in record.values else []
    aliases = [("aliases", alias) for alias in record.texts("aliases")]
    return [*ids, ("name", record.text("name")), *aliases]
