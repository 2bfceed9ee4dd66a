"""An energy folder -> `EnergyPack`. Every fault is told with file, line, component and field, all in one report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bihuan.core.errors import PackError
from bihuan.plan.pack.checks import check_references
from bihuan.plan.pack.components import Reader
from bihuan.plan.pack.entry import EnergyPack, Scenario, Source
from bihuan.plan.pack.series import read_series
from bihuan.store.yaml_records import Faults, Field, compose, entries, line_of, read_record

FORMAT = "bihuan-energy-1"
_TEXTS = ("format", "name", "english", "year")
_MAY = ("synthetic", "synthetic_english", "discount_rate")


def is_energy_folder(folder: Path) -> bool:
    """Say whether a folder is in this format (or a city's pack that has one inside)."""
    return (folder / "energy.yaml").is_file() or (folder / "energy" / "energy.yaml").is_file()


def read_energy_pack(folder: Path) -> EnergyPack:
    """Read an energy folder, or the one inside a city's pack.

    Raises:
        PackError: with every fault of every file.
    """
    folder = folder if (folder / "energy.yaml").is_file() else folder / "energy"
    faults = Faults()
    sources = _sources(folder, faults)
    snapshots, series = read_series(folder / "series", faults)
    reader = Reader(folder, faults, sources, series)
    head = _head(reader)
    components = [entry for path in sorted((folder / "components").glob("*.yaml")) for entry in reader.file(path)]
    if not components:
        faults.add(folder / "components", None, "", "holds no component; see docs/reference/energy-pack.md")
    scenarios = {
        path.stem: s for path in sorted((folder / "scenarios").glob("*.yaml")) if (s := _scenario(reader, path))
    }
    check_references(folder, components, scenarios, faults)
    if faults.found or head is None:
        raise PackError(faults.report(), where=str(folder))
    return EnergyPack(
        folder=folder,
        sources=sources,
        snapshots=snapshots,
        series=series,
        entries=tuple(components),
        scenarios=scenarios,
        **head,
    )


def _sources(folder: Path, faults: Faults) -> dict[str, Source]:
    path = folder / "sources.yaml"
    root = compose(path, faults)
    found = {}
    for name, node in (entries(path, root, faults) if root else {}).items():
        record = read_record(path, node, (Field("title"), Field("where", "optional_text")), faults)
        if record:
            found[name] = Source(name, record.text("title"), record.optional("where") or "")
    return found


def _head(reader: Reader) -> dict[str, Any] | None:
    """Read `energy.yaml`; None where it has a fault."""
    path, faults = reader.folder / "energy.yaml", reader.faults
    before = len(faults.found)
    root = compose(path, faults)
    if root is None:
        return None
    record = read_record(path, root, [Field(name) for name in _TEXTS], faults, also=_MAY)
    nodes = entries(path, root, faults)
    rate = reader.number(path, "discount_rate", nodes.get("discount_rate"), root)
    if record and record.text("format") != FORMAT:
        faults.add(path, 1, "format", f"'{record.text('format')}'; {FORMAT} is expected")
    if record and not record.text("year").isdigit():
        faults.add(path, 1, "year", f"'{record.text('year')}' is no year")
    if len(faults.found) > before or record is None or rate is None:
        return None
    texts = {name: str(nodes[name].value).strip() if name in nodes else "" for name in _MAY[:2]}
    return {
        "name": record.text("name"),
        "english": record.text("english"),
        "year": int(record.text("year")),
        "discount_rate": rate,
        **texts,
    }


def _scenario(reader: Reader, path: Path) -> Scenario | None:
    faults = reader.faults
    root = compose(path, faults)
    if root is None:
        return None
    also = ("extends", "note", "add", "change", "remove")
    record = read_record(path, root, (Field("name"), Field("english"), Field("year")), faults, also=also)
    nodes = entries(path, root, faults)
    if record is None:
        return None
    if not record.text("year").isdigit():
        faults.add(path, line_of(nodes["year"]), "year", f"'{record.text('year')}' is no year")
        return None
    return Scenario(
        path.stem,
        record.text("name"),
        record.text("english"),
        int(record.text("year")),
        _text(nodes.get("extends")),
        _text(nodes.get("note")),
        tuple(reader.kinds(path, nodes["add"])) if "add" in nodes else (),
        tuple(reader.kinds(path, nodes["change"], partly=True)) if "change" in nodes else (),
        tuple(_names(path, nodes["remove"], faults)) if "remove" in nodes else (),
    )


def _names(path: Path, node: yaml.Node, faults: Faults) -> list[tuple[str, str]]:
    return [
        (kind, str(item.value))
        for kind, listed in entries(path, node, faults).items()
        if isinstance(listed, yaml.SequenceNode)
        for item in listed.value
    ]


def _text(node: yaml.Node | None) -> str:
    return str(node.value).strip() if node is not None else ""
