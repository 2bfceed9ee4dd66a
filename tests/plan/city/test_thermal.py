"""Steam plants: known optima worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.city.systems import solved

PLANT = {"bus": "city", "fuel": "coal", "p_nom": 100.0, "coal_rate": 0.3}
CHP = {
    **PLANT,
    "heat_bus": "heat",
    "type": "extraction",
    "c_v": 0.15,
    "c_b": 0.8,
    "q_nom_pu": 0.7,
}
SINK = {"bus": "city", "sign": -1.0, "p_nom": 1000.0}
HEAT = {"bus": "heat"}


def test_fuel_of_a_condensing_plant_covers_its_own_use() -> None:
    plan = solved(1, thermal_units={"A": {**PLANT, "auxiliary": 0.05}}, loads={"L": {"bus": "city", "p_set": 57.0}})
    assert plan.series["thermal_units", "p"].values[0, 0] == pytest.approx(60.0)
    assert plan.objective == pytest.approx(60.0 * 0.3 * 600)


def test_heat_forces_power_at_back_pressure() -> None:
    """50 MW of heat need p >= 0.8 · 50 = 40 MW and fuel for 40 + 0.15 · 50 = 47.5 MW."""
    plan = solved(1, thermal_units={"A": CHP}, loads={"H": {**HEAT, "p_set": 50.0}}, generators={"sink": SINK})
    assert plan.series["thermal_units", "p"].values[0, 0] == pytest.approx(40.0)
    assert plan.objective == pytest.approx(47.5 * 0.3 * 600)


def test_full_load_with_heat_gives_less_power() -> None:
    """At 40 MW of heat at most 100 − 0.15 · 40 = 94 MW of power; 6 MW come from the dear import."""
    dear = {"bus": "city", "p_nom": 100.0, "marginal_cost": 1000.0}
    plan = solved(
        1,
        thermal_units={"A": CHP},
        loads={"H": {**HEAT, "p_set": 40.0}, "L": {"bus": "city", "p_set": 100.0}},
        generators={"import": dear},
    )
    assert plan.objective == pytest.approx(100 * 0.3 * 600 + 6 * 1000)


def test_back_pressure_ties_power_to_heat() -> None:
    unit = {**CHP, "type": "back_pressure", "c_v": 0.0, "c_b": 0.5, "heat_rate": 0.1}
    plan = solved(1, thermal_units={"A": unit}, loads={"H": {**HEAT, "p_set": 60.0}}, generators={"sink": SINK})
    assert plan.series["thermal_units", "p"].values[0, 0] == pytest.approx(30.0)
    assert plan.objective == pytest.approx((30 * 0.3 + 60 * 0.1) * 600)


def test_starting_each_megawatt_costs_once_a_cycle() -> None:
    """Load 0 and 80 in turn: 80 MW start each time, since staying online at a least load of 0.5 has nowhere to go."""
    unit = {**PLANT, "start_cost": 10.0, "p_min_pu": 0.5}
    load = np.array([0.0, 80.0, 0.0, 80.0])
    plan = solved(4, thermal_units={"A": unit}, loads={"L": {"bus": "city", "p_set": load}})
    assert plan.series["thermal_units", "started"].values.sum() == pytest.approx(160.0)
    assert plan.objective == pytest.approx(160 * 0.3 * 600 + 160 * 10)


def test_ramp_holds_back() -> None:
    """With all online from the start, load may rise by 30 MW an hour; the rest of the step is imported."""
    unit = {**PLANT, "ramp": 0.3, "online_min_pu": 1.0}
    dear = {"bus": "city", "p_nom": 100.0, "marginal_cost": 1000.0}
    plan = solved(
        2,
        thermal_units={"A": unit},
        loads={"L": {"bus": "city", "p_set": np.array([10.0, 90.0])}},
        generators={"import": dear},
    )
    assert plan.series["thermal_units", "p"].values[:, 0] == pytest.approx([10.0, 40.0])


@settings(max_examples=30, deadline=None)
@given(heat=st.floats(0, 60), power=st.floats(0, 80))
def test_every_answer_lies_in_the_region(heat, power) -> None:
    dear = {"bus": "city", "p_nom": 1000.0, "marginal_cost": 1000.0}
    plan = solved(
        1,
        thermal_units={"A": {**CHP, "p_min_pu": 0.3}},
        loads={"H": {**HEAT, "p_set": heat}, "L": {"bus": "city", "p_set": power}},
        generators={"import": dear, "sink": SINK},
    )
    p, q, u = (float(plan.series["thermal_units", name].values[0, 0]) for name in ("p", "q", "online"))
    assert q == pytest.approx(heat, abs=1e-6)
    assert p >= 0.8 * q - 1e-6
    assert 0.3 * u - 1e-6 <= p + 0.15 * q <= u + 1e-6 <= 100 + 2e-6
