"""Sizes of components, what they put out, and their full-load hours."""

from __future__ import annotations

from collections.abc import Iterator

from bihuan.core.records.plan import CapacityLine
from bihuan.plan.pack.entry import Entry
from bihuan.plan.summary.reading import Reading

_KINDS = ("thermal_units", "generators", "storage_units", "links")


def capacity_lines(reading: Reading, entries: dict[tuple[str, str], Entry]) -> Iterator[CapacityLine]:
    """Return a line for each plant, generator, store and link; fuels and markets are none."""
    for kind in _KINDS:
        table = reading.active(kind)
        sizes = reading.plan.capacities(kind)
        gross, net, heat = _outputs(reading, kind)
        for at, name in enumerate(table.names):
            technology = table.texts("type" if kind == "thermal_units" else "carrier")[at]
            if technology == "market" or name in reading.fuels:
                continue
            size = sizes.get(name, 0.0)
            entry = entries.get((kind, name))
            yield CapacityLine(
                kind,
                name,
                entry.english if entry else "",
                technology,
                round(size, 6),
                bool(table.flags("p_nom_extendable")[at]),
                net[at] / 1000,
                gross[at] / size if size > 1e-6 else 0.0,
                heat[at] / 1000,
            )


def _outputs(reading: Reading, kind: str) -> tuple[list[float], list[float], list[float]]:
    """Gross output, output to the grid and heat of each component [MWh]."""
    attribute = {"storage_units": "p_dispatch", "links": "p0"}.get(kind, "p")
    gross = reading.energy(reading.series(kind, attribute))
    if kind != "thermal_units":
        return gross.tolist(), gross.tolist(), [0.0] * gross.size
    net = gross * (1 - reading.active(kind).numbers("auxiliary"))
    return gross.tolist(), net.tolist(), reading.energy(reading.series(kind, "q")).tolist()
