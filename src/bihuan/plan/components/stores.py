"""Stores: energy without a power limit of its own; links carry in and out (heat, hydrogen, fuel)."""

from __future__ import annotations

import numpy as np

from bihuan.plan.components.storage_units import carry_over
from bihuan.plan.model import Model, refuse


def add(model: Model) -> None:
    """Add the level e [MWh] within its capacity and p [MW], positive when it feeds its bus."""
    stores = model.take("stores")
    refuse(stores, np.asarray((~np.isnan(stores.by_snapshot("p_set", model.steps))).any(axis=0)), "gives p_set")
    refuse(stores, (stores.by_snapshot("marginal_cost_quadratic", 1) != 0)[0], "has a quadratic cost")
    capacity, weight = model.capacity(stores, "e_nom"), model.hours("objective")
    e = model.dispatch(
        "stores-e",
        capacity,
        stores.by_snapshot("e_min_pu", model.steps),
        stores.by_snapshot("e_max_pu", model.steps),
        stores.by_snapshot("marginal_cost_storage", model.steps) * weight,
        stores.by_snapshot("e_set", model.steps),
    )
    cost = stores.by_snapshot("marginal_cost", model.steps) * weight
    p = model.problem.variables("stores-p", -np.inf, np.inf, cost, e.index.shape)
    model.feed(model.network.buses_of(stores, "bus"), p, stores.numbers("sign"))
    rows = model.problem.rows_between("stores-energy", 0.0, 0.0, e.index.shape)
    model.problem.put(rows.index, e.index, -1.0)
    model.problem.put(rows.index, p.index, -model.hours("stores"))
    carry_over(model, rows, e, stores, stores.flags("e_cyclic"), stores.numbers("e_initial"))
