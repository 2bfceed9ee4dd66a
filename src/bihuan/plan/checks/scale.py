"""Values that look like another unit: kW for MW, percent for per unit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bihuan.plan.attributes import ATTRIBUTES, NOMINAL
from bihuan.plan.checks.values import active
from bihuan.plan.faults import Fault
from bihuan.plan.network import Components, Network

_SURE, _FACTOR, _PER_UNIT = 200.0, 500.0, 10.0
"""Peak load to all supply; capacity to that of its like; the most that is still per unit."""
_BRANCHES = ("lines", "transformers", "links", "processes")
_FITS = 10.0
"""The same, up to which a capacity of a thousandth looks right."""
_PLANTS = ("generators", "thermal_units", "storage_units")
_FEW = 4
"""Components that are enough to say what is usual among them."""
_ALONE = 30.0
"""Capacity to the largest other and to the peak load of its medium from which a single one is out of line."""


def check(network: Network) -> Iterator[Fault]:
    """Yield a load far above all supply as a fault, and single values out of line as warnings."""
    yield from _load_and_supply(network)
    told: set[tuple[str, str]] = set()
    for kind, nominal in NOMINAL.items():
        for fault in _out_of_line(active(network[kind]), nominal):
            told.add((fault.table, fault.component))
            yield fault
    yield from (fault for fault in _single(network) if (fault.table, fault.component) not in told)
    for kind in ("generators", "links", "storage_units"):
        yield from _percent(network, active(network[kind]))


def _load_and_supply(network: Network) -> Iterator[Fault]:
    """A peak that all supply together misses by a factor of hundreds is given in another unit; no plan can serve it."""
    loads, steps = active(network["loads"]), len(network.snapshots)
    if not len(loads) or not steps:
        return
    drawn = np.nan_to_num(-loads.by_snapshot("p_set", steps) * loads.numbers("sign"))
    supply = sum(_most(active(network[kind])) for kind in NOMINAL if kind not in _BRANCHES)
    step = int(np.argmax(drawn.sum(axis=1)))
    peak = float(drawn[step].sum())
    if 0 < supply < peak / _SURE:
        largest = int(np.argmax(drawn[step]))
        expected = f"about what all supply together can give, {supply:g} MW: a factor of 1000 suspected (kW for MW?)"
        yield Fault("loads", loads.names[largest], "p_set", network.snapshots[step], f"a peak of {peak:g} MW", expected)


def _most(components: Components) -> float:
    """What can be given at most [MW]; a store gives its energy in an hour."""
    nominal = NOMINAL[components.kind]
    size = np.where(
        components.flags(f"{nominal}_extendable"), components.numbers(f"{nominal}_max"), components.numbers(nominal)
    )
    return float(size.sum())


def _out_of_line(components: Components, nominal: str) -> Iterator[Fault]:
    """A capacity hundreds of times that of the others of its carrier."""
    size = components.numbers(nominal)
    carriers = np.array(components.texts("carrier") if "carrier" in components.columns else [""] * len(components))
    for carrier in np.unique(carriers):
        rows = np.flatnonzero((carriers == carrier) & np.isfinite(size) & (size > 0))
        if rows.size < _FEW:
            continue
        usual = float(np.median(size[rows]))
        for row in rows[size[rows] > _FACTOR * usual]:
            expected = f"about the usual {usual:g} of its like: a factor of 1000 suspected (kW for MW?)"
            name, got = components.names[row], f"{size[row]:g}"
            yield Fault(components.kind, name, nominal, "", got, expected, "warning")


def _single(network: Network) -> Iterator[Fault]:
    """The one plant or storage unit far above all others and the peak load of its medium, which in kW would fit.

    Told by the medium (carrier of the bus), since a technology may have one plant only. Not meant: a last resort made
    large on purpose, which is dearer than all else, a sink, and fuel wells, whose medium no load draws.
    """
    media = dict(zip(network["buses"].names, network["buses"].texts("carrier"), strict=True))
    peak = _peak_by_medium(network, media)
    plants: dict[str, list[tuple[float, float, str, str]]] = {medium: [] for medium in peak}
    for kind in _PLANTS:
        components = active(network[kind])
        size = components.numbers("p_nom") * ~components.flags("p_nom_extendable")
        cost = components.by_snapshot("marginal_cost", len(network.snapshots)).max(axis=0, initial=-np.inf)
        sink = components.numbers("sign") < 0 if "sign" in ATTRIBUTES[kind] else np.zeros(len(components), dtype=bool)
        for row in np.flatnonzero((size > 0) & np.isfinite(size) & ~sink):
            medium = media.get(components.texts("bus")[row], "")
            if medium in plants:
                plants[medium].append((float(size[row]), float(cost[row]), kind, components.names[row]))
    for medium, of in plants.items():
        yield from _far_above(of, peak[medium])


def _peak_by_medium(network: Network, media: dict[str, str]) -> dict[str, float]:
    """Carrier of buses -> the most that loads draw there at once [MW]."""
    loads, steps = active(network["loads"]), len(network.snapshots)
    drawn = np.nan_to_num(-loads.by_snapshot("p_set", steps) * loads.numbers("sign"))
    at = np.array([media.get(bus, "") for bus in loads.texts("bus")], dtype=object)
    peaks = {medium: float(drawn[:, at == medium].sum(axis=1).max(initial=0.0)) for medium in sorted(set(at))}
    return {medium: peak for medium, peak in peaks.items() if peak > 0}


def _far_above(plants: list[tuple[float, float, str, str]], peak: float) -> Iterator[Fault]:
    """The largest of `plants` (size, cost, kind, name), where it is that far above the rest and no last resort is."""
    costs = [cost for _, cost, _, _ in plants]
    limit = max(costs, default=0.0) if len(set(costs)) > 1 else np.inf
    meant = [plant for plant in sorted(plants) if plant[0] <= _ALONE * peak or plant[1] < limit]
    if not meant or len(plants) < 2:
        return
    size, _, kind, name = meant[-1]
    usual = max([peak, *(other for other, _, _, _ in meant[:-1])])
    if size > _ALONE * usual and size / 1000 <= _FITS * usual:
        expected = f"at most about {usual:g}, the largest other or the peak load: a factor of 1000 suspected"
        yield Fault(kind, name, "p_nom", "", f"{size:g}", f"{expected} (kW for MW?)", "warning")


def _percent(network: Network, components: Components) -> Iterator[Fault]:
    most = components.by_snapshot("p_max_pu", len(network.snapshots))
    for row in np.flatnonzero((most > _PER_UNIT).any(axis=0)):
        step = int(np.argmax(most[:, row] > _PER_UNIT))
        got = f"{most[step, row]:g}"
        expected = "per unit of p_nom, usually 0 to 1 (percent or MW given?)"
        yield Fault(
            components.kind, components.names[row], "p_max_pu", network.snapshots[step], got, expected, "warning"
        )
