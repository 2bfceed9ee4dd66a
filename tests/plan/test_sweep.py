"""A limit at many values: each point is what solving it alone gives."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from tests.plan.conftest import Peer

from bihuan.core.errors import InputError
from bihuan.plan import Network, solve
from bihuan.plan.sweep import evenly, sweep, sweep_on_ray, with_carbon_cap


@pytest.fixture(scope="module")
def network(peer: Callable[[str], Peer]) -> Network:
    return peer("co2_cap").network


def at(network: Network, constant: float) -> Network:
    table = network["global_constraints"]
    return network.replace(global_constraints=table.with_column("constant", table.numbers("constant") * 0 + constant))


def test_each_point_is_as_solved_alone(network: Network) -> None:
    for point in sweep(network, "co2", evenly(260, 1, 8), keep_plans=True):
        alone = solve(at(network, point.constant))
        assert point.status == alone.status == "optimal"
        assert point.objective == pytest.approx(alone.objective, rel=1e-9)
        assert point.plan is not None
        assert point.plan.shadow_prices["co2"] == pytest.approx(point.shadow_price)


def test_a_tighter_cap_costs_more_and_its_price_says_how_much(network: Network) -> None:
    points = list(sweep(network, "co2", evenly(260, 1, 20)))
    costs = [point.objective for point in points]
    assert costs == sorted(costs)
    for loose, tight in pairwise(points):
        step = loose.constant - tight.constant
        rise = tight.objective - loose.objective
        assert -loose.shadow_price * step - 1e-6 <= rise <= -tight.shadow_price * step + 1e-6


def test_the_next_point_starts_from_the_last_basis(network: Network) -> None:
    first, *others = sweep(network, "co2", evenly(100, 99, 5))
    assert all(other.iterations < first.iterations / 4 for other in others)


def test_constants_of_storage_stay_on_the_right_side(peer: Callable[[str], Peer]) -> None:
    """A store's first level is on the constraint's right side; it stays there when the constant changes."""
    network = peer("emissions_from_stores").network
    for point in sweep(network, "co2", [200.0, 150.0]):
        assert point.objective == pytest.approx(solve(at(network, point.constant)).objective)


def test_infeasible_points_are_said_as_such(peer: Callable[[str], Peer]) -> None:
    network = peer("varying_efficiency_and_cost").network
    points = list(sweep(network, "co2", [700.0, 1.0, 700.0]))
    assert [point.status for point in points] == ["optimal", "infeasible", "optimal"]
    assert points[0].objective == pytest.approx(points[2].objective)


def test_a_network_without_a_cap_gets_one(peer: Callable[[str], Peer]) -> None:
    network, name = with_carbon_cap(peer("expansion").network)
    free, tight = sweep(network, name, [1e9, 1.0])
    assert free.objective == pytest.approx(peer("expansion").plan_in_memory.objective)
    assert tight.objective > free.objective


def test_unknown_constraint(network: Network) -> None:
    with pytest.raises(InputError, match="there are: co2"):
        sweep(network, "nox", [1.0])
    with pytest.raises(InputError, match="at least one"):
        evenly(float("nan"), 1, 3)


@pytest.mark.filterwarnings("ignore")
def test_on_ray(network: Network) -> None:
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        points = sweep_on_ray(network, "co2", evenly(260, 1, 4))
    finally:
        ray.shutdown()
    assert [p.objective for p in points] == pytest.approx(
        [p.objective for p in sweep(network, "co2", evenly(260, 1, 4))]
    )
