"""A summary adds up: costs to the objective, stacks to zero, carbon to the fuel that was burnt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.plan.city.systems import network, solved

from bihuan.plan import Plan, solve
from bihuan.plan.pack import read_energy_pack
from bihuan.plan.summary import summary
from bihuan.store.packs import SHIPPED

SCENARIOS = ("base", "2030-cap80", "spot")


@pytest.fixture(name="told", scope="module", params=SCENARIOS)
def _told(request, shipped: Callable[[str], Plan]):
    plan = shipped(request.param)
    return plan, summary(plan, read_energy_pack(SHIPPED / "yangquan"), request.param)


def test_the_cost_accounts_add_up_to_the_objective(told) -> None:
    plan, answer = told
    assert sum(answer.costs_cny.values()) == pytest.approx(plan.objective, rel=1e-6)


def test_what_is_fed_in_is_taken_out(told) -> None:
    for stack in (told[1].power, told[1].heat):
        sources, uses = (np.sum(list(side.values()), axis=0) for side in (stack.sources, stack.uses))
        assert sources == pytest.approx(uses, abs=1e-3)


def test_carbon_is_that_of_the_fuel(told) -> None:
    plan, answer = told
    fuels = plan.network["fuels"]
    rates = dict(zip(fuels.names, fuels.numbers("co2"), strict=True))
    assert answer.carbon.emissions_t == pytest.approx(
        sum(rates[fuel] * use for fuel, use in answer.carbon.by_fuel_tce.items())
    )
    assert answer.synthetic_zh
    assert answer.synthetic_en


def test_a_binding_budget_says_what_a_tonne_is_worth() -> None:
    plan = solved(
        1,
        thermal_units={"A": {"bus": "city", "fuel": "coal", "p_nom": 100.0, "coal_rate": 0.3}},
        generators={"import": {"bus": "city", "p_nom": 100.0, "marginal_cost": 500.0, "carrier": "market"}},
        loads={"L": {"bus": "city", "p_set": 50.0}},
        budgets={"碳预算": {"type": "co2", "limit": 0.84 * 30}},
    )
    answer = summary(plan)
    (price,) = answer.shadow_prices
    assert price.worth == pytest.approx(320 / 0.84)
    assert price.sentence_zh == "碳预算每放宽一吨二氧化碳，全年成本减少 381 元。"
    assert answer.costs_cny == pytest.approx({"fuel": 30 * 180, "market": 20 * 500})
    assert answer.carbon.gce_per_kwh == pytest.approx(300)


def test_checks_stand_beside_published_ranges(shipped: Callable[[str], Plan]) -> None:
    answer = summary(shipped("base"), read_energy_pack(SHIPPED / "yangquan"))
    assert {check.name for check in answer.checks} >= {"光伏利用小时", "风电利用小时", "供电煤耗", "供热负荷率"}
    assert all(check.low < check.high and check.source for check in answer.checks)


def test_a_plan_without_an_optimum_is_summed_up_too() -> None:
    small = {"small": {"bus": "city", "p_nom": 10.0}}
    plan = solve(network(1, generators=small, loads={"L": {"bus": "city", "p_set": 50.0}}))
    answer = summary(plan)
    assert answer.status != "optimal"
    assert answer.capacities == ()
    assert answer.costs_cny == {}
