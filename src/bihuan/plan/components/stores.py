"""Stores: energy without a power limit of its own; links carry in and out (heat, hydrogen, fuel)."""

from __future__ import annotations

import numpy as np

from bihuan.plan.components import storage
from bihuan.plan.matrix import Block
from bihuan.plan.model import Model
from bihuan.plan.network import Bools, Components


def add(model: Model) -> None:
    """Add the level e [MWh] within its capacity and p [MW], positive when it feeds its bus."""
    stores = model.take("stores")
    capacity, active = model.capacity(stores), model.active(stores)
    steps, weight = model.steps, model.hours("objective")
    e = model.dispatch(
        "stores-e",
        capacity,
        stores.by_snapshot("e_min_pu", steps),
        stores.by_snapshot("e_max_pu", steps),
        stores.by_snapshot("marginal_cost_storage", steps) * weight,
        stores.by_snapshot("e_set", steps),
        active,
    )
    p = _power(model, stores, active)
    model.feed(model.network.buses_of(stores, "bus"), p, stores.numbers("sign"))
    rows = model.problem.rows_between("stores-energy_balance", 0.0, 0.0, e.index.shape)
    model.problem.put(rows.index, e.index, -1.0)
    model.problem.put(rows.index, p.index, -model.hours("stores"))
    storage.carry_over(model, rows, e, stores, "e", active)
    model.problem.put_square(p.index, stores.by_snapshot("marginal_cost_quadratic", steps) * weight)


def _power(model: Model, stores: Components, active: Bools) -> Block:
    """Without bounds, but 0 out of service and as `p_set` says, where it says something."""
    held = np.where(active, stores.by_snapshot("p_set", model.steps), 0.0)
    lower, upper = np.where(np.isnan(held), -np.inf, held), np.where(np.isnan(held), np.inf, held)
    cost = stores.by_snapshot("marginal_cost", model.steps) * model.hours("objective")
    return model.problem.variables("stores-p", lower, upper, cost, held.shape)
