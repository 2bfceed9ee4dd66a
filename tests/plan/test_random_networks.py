"""Random networks that mix features: the same objective as PyPSA, or infeasible in both."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.plan.networks import optimum, pypsa, quiet

from bihuan.plan import from_pypsa, solve

BUSES = [f"b{i}" for i in range(5)]


def random_network(seed: int) -> pypsa.Network:
    """A meshed grid with committed, ramped, chosen and fixed units, storage, a delayed link of two outputs, a cap."""
    r = np.random.default_rng(seed)
    n = pypsa.Network(snapshots=pd.date_range("2030-01-01", periods=8, freq="3h"))
    for weighting in ("objective", "stores", "generators"):
        n.snapshot_weightings[weighting] = float(r.choice([1.0, 3.0, 2.5]))
    n.add("Carrier", ["a", "b", "AC"], co2_emissions=[0.3, 0.1, 0])
    n.add("Bus", BUSES, v_nom=r.choice([110.0, 220.0]))
    for i in range(7):
        start, end = r.choice(5, 2, replace=False)
        n.add("Line", f"l{i}", bus0=BUSES[start], bus1=BUSES[end], x=r.uniform(1, 9), s_nom=r.uniform(20, 90),
              s_nom_extendable=bool(r.random() < 0.3), s_nom_max=200, capital_cost=r.uniform(1, 20),
              s_max_pu=r.uniform(0.5, 1))  # fmt: skip
    for i in range(8):
        n.add("Generator", f"g{i}", bus=BUSES[r.integers(5)], carrier=r.choice(["a", "b"]), p_nom=r.uniform(30, 120),
              p_nom_extendable=bool(r.random() < 0.4), p_nom_max=r.choice([np.inf, 150]),
              capital_cost=r.uniform(5, 80), marginal_cost=r.uniform(1, 60, 8), p_max_pu=r.uniform(0.3, 1, 8),
              p_min_pu=r.choice([0, 0, 0.1]), efficiency=r.uniform(0.3, 0.6), ramp_limit_up=r.choice([np.nan, 0.4]),
              ramp_limit_down=r.choice([np.nan, 0.5]), p_init=r.choice([np.nan, 20.0]),
              committable=bool(r.random() < 0.25), start_up_cost=r.choice([0, 50.0]),
              shut_down_cost=r.choice([0, 20.0]), min_up_time=int(r.integers(0, 3)),
              min_down_time=int(r.integers(0, 3)), up_time_before=int(r.integers(0, 3)))  # fmt: skip
    for i in range(2):
        n.add("StorageUnit", f"s{i}", bus=BUSES[r.integers(5)], p_nom=r.uniform(5, 30), max_hours=r.uniform(1, 6),
              p_nom_extendable=bool(r.random() < 0.5), capital_cost=r.uniform(5, 50), efficiency_store=0.9,
              efficiency_dispatch=0.9, standing_loss=0.01, cyclic_state_of_charge=bool(r.random() < 0.5),
              inflow=r.uniform(0, 5, 8), state_of_charge_initial=r.uniform(0, 5))  # fmt: skip
    n.add("Link", "chp", bus0="b0", bus1="b3", bus2="b2", p_nom=40, efficiency=0.6, efficiency2=0.3, marginal_cost=1,
          p_min_pu=r.choice([0, 0.2]), delay=int(r.choice([0, 3])))  # fmt: skip
    n.add("Store", "tank", bus="b1", e_nom_extendable=True, capital_cost=3, e_cyclic=True, e_nom_max=50)
    for bus in BUSES:
        n.add("Load", f"load {bus}", bus=bus, p_set=r.uniform(10, 50, 8))
        n.add("Generator", f"unserved {bus}", bus=bus, p_nom=1e3, marginal_cost=500)
    n.add("GlobalConstraint", "co2", sense="<=", constant=r.uniform(1000, 6000))
    return n


@pytest.mark.parametrize("seed", range(4))
def test_same_objective(seed: int) -> None:
    with quiet():
        reference = random_network(seed)
    plan = solve(from_pypsa(reference))
    if plan.status == "infeasible":
        with pytest.raises(AssertionError, match="infeasible"):
            optimum(reference)
        return
    assert plan.objective == pytest.approx(optimum(reference).objective, rel=1e-4)
