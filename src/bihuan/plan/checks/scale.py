"""Values that look like another unit: kW for MW, percent for per unit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bihuan.plan.attributes import NOMINAL
from bihuan.plan.checks.values import active
from bihuan.plan.faults import Fault
from bihuan.plan.network import Components, Network

_SURE, _FACTOR, _PER_UNIT = 200.0, 500.0, 10.0
"""Peak load to all supply; capacity to that of its like; the most that is still per unit."""
_BRANCHES = ("lines", "transformers", "links", "processes")
_FEW = 4
"""Components that are enough to say what is usual among them."""


def check(network: Network) -> Iterator[Fault]:
    """Yield a load far above all supply as a fault, and single values out of line as warnings."""
    yield from _load_and_supply(network)
    for kind, nominal in NOMINAL.items():
        yield from _out_of_line(active(network[kind]), nominal)
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


def _percent(network: Network, components: Components) -> Iterator[Fault]:
    most = components.by_snapshot("p_max_pu", len(network.snapshots))
    for row in np.flatnonzero((most > _PER_UNIT).any(axis=0)):
        step = int(np.argmax(most[:, row] > _PER_UNIT))
        got = f"{most[step, row]:g}"
        expected = "per unit of p_nom, usually 0 to 1 (percent or MW given?)"
        yield Fault(
            components.kind, components.names[row], "p_max_pu", network.snapshots[step], got, expected, "warning"
        )
