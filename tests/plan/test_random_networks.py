"""Random networks that mix features: the same objective as PyPSA, or infeasible in both."""

from __future__ import annotations

import pytest
from tests.plan.networks import optimum, quiet
from tests.plan.random_networks import random_network

from bihuan.plan import from_pypsa, solve

SEEDS = (100, 101)
"""Some of those that were tried; PyPSA itself stumbles over others."""


@pytest.mark.parametrize("seed", SEEDS)
def test_same_objective(seed: int) -> None:
    with quiet():
        reference = random_network(seed)
    plan = solve(from_pypsa(reference))
    if plan.status == "infeasible":
        with pytest.raises(AssertionError, match="infeasible"):
            optimum(reference)
        return
    assert plan.objective == pytest.approx(optimum(reference).objective, rel=1e-4)
