"""Storage units: power and energy in a fixed ratio, with inflow and spill (batteries, pumped hydro, reservoirs)."""

from __future__ import annotations

import numpy as np

from bihuan.plan.components import storage
from bihuan.plan.matrix import Block
from bihuan.plan.model import Capacity, Model
from bihuan.plan.network import Bools, Components, Floats


def add(model: Model) -> None:
    """Add dispatch, storing, state of charge [MWh] and spill, and the balance that ties them from hour to hour."""
    units = model.take("storage_units")
    capacity, active = model.capacity(units), model.active(units)
    out, into, charge = _variables(model, units, capacity, active)
    spill, inflow = _spill(model, units, active)
    buses, sign = model.network.buses_of(units, "bus"), units.numbers("sign")
    model.feed(buses, out, sign)
    model.feed(buses, into, -sign)
    _hold_net_power(model, units, out, into, active)
    _balance(model, units, (out, into, charge, spill), inflow, active)
    square = units.by_snapshot("marginal_cost_quadratic", model.steps) * model.hours("objective")
    model.problem.put_square(out.index, square)


def _variables(model: Model, units: Components, capacity: Capacity, active: Bools) -> tuple[Block, Block, Block]:
    steps, weight = model.steps, model.hours("objective")
    zero = np.zeros((steps, len(units)))
    out = model.dispatch(
        "storage_units-p_dispatch",
        capacity,
        zero,
        units.by_snapshot("p_max_pu", steps),
        units.by_snapshot("marginal_cost", steps) * weight,
        units.by_snapshot("p_dispatch_set", steps),
        active,
    )
    into = model.dispatch(
        "storage_units-p_store",
        capacity,
        zero,
        -units.by_snapshot("p_min_pu", steps),
        0.0,
        units.by_snapshot("p_store_set", steps),
        active,
    )
    charge = model.dispatch(
        "storage_units-state_of_charge",
        capacity,
        zero,
        np.broadcast_to(units.numbers("max_hours"), zero.shape),
        units.by_snapshot("marginal_cost_storage", steps) * weight,
        units.by_snapshot("state_of_charge_set", steps),
        active,
    )
    return out, into, charge


def _spill(model: Model, units: Components, active: Bools) -> tuple[Block | None, Floats]:
    """Inflow that is let go, only where there is any [MW]."""
    inflow = units.by_snapshot("inflow", model.steps)
    if not (inflow > 0).any():
        return None, inflow
    cost = units.by_snapshot("spill_cost", model.steps) * model.hours("objective")
    most = np.where(active, np.maximum(inflow, 0.0), 0.0)
    return model.problem.variables("storage_units-spill", 0.0, most, cost, inflow.shape), inflow


def _hold_net_power(model: Model, units: Components, out: Block, into: Block, active: Bools) -> None:
    """Discharge less charge is what `p_set` says, where it says something."""
    held = units.by_snapshot("p_set", model.steps)
    step, which = np.nonzero(active & ~np.isnan(held))
    if step.size:
        exactly = held[step, which]
        terms = ((out.index[step, which], 1.0), (into.index[step, which], -1.0))
        model.problem.rows_of("storage_units-p_set", exactly, exactly, *terms)


def _balance(
    model: Model,
    units: Components,
    blocks: tuple[Block, Block, Block, Block | None],
    inflow: Floats,
    active: Bools,
) -> None:
    """charge[t] = kept · charge[t−1] + efficiency_store · in − out / efficiency_dispatch + inflow − spill."""
    out, into, charge, spill = blocks
    hours, steps = model.hours("stores"), model.steps
    right = np.where(active, -inflow * hours, 0.0)
    rows = model.problem.rows_between("storage_units-energy_balance", right, right, charge.index.shape)
    put = model.problem.put
    put(rows.index, charge.index, -1.0)
    put(rows.index, out.index, -hours / units.by_snapshot("efficiency_dispatch", steps))
    put(rows.index, into.index, hours * units.by_snapshot("efficiency_store", steps))
    if spill is not None:
        put(rows.index, spill.index, np.where(inflow > 0, -hours, 0.0))
    storage.carry_over(model, rows, charge, units, "state_of_charge", active)
