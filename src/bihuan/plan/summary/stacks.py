"""Dispatch stacks of power and heat: who feeds in, who takes out, equal in every snapshot."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from bihuan.core.records.plan import Stack
from bihuan.plan.network import Floats
from bihuan.plan.summary.reading import Reading

Layers = dict[str, Floats]


def power_stack(reading: Reading) -> Stack:
    """Return the stack over all buses that carry power; what flows between them cancels out."""
    sources, uses = _layers(), _layers()
    _thermal(reading, sources)
    _generators(reading, reading.electric, sources, uses)
    _stores(reading, reading.electric, sources, uses)
    _links(reading, reading.electric, sources, uses)
    for name, kind in (("负荷", "loads"), ("可调负荷", "flexible_loads"), ("外送", "export_contracts")):
        table = reading.active(kind)
        values = reading.series(kind, "p")
        for at, bus in enumerate(table.texts("bus")):
            if bus in reading.electric:
                uses[name] += values[:, at]
    return _stack(sources, uses)


def heat_stack(reading: Reading) -> Stack:
    """Return the stack over all heat buses."""
    sources, uses = _layers(), _layers()
    units = reading.active("thermal_units")
    q = reading.series("thermal_units", "q")
    for at, bus in enumerate(units.texts("heat_bus")):
        if bus:
            sources[plant_of(reading, at)] += q[:, at]
    _generators(reading, reading.hot, sources, uses)
    _stores(reading, reading.hot, sources, uses)
    _links(reading, reading.hot, sources, uses)
    served = reading.series("heat_districts", "served")
    for at in range(served.shape[1]):
        uses["供热"] += served[:, at]
    loads, p = reading.active("loads"), reading.series("loads", "p")
    for at, bus in enumerate(loads.texts("bus")):
        if bus in reading.hot:
            uses["热负荷"] += p[:, at]
    return _stack(sources, uses)


def plant_of(reading: Reading, at: int) -> str:
    """Return the plant that a thermal unit is a version of, or the unit itself."""
    units = reading.active("thermal_units")
    return units.texts("group")[at] or units.names[at]


def _layers() -> Layers:
    return defaultdict(lambda: 0.0)  # type: ignore[arg-type, return-value]


def _thermal(reading: Reading, sources: Layers) -> None:
    units = reading.active("thermal_units")
    net = reading.series("thermal_units", "p") * (1 - units.numbers("auxiliary"))
    for at in range(len(units)):
        sources[plant_of(reading, at)] += net[:, at]


def _generators(reading: Reading, buses: set[str], sources: Layers, uses: Layers) -> None:
    table = reading.active("generators")
    p = reading.series("generators", "p")
    for at, (bus, carrier, sign) in enumerate(
        zip(table.texts("bus"), table.texts("carrier"), table.numbers("sign"), strict=True)
    ):
        if bus in buses:
            market = carrier == "market"
            name = ("购电" if sign > 0 else "售电") if market else carrier or table.names[at]
            (sources if sign > 0 else uses)[name] += p[:, at]


def _stores(reading: Reading, buses: set[str], sources: Layers, uses: Layers) -> None:
    table = reading.active("storage_units")
    out, into = (reading.series("storage_units", f"p_{side}") for side in ("dispatch", "store"))
    for at, (bus, carrier) in enumerate(zip(table.texts("bus"), table.texts("carrier"), strict=True)):
        if bus in buses:
            name = carrier or table.names[at]
            sources[name] += out[:, at]
            uses[f"{name}充"] += into[:, at]
    table, p = reading.active("stores"), reading.series("stores", "p")
    for at, (bus, carrier) in enumerate(zip(table.texts("bus"), table.texts("carrier"), strict=True)):
        if bus in buses:
            name = carrier or table.names[at]
            sources[name] += np.maximum(p[:, at], 0)
            uses[f"{name}充"] += np.maximum(-p[:, at], 0)


def _links(reading: Reading, buses: set[str], sources: Layers, uses: Layers) -> None:
    """Links that join these buses to others, at the ends that lie here; inside, only their losses are a use."""
    table = reading.active("links")
    ports = [name[3:] for name in table.columns if name.startswith("bus")]
    taken = {port: reading.series("links", f"p{port}") for port in ports}
    for at, name in enumerate(table.names):
        here = [port for port in ports if table.texts(f"bus{port}")[at] in buses]
        total = sum((taken[port][:, at] for port in here), start=np.zeros(reading.steps))
        if np.abs(total).max(initial=0.0) > 1e-9:
            label = table.texts("carrier")[at] or name
            sources[label] += np.maximum(-total, 0)
            uses[label] += np.maximum(total, 0)


def _stack(sources: Layers, uses: Layers) -> Stack:
    def kept(layers: Layers) -> dict[str, tuple[float, ...]]:
        order = sorted(layers, key=lambda name: -float(np.sum(layers[name])))
        return {name: tuple(np.round(layers[name], 6).tolist()) for name in order if np.abs(layers[name]).max() > 1e-6}

    return Stack(kept(sources), kept(uses))
