"""Storage units: power and energy in a fixed ratio, with inflow and spill (batteries, pumped hydro, reservoirs)."""

from __future__ import annotations

import numpy as np

from bihuan.plan.matrix import Block
from bihuan.plan.model import Model, refuse
from bihuan.plan.network import Components, Floats


def add(model: Model) -> None:
    """Add dispatch, storing, state of charge [MWh] and spill, and the balance that ties them from hour to hour."""
    units = model.take("storage_units")
    for attribute in ("p_set", "p_dispatch_set", "p_store_set"):
        refuse(
            units, np.asarray((~np.isnan(units.by_snapshot(attribute, model.steps))).any(axis=0)), f"gives {attribute}"
        )
    refuse(units, (units.by_snapshot("marginal_cost_quadratic", 1) != 0)[0], "has a quadratic cost")
    capacity = model.capacity(units, "p_nom")
    weight, zero = model.hours("objective"), np.zeros((model.steps, len(units)))
    cost = units.by_snapshot("marginal_cost", model.steps) * weight
    most_out = units.by_snapshot("p_max_pu", model.steps)
    most_in = -units.by_snapshot("p_min_pu", model.steps)
    out = model.dispatch("storage_units-p_dispatch", capacity, zero, most_out, cost)
    into = model.dispatch("storage_units-p_store", capacity, zero, most_in, 0.0)
    hours = np.broadcast_to(units.numbers("max_hours"), zero.shape)
    charge = model.dispatch(
        "storage_units-state_of_charge",
        capacity,
        zero,
        hours,
        units.by_snapshot("marginal_cost_storage", model.steps) * weight,
        units.by_snapshot("state_of_charge_set", model.steps),
    )
    inflow = units.by_snapshot("inflow", model.steps)
    spill_cost = units.by_snapshot("spill_cost", model.steps) * weight
    spill = model.problem.variables("storage_units-spill", 0.0, np.maximum(inflow, 0.0), spill_cost, zero.shape)
    buses = model.network.buses_of(units, "bus")
    model.feed(buses, out, units.numbers("sign"))
    model.feed(buses, into, -units.numbers("sign"))
    _balance(model, units, out, into, charge, spill, inflow)


def _balance(
    model: Model, units: Components, out: Block, into: Block, charge: Block, spill: Block, inflow: Floats
) -> None:
    """charge[t] = kept · charge[t−1] + efficiency_store · in − out / efficiency_dispatch + inflow − spill."""
    hours = model.hours("stores")
    rows = model.problem.rows_between("storage_units-energy", -inflow * hours, -inflow * hours, charge.index.shape)
    put = model.problem.put
    put(rows.index, charge.index, -1.0)
    put(rows.index, out.index, -hours / units.by_snapshot("efficiency_dispatch", model.steps))
    put(rows.index, into.index, hours * units.by_snapshot("efficiency_store", model.steps))
    put(rows.index, spill.index, np.where(inflow > 0, -hours, 0.0))
    carry_over(
        model, rows, charge, units, units.flags("cyclic_state_of_charge"), units.numbers("state_of_charge_initial")
    )


def carry_over(
    model: Model, rows: Block, level: Block, components: Components, cyclic: np.ndarray, initial: Floats
) -> None:
    """Add what is left of the level before: of the last snapshot where cyclic, else of the given start.

    The start is taken whole; standing losses begin with the first snapshot's own level.
    """
    kept = (1 - components.by_snapshot("standing_loss", model.steps)) ** model.hours("stores")
    put = model.problem.put
    put(rows.index[1:], level.index[:-1], kept[1:])
    put(rows.index[0, cyclic], level.index[-1, cyclic], kept[0, cyclic])
    model.problem.add_to_right_side(rows.index[0, ~cyclic], -initial[~cyclic])
