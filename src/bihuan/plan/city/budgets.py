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

from math import inf

import numpy as np

from bihuan.core.errors import InputError
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
        kind = budgets.texts("type")[at]
        if kind == "renewable_share":
            _renewable_share(model, name, float(budgets.numbers("limit")[at]))
        elif kind in ("co2", "coal", "energy", "intensity"):
            _consumption(model, budgets, at, name, kind)
        else:
            raise InputError(f"budget {name!r} is of type {kind!r}", where="budgets")


def _consumption(model: Model, budgets: Components, at: int, name: str, kind: str) -> None:
    number = {field: float(budgets.numbers(field)[at]) for field in ("limit", "other", "gdp", "power_factor")}
    if kind == "intensity" and number["gdp"] <= 0:
        raise InputError(f"budget {name!r} limits intensity but gives no gdp", where="budgets")
    limit = number["limit"] * (number["gdp"] if kind == "intensity" else 1.0) - number["other"]
    row = model.problem.rows_between(f"global-{name}", -inf, limit, (1,))
    generators = model.components["generators"]
    rate = fuel_rates(model, "co2" if kind == "co2" else "tce")
    _put(model, row, "generators-p", rate)
    if kind in ("energy", "intensity"):
        market = np.array([carrier == "market" for carrier in generators.texts("carrier")], dtype=float)
        _put(model, row, "generators-p", market * generators.numbers("sign") * number["power_factor"])
        if "export_contracts-p" in model.problem.blocks:
            sent = np.full(len(model.components["export_contracts"]), -number["power_factor"])
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


def _renewable_share(model: Model, name: str, share: float) -> None:
    hours = model.hours("generators")
    served = sum(
        float((model.components[kind].by_snapshot(field, model.steps) * hours).sum())
        for kind, field in (("loads", "p_set"), ("flexible_loads", "load"))
        if kind in model.components
    )
    row = model.problem.rows_between(f"global-{name}", share * served, inf, (1,))
    _put(model, row, "generators-p", model.components["generators"].flags("renewable").astype(np.float64))
