"""Flexible load, export, reserve, budgets, carbon market, retrofits and storage rules: optima worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.city.systems import solved

from bihuan.core.errors import InputError
from bihuan.plan.city.ets import CarbonPrice
from bihuan.plan.city.flexible import may_wait
from bihuan.plan.city.retrofit import versions
from bihuan.plan.city.storage_rules import allowed, income

PLANT = {"bus": "city", "fuel": "coal", "p_nom": 100.0, "coal_rate": 0.3}


def _import(*prices: float) -> dict[str, object]:
    return {"bus": "city", "p_nom": 1000.0, "marginal_cost": np.array(prices)}


def test_work_waits_for_the_cheap_hour_within_its_window() -> None:
    """20 of 50 MW may wait one hour more: of each hour's work 40 % moves to the next where that is cheaper."""
    load = {"bus": "city", "load": 50.0, "flexible": 0.4, "window": 1.0, "p_nom": 200.0}
    plan = solved(3, generators={"import": _import(300, 100, 200)}, flexible_loads={"DC": load})
    assert plan.series["flexible_loads", "p"].values[:, 0] == pytest.approx([30, 70, 50])
    assert plan.objective == pytest.approx(30 * 300 + 70 * 100 + 50 * 200)


def test_an_electrolyser_makes_its_day_in_the_cheapest_hours() -> None:
    """10 MW for 4 hours, all of which may wait 4 hours, at most 20 MW: the two cheapest of the last hours carry it."""
    load = {"bus": "city", "load": 10.0, "flexible": 1.0, "window": 4.0, "p_nom": 20.0}
    plan = solved(4, generators={"import": _import(400, 100, 300, 50)}, flexible_loads={"H2": load})
    assert plan.series["flexible_loads", "p"].values[:, 0] == pytest.approx([0, 20, 0, 20])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=12), st.integers(0, 5))
def test_what_may_wait_is_what_arrived_last(energy, window) -> None:
    array = np.array(energy)[:, None]
    room = may_wait(array, np.ones(len(energy)), np.array([float(window)]))
    for at in range(len(energy)):
        assert room[at, 0] == pytest.approx(sum(energy[max(0, at + 1 - window) : at + 1]), abs=1e-6)


def test_a_contract_takes_its_energy_inside_the_band_of_its_shape() -> None:
    """100 MWh in the shape 3 : 1 within 20 %: 75 ± 15 and 25 ± 5, as much as the band lets into the cheap hour."""
    contract = {
        "bus": "city",
        "p_nom": 1000.0,
        "energy_min": 100.0,
        "energy_max": 100.0,
        "shape": np.array([3.0, 1.0]),
        "band": 0.2,
        "price": 10.0,
    }
    plan = solved(2, generators={"import": _import(300, 100)}, export_contracts={"C": contract})
    assert plan.series["export_contracts", "p"].values[:, 0] == pytest.approx([70, 30])
    assert plan.objective == pytest.approx(70 * 290 + 30 * 90)


def test_reserve_keeps_headroom_online() -> None:
    """10 % of 50 MW: 55 MW must be online, each started at a cost and run at 40 % at least."""
    unit = {**PLANT, "p_min_pu": 0.4, "online_min_pu": 0.0}
    plan = solved(
        1,
        thermal_units={"A": unit},
        loads={"L": {"bus": "city", "p_set": 50.0}},
        reserves={"R": {"bus": "city", "load_share": 0.1}},
    )
    assert plan.series["thermal_units", "online"].values[0, 0] >= 55 - 1e-6


def test_a_store_promises_what_it_can_last_for() -> None:
    """No plant is online: the store alone keeps 5 MW of reserve and so cannot empty itself below 5 MWh."""
    store = {"bus": "city", "p_nom": 10.0, "max_hours": 1.0, "state_of_charge_initial": 10.0}
    plan = solved(
        1,
        generators={"import": _import(500)},
        storage_units={"S": store},
        loads={"L": {"bus": "city", "p_set": 50.0}},
        reserves={"R": {"bus": "city", "load_share": 0.1}},
    )
    assert plan.series["storage_units", "p_dispatch"].values[0, 0] == pytest.approx(5.0)


def _capped(limit: float):
    return solved(
        1,
        thermal_units={"A": PLANT},
        generators={"import": _import(500)},
        loads={"L": {"bus": "city", "p_set": 50.0}},
        budgets={"cap": {"type": "co2", "limit": limit}},
    )


def test_a_carbon_budget_is_worth_what_a_tonne_saves() -> None:
    """Coal: 180 CNY and 0.84 t a MWh; import: 500 CNY and none. One more tonne saves (500 − 180) / 0.84 CNY."""
    plan = _capped(0.84 * 30)
    assert plan.series["thermal_units", "p"].values[0, 0] == pytest.approx(30.0)
    assert plan.shadow_prices["cap"] == pytest.approx(-(500 - 180) / 0.84)


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 60), st.floats(0, 60))
def test_a_tighter_cap_never_costs_less(first, second) -> None:
    tight, loose = sorted((first, second))
    assert _capped(tight).objective >= _capped(loose).objective - 1e-6


@pytest.mark.parametrize(
    ("budget", "coal_mwh"),
    [
        ({"type": "coal", "limit": 6.0}, 20.0),
        ({"type": "coal", "limit": 9.0, "other": 3.0}, 20.0),
        ({"type": "energy", "limit": 10.0, "power_factor": 0.1}, 25.0),
        ({"type": "intensity", "limit": 0.5, "gdp": 20.0, "power_factor": 0.1}, 25.0),
    ],
)
def test_energy_budgets_count_standard_coal(budget, coal_mwh) -> None:
    """0.3 tce a MWh of coal power; in `energy` each of the 50 MWh that is bought counts 0.1 tce."""
    plan = solved(
        1,
        thermal_units={"A": PLANT},
        generators={"import": {**_import(500), "carrier": "market"}},
        loads={"L": {"bus": "city", "p_set": 50.0}},
        budgets={"B": budget},
    )
    assert plan.series["thermal_units", "p"].values[0, 0] == pytest.approx(coal_mwh)


def test_intensity_needs_a_gross_product() -> None:
    with pytest.raises(InputError, match="gives no gdp"):
        solved(1, budgets={"B": {"type": "intensity", "limit": 0.5}})


def test_renewable_share_counts_all_load() -> None:
    wind = {"bus": "city", "p_nom": 100.0, "marginal_cost": 300.0, "renewable": True}
    plan = solved(
        1,
        thermal_units={"A": PLANT},
        generators={"wind": wind},
        loads={"L": {"bus": "city", "p_set": 40.0}},
        flexible_loads={"F": {"bus": "city", "load": 10.0}},
        budgets={"green": {"type": "renewable_share", "limit": 0.3}},
    )
    assert plan.series["generators", "p"].values[0, 1] == pytest.approx(15.0)
    assert plan.shadow_prices["green"] == pytest.approx(300 - 180)


def test_benchmark_pays_only_for_what_exceeds_the_allowance() -> None:
    """0.3 tce · 2.8 t/tce = 0.84 t; allowance 0.8 t a net MWh: 60 CNY/t cost 60 · (0.84 − 0.8 · 0.95) a gross MWh."""
    market = CarbonPrice(60.0, benchmark=True)
    cost = 0.3 * market.on_fuel(2.8) - market.power_credit(0.8, 0.05)
    assert cost == pytest.approx(60 * (0.84 - 0.76))
    assert market.heat_credit(0.11) == pytest.approx(60 * 0.11 * 3.6)
    assert CarbonPrice(60.0).power_credit(0.8, 0.05) == 0.0


@pytest.mark.parametrize(("overnight", "chosen"), [(1000.0, 100.0), (1e9, 0.0)])
def test_a_retrofit_is_chosen_where_the_fuel_it_saves_pays(overnight, chosen) -> None:
    shared = {"p_nom_extendable": True, "p_nom_max": 100.0, "group": "A", "group_p_nom": 100.0}
    better = {"coal_rate": 0.25, "overnight_cost": overnight, "discount_rate": 0.0, "lifetime": 10.0}
    plan = solved(
        24,
        thermal_units={"A": {**PLANT, **shared}, "A+": {**PLANT, **shared, **better}},
        loads={"L": {"bus": "city", "p_set": 100.0}},
    )
    sizes = plan.capacities("thermal_units")
    assert sizes["A+"] == pytest.approx(chosen, abs=1e-6)
    assert sizes["A"] + sizes["A+"] == pytest.approx(100.0)


def test_versions_change_only_what_the_option_names() -> None:
    base, option = versions(
        "A",
        {"coal_rate": 300.0, "p_min_pu": 0.5},
        {"灵活": {"investment": 80, "lifetime": 15, "p_min_pu": 0.3, "coal_rate": -1}},
    )
    assert (base.name, base.investment) == ("A", 0.0)
    assert dict(option.region) == {"coal_rate": 300.0, "p_min_pu": 0.3}


def test_storage_keeps_to_its_hours_and_cycles() -> None:
    """Cheap in hours 0–1 and 4–5, dear in 2–3 and 6–7; one cycle a day lets it earn only once."""
    store = {"bus": "city", "p_nom": 10.0, "max_hours": 1.0, "cyclic_state_of_charge": True}
    prices = _import(100, 100, 300, 300, 100, 100, 310, 310)
    rule = {"unit": "S", "cycles_per_day": 1.0, "charge_fee": 10.0}
    load = {"L": {"bus": "city", "p_set": 20.0}}
    plan = solved(8, generators={"import": prices}, storage_units={"S": store}, loads=load, storage_rules={"R": rule})
    free = 20 * (100 * 4 + 300 * 2 + 310 * 2)
    assert plan.objective == pytest.approx(free - 10 * (310 - 100 - 10))
    closed = {**rule, "discharge_hours": "2-3"}
    plan = solved(8, generators={"import": prices}, storage_units={"S": store}, loads=load, storage_rules={"R": closed})
    assert plan.objective == pytest.approx(free - 10 * (300 - 100 - 10))


def test_hours_are_read_as_written() -> None:
    snapshots = tuple(f"2022-01-01 {hour:02d}:00" for hour in range(24))
    assert np.flatnonzero(allowed(snapshots, "0-2, 11")).tolist() == [0, 1, 2, 11]
    assert allowed(snapshots, "").all()
    with pytest.raises(InputError, match="0-6,11-14"):
        allowed(snapshots, "night")


def test_income_is_sold_less_bought() -> None:
    price = np.array([100.0, 300.0])
    assert income(price, np.array([10.0, 0.0]), np.array([0.0, 9.0]), np.ones(2)) == 9 * 300 - 10 * 100
