"""Rules of an independent store (独立储能): hours it may charge in, cycles a day, and prices of its own.

    Σ over a day of p_dispatch · hours <= cycles_per_day · max_hours · p_nom
    p_store = 0 outside its charging hours, p_dispatch = 0 outside its discharging hours
    each MWh taken costs charge_fee, each MWh given earns discharge_payment

What it earns on the spot market and for its capacity changes hands inside the system: it is an account (see `income`),
and no cost of the system.
"""

from __future__ import annotations

from math import inf

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.model import Model
from bihuan.plan.network import Bools, Components, Floats


def add(model: Model) -> None:
    """Add the rules' rows and costs to the storage units they name."""
    rules = model.take("storage_rules")
    units = model.components["storage_units"]
    for at, name in enumerate(rules.names):
        unit = rules.texts("unit")[at]
        if unit not in units.names:
            raise InputError(f"rule {name!r} names storage unit {unit!r}, which does not exist", where="storage_rules")
        _rule(model, rules, at, units.names.index(unit))


def _rule(model: Model, rules: Components, at: int, unit: int) -> None:
    taken, given = (model.problem.blocks[f"storage_units-{part}"].index[:, unit] for part in ("p_store", "p_dispatch"))
    weight = model.hours("objective")[:, 0]
    model.problem.add_cost(taken, rules.numbers("charge_fee")[at] * weight)
    model.problem.add_cost(given, -rules.numbers("discharge_payment")[at] * weight)
    for variables, field in ((taken, "charge_hours"), (given, "discharge_hours")):
        closed = ~allowed(model.network.snapshots, rules.texts(field)[at])
        if closed.any():
            rows = model.problem.rows_between(f"storage_rules-{field}-{at}", -inf, 0.0, (int(closed.sum()),))
            model.problem.put(rows.index, variables[closed], 1.0)
    _cycles(model, float(rules.numbers("cycles_per_day")[at]), at, unit, given)


def _cycles(model: Model, cycles: float, at: int, unit: int, given: np.ndarray) -> None:
    if cycles >= 24:
        return
    capacity = model.capacities["storage_units"]
    energy = cycles * float(model.components["storage_units"].numbers("max_hours")[unit])
    days, day = np.unique([label[:10] for label in model.network.snapshots], return_inverse=True)
    rows = model.problem.rows_between(f"storage_rules-cycles-{at}", -inf, energy * capacity.fixed[unit], (len(days),))
    model.problem.put(rows.index[day], given, model.hours("stores")[:, 0])
    if unit in capacity.chosen:
        chosen = capacity.variables.index[np.searchsorted(capacity.chosen, unit)]
        model.problem.put(rows.index, np.array([chosen]), -energy)


def allowed(snapshots: tuple[str, ...], hours: str) -> Bools:
    """Return which snapshots begin in the hours of a text such as `0-6,11-14`; an empty text allows all.

    Raises:
        InputError: the text is no list of hours.
    """
    if not hours.strip():
        return np.ones(len(snapshots), dtype=bool)
    opened: set[int] = set()
    for part in hours.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            raise InputError(f"hours {hours!r}; a list such as 0-6,11-14 was expected", where="storage_rules")
        opened.update(range(int(first), int(last or first) + 1))
    return np.array([int(label[11:13]) in opened for label in snapshots], dtype=bool)


def income(price: Floats, taken: Floats, given: Floats, hours: Floats) -> float:
    """Return what a store earns at a price series [CNY]: sold less bought.

    Args:
        price: CNY/MWh by snapshot.
        taken: MW by snapshot.
        given: MW by snapshot.
        hours: weight of each snapshot.
    """
    return float((price * (given - taken) * hours).sum())
