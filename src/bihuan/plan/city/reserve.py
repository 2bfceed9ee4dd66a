"""Spinning reserve (旋转备用) at a bus: headroom of what is online, and of stores, in every snapshot.

    Σ (u − p − c_v · q) + Σ r  >=  load_share · load + renewable_share · Σ p of wind and sun
    r <= p_nom − p_dispatch + p_store,   r · storage_hours <= state of charge · efficiency_dispatch

Load is that of loads and flexible loads at the bus; r is what a store there promises.
Source: DL/T 1040 (reserve as a share of load); the share for wind and sun is the pack's.
"""

from __future__ import annotations

from math import inf

import numpy as np

from bihuan.plan.model import Model
from bihuan.plan.network import Bools, Components


def add(model: Model) -> None:
    """Add one row a snapshot for each reserve; after all other parts, whose variables it uses."""
    for at, name in enumerate(model.take("reserves").names):
        _reserve(model, model.components["reserves"], at, name)


def _reserve(model: Model, reserves: Components, at: int, name: str) -> None:
    bus = reserves.texts("bus")[at]
    share = reserves.numbers("load_share")[at]
    loads = model.components["loads"]
    fixed = loads.by_snapshot("p_set", model.steps)[:, _at(loads, bus)].sum(axis=1)
    rows = model.problem.rows_between(f"reserves-{name}", share * fixed, inf, (model.steps,))
    column = rows.index[:, None]
    _flexible(model, bus, column, share)
    _thermal(model, bus, column)
    _renewables(model, bus, column, float(reserves.numbers("renewable_share")[at]))
    _stores(model, bus, column, name, float(reserves.numbers("storage_hours")[at]))


def _at(components: Components, bus: str) -> Bools:
    return np.array([named == bus for named in components.texts("bus")], dtype=bool)


def _flexible(model: Model, bus: str, rows: np.ndarray, share: float) -> None:
    loads = model.components.get("flexible_loads")
    if loads is not None and len(loads):
        block = model.problem.blocks["flexible_loads-p"]
        model.problem.put(rows, block.index[:, _at(loads, bus)], -share)


def _thermal(model: Model, bus: str, rows: np.ndarray) -> None:
    units = model.components.get("thermal_units")
    if units is None or not len(units):
        return
    here = _at(units, bus)
    blocks = {part: model.problem.blocks[f"thermal_units-{part}"].index[:, here] for part in ("online", "p", "q")}
    model.problem.put(rows, blocks["online"], 1.0)
    model.problem.put(rows, blocks["p"], -1.0)
    model.problem.put(rows, blocks["q"], -units.numbers("c_v")[here])


def _renewables(model: Model, bus: str, rows: np.ndarray, share: float) -> None:
    generators = model.components["generators"]
    varying = generators.varying.get("p_max_pu")
    weather = np.zeros(len(generators), dtype=bool)
    weather[varying.rows if varying is not None else []] = True
    ours = weather & generators.flags("renewable") & _at(generators, bus)
    model.problem.put(rows, model.problem.blocks["generators-p"].index[:, ours], -share)


def _stores(model: Model, bus: str, rows: np.ndarray, name: str, hours: float) -> None:
    units = model.components["storage_units"]
    here = np.flatnonzero(_at(units, bus))
    if not here.size:
        return
    blocks = {
        part: model.problem.blocks[f"storage_units-{part}"].index[:, here]
        for part in ("p_dispatch", "p_store", "state_of_charge")
    }
    shape = blocks["p_dispatch"].shape
    promised = model.problem.variables(f"reserves-{name}-stores", 0.0, inf, 0.0, shape)
    model.problem.put(rows, promised.index, 1.0)
    capacity = model.capacities["storage_units"]
    power = model.problem.rows_between(f"reserves-{name}-power", -inf, capacity.fixed[here], shape)
    model.problem.put(power.index, promised.index, 1.0)
    model.problem.put(power.index, blocks["p_dispatch"], 1.0)
    model.problem.put(power.index, blocks["p_store"], -1.0)
    chosen = np.isin(here, capacity.chosen)
    places = capacity.variables.index[np.searchsorted(capacity.chosen, here[chosen])]
    model.problem.put(power.index[:, chosen], places, -1.0)
    lasting = model.problem.rows_between(f"reserves-{name}-energy", -inf, 0.0, shape)
    model.problem.put(lasting.index, promised.index, hours)
    kept = units.by_snapshot("efficiency_dispatch", model.steps)[:, here]
    model.problem.put(lasting.index, blocks["state_of_charge"], -kept)
