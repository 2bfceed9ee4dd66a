"""Where the money, the coal and the carbon go. The cost accounts add up to the objective."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bihuan.core.records.plan import CarbonAccount, StorageAccount
from bihuan.plan.attributes import ATTRIBUTES, NOMINAL
from bihuan.plan.city.ets import GJ_PER_MWH, CarbonPrice
from bihuan.plan.city.storage_rules import income
from bihuan.plan.costs import capital_cost
from bihuan.plan.network import Floats
from bihuan.plan.summary.reading import Reading

TCE_PER_GJ = 0.0341208
"""One GJ of heat at its calorific value: 1 / 29.3076 (GB/T 2589)."""
_HOURS_PER_YEAR = 8760.0


@dataclass(frozen=True)
class Benchmarks:
    """Free allowances of a scenario's plants."""

    price: CarbonPrice
    power: dict[str, float]
    """Plant -> tCO2 per net MWh."""
    heat: dict[str, float]
    """Plant -> tCO2 per GJ."""


def allowance_t(reading: Reading, benchmarks: Benchmarks, plants: list[str]) -> float:
    """Return the free allowance of the year; `plants` names the plant of each thermal unit."""
    if not benchmarks.price.benchmark:
        return 0.0
    units = reading.active("thermal_units")
    net = reading.energy(reading.series("thermal_units", "p")) * (1 - units.numbers("auxiliary"))
    heat = reading.energy(reading.series("thermal_units", "q")) * GJ_PER_MWH
    per_mwh = np.array([benchmarks.power.get(plant, 0.0) for plant in plants])
    per_gj = np.array([benchmarks.heat.get(plant, 0.0) for plant in plants])
    return float(net @ per_mwh + heat @ per_gj)


def carbon(reading: Reading, allowance: float) -> CarbonAccount:
    """Return coal, emissions and their ratios to output."""
    coal = _fuel_use(reading)
    rates = dict(zip(reading.network["fuels"].names, reading.network["fuels"].numbers("co2"), strict=True))
    emissions = float(sum(use * rates[fuel] for fuel, use in coal.items()))
    units = reading.active("thermal_units")
    net = float((reading.energy(reading.series("thermal_units", "p")) * (1 - units.numbers("auxiliary"))).sum())
    heat_tce = float(reading.energy(reading.series("thermal_units", "q")).sum()) * GJ_PER_MWH * TCE_PER_GJ
    burnt = float(_burnt_by_units(reading).sum())
    total = net + _other_power(reading)
    return CarbonAccount(
        sum(coal.values()),
        emissions,
        allowance,
        (burnt - heat_tce) / net * 1000 if net else 0.0,
        emissions / total if total else 0.0,
        coal,
    )


def _fuel_use(reading: Reading) -> dict[str, float]:
    generators = reading.active("generators")
    energy = reading.energy(reading.series("generators", "p"))
    return {name: float(energy[at]) for at, name in enumerate(generators.names) if name in reading.fuels}


def _burnt_by_units(reading: Reading) -> Floats:
    units = reading.active("thermal_units")
    p, q = (reading.energy(reading.series("thermal_units", name)) for name in ("p", "q"))
    rate = units.numbers("coal_rate")
    return np.asarray(rate * (p + units.numbers("c_v") * q) + units.numbers("heat_rate") * q)


def _other_power(reading: Reading) -> float:
    generators = reading.active("generators")
    energy = reading.energy(reading.series("generators", "p"))
    power = [
        bus in reading.electric and carrier != "market"
        for bus, carrier in zip(generators.texts("bus"), generators.texts("carrier"), strict=True)
    ]
    return float(energy[np.array(power, dtype=bool)].sum()) if power else 0.0


def costs(reading: Reading, price: CarbonPrice, emissions: float, allowance: float) -> dict[str, float]:
    """Return account -> cost of the year [CNY]. Income is negative."""
    weight = reading.network.weightings["objective"]
    generators = reading.active("generators")
    paid = (
        generators.by_snapshot("marginal_cost", reading.steps) * reading.series("generators", "p") * weight[:, None]
    ).sum(axis=0)
    fuel = np.array([name in reading.fuels for name in generators.names], dtype=bool)
    market = np.array([carrier == "market" for carrier in generators.texts("carrier")], dtype=bool)
    burnt = price.price * emissions
    allowances = price.price * allowance
    accounts = {
        "fuel": float(paid[fuel].sum()) - burnt,
        "carbon": burnt - allowances,
        "operation": float(paid[~fuel & ~market].sum()) + _plants(reading, weight) + allowances,
        "starts": _starts(reading, weight),
        "market": float(paid[market].sum()),
        "export": -_exported(reading, weight),
        "storage and grid": _moved(reading, weight),
        "shortfall": _shortfall(reading, weight),
        **_investment(reading),
    }
    return {name: cost for name, cost in accounts.items() if abs(cost) > 1e-6}


def _plants(reading: Reading, weight: Floats) -> float:
    """Marginal costs of thermal units, from which allowances were taken off."""
    units = reading.active("thermal_units")
    p, q = (weight @ reading.series("thermal_units", name) for name in ("p", "q"))
    return float(p @ units.numbers("marginal_cost") + q @ units.numbers("marginal_cost_heat"))


def _starts(reading: Reading, weight: Floats) -> float:
    times = weight / reading.network.weightings["stores"]
    started = reading.series("thermal_units", "started")
    return float(times @ started @ reading.active("thermal_units").numbers("start_cost"))


def _exported(reading: Reading, weight: Floats) -> float:
    price = reading.active("export_contracts").by_snapshot("price", reading.steps)
    return float((price * reading.series("export_contracts", "p") * weight[:, None]).sum())


def _moved(reading: Reading, weight: Floats) -> float:
    """Marginal costs of links and stores, and the fees of storage rules."""
    total = _fees(reading, weight)
    for kind, attribute in (("links", "p0"), ("storage_units", "p_dispatch"), ("stores", "p")):
        cost = reading.active(kind).by_snapshot("marginal_cost", reading.steps)
        total += float((cost * reading.series(kind, attribute) * weight[:, None]).sum())
    return total


def _fees(reading: Reading, weight: Floats) -> float:
    return sum(account.fees_cny for account in storage_accounts(reading, weight))


def _shortfall(reading: Reading, weight: Floats) -> float:
    districts = reading.active("heat_districts")
    return float(weight @ reading.series("heat_districts", "missing") @ districts.numbers("shortfall_cost"))


def _investment(reading: Reading) -> dict[str, float]:
    """Annuities and fixed operation of what the plan chose."""
    found: dict[str, float] = {}
    for kind, nominal in NOMINAL.items():
        table = reading.active(kind)
        if not len(table) or f"{nominal}_extendable" not in ATTRIBUTES[kind]:
            continue
        sizes = np.array([reading.plan.capacities(kind).get(name, 0.0) for name in table.names])
        sizes = sizes * table.flags(f"{nominal}_extendable")
        capital = float(sizes @ capital_cost(reading.network, table))
        account = "retrofits" if kind == "thermal_units" else "investment"
        found[account] = found.get(account, 0.0) + capital
        fixed = float(sizes @ np.nan_to_num(table.numbers("fom_cost")))
        found["fixed operation"] = found.get("fixed operation", 0.0) + fixed
    return found


def storage_accounts(reading: Reading, weight: Floats) -> tuple[StorageAccount, ...]:
    """Return what each independent store earns at its own prices."""
    rules, units = reading.active("storage_rules"), reading.active("storage_units")
    out, into = (reading.series("storage_units", f"p_{side}") for side in ("dispatch", "store"))
    found = []
    for at, unit in enumerate(rules.texts("unit")):
        column = units.names.index(unit)
        size = reading.plan.capacities("storage_units").get(unit, 0.0)
        given, taken = out[:, column], into[:, column]
        price = rules.by_snapshot("spot_price", reading.steps)[:, at]
        fees = (
            rules.numbers("charge_fee")[at] * weight @ taken - rules.numbers("discharge_payment")[at] * weight @ given
        )
        energy = size * units.numbers("max_hours")[column]
        share = float(weight.sum()) / _HOURS_PER_YEAR
        found.append(
            StorageAccount(
                unit,
                income(price, taken, given, weight),
                float(rules.numbers("capacity_rent")[at]) * size * 1000 * share,
                float(fees),
                float(weight @ given / energy) if energy else 0.0,
            )
        )
    return tuple(found)
