"""Cases small enough to be solved by hand; exact."""

from __future__ import annotations

import numpy as np
import pytest

from bihuan.plan import Network, Options, highs, solve, tangents
from bihuan.plan.network import WEIGHTINGS, Components, Series
from bihuan.plan.optimum import build
from bihuan.plan.sweep import sweep


def system(hours: int, **tables: dict[str, dict[str, object]]) -> Network:
    """A network from kind -> component -> attribute -> value, or a list of values by snapshot."""
    made = {kind: _components(kind, rows) for kind, rows in tables.items()}
    weightings = {name: np.ones(hours) for name in WEIGHTINGS}
    return Network("by hand", tuple(str(hour) for hour in range(hours)), weightings, made)


def _components(kind: str, rows: dict[str, dict[str, object]]) -> Components:
    from bihuan.plan.columns import column

    names = list(rows)
    attributes = {name for row in rows.values() for name in row}
    cells = {a: [None if isinstance(row.get(a), list) else row.get(a) for row in rows.values()] for a in attributes}
    varying = {}
    for attribute in attributes:
        lists = {at: row[attribute] for at, row in enumerate(rows.values()) if isinstance(row.get(attribute), list)}
        if lists:
            values = np.array(list(lists.values()), dtype=float).T
            varying[attribute] = Series(np.array(list(lists), dtype=np.int32), values)
    columns = {a: column(kind, a, names, values, []) for a, values in cells.items()}
    return Components(kind, tuple(names), columns, varying)


def exactly(value: float) -> object:
    return pytest.approx(value, rel=1e-12, abs=1e-9)


def test_island_of_two_districts() -> None:
    """The dear district imports what the line carries; the prices differ by what the congested line is worth.

    West: 100 MW at 10, load 50. East: at 30, load 80. Line of 40: west makes 90, east 40.
    Cost 90 · 10 + 40 · 30 = 2100; prices 10 and 30.
    """
    plan = solve(
        system(
            1,
            buses={"west": {}, "east": {}},
            generators={
                "cheap": {"bus": "west", "p_nom": 100, "marginal_cost": 10},
                "dear": {"bus": "east", "p_nom": 100, "marginal_cost": 30},
            },
            loads={"w": {"bus": "west", "p_set": 50}, "e": {"bus": "east", "p_set": 80}},
            links={"tie": {"bus0": "west", "bus1": "east", "p_nom": 40, "p_min_pu": -1}},
        )
    )
    assert plan.objective == exactly(2100)
    assert plan.series["generators", "p"].values[0] == exactly([90.0, 40.0])
    assert plan.series["buses", "marginal_price"].values[0] == exactly([10.0, 30.0])
    assert plan.series["links", "p1"].values[0] == exactly([-40.0])


def test_capacity_of_an_island_in_closed_form() -> None:
    """Wind of capacity cost c against fuel of cost f: built until its worth falls below c, here to the middle load.

    Loads 10, 20, 30 of one hour, wind always blows. A MW between 10 and 20 saves fuel in two hours: 2 f = 14 > c = 10
    > f = 7. So 20 MW are built: 20 · 10 + 10 · 7 = 270.
    """
    plan = solve(
        system(
            3,
            buses={"island": {}},
            loads={"load": {"bus": "island", "p_set": [10, 20, 30]}},
            generators={
                "wind": {"bus": "island", "p_nom_extendable": True, "capital_cost": 10},
                "fuel": {"bus": "island", "p_nom": 100, "marginal_cost": 7},
            },
        )
    )
    assert plan.objective == exactly(270)
    assert plan.capacities("generators") == {"wind": exactly(20), "fuel": exactly(100)}


def test_storage_arbitrage() -> None:
    """Buy at 10, sell at 50, through a battery of 8 MWh with 0.8 in and 0.9 out.

    It is filled by 8 / 0.8 = 10 MWh, bought at 10; it gives 8 · 0.9 = 7.2 MWh. Cost of the load of 20 in both hours:
    (20 + 10) · 10 + (20 − 7.2) · 50 = 940. The stored MWh is worth 50 · 0.9 = 45 > 10 / 0.8 = 12.5.
    """
    plan = solve(
        system(
            2,
            buses={"town": {}},
            loads={"load": {"bus": "town", "p_set": 20}},
            generators={"market": {"bus": "town", "p_nom": 100, "marginal_cost": [10, 50]}},
            storage_units={
                "battery": {
                    "bus": "town",
                    "p_nom": 16,
                    "max_hours": 0.5,
                    "efficiency_store": 0.8,
                    "efficiency_dispatch": 0.9,
                }
            },
        )
    )
    assert plan.objective == exactly(940)
    assert plan.series["storage_units", "p"].values[:, 0] == exactly([-10.0, 7.2])
    assert plan.series["storage_units", "state_of_charge"].values[:, 0] == exactly([8.0, 0.0])


def test_chp_must_run() -> None:
    """A combined plant that must give heat makes power along with it, and displaces cheaper wind.

    Fuel 100 MW at 0.3 power and 0.5 heat, cost 8 a MWh of fuel; heat load 30 needs 60 of fuel, which makes 18 of power;
    must-run at half is 50, so heat decides. Load 40: 22 from wind at 1. Cost 60 · 8 + 22 = 502.
    """
    plan = solve(
        system(
            1,
            buses={"fuel": {"carrier": "coal"}, "power": {}, "heat": {"carrier": "heat"}},
            generators={
                "coal": {"bus": "fuel", "p_nom": 1000, "marginal_cost": 8},
                "wind": {"bus": "power", "p_nom": 50, "marginal_cost": 1},
            },
            links={
                "chp": {
                    "bus0": "fuel",
                    "bus1": "power",
                    "bus2": "heat",
                    "p_nom": 100,
                    "p_min_pu": 0.5,
                    "efficiency": 0.3,
                    "efficiency2": 0.5,
                }
            },
            loads={"power": {"bus": "power", "p_set": 40}, "warmth": {"bus": "heat", "p_set": 30}},
        )
    )
    assert plan.objective == exactly(502)
    assert plan.series["links", "p0"].values[0, 0] == exactly(60)
    assert plan.series["links", "p2"].values[0, 0] == exactly(-30)


def test_two_buses_two_lines() -> None:
    """Two lines side by side of x = 1 and 3: flow parts 3 : 1, so the weak line of 10 MW lets 40 over in all.

    Load 60 at the far bus: 40 from afar at 5, 20 at home at 20: 600.
    """
    plan = solve(
        system(
            1,
            buses={"far": {}, "near": {}},
            lines={
                "thick": {"bus0": "far", "bus1": "near", "x": 1, "s_nom": 100},
                "thin": {"bus0": "far", "bus1": "near", "x": 3, "s_nom": 10},
            },
            generators={
                "far": {"bus": "far", "p_nom": 100, "marginal_cost": 5},
                "near": {"bus": "near", "p_nom": 100, "marginal_cost": 20},
            },
            loads={"load": {"bus": "near", "p_set": 60}},
        )
    )
    assert plan.series["lines", "p0"].values[0] == exactly([30.0, 10.0])
    assert plan.objective == exactly(600)


def test_three_buses_in_a_triangle() -> None:
    """Equal lines: of what goes from a to c, two thirds take the direct line, one third the way round.

    The direct line carries 20, so 30 go over at 10; the rest of 50, 20, is made at c at 40. Cost 300 + 800. The price
    at c is 40; one more MW at b would relieve: half of the difference, 25.
    """
    plan = solve(
        system(
            1,
            buses={"a": {}, "b": {}, "c": {}},
            lines={
                "ac": {"bus0": "a", "bus1": "c", "x": 1, "s_nom": 20},
                "ab": {"bus0": "a", "bus1": "b", "x": 1, "s_nom": 100},
                "bc": {"bus0": "b", "bus1": "c", "x": 1, "s_nom": 100},
            },
            generators={
                "at a": {"bus": "a", "p_nom": 100, "marginal_cost": 10},
                "at c": {"bus": "c", "p_nom": 100, "marginal_cost": 40},
            },
            loads={"load": {"bus": "c", "p_set": 50}},
        )
    )
    assert plan.series["lines", "p0"].values[0] == exactly([20.0, 10.0, 10.0])
    assert plan.objective == exactly(1100)
    assert plan.series["buses", "marginal_price"].values[0] == exactly([10.0, 25.0, 40.0])


def test_commitment_pays_for_a_start() -> None:
    """A start of 100 for three hours at 10 instead of 30 for 4 MW saves 20 · 4 · 3 − 100 = 140 and is made once."""
    plan = solve(
        system(
            4,
            buses={"town": {}},
            loads={"load": {"bus": "town", "p_set": [0, 4, 4, 4]}},
            generators={
                "block": {
                    "bus": "town",
                    "p_nom": 4,
                    "p_min_pu": 1,
                    "marginal_cost": 10,
                    "committable": True,
                    "start_up_cost": 100,
                    "up_time_before": 0,
                },
                "gas": {"bus": "town", "p_nom": 10, "marginal_cost": 30},
            },
        )
    )
    assert plan.objective == exactly(220)
    assert plan.series["generators", "start_up"].values[:, 0] == exactly([0.0, 1.0, 0.0, 0.0])


def _committed(load: list[float], **more: dict[str, dict[str, object]]) -> Network:
    """A block of 50 MW (at least 25) at 10 with a start of 200, and gas at 60; the block emits 1 t a MWh."""
    return system(
        len(load),
        buses={"town": {}},
        carriers={"coal": {"co2_emissions": 1.0}, "gas": {}},
        loads={"load": {"bus": "town", "p_set": load}},
        generators={
            "block": {"bus": "town", "carrier": "coal", "p_nom": 50, "p_min_pu": 0.5, "marginal_cost": 10,
                      "committable": True, "start_up_cost": 200, "up_time_before": 0},
            "gas": {"bus": "town", "carrier": "gas", "p_nom": 100, "marginal_cost": 60},
        },
        **more,
    )  # fmt: skip


def test_prices_of_a_committed_plan_are_those_of_one_more_unit_with_units_as_they_are() -> None:
    """At 60 the block is full and gas sets the price; at 40 the block does; a start has no say in either."""
    plan = solve(_committed([60, 40]))
    assert plan.objective == exactly(200 + 50 * 10 + 10 * 60 + 40 * 10)
    assert plan.series["buses", "marginal_price"].values[:, 0] == exactly([60.0, 10.0])
    assert any("prices are" in note for note in plan.notes)


def test_a_budget_of_a_committed_plan_has_its_price() -> None:
    """80 t where the block would make 90: the last MWh are made of gas at 60, each saves a tonne and costs 50 more."""
    cap = {"co2": {"sense": "<=", "constant": 80}}
    assert solve(_committed([60, 40], global_constraints=cap)).shadow_prices["co2"] == exactly(-50)
    free, tight = sweep(_committed([60, 40], global_constraints=cap), "co2", [100.0, 80.0])
    assert (free.shadow_price, tight.shadow_price) == (exactly(0), exactly(-50))
    assert (free.objective, tight.objective) == (exactly(1700), exactly(2200))


def test_price_of_carbon_is_the_cost_of_the_last_tonne() -> None:
    """Coal at 10 with 1 t, gas at 30 with 0.5 t: a tonne less costs (30 − 10) / (1 − 0.5) = 40."""
    plan = solve(
        system(
            1,
            buses={"town": {}},
            carriers={"coal": {"co2_emissions": 1}, "gas": {"co2_emissions": 0.5}},
            loads={"load": {"bus": "town", "p_set": 10}},
            generators={
                "coal": {"bus": "town", "carrier": "coal", "p_nom": 20, "marginal_cost": 10},
                "gas": {"bus": "town", "carrier": "gas", "p_nom": 20, "marginal_cost": 30},
            },
            global_constraints={"co2": {"sense": "<=", "constant": 8}},
        )
    )
    assert plan.objective == exactly(6 * 10 + 4 * 30)
    assert plan.shadow_prices == {"co2": exactly(-40)}


def test_quadratic_cost_meets_its_marginal_cost() -> None:
    """q p² with q = 0.5 rises to 30 a MWh at p = 30; the rest of 50 comes at 30."""
    plan = solve(
        system(
            1,
            buses={"town": {}},
            loads={"load": {"bus": "town", "p_set": 50}},
            generators={
                "steep": {"bus": "town", "p_nom": 100, "marginal_cost_quadratic": 0.5},
                "flat": {"bus": "town", "p_nom": 100, "marginal_cost": 30},
            },
        )
    )
    assert plan.series["generators", "p"].values[0] == pytest.approx([30.0, 20.0], abs=1e-6)
    assert plan.objective == pytest.approx(0.5 * 900 + 600, rel=1e-9)


def test_quadratic_costs_that_the_active_set_gives_up_on_are_solved_by_tangents() -> None:
    """The price is equal to every marginal cost; here by tangents on purpose, with a bound that proves it."""
    units = 40
    steep = np.linspace(0.02, 0.5, units)
    network = system(
        2,
        buses={"town": {}},
        loads={"load": {"bus": "town", "p_set": 300}},
        generators={f"g{i}": {"bus": "town", "p_nom": 1e4, "marginal_cost_quadratic": q} for i, q in enumerate(steep)},
    )
    problem = build(network).problem
    solver, _ = highs.hand_over(problem, Options())
    answer = tangents.solved(solver, problem.quadratic, Options())
    price = 300 / (1 / (2 * steep)).sum()
    assert (answer.status, answer.values.size, answer.row_duals.size) == ("optimal", problem.columns, problem.rows)
    assert answer.objective == pytest.approx(2 * price * 300 / 2, rel=1e-6)
    assert 0 <= answer.gap <= tangents.GAP
    assert answer.row_duals[:2] == pytest.approx([price, price], rel=1e-3)
    assert highs.run(solver).objective == pytest.approx(answer.objective, rel=1e-6)


def test_tangents_say_what_is_infeasible() -> None:
    generators = {"g": {"bus": "town", "p_nom": 5, "marginal_cost_quadratic": 0.1}}
    network = system(1, buses={"town": {}}, loads={"load": {"bus": "town", "p_set": 9}}, generators=generators)
    problem = build(network).problem
    solver, _ = highs.hand_over(problem, Options())
    assert tangents.solved(solver, problem.quadratic, Options()).status == "infeasible"


def test_quadratic_cost_of_a_committed_unit_is_piecewise_linear_with_its_error() -> None:
    """HiGHS takes no whole numbers with squares; the plan says by how much its objective may be too low."""
    parts = {
        "buses": {"town": {}},
        "loads": {"load": {"bus": "town", "p_set": 50}},
        "generators": {
            "steep": {"bus": "town", "p_nom": 100, "marginal_cost_quadratic": 0.5, "committable": True},
            "flat": {"bus": "town", "p_nom": 100, "marginal_cost": 30},
        },
    }
    plan = solve(system(1, **parts))
    error = 0.5 * (100 / 64) ** 2
    assert 1050 - error <= plan.objective <= 1050
    assert f"{error:,.4g}" in plan.notes[0]
