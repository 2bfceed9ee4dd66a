"""What several tests need is made once a run: PyPSA's networks with their optima, and plans of the shipped scenarios."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path

import pytest
from tests.plan.networks import NETWORKS, optimum, pypsa, quiet

from bihuan.plan import Network, Plan, from_pypsa, read_network, read_pypsa_folder, solve
from bihuan.store.packs import SHIPPED


class Peer:
    """One of `NETWORKS` as PyPSA and bihuan have it. Tests read it; one that changes a network builds its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self._built = NETWORKS[name]()
        self.network: Network = from_pypsa(self._built)
        """Taken over in memory."""
        self.folder = folder
        with quiet():
            self._built.export_to_csv_folder(folder)

    @cached_property
    def reference(self) -> pypsa.Network:
        """Solved by PyPSA."""
        return optimum(self._built)

    @cached_property
    def read(self) -> Network:
        """Read from its CSV folder."""
        return read_pypsa_folder(self.folder)

    @cached_property
    def plan(self) -> Plan:
        """Of what was read from the folder."""
        return solve(self.read)

    @cached_property
    def plan_in_memory(self) -> Plan:
        """Of what was taken over in memory."""
        return solve(self.network)


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Peer]:
    """Name -> peer, made when it is first asked for."""
    return cache(lambda name: Peer(name, tmp_path_factory.mktemp("network") / name))


@pytest.fixture(scope="session")
def shipped() -> Callable[[str], Plan]:
    """Scenario of the shipped pack -> its plan for a week."""
    return cache(lambda scenario: solve(read_network(SHIPPED / "yangquan", scenario, hours=168)))
