"""Loads: what must be served in each snapshot."""

from __future__ import annotations

from bihuan.plan.model import Model


def add(model: Model) -> None:
    """Take the loads to the right side of their buses' balance; `sign` −1 is consumption [MW]."""
    loads = model.take("loads")
    buses = model.network.buses_of(loads, "bus")
    served = loads.by_snapshot("p_set", model.steps) * loads.numbers("sign")
    model.problem.add_to_right_side(model.balance.index[:, buses], -served)
