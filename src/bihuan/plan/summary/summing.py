"""`summary`: everything about a plan, in one record."""

from __future__ import annotations

from typing import TypedDict

from bihuan.core.records.plan import PlanSummary, Series, Stack
from bihuan.plan.city.ets import CarbonPrice
from bihuan.plan.city.retrofit import version_name
from bihuan.plan.network import Floats, Network
from bihuan.plan.pack.entry import EnergyPack, Entry, Value
from bihuan.plan.pack.scenario import BASE, components_of, steps
from bihuan.plan.results import Plan
from bihuan.plan.summary.accounts import Benchmarks, allowance_t, carbon, costs, storage_accounts
from bihuan.plan.summary.capacities import capacity_lines
from bihuan.plan.summary.checking import checks, read_checks
from bihuan.plan.summary.reading import Reading
from bihuan.plan.summary.stacks import heat_stack, plant_of, power_stack
from bihuan.plan.summary.worth import shadow_prices


def summary(plan: Plan, pack: EnergyPack | None = None, scenario: str = BASE) -> PlanSummary:
    """Return a plan summed up.

    Args:
        plan: of any network.
        pack: the energy folder it was made from; without it allowances, English names and checks are missing.
        scenario: of the pack.
    """
    reading = Reading(plan)
    entries = components_of(pack, scenario) if pack else []
    by_name = {(entry.kind, entry.name): entry for entry in entries}
    benchmarks = _benchmarks(entries)
    plants = [plant_of(reading, at) for at in range(len(reading.active("thermal_units")))]
    allowance = allowance_t(reading, benchmarks, plants)
    account = carbon(reading, allowance)
    power, heat = power_stack(reading), heat_stack(reading)
    english = english_names(entries)
    solved = plan.has_values
    return PlanSummary(
        **about(plan.network, pack, scenario),
        status=plan.status,
        objective_cny=plan.objective,
        gap=plan.gap,
        seconds=sum(plan.seconds.values()),
        english_names=english,
        synthetic_zh=pack.synthetic if pack else "",
        synthetic_en=pack.synthetic_english if pack else "",
        hours=reading.steps,
        year_hours=float(reading.weight.sum()),
        snapshots=plan.network.snapshots,
        capacities=tuple(capacity_lines(reading, by_name)) if solved else (),
        power=power,
        heat=heat,
        stored_mwh=_by_name(reading, "storage_units", "state_of_charge") | _by_name(reading, "stores", "e"),
        prices=_by_name(reading, "buses", "marginal_price"),
        heat_buses=tuple(sorted(reading.hot)),
        costs_cny=costs(reading, benchmarks.price, account.emissions_t, allowance) if solved else {},
        carbon=account,
        shadow_prices=shadow_prices(plan, english),
        storage=storage_accounts(reading, plan.network.weightings["objective"]),
        checks=checks(reading, read_checks(pack.folder / "checks.yaml"), account.gce_per_kwh)
        if pack and solved and scenario == BASE
        else (),
        balance_gwh=_balance(reading, power, heat),
    )


def english_names(entries: list[Entry]) -> dict[str, str]:
    """Return component -> English name; a version of a plant is `<plant> (<retrofit>)`."""
    names = {entry.name: entry.english for entry in entries if entry.english}
    for retrofit in entries:
        if retrofit.kind == "retrofits" and retrofit.english:
            plant = str(retrofit.values["unit"])
            names[version_name(plant, retrofit.name)] = f"{names.get(plant, plant)} ({retrofit.english})"
    return names


class About(TypedDict):
    """What a plan is of, as records of `core.records.plan` begin."""

    system: str
    system_english: str
    name: str
    english: str
    scenario: str
    year: int


def about(network: Network, pack: EnergyPack | None, scenario: str) -> About:
    """Return what a network is the plan of; without a pack it has one name for everything."""
    if pack is None:
        name = network.name
        return {"system": name, "system_english": name, "name": name, "english": name, "scenario": scenario, "year": 0}
    chain = steps(pack, scenario)
    year = chain[-1].year if chain else pack.year
    return {
        "system": pack.name,
        "system_english": pack.english,
        "name": chain[-1].name if chain else f"{year} 基准",
        "english": chain[-1].english if chain else f"{year}, base case",
        "scenario": scenario,
        "year": year,
    }


def _benchmarks(entries: list[Entry]) -> Benchmarks:
    def numbers(field: str) -> dict[str, float]:
        given = {e.name: e.values.get(field) for e in entries if e.kind == "thermal_units"}
        return {name: value.number for name, value in given.items() if isinstance(value, Value)}

    prices = [entry for entry in entries if entry.kind == "carbon_prices"]
    price = CarbonPrice()
    if prices:
        value = prices[-1].values["price"]
        assert isinstance(value, Value)
        price = CarbonPrice(value.number, prices[-1].values.get("scheme") == "benchmark")
    return Benchmarks(price, numbers("benchmark_power"), numbers("benchmark_heat"))


def _by_name(reading: Reading, kind: str, attribute: str) -> dict[str, Series]:
    table = reading.plan.series.get((kind, attribute))
    if table is None:
        return {}
    return {name: _plain(table.values[:, at]) for at, name in enumerate(table.names)}


def _plain(values: Floats) -> Series:
    return tuple(values.round(4).tolist())


def _balance(reading: Reading, power: Stack, heat: Stack) -> dict[str, float]:
    """Sums of the year of every layer of both stacks [GWh], sources first."""
    weight = reading.weight
    layers = {
        **{f"+{name}": values for name, values in power.sources.items()},
        **{f"-{name}": values for name, values in power.uses.items()},
        **{f"+{name}（热）": values for name, values in heat.sources.items()},
        **{f"-{name}（热）": values for name, values in heat.uses.items()},
    }
    return {name: float(weight @ values) / 1000 for name, values in layers.items()}
