"""Windows put together: state and budgets are carried, and nothing is gained at the seams."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.plan.conftest import Peer
from tests.plan.networks import NETWORKS, quiet
from tests.plan.test_analytical import system

from bihuan.core.errors import InputError
from bihuan.plan import from_pypsa, solve
from bihuan.plan.rolling import built, roll

LOADS = [10.0, 40.0, 20.0, 50.0, 30.0, 60.0, 20.0, 10.0]


def test_without_what_spans_windows_it_is_the_whole(peer: Callable[[str], Peer]) -> None:
    """Where nothing ties one hour to the next, windows cost what the whole costs."""
    network = peer("meshed_grid").network
    rolled, whole = roll(network, 5), solve(network)
    assert (rolled.status, rolled.windows, rolled.solved) == ("optimal", 3, 3)
    assert rolled.objective == pytest.approx(whole.objective)
    np.testing.assert_allclose(
        rolled.series["generators", "p"].values, whole.series["generators", "p"].values, atol=1e-6
    )


@pytest.mark.parametrize(("horizon", "overlap"), [(3, 0), (4, 2), (12, 0)])
def test_levels_are_carried(horizon: int, overlap: int, peer: Callable[[str], Peer]) -> None:
    network = peer("storage_kinds").network
    rolled = roll(network, horizon, overlap)
    units, steps = network["storage_units"], len(network.snapshots)
    level, out, into, spill = (
        rolled.series["storage_units", name].values for name in ("state_of_charge", "p_dispatch", "p_store", "spill")
    )
    before = np.vstack([units.numbers("state_of_charge_initial"), level[:-1]])
    kept = 1 - units.by_snapshot("standing_loss", steps)
    change = into * units.by_snapshot("efficiency_store", steps) - out / units.by_snapshot("efficiency_dispatch", steps)
    expected = kept * before + change + units.by_snapshot("inflow", steps) - spill
    acyclic = ~units.flags("cyclic_state_of_charge")
    np.testing.assert_allclose(level[:, acyclic], expected[:, acyclic], atol=1e-6)
    np.testing.assert_allclose(level[1:], expected[1:], atol=1e-6)
    assert rolled.objective >= solve(network).objective - 1e-6


def test_a_yearly_budget_holds_over_all_windows() -> None:
    """Each window gets its share of what is left by demand; what one leaves, the later ones have."""
    network = system(
        8,
        buses={"town": {}},
        carriers={"coal": {"co2_emissions": 1.0}, "gas": {"co2_emissions": 0.5}},
        loads={"load": {"bus": "town", "p_set": LOADS}},
        generators={
            "coal": {"bus": "town", "carrier": "coal", "p_nom": 100, "marginal_cost": 10},
            "gas": {"bus": "town", "carrier": "gas", "p_nom": 100, "marginal_cost": 40},
        },
        global_constraints={"co2": {"sense": "<=", "constant": 180}},
    )
    rolled = roll(network, 2)
    p = rolled.series["generators", "p"].values
    emitted = p @ np.array([1.0, 0.5])
    assert emitted.sum() == pytest.approx(180)
    shares = emitted.reshape(4, 2).sum(axis=1) / np.array(LOADS).reshape(4, 2).sum(axis=1)
    np.testing.assert_allclose(shares, 180 / sum(LOADS))
    assert rolled.objective == pytest.approx(solve(network).objective)


def test_energy_sums_hold_over_all_windows(peer: Callable[[str], Peer]) -> None:
    network = peer("energy_sums").network
    rolled = roll(network, 4)
    energy = dict(zip(rolled.series["generators", "p"].names, rolled.series["generators", "p"].values.sum(axis=0)))  # noqa: B905
    assert energy["reservoir"] == pytest.approx(200)
    assert energy["contract"] == pytest.approx(120)


def test_commitment_is_carried() -> None:
    """A unit that started in the last hour of a window stays on for its least time in the next."""
    network = system(
        8,
        buses={"town": {}},
        loads={"load": {"bus": "town", "p_set": [0, 0, 0, 50, 0, 0, 0, 0]}},
        generators={
            "block": {"bus": "town", "p_nom": 50, "p_min_pu": 0.2, "marginal_cost": 1, "committable": True,
                      "min_up_time": 3, "min_down_time": 2, "up_time_before": 0, "start_up_cost": 5},
            "dump": {"bus": "town", "p_nom": 100, "p_min_pu": -1, "p_max_pu": 0, "marginal_cost": -1},
            "dear": {"bus": "town", "p_nom": 100, "marginal_cost": 1000},
        },
    )  # fmt: skip
    rolled = roll(network, 4)
    status = rolled.series["generators", "status"].values[:, 0]
    np.testing.assert_allclose(status, [0, 0, 0, 1, 1, 1, 0, 0], atol=1e-6)


def test_ramps_are_carried(peer: Callable[[str], Peer]) -> None:
    network = peer("ramps").network
    sizes = {"generators": solve(network).capacities("generators")}
    fixed = built(network, sizes)
    p = roll(fixed, 3).series["generators", "p"].values[:, 1]
    up, down = 0.1 * 100, 0.2 * 100
    assert (np.diff(p) <= up + 1e-6).all()
    assert (np.diff(p) >= -down - 1e-6).all()


def test_same_as_pypsas_rolling_horizon() -> None:
    reference = NETWORKS["storage_kinds"]()
    reference.c.storage_units.static["cyclic_state_of_charge"] = False
    rolled = roll(from_pypsa(reference), 5, 1)
    with quiet():
        reference.optimize.optimize_with_rolling_horizon(
            horizon=5, overlap=1, include_objective_constant=False, io_api="direct", output_flag=False
        )
        theirs = (reference.c.generators.dynamic.p * reference.c.generators.static.marginal_cost).sum().sum()
    ours = rolled.series["generators", "p"]
    cost = reference.c.generators.static.marginal_cost[list(ours.names)].to_numpy()
    assert float((ours.values * cost).sum()) == pytest.approx(float(theirs), rel=1e-6)


def test_a_window_without_a_plan_stops_it_and_keeps_what_is_before() -> None:
    network = system(
        4,
        buses={"town": {}},
        loads={"load": {"bus": "town", "p_set": [10, 10, 10, 30]}},
        generators={"gas": {"bus": "town", "p_nom": 20, "marginal_cost": 1}},
    )
    rolled = roll(network, 2)
    assert (rolled.status, rolled.windows, rolled.solved) == ("infeasible", 2, 1)
    assert len(rolled.series["generators", "p"].values) == 2


def test_what_cannot_be_rolled_is_refused(peer: Callable[[str], Peer]) -> None:
    with pytest.raises(InputError, match="capacities are given"):
        roll(peer("expansion").network, 4)
    with pytest.raises(InputError, match="investment periods"):
        roll(peer("periods").network, 4)
    with pytest.raises(InputError, match="overlap"):
        roll(peer("ramps").network, 4, 4)
