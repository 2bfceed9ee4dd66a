"""Studies with answers worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.city.systems import network

from bihuan.core.errors import InputError
from bihuan.plan import solve
from bihuan.plan.studies import CARBON_CAP, alternatives, budget_curve, solve_scenarios, stochastic
from bihuan.store.packs import SHIPPED

PLANT = {"bus": "city", "fuel": "coal", "p_nom": 100.0, "coal_rate": 0.3}


def _new(capital: float, marginal: float, carrier: str) -> dict[str, object]:
    return {
        "bus": "city",
        "carrier": carrier,
        "p_nom_extendable": True,
        "capital_cost": capital,
        "marginal_cost": marginal,
    }


def _load(mw: float) -> dict[str, dict[str, object]]:
    return {"L": {"bus": "city", "p_set": mw}}


def test_a_budget_curve_is_piecewise_linear_with_its_slope() -> None:
    """50 MW: coal at 180 CNY and 0.84 t a MWh against 500 CNY; at 42 t the budget stops to bind."""
    system = network(
        1,
        thermal_units={"A": PLANT},
        generators={"import": {"bus": "city", "p_nom": 100.0, "marginal_cost": 500.0}},
        loads=_load(50),
        budgets={"cap": {"type": "co2", "limit": 42.0}},
    )
    points = budget_curve(system, "cap", [1.5, 0.5, 0.25])
    assert [point.cost_cny for point in points] == pytest.approx([50 * 180, 25 * 680, 12.5 * 180 + 37.5 * 500])
    assert [point.price.worth for point in points] == pytest.approx([0, 320 / 0.84, 320 / 0.84], abs=1e-6)
    assert [point.emissions_t for point in points] == pytest.approx([42.0, 21.0, 10.5])
    assert points[1].limit == pytest.approx(21.0)
    with pytest.raises(InputError, match="there are cap"):
        budget_curve(system, "lid", [1.0])


def test_a_budget_that_cannot_be_kept_is_no_optimum() -> None:
    system = network(1, thermal_units={"A": PLANT}, loads=_load(50), budgets={"cap": {"type": "co2", "limit": 42.0}})
    good, bad = budget_curve(system, "cap", [1.0, 0.5])
    assert good.status == "optimal"
    assert (bad.status, bad.cost_cny, bad.price) == ("infeasible", None, None)


def test_a_cap_on_carbon_is_counted_from_what_is_emitted_without_one() -> None:
    """42 t without a cap; at half of it half of the coal is replaced by 25 MW of new wind at 700 CNY a MW."""
    system = network(1, thermal_units={"A": PLANT}, generators={"wind": _new(700, 0, "wind")}, loads=_load(50))
    free, half = budget_curve(system, CARBON_CAP, [1.0, 0.5])
    assert (free.limit, half.limit) == (pytest.approx(42.0), pytest.approx(21.0))
    assert half.built_mw == {"wind": pytest.approx(25.0)}
    assert half.price.worth == pytest.approx((700 - 180) / 0.84)


@pytest.mark.parametrize(
    ("budget", "factor", "limit"),
    [
        ({"type": "co2", "limit": 50.0, "other": 10.0}, 0.5, 25.0),
        ({"type": "intensity", "limit": 2.0, "gdp": 7.5}, 0.5, 1.0),
        ({"type": "renewable_share", "limit": 0.2}, 2.0, 0.4),
    ],
)
def test_a_multiple_is_of_the_limit_itself(budget: dict[str, object], factor: float, limit: float) -> None:
    """Whatever is used outside the model, and whatever the limit is stated in."""
    wind = {**_new(700, 0, "wind"), "renewable": True}
    tables = {"thermal_units": {"A": PLANT}, "generators": {"wind": wind}, "loads": _load(50)}
    (moved,) = budget_curve(network(1, **tables, budgets={"B": budget}), "B", [factor])
    alone = solve(network(1, **tables, budgets={"B": {**budget, "limit": limit}}))
    assert moved.limit == pytest.approx(limit)
    assert moved.cost_cny == pytest.approx(alone.objective)
    assert moved.cost_cny > 50 * 180 + 1


def test_alternatives_show_what_may_be_left_out() -> None:
    """10 MW: a at 100, b at 104 a MW. Within 2 % half may be b, within 5 % all of it."""
    system = network(1, generators={"a": _new(100, 0, "a"), "b": _new(104, 0, "b")}, loads=_load(10))
    found = {room.technology: room for room in alternatives(system, 0.02)}
    assert (found["a"].least, found["a"].optimum) == (pytest.approx(5.0), pytest.approx(10.0))
    assert (found["b"].least, found["b"].most) == (pytest.approx(0.0), pytest.approx(5.0))
    assert found["a"].is_must
    assert not found["b"].is_must
    assert not any(room.is_must for room in alternatives(system, 0.05))


def test_alternatives_need_a_choice() -> None:
    with pytest.raises(InputError, match="no capacity to choose"):
        alternatives(network(1, thermal_units={"A": PLANT}, loads=_load(10)))


def _future(load: float):
    return network(
        1,
        generators={"new": _new(100, 10, "new"), "import": {"bus": "city", "p_nom": 1e3, "marginal_cost": 200.0}},
        loads=_load(load),
    )


def test_two_stages_build_what_pays_on_average() -> None:
    """Demand 50 or 100. A MW beyond 50 costs 100 and saves 190 half the time: 95 < 100, so 50 MW are built."""
    answer = stochastic({"low": (_future(50), 0.5), "high": (_future(100), 0.5)})
    assert answer.plans["low"].capacities("generators")["new"] == pytest.approx(50)
    assert answer.plans["high"].capacities("generators")["new"] == pytest.approx(50)
    assert answer.cost == pytest.approx(50 * 110 + 0.5 * 50 * 200)
    assert answer.cost_if_known == pytest.approx(0.5 * 50 * 110 + 0.5 * 100 * 110)
    assert answer.value_of_knowing == pytest.approx(2250)


def test_two_stages_build_more_where_the_dear_future_is_likelier() -> None:
    answer = stochastic({"low": (_future(50), 0.4), "high": (_future(100), 0.6)})
    assert answer.plans["low"].capacities("generators")["new"] == pytest.approx(100)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(1, 100), st.floats(1, 100))
def test_knowing_the_future_is_never_worth_less_than_nothing(share, first, second) -> None:
    answer = stochastic({"a": (_future(first), share), "b": (_future(second), 1 - share)})
    assert answer.value_of_knowing >= -1e-6
    expected = sum(p * plan.objective for plan, p in zip(answer.plans.values(), (share, 1 - share), strict=True))
    assert answer.cost == pytest.approx(expected)


def test_probabilities_add_up() -> None:
    with pytest.raises(InputError, match=r"add up to 0.9"):
        stochastic({"a": (_future(1), 0.5), "b": (_future(2), 0.4)})


def test_futures_choose_the_same_capacities() -> None:
    other = network(1, generators={"old": _new(1, 1, "old")}, loads=_load(10))
    with pytest.raises(InputError, match="generators new, generators old"):
        stochastic({"a": (_future(1), 0.5), "b": (other, 0.5)})


def test_scenarios_stand_side_by_side() -> None:
    said: list[str] = []
    pack, summaries = solve_scenarios(SHIPPED / "yangquan", ["base", "spot"], hours=168, progress=said.append)
    assert pack is not None
    assert [summary.scenario for summary in summaries] == ["base", "spot"]
    assert summaries[1].objective_cny < summaries[0].objective_cny
    assert said == ["solving base (1 of 2)", "solving spot (2 of 2)"]
