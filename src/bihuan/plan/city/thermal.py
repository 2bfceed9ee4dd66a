"""Steam plants: condensing, extraction-condensing and back-pressure units (凝汽, 抽凝, 背压) in their feasible region.

For a plant of gross capacity x [MW], in each snapshot, with u online [MW], p gross power [MW], q heat [MW]:

    online_min · x <= u <= availability · x
    p + c_v · q <= u                        full steam: taking heat costs power
    p + c_v · q >= p_min_pu · u             least steam of what is online
    p >= c_b · q    (back_pressure: =)      all steam leaves at back pressure
    q <= q_nom_pu · u
    u[t] − u[t−1] <= started[t]             each MW started costs start_cost; the last snapshot comes before the first
    |load[t] − load[t−1]| <= ramp · u       load = p + c_v · q, u of the later snapshot up, of the earlier one down
    fuel = coal_rate · (p + c_v · q) + heat_rate · q     [tce/h], taken from the fuel's bus
    power to the bus = (1 − auxiliary) · p

u is continuous: the relaxed, clustered form of unit commitment, which knows least load, starts and reserve and stays an
LP. Versions of one plant (see `retrofit`) share its capacity: Σ x = p_nom of the plant.

Source: Danish Energy Agency, Technology Data for Generation of Electricity and District Heating (c_v, c_b);
Palmintier and Webster, Impact of unit clustering, IEEE PES 2014 (clusters).
"""

from __future__ import annotations

from math import inf

import numpy as np

from bihuan.plan.matrix import Block
from bihuan.plan.model import Capacity, Model
from bihuan.plan.network import Bools, Components, Floats

ROWS = "thermal_units"
"""Label that begins those of this file's blocks."""


def add(model: Model) -> None:
    """Add u, p, q and starts of each plant, its region, fuel and cost."""
    units = model.take(ROWS)
    if not len(units):
        return
    capacity = model.capacity(units, "p_nom")
    shape = (model.steps, len(units))
    least, most = (units.by_snapshot(name, model.steps) for name in ("online_min_pu", "availability"))
    online = model.dispatch(f"{ROWS}-online", capacity, np.minimum(least, most), most, 0.0)
    weight = model.hours("objective")
    heated = np.array([bool(bus) for bus in units.texts("heat_bus")], dtype=bool)
    p = model.problem.variables(f"{ROWS}-p", 0.0, inf, units.numbers("marginal_cost") * weight, shape)
    heat_cost = units.numbers("marginal_cost_heat") * weight
    q = model.problem.variables(f"{ROWS}-q", 0.0, np.where(heated, inf, 0.0), heat_cost, shape)
    _region(model, units, heated, online, p, q)
    _starts(model, units, online)
    _ramps(model, units, online, p, q)
    _feed(model, units, heated, p, q)
    _share_capacity(model, units, capacity)


def _region(model: Model, units: Components, heated: Bools, online: Block, p: Block, q: Block) -> None:
    """The polygon of power and heat, for what is online."""
    c_v, c_b = units.numbers("c_v"), units.numbers("c_b")
    back = np.array([kind == "back_pressure" for kind in units.texts("type")], dtype=bool)
    every = np.ones(len(units), dtype=bool)
    _row(model, "full-steam", 0.0, inf, every, (online, 1.0), (p, -1.0), (q, -c_v))
    least = units.numbers("p_min_pu")
    _row(model, "least-steam", 0.0, inf, least > 0, (p, 1.0), (q, c_v), (online, -least))
    _row(model, "back-pressure", 0.0, inf, heated & ~back & (c_b > 0), (p, 1.0), (q, -c_b))
    _row(model, "on-back-pressure", 0.0, 0.0, heated & back, (p, 1.0), (q, -c_b))
    _row(model, "heat-cap", 0.0, inf, heated, (online, units.numbers("q_nom_pu")), (q, -1.0))


def _row(
    model: Model, name: str, lower: float, upper: float, keep: Bools, *terms: tuple[Block, float | Floats]
) -> None:
    """Rows `lower <= Σ coefficient · variable <= upper` in each snapshot, for the plants that `keep` marks."""
    if not keep.any():
        return
    rows = model.problem.rows_between(f"{ROWS}-{name}", lower, upper, (model.steps, int(keep.sum())))
    for block, coefficient in terms:
        given = np.broadcast_to(np.asarray(coefficient, dtype=np.float64), keep.shape)[keep]
        model.problem.put(rows.index, block.index[:, keep], given)


def _starts(model: Model, units: Components, online: Block) -> None:
    """Starts count as often as their snapshot stands for others: its weight over its own length."""
    cost = units.numbers("start_cost")
    if not (cost > 0).any():
        return
    times = model.hours("objective") / model.hours("stores")
    shape = (model.steps, len(units))
    started = model.problem.variables(f"{ROWS}-started", 0.0, inf, cost * times, shape)
    rows = model.problem.rows_between(f"{ROWS}-start", -inf, 0.0, shape)
    model.problem.put(rows.index, online.index, 1.0)
    model.problem.put(rows.index, np.roll(online.index, 1, axis=0), -1.0)
    model.problem.put(rows.index, started.index, -1.0)


def _ramps(model: Model, units: Components, online: Block, p: Block, q: Block) -> None:
    ramp = np.maximum(units.numbers("ramp"), units.numbers("p_min_pu"))
    keep = (ramp < 1) & (model.steps > 1)
    if not keep.any():
        return
    c_v = units.numbers("c_v")[keep]
    shape = (model.steps - 1, int(keep.sum()))
    for side, sign, bound in (("up", 1.0, online.index[1:, keep]), ("down", -1.0, online.index[:-1, keep])):
        rows = model.problem.rows_between(f"{ROWS}-ramp-{side}", -inf, 0.0, shape)
        for block, weight in ((p, np.ones_like(c_v)), (q, c_v)):
            model.problem.put(rows.index, block.index[1:, keep], sign * weight)
            model.problem.put(rows.index, block.index[:-1, keep], -sign * weight)
        model.problem.put(rows.index, bound, -ramp[keep])


def _feed(model: Model, units: Components, heated: Bools, p: Block, q: Block) -> None:
    network = model.network
    model.feed(network.buses_of(units, "bus"), p, 1 - units.numbers("auxiliary"))
    fuel, rate = network.buses_of(units, "fuel"), units.numbers("coal_rate")
    model.feed(fuel, p, -rate)
    if heated.any():
        hot = units.only(heated)
        index = q.index[:, heated]
        model.problem.put(model.balance.index[:, network.buses_of(hot, "heat_bus")], index, 1.0)
        per_heat = rate * units.numbers("c_v") + units.numbers("heat_rate")
        model.problem.put(model.balance.index[:, fuel[heated]], index, -per_heat[heated])


def _share_capacity(model: Model, units: Components, capacity: Capacity) -> None:
    """Rows Σ capacity of the versions = capacity of the plant."""
    groups = np.array(units.texts("group"), dtype=object)[capacity.chosen]
    whole = units.numbers("group_p_nom")[capacity.chosen]
    names = sorted({str(group) for group in groups if group})
    if not names:
        return
    size = np.array([whole[groups == name][0] for name in names])
    rows = model.problem.rows_between(f"{ROWS}-versions", size, size, (len(names),))
    for at, name in enumerate(names):
        model.problem.put(rows.index[at : at + 1, None], capacity.variables.index[groups == name], 1.0)
