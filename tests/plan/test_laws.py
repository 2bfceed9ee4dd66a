"""What holds for every network: energy is kept, storage makes none, tighter budgets cost more, units scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.test_analytical import system

from bihuan.plan import Network, Plan, solve
from bihuan.plan.network import Components, Series

HOURS = 6
powers = st.integers(0, 40).map(float)
series = st.lists(powers, min_size=HOURS, max_size=HOURS)
shares = st.lists(st.integers(0, 10).map(lambda tenth: tenth / 10), min_size=HOURS, max_size=HOURS)
efficiencies = st.integers(5, 10).map(lambda tenth: tenth / 10)


@st.composite
def systems(draw: st.DrawFn) -> Network:
    """Two towns with a grid, wind, gas and storage of several kinds; gas is always enough."""
    n = system(
        HOURS,
        buses={"a": {}, "b": {}},
        carriers={"gas": {"co2_emissions": 0.2}, "coal": {"co2_emissions": 0.4}, "wind": {}},
        loads={"a": {"bus": "a", "p_set": draw(series)}, "b": {"bus": "b", "p_set": draw(series)}},
        generators={
            "gas": {"bus": "a", "carrier": "gas", "p_nom": 200, "marginal_cost": draw(st.integers(30, 90))},
            "coal": {"bus": "b", "carrier": "coal", "p_nom": draw(powers), "marginal_cost": draw(st.integers(5, 60))},
            "wind": {"bus": "b", "carrier": "wind", "p_nom": draw(powers), "p_max_pu": draw(shares)},
            "backup": {"bus": "b", "carrier": "gas", "p_nom": 200, "marginal_cost": draw(st.integers(91, 200))},
        },
        lines={
            "one": {"bus0": "a", "bus1": "b", "x": 1, "s_nom": draw(powers)},
            "two": {"bus0": "b", "bus1": "a", "x": draw(st.integers(1, 4)), "s_nom": draw(powers)},
        },
        storage_units={
            "battery": {
                "bus": "a",
                "p_nom": draw(powers),
                "max_hours": draw(st.integers(1, 4)),
                "efficiency_store": draw(efficiencies),
                "efficiency_dispatch": draw(efficiencies),
                "standing_loss": 0.01,
                "inflow": draw(series),
                "cyclic_state_of_charge": draw(st.booleans()),
            }
        },
        stores={"tank": {"bus": "b", "e_nom": draw(powers), "e_initial": 0, "standing_loss": 0.02}},
    )
    hours = np.array(draw(st.lists(st.integers(1, 3), min_size=HOURS, max_size=HOURS)), dtype=float)
    return replace(n, weightings={"objective": hours, "stores": hours, "generators": hours})


def values(plan: Plan, kind: str, attribute: str) -> np.ndarray:
    return plan.series[kind, attribute].values


@settings(max_examples=40, deadline=None)
@given(systems())
def test_energy_is_kept(n: Network) -> None:
    """At each bus what comes in goes out, and storage holds what came in less what went out and was lost."""
    plan = solve(n)
    assert plan.status == "optimal"
    fed = values(plan, "generators", "p")
    flow = values(plan, "lines", "p0")
    through = flow[:, 0] - flow[:, 1]
    a = fed[:, 0] + values(plan, "storage_units", "p")[:, 0] - through
    b = fed[:, 1:].sum(axis=1) + values(plan, "stores", "p")[:, 0] + through
    np.testing.assert_allclose(a, values(plan, "loads", "p")[:, 0], atol=1e-6)
    np.testing.assert_allclose(b, values(plan, "loads", "p")[:, 1], atol=1e-6)
    hours = n.weightings["stores"]
    e = values(plan, "stores", "e")[:, 0]
    before = np.concatenate([[0.0], e[:-1]])
    kept = 0.98**hours
    np.testing.assert_allclose(e, kept * before - hours * values(plan, "stores", "p")[:, 0], atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(systems())
def test_no_free_energy_through_storage(n: Network) -> None:
    """Over the horizon storage gives no more than it took and what flowed in, from an empty start."""
    plan, hours = solve(n), n.weightings["stores"]
    given_off = float(hours @ values(plan, "storage_units", "p_dispatch")[:, 0])
    taken = float(hours @ values(plan, "storage_units", "p_store")[:, 0])
    inflow = float(hours @ n["storage_units"].by_snapshot("inflow", HOURS)[:, 0])
    assert given_off <= taken + inflow + 1e-6
    assert float(hours @ values(plan, "stores", "p")[:, 0]) <= 1e-6


@settings(max_examples=25, deadline=None)
@given(systems(), st.integers(1, 9))
def test_a_tighter_cap_costs_more(n: Network, tenths: int) -> None:
    """And by no less than its shadow price says: the cost is convex in the cap."""
    free = solve(n)
    carbon = _carbon(n, free)
    caps = [carbon * tenths / 10, carbon * (tenths + 1) / 10]
    tight, loose = (solve(n.replace(global_constraints=_cap(cap))) for cap in caps)
    if tight.status != "optimal":
        assert tight.status == "infeasible"
        return
    assert loose.objective <= tight.objective + 1e-6
    price = tight.shadow_prices["co2"]
    assert price <= 1e-9
    assert loose.objective >= tight.objective + price * (caps[1] - caps[0]) - 1e-5 * max(1.0, tight.objective)


def _carbon(n: Network, plan: Plan) -> float:
    rates = np.array([0.2, 0.4, 0.0, 0.2])
    return float(n.weightings["generators"] @ values(plan, "generators", "p") @ rates)


def _cap(constant: float) -> Components:
    columns = {"sense": np.array(["<="], dtype=object), "constant": np.array([constant])}
    return Components("global_constraints", ("co2",), columns)


@settings(max_examples=25, deadline=None)
@given(systems(), st.sampled_from([0.001, 0.5, 10.0, 1000.0]))
def test_scaling(n: Network, factor: float) -> None:
    """All powers times a factor: so is the cost; all prices times a factor: so is the cost, and the plan the same."""
    plan = solve(n)
    bigger = n.replace(**{kind: _times(n[kind], attributes, factor) for kind, attributes in _POWERS.items()})
    assert solve(bigger).objective == pytest.approx(plan.objective * factor, rel=1e-6, abs=1e-4 * factor)
    dearer = n.replace(generators=_times(n["generators"], ("marginal_cost",), factor))
    assert solve(dearer).objective == pytest.approx(plan.objective * factor, rel=1e-6, abs=1e-4 * factor)


_POWERS = {
    "loads": ("p_set",),
    "generators": ("p_nom",),
    "lines": ("s_nom",),
    "storage_units": ("p_nom", "inflow"),
    "stores": ("e_nom",),
}


def _times(components: Components, attributes: tuple[str, ...], factor: float) -> Components:
    columns, varying = dict(components.columns), dict(components.varying)
    for name in attributes:
        if name in columns:
            columns[name] = columns[name] * factor
        if name in varying:
            varying[name] = Series(varying[name].rows, varying[name].values * factor)
    return Components(components.kind, components.names, columns, varying)
