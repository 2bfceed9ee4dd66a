"""District heat (集中供热): what a heated area asks for at an outdoor temperature, and the duty to serve it.

Demand at the plant, in the heating season and zero outside it:

    demand = area · design_load · (indoor − outdoor) / (indoor − design_outdoor) / (1 − loss),  ratio between 0 and 1

Of it at least `obligation` must be served in each snapshot; what is not served costs `shortfall_cost`.
Heat stores are storage units at a heat bus, pipes are links.

Source: design heat load and its linear regulation by outdoor temperature, CJJ/T 34 and GB 50736 (indoor 18 °C).
"""

from __future__ import annotations

import numpy as np

from bihuan.plan.model import Model
from bihuan.plan.network import Floats


def demand_mw(
    snapshots: tuple[str, ...],
    temperature_c: Floats,
    *,
    area_mm2: float,
    design_w_per_m2: float,
    indoor_c: float,
    design_outdoor_c: float,
    season: tuple[str, str],
    loss: float,
) -> Floats:
    """Return the heat a district asks for in each snapshot [MW at the plant].

    Args:
        snapshots: labels `YYYY-MM-DD HH:MM`.
        temperature_c: outdoor temperature by snapshot.
        area_mm2: heated area [10⁶ m²].
        design_w_per_m2: load at the design temperature.
        indoor_c: indoor temperature.
        design_outdoor_c: design outdoor temperature; colder hours ask for no more.
        season: first and last day, `MM-DD`; a season over new year is meant where the first is later.
        loss: share lost in the network.
    """
    ratio = np.clip((indoor_c - temperature_c) / (indoor_c - design_outdoor_c), 0.0, 1.0)
    return np.asarray(np.where(in_season(snapshots, *season), area_mm2 * design_w_per_m2 * ratio / (1 - loss), 0.0))


def in_season(snapshots: tuple[str, ...], begin: str, end: str) -> Floats:
    """Return which snapshots lie in the season, both days included."""
    days = np.array([label[5:10] for label in snapshots])
    after, before = days >= begin, days <= end
    return np.asarray(after & before if begin <= end else after | before)


def add(model: Model) -> None:
    """Add the heat served in each district [MW], between its duty and its demand, and the cost of the shortfall."""
    districts = model.take("heat_districts")
    if not len(districts):
        return
    demand = districts.by_snapshot("demand", model.steps)
    least = demand * districts.numbers("obligation")
    cost = districts.numbers("shortfall_cost") * model.hours("objective")
    served = model.problem.variables("heat_districts-served", least, demand, 0.0, demand.shape)
    missing = model.problem.variables("heat_districts-missing", 0.0, demand - least, cost, demand.shape)
    rows = model.problem.rows_between("heat_districts-duty", demand, demand, demand.shape)
    model.problem.put(rows.index, served.index, 1.0)
    model.problem.put(rows.index, missing.index, 1.0)
    model.feed(model.network.buses_of(districts, "bus"), served, -1.0)
