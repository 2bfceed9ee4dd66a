"""A PyPSA network in memory -> a `Network`, for those who have one at hand. PyPSA itself is not imported."""

from __future__ import annotations

from typing import Any

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.attributes import PYPSA
from bihuan.plan.faults import Fault
from bihuan.plan.network import WEIGHTINGS, Components, Floats, Network, Periods
from bihuan.plan.pypsa_folder import finish
from bihuan.plan.tables import components

_TYPES = ("line_types", "transformer_types")


def from_pypsa(n: Any) -> Network:
    """Return the network of a `pypsa.Network`, version 1.0 or later.

    Raises:
        FaultyNetwork: values that cannot be used; every one is named.
        InputError: it has scenarios.
    """
    if n.has_scenarios:
        raise InputError("has scenarios, which are not modelled here; solve each on its own", where=str(n.name))
    faults: list[Fault] = []
    weightings = {name: n.snapshot_weightings[name].to_numpy(dtype=np.float64) for name in WEIGHTINGS}
    tables = {kind: _components(n, kind, faults) for kind in PYPSA}
    network = Network(str(n.name), _labels(n.snapshots), weightings, tables, _periods(n))
    return finish(network, faults, where=str(n.name))


def _labels(snapshots: Any) -> tuple[str, ...]:
    if snapshots.nlevels > 1:
        return tuple(str(label) for label in snapshots.get_level_values(1))
    return tuple(str(label) for label in snapshots)


def _periods(n: Any) -> Periods | None:
    if not len(n.investment_periods):
        return None
    years = [int(year) for year in n.investment_periods]
    of_snapshot = np.array([years.index(int(year)) for year in n.snapshots.get_level_values(0)], dtype=np.int32)
    weights = n.investment_period_weightings
    cost, length = (weights[name].to_numpy(dtype=np.float64) for name in ("objective", "years"))
    return Periods(tuple(years), of_snapshot, cost, length)


def _components(n: Any, kind: str, faults: list[Fault]) -> Components:
    static, dynamic = n.c[kind].static, n.c[kind].dynamic
    curves = [name for name, table in getattr(n.c[kind], "piecewise", {}).items() if table.size]
    expected = "one value, or one for each snapshot: piecewise curves are not modelled"
    faults += [Fault(kind, "", name, "", "a piecewise curve", expected) for name in curves]
    if kind in _TYPES:  # PyPSA holds all standard types there; those it ships with are known here, too
        static = static[[name for name in static.columns if name in PYPSA[kind]]]
    cells = {name: static[name].tolist() for name in static.columns}
    by_snapshot: dict[str, tuple[list[str], Floats]] = {
        name: ([str(c) for c in table.columns], table.to_numpy(dtype=np.float64))
        for name, table in dynamic.items()
        if table.size and (name in PYPSA[kind] or name[-1].isdigit() or name == "s_set")
    }
    return components(kind, [str(name) for name in static.index], cells, by_snapshot, faults)
