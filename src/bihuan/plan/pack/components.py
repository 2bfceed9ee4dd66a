"""Component files: each number with basis and source, in the field's unit, inside its plausible range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import cast

import yaml

from bihuan.plan.network import Floats
from bihuan.plan.pack.entry import BASES, Basis, Content, Entry, Source, Value
from bihuan.plan.pack.fields import BY_NAME, CHOICES, SCALES, Field, Kind
from bihuan.store.yaml_records import Faults, entries, line_of
from bihuan.store.yaml_records import compose as compose_yaml

_ABOUT = ("name", "english", "basis", "source", "note")
_OF_VALUE = ("value", "series", "times", "unit", "basis", "source", "note")


@dataclass(frozen=True)
class Reader:
    """Reads components of one folder; what is wrong goes to `faults`."""

    folder: Path
    faults: Faults
    sources: dict[str, Source]
    series: dict[str, Floats]

    def file(self, path: Path) -> list[Entry]:
        """Read one component file: kind -> list of components."""
        root = compose_yaml(path, self.faults)
        return list(self.kinds(path, root)) if root is not None else []

    def kinds(self, path: Path, root: yaml.Node, partly: bool = False) -> Iterator[Entry]:
        """Read a mapping of kinds; `partly` lets fields be left out (a scenario's change)."""
        for name, node in entries(path, root, self.faults).items():
            kind = BY_NAME.get(name)
            if kind is None:
                self.faults.add(path, line_of(node), name, f"is no kind of component; known are {', '.join(BY_NAME)}")
            elif not isinstance(node, yaml.SequenceNode):
                self.faults.add(path, line_of(node), name, "a list of components is expected here")
            else:
                for item in node.value:
                    entry = self._component(path, kind, item, partly)
                    if entry is not None:
                        yield entry

    def number(self, path: Path, name: str, node: yaml.Node | None, parent: yaml.Node) -> Value | None:
        """Read one number that stands alone, such as the discount rate."""
        if node is None:
            self.faults.add(path, line_of(parent), name, "is missing")
            return None
        return _Component(self, path, Field(name, "number", "", low=-1e15, high=1e15), name, {}).value(node)

    def _component(self, path: Path, kind: Kind, item: yaml.Node, partly: bool) -> Entry | None:
        nodes = entries(path, item, self.faults)
        name = str(nodes["name"].value).strip() if "name" in nodes else ""
        if not name:
            self.faults.add(path, line_of(item), kind.name, "a component without a name")
            return None
        where = f"{kind.name} {name}"
        for given in nodes.keys() - {f.name for f in kind.fields} - set(_ABOUT):
            known = ", ".join(f.name for f in kind.fields)
            self.faults.add(path, line_of(nodes[given]), f"{where}.{given}", f"is no field here; known are {known}")
        for wanted in kind.fields:
            if wanted.default is None and wanted.name not in nodes and not partly:
                self.faults.add(path, line_of(item), f"{where}.{wanted.name}", f"is missing; {wanted.meaning}")
        about: dict[str, str] = {key: str(nodes[key].value) for key in ("basis", "source") if key in nodes}
        values = {
            wanted.name: content
            for wanted in kind.fields
            if wanted.name in nodes
            and (content := self._content(path, kind, wanted, where, nodes[wanted.name], about)) is not None
        }
        english = str(nodes["english"].value).strip() if "english" in nodes else ""
        return Entry(kind.name, name, values, path.relative_to(self.folder).as_posix(), line_of(item), english)

    def _content(
        self, path: Path, kind: Kind, wanted: Field, where: str, node: yaml.Node, about: dict[str, str]
    ) -> Content | None:
        place = f"{where}.{wanted.name}"
        if wanted.shape in ("number", "hourly"):
            return _Component(self, path, wanted, place, about).value(node)
        text = str(node.value).strip() if isinstance(node, yaml.ScalarNode) else None
        if text is None:
            self.faults.add(path, line_of(node), place, "a text is expected here")
            return None
        if wanted.shape == "flag":
            if text not in ("true", "false"):
                self.faults.add(path, line_of(node), place, f"'{text}'; true or false is expected")
            return text == "true"
        choices = CHOICES.get((kind.name, wanted.name))
        if choices and text not in choices:
            self.faults.add(path, line_of(node), place, f"'{text}' is none of {', '.join(choices)}")
        return text


@dataclass(frozen=True)
class _Component:
    """Reads one number of one component."""

    reader: Reader
    path: Path
    field: Field
    place: str
    about: dict[str, str]

    def value(self, node: yaml.Node) -> Value | None:
        parts = entries(self.path, node, self.reader.faults) if isinstance(node, yaml.MappingNode) else {"value": node}
        for given in parts.keys() - set(_OF_VALUE):
            self._fault(parts[given], f"{given} is unknown; known are {', '.join(_OF_VALUE)}")
        texts = {key: str(part.value).strip() for key, part in parts.items()}
        basis, source = (texts.get(key) or self.about.get(key, "") for key in ("basis", "source"))
        self._provenance(node, basis, source)
        series = texts.get("series", "")
        if series:
            self._known_series(parts["series"], series)
        number = self._number(parts.get("times") if series else parts.get("value"), node, 1.0 if series else None)
        if number is None:
            return None
        factor = self._factor(parts.get("unit"))
        number *= factor
        if not series:
            self._plausible(node, number)
        return Value(number, series, cast(Basis, basis), source, texts.get("note", ""))

    def _number(self, node: yaml.Node | None, parent: yaml.Node, otherwise: float | None) -> float | None:
        if node is None:
            if otherwise is None:
                self._fault(parent, "has neither value nor series")
            return otherwise
        text = str(node.value).replace("_", "") if isinstance(node, yaml.ScalarNode) else ""
        try:
            number = float(text)
        except ValueError:
            self._fault(node, f"'{text}'; a number was expected")
            return None
        if isnan(number):
            self._fault(node, "is not a number (NaN); leave the field out or give a value")
            return None
        return number

    def _factor(self, node: yaml.Node | None) -> float:
        if node is None:
            return 1.0
        known = SCALES.get(self.field.unit, {self.field.unit: 1.0})
        unit = str(node.value).strip()
        if unit not in known:
            self._fault(node, f"unit '{unit}'; expected {' or '.join(known)}")
        return known.get(unit, 1.0)

    def _plausible(self, node: yaml.Node, number: float) -> None:
        low, high = self.field.low, self.field.high
        if low <= number <= high:
            return
        message = f"{number:g} {self.field.unit}; expected {low:g} to {high:g}"
        if low <= number / 1000 <= high:
            message += f": a factor of 1000 is suspected, {number / 1000:g} {self.field.unit} would fit"
        self._fault(node, message)

    def _provenance(self, node: yaml.Node, basis: str, source: str) -> None:
        if basis not in BASES:
            self._fault(node, f"basis '{basis}'; each value says whether it is {', '.join(BASES)}")
        if source not in self.reader.sources:
            self._fault(node, f"source '{source}' does not stand in sources.yaml")

    def _known_series(self, node: yaml.Node, series: str) -> None:
        if self.field.shape != "hourly":
            self._fault(node, "a series cannot stand here, only a number")
        elif series not in self.reader.series:
            known = ", ".join(sorted(self.reader.series)) or "none"
            self._fault(node, f"no series '{series}' under series/; there are {known}")

    def _fault(self, node: yaml.Node, message: str) -> None:
        self.reader.faults.add(self.path, line_of(node), self.place, message)
