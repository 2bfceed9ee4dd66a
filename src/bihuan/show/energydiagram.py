"""The energy system as a diagram: fuels on the left, plants and sources, buses, what they serve on the right."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.plan.pack.entry import EnergyPack, Entry, Value
from bihuan.plan.pack.scenario import components_of
from bihuan.show.language import Language
from bihuan.show.rendering import environment

COLUMNS = ("fuels", "makers", "buses", "uses")
WIDTH, GAP_Y, BOX_W, BOX_H = 1000, 12, 190, 34
_ALONE = """
.wire { fill: none; stroke: #b9b9b1; stroke-width: 1.4 } .wire.heat { stroke: #b3261e }
rect { fill: #ffffff; stroke: #1f5f86 } .fuels rect { fill: #eeeeea; stroke: #b9b9b1 } .buses rect { fill: #e3eef5 }
text { font: 13px "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; fill: #1d2329 }
.note-text { font-size: 11px; fill: #4d565f }
"""
"""Its style outside the page, whose style sheet has the same in its own colours."""
_MAKERS = ("thermal_units", "generators", "storage_units", "markets")
_USES = ("loads", "flexible_loads", "heat_districts", "export_contracts")


@dataclass(frozen=True, slots=True)
class Box:
    """One thing of the diagram."""

    name: str
    english: str
    note: str
    """Its size, where it has one."""
    kind: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Wire:
    """A way from one box to another."""

    x1: int
    y1: int
    x2: int
    y2: int
    heat: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes and wires, in the units of an SVG view box."""

    width: int
    height: int
    box_width: int
    box_height: int
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]


def diagram(pack: EnergyPack, scenario: str) -> Diagram:
    """Return the diagram of a scenario."""
    entries = components_of(pack, scenario)
    columns = {
        "fuels": [e for e in entries if e.kind == "fuels"],
        "makers": [e for e in entries if e.kind in _MAKERS or (e.kind == "links" and _is_fuel(entries, e))],
        "buses": [e for e in entries if e.kind == "buses"],
        "uses": [e for e in entries if e.kind in _USES],
    }
    tallest = max(len(column) for column in columns.values())
    height = tallest * (BOX_H + GAP_Y) + GAP_Y
    boxes = {}
    for at, column in enumerate(COLUMNS):
        step = height / (len(columns[column]) or 1)
        for row, entry in enumerate(columns[column]):
            y = int(step * (row + 0.5) - BOX_H / 2)
            x = at * (WIDTH - BOX_W) // (len(COLUMNS) - 1)
            boxes[entry.kind, entry.name] = Box(entry.name, entry.english or entry.name, _size(entry), entry.kind, x, y)
    return Diagram(WIDTH, height, BOX_W, BOX_H, tuple(boxes.values()), tuple(_wires(entries, boxes)))


def diagram_svg(drawn: Diagram, language: Language) -> str:
    """Return the diagram as a drawing that stands for itself, in the light colours of the page."""
    template = environment(language).get_template("energy_diagram.html")
    return str(template.module.system(drawn, _ALONE))  # type: ignore[attr-defined]


def _is_fuel(entries: list[Entry], link: Entry) -> bool:
    fuels = {e.name for e in entries if e.kind == "fuels"}
    return link.values.get("bus0") in fuels


def _size(entry: Entry) -> str:
    value = entry.values.get("p_nom")
    if isinstance(value, Value) and entry.kind != "links":
        return f"{value.number:,.0f} MW"
    most = entry.values.get("p_nom_max")
    return f"≤ {most.number:,.0f} MW" if isinstance(most, Value) else ""


def _wires(entries: list[Entry], boxes: dict[tuple[str, str], Box]) -> list[Wire]:
    heat = {e.name for e in entries if e.kind == "buses" and e.values.get("carrier") == "heat"}
    found = []
    for entry in entries:
        own = boxes.get((entry.kind, entry.name))
        for field in ("fuel", "bus0", "bus", "heat_bus", "bus1"):
            other = entry.values.get(field)
            if own is None or not isinstance(other, str) or not other:
                continue
            place = boxes.get(("fuels", other)) or boxes.get(("buses", other))
            if place is not None:
                left, right = (own, place) if own.x < place.x else (place, own)
                found.append(Wire(left.x + BOX_W, left.y + BOX_H // 2, right.x, right.y + BOX_H // 2, other in heat))
    return found
