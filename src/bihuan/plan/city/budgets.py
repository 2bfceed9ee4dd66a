"""Budgets of the year (能耗双控, 碳预算): each is one row, and its dual is what one more unit is worth.

    co2               Σ fuel · co2 + other <= limit                                [t]
    coal              Σ fuel + other <= limit                                      [tce]
    energy            Σ fuel + power_factor · (bought − sold − exported) + other <= limit      [tce]
    intensity         the same <= limit · gdp                                      [limit in tce per 10⁴ CNY]
    renewable_share   Σ renewable power >= limit · Σ load                          [share]

Fuel is what the buses of fuels take in, by standard coal. Power from wind, sun and water adds nothing to `energy`: since
November 2022 the growth of renewable energy is left out of the total. power_factor 0.1229 counts power at its calorific
value (当量值), 0.300 at what a grid burns for it (等价值).
"""

from __future__ import annotations

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.limits import Side
from bihuan.plan.matrix import Block
from bihuan.plan.model import Model
from bihuan.plan.network import Components, Floats


def add(model: Model) -> None:
    """Add a row `global-<name>` for each budget.

    Raises:
        InputError: a budget of unknown type, or of intensity without a gross product.
    """
    budgets = model.take("budgets")
    for at, name in enumerate(budgets.names):
        limit = float(budgets.numbers("limit")[at])
        row = model.problem.rows_between(f"global-{name}", *side_of(model, budgets, at).bounds(limit), (1,))
        kind = budgets.texts("type")[at]
        if kind == "renewable_share":
            _put(model, row, "generators-p", model.components["generators"].flags("renewable").astype(np.float64))
        else:
            _consumption(model, row, kind, float(budgets.numbers("power_factor")[at]))


def side_of(model: Model, budgets: Components, at: int) -> Side:
    """Return how the limit of a budget becomes the right side of its row.

    Raises:
        InputError: the budget is of unknown type, or of intensity without a gross product.
    """
    name, kind = budgets.names[at], budgets.texts("type")[at]
    other, product = float(budgets.numbers("other")[at]), float(budgets.numbers("gdp")[at])
    if kind == "renewable_share":
        return Side(">=", _demand(model))
    if kind == "intensity":
        if product <= 0:
            raise InputError(f"budget {name!r} limits intensity but gives no gdp", where="budgets")
        return Side("<=", product, other)
    if kind in ("co2", "coal", "energy"):
        return Side("<=", other=other)
    raise InputError(f"budget {name!r} is of type {kind!r}", where="budgets")


def _consumption(model: Model, row: Block, kind: str, power_factor: float) -> None:
    generators = model.components["generators"]
    rate = fuel_rates(model, "co2" if kind == "co2" else "tce")
    _put(model, row, "generators-p", rate)
    if kind in ("energy", "intensity"):
        market = np.array([carrier == "market" for carrier in generators.texts("carrier")], dtype=float)
        _put(model, row, "generators-p", market * generators.numbers("sign") * power_factor)
        if "export_contracts-p" in model.problem.blocks:
            sent = np.full(len(model.components["export_contracts"]), -power_factor)
            _put(model, row, "export_contracts-p", sent)


def fuel_rates(model: Model, by: str) -> Floats:
    """Return what one unit of each generator's output counts if it brings in fuel: its `co2`, or 1 for `tce`."""
    fuels = model.network["fuels"]
    counts = fuels.numbers("co2") if by == "co2" else np.ones(len(fuels))
    rates = dict(zip(fuels.names, counts, strict=True))
    return np.array([rates.get(carrier, 0.0) for carrier in model.components["generators"].texts("carrier")])


def _put(model: Model, row: Block, block: str, rate: Floats) -> None:
    counted = np.flatnonzero(rate)
    index = model.problem.blocks[block].index[:, counted]
    model.problem.put(row.index, index, rate[counted] * model.hours("generators"))


def _demand(model: Model) -> float:
    """What loads draw over the year [MWh]."""
    hours = model.hours("generators")
    return sum(
        float((model.components[kind].by_snapshot(field, model.steps) * hours).sum())
        for kind, field in (("loads", "p_set"), ("flexible_loads", "load"))
        if kind in model.components
    )
