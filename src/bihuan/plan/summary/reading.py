"""Short ways to what a plan holds, with sums weighted by the hours that snapshots stand for."""

from __future__ import annotations

import numpy as np

from bihuan.plan.network import Components, Floats
from bihuan.plan.results import Plan

ELECTRIC = ("AC", "DC", "electricity")
"""Carriers of buses that carry power."""


class Reading:
    """A plan and its network, read by kind and attribute."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.network = plan.network
        self.steps = len(plan.network.snapshots)
        self.weight = plan.network.weightings["generators"]
        carriers = dict(zip(self.network["buses"].names, self.network["buses"].texts("carrier"), strict=True))
        self.electric = {bus for bus, carrier in carriers.items() if carrier in ELECTRIC}
        self.hot = {bus for bus, carrier in carriers.items() if carrier == "heat"}
        self.fuels = set(self.network["fuels"].names)

    def active(self, kind: str) -> Components:
        """Return the components of a kind that took part, in the order of the results."""
        table = self.network[kind]
        return table.only(table.flags("active"))

    def series(self, kind: str, attribute: str) -> Floats:
        """Return a result, shape (snapshots, components); zeros where there is none."""
        table = self.plan.series.get((kind, attribute))
        return table.values if table is not None else np.zeros((self.steps, len(self.active(kind))))

    def energy(self, values: Floats) -> Floats:
        """Return the sum over the year of a power by snapshot [MWh], by component where there are columns."""
        return np.asarray(self.weight @ values)
