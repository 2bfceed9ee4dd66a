"""The peers' networks under ../shared: the same objective as PyPSA."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.plan.networks import optimum, pypsa, quiet

from bihuan.plan import read_network, solve

PEERS = Path(os.environ.get("BIHUAN_SHARED", Path(__file__).parents[3] / "shared")) / "peers" / "pypsa"


@pytest.mark.accept
@pytest.mark.parametrize("name", ["ac-dc-meshed", "storage-hvdc", "scigrid-de"])
def test_same_objective(name: str) -> None:
    folder = PEERS / name
    if not folder.is_dir():
        pytest.fail(f"no network in {folder}: set BIHUAN_SHARED")
    with quiet():
        reference = pypsa.Network(folder)
    plan = solve(read_network(folder))
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(optimum(reference).objective, rel=1e-6)
