"""Being stopped: what is solved is kept, and never passes as an optimum."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from tests.plan.hard import write_hard
from tests.plan.test_analytical import system

from bihuan.plan import Network, Options, highs, read_network, solve
from bihuan.plan.optimum import build


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return read_network(write_hard(tmp_path_factory.mktemp("hard")))


class Alarm:
    """Goes off a moment after the solver's first line of log."""

    def __init__(self, ring: threading.Event | None = None) -> None:
        self.ring, self.set = ring, False

    def __call__(self, line: str) -> None:
        if line.strip() and not self.set:
            self.set = True
            action = self.ring.set if self.ring is not None else lambda: signal.raise_signal(signal.SIGINT)
            threading.Timer(0.3, action).start()


@pytest.fixture
def ctrl_c_heard() -> Iterator[None]:
    """A run in the background of a shell ignores SIGINT, and so would the solver."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_heard")
def test_ctrl_c_stops_the_solver_and_keeps_what_it_has(hard: Network) -> None:
    plan = solve(hard, options=Options(gap=0, progress=Alarm(), interruptible=True))
    assert plan.status == "interrupted"
    assert plan.has_values == bool(plan.series)


def test_cancelled_by_the_caller(hard: Network) -> None:
    stop = threading.Event()
    plan = solve(hard, options=Options(gap=0, progress=Alarm(stop), cancelled=stop.is_set))
    assert plan.status == "interrupted"


def test_a_plan_at_the_time_limit_comes_with_its_gap(hard: Network) -> None:
    plan = solve(hard, options=Options(gap=0, time_limit=2))
    assert plan.status == "time_limit"
    if plan.has_values:
        assert plan.gap > 0
        served = plan.frame("generators", "p").sum(axis=1)
        np.testing.assert_allclose(served, plan.frame("loads", "p").sum(axis=1), atol=1e-4)


@pytest.mark.parametrize(("chosen", "algorithm"), [(True, "ipm"), (False, "choose")])
def test_auto_goes_by_whether_capacities_are_chosen(chosen: bool, algorithm: str) -> None:
    hours = 15_000
    plant = {"bus": "town", "p_nom": 2, "p_nom_extendable": chosen, "capital_cost": 1, "marginal_cost": 1}
    network = system(
        hours, buses={"town": {}}, loads={"load": {"bus": "town", "p_set": 1}}, generators={"plant": plant}
    )
    solver, _ = highs.hand_over(build(network).problem, Options())
    assert solver.getOptionValue("solver")[1] == algorithm
