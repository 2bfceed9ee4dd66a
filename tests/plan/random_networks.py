"""Random PyPSA networks that mix features, each seed another mix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from tests.plan.networks import pypsa

BUSES = [f"b{i}" for i in range(5)]
STEPS = 8


def random_network(seed: int) -> pypsa.Network:
    """A meshed grid with committed, ramped, chosen and fixed units, storage, links of many outputs and limits."""
    return _Maker(seed).network()


class _Maker:
    """One network in the making. Each kind of oddity is in some seeds and not in others."""

    def __init__(self, seed: int) -> None:
        self.r = np.random.default_rng(seed)
        self.periods = self.is_so(0.3)
        self.committed = self.is_so(0.5)
        self.squares = self.is_so(0.2) and not self.committed
        self.modules = self.is_so(0.2)

    def network(self) -> pypsa.Network:
        n = pypsa.Network(snapshots=pd.date_range("2030-01-01", periods=STEPS, freq="3h"))
        if self.periods:
            halves = pd.date_range("2030-01-01", periods=STEPS // 2, freq="3h")
            n.set_snapshots(pd.MultiIndex.from_product([[2030, 2040], halves]))
            n.investment_periods = [2030, 2040]
            n.investment_period_weightings["objective"] = [1.0, 0.6]
            n.investment_period_weightings["years"] = [10.0, 5.0]
        for weighting in ("objective", "stores", "generators"):
            same = self.r.choice([1.0, 3.0, 2.5])
            n.snapshot_weightings[weighting] = self.pick(same, self.r.choice([1.0, 2.0, 3.5], STEPS))
        n.add("Carrier", ["a", "b", "AC", "heat"], co2_emissions=[0.3, 0.1, 0, 0])
        n.add("Bus", BUSES, v_nom=self.r.choice([110.0, 220.0]), carrier=self.pick("AC", "AC", "DC"))
        n.add("Bus", "warm", carrier="heat")
        for add in (self.lines, self.transformers, self.generators, self.storage, self.links, self.loads, self.limits):
            add(n)
        return n

    def is_so(self, share: float) -> bool:
        return bool(self.r.random() < share)

    def pick(self, *of: Any) -> Any:
        return of[self.r.integers(len(of))]

    def near(self, low: float, high: float) -> Any:
        """A number, or one for each snapshot."""
        return self.pick(self.r.uniform(low, high), self.r.uniform(low, high, STEPS))

    def bus(self) -> str:
        return BUSES[self.r.integers(5)]

    def life(self) -> dict[str, float]:
        """In service for some of the periods only."""
        if not self.periods or self.is_so(0.5):
            return {}
        return {"build_year": self.pick(2020, 2030, 2040), "lifetime": self.pick(15, 30)}

    def cost(self, low: float, high: float) -> dict[str, float]:
        """Investment as an annuity, or paid at once."""
        once = {
            "overnight_cost": self.r.uniform(low, high) * 1e4,
            "discount_rate": 0.05,
            "fom_cost": self.r.uniform(0, 2),
        }
        yearly = {"capital_cost": self.r.uniform(low, high)}
        return yearly if self.periods else self.pick(yearly, {**once, "lifetime": 20.0})

    def size(self, name: str, low: float, high: float) -> dict[str, Any]:
        """Capacity that is given or chosen, now and then held or in modules."""
        chosen: dict[str, Any] = {name: self.r.uniform(low, high), f"{name}_extendable": self.is_so(0.4)}
        chosen[f"{name}_max"] = self.pick(np.inf, 2 * high)
        chosen[f"{name}_min"] = self.pick(0.0, 0.0, low / 2)
        if chosen[f"{name}_extendable"] and self.is_so(0.1):
            chosen[f"{name}_set"] = self.r.uniform(low, high)
        elif self.modules and self.is_so(0.4) and chosen[f"{name}_extendable"]:
            chosen[f"{name}_mod"] = high / 4
        return {**chosen, **self.cost(5, 60), **self.life()}

    def commitment(self, p_nom: float) -> dict[str, Any]:
        if not self.committed or self.is_so(0.6):
            return {}
        return {
            "committable": True,
            "stand_by_cost": self.pick(0.0, 5.0),
            "start_up_cost": self.pick(0.0, 50.0, 120.0),
            "shut_down_cost": self.pick(0.0, 20.0),
            "min_up_time": int(self.r.integers(0, 4)),
            "min_down_time": int(self.r.integers(0, 4)),
            "up_time_before": int(self.r.integers(0, 4)),
            "down_time_before": int(self.pick(0, 0, 1, 2)),
            "ramp_limit_start_up": self.pick(np.nan, 0.6, 0.9),
            "ramp_limit_shut_down": self.pick(np.nan, 0.6, 0.9),
            "p_init": self.pick(np.nan, 0.5 * p_nom),
        }

    def ramps(self) -> dict[str, Any]:
        varying = np.where(self.r.random(STEPS) < 0.5, np.nan, 0.45)
        return {"ramp_limit_up": self.pick(np.nan, 0.4, varying), "ramp_limit_down": self.pick(np.nan, 0.5)}

    def lines(self, n: pypsa.Network) -> None:
        for i in range(7):
            start, end = self.r.choice(5, 2, replace=False)
            n.add("Line", f"l{i}", bus0=BUSES[start], bus1=BUSES[end], x=self.r.uniform(1, 9), r=self.r.uniform(0.1, 0.9),
                  s_max_pu=self.near(0.5, 1), length=self.r.uniform(10, 50),
                  v_ang_max=self.pick(np.inf, np.inf, 3.0), **self.size("s_nom", 20, 90))  # fmt: skip

    def transformers(self, n: pypsa.Network) -> None:
        n.add("Bus", "low", v_nom=20.0)
        for i in range(2):
            n.add("Transformer", f"t{i}", bus0=self.bus(), bus1="low", x=self.r.uniform(0.05, 0.2),
                  tap_ratio=self.pick(1.0, 0.95, 1.05), phase_shift=self.pick(0.0, 4.0), s_max_pu=self.near(0.6, 1),
                  **self.size("s_nom", 20, 60))  # fmt: skip
        if self.is_so(0.3):
            n.add("Transformer", "shifter", bus0=self.bus(), bus1="low", x=0.1, s_nom=30.0, phase_shift_min=-5.0,
                  phase_shift_max=5.0)  # fmt: skip

    def generators(self, n: pypsa.Network) -> None:
        for i in range(8):
            size = self.size("p_nom", 30, 120)
            on_off = self.commitment(size["p_nom"])
            if on_off and size["p_nom_extendable"]:
                size["p_nom_max"] = 240.0
            here = size["p_nom_extendable"] or self.is_so(0.9)
            held = np.full(STEPS, np.nan)
            held[self.r.integers(STEPS)] = self.r.uniform(5, 20)
            n.add("Generator", f"g{i}", bus=self.bus(), carrier=self.pick("a", "b"), marginal_cost=self.near(1, 60),
                  p_max_pu=self.near(0.6, 1), p_min_pu=self.pick(0.0, 0.0, 0.1, 0.3), efficiency=self.near(0.3, 0.6),
                  p_set=self.pick(np.nan, np.nan, np.nan, np.nan, held),
                  marginal_cost_quadratic=self.r.uniform(0, 0.2) if self.squares else 0.0,
                  e_sum_max=self.pick(np.inf, np.inf, 900.0) if here else np.inf,
                  e_sum_min=self.pick(-np.inf, -np.inf, 10.0) if here else -np.inf, active=here, **size, **on_off, **self.ramps())  # fmt: skip

    def storage(self, n: pypsa.Network) -> None:
        for i in range(3):
            n.add("StorageUnit", f"s{i}", bus=self.bus(), carrier=self.pick("a", ""), max_hours=self.r.uniform(1, 6),
                  efficiency_store=self.near(0.8, 0.95), efficiency_dispatch=self.near(0.8, 0.95),
                  standing_loss=self.pick(0.0, 0.01), cyclic_state_of_charge=self.is_so(0.4),
                  cyclic_state_of_charge_per_period=self.is_so(0.4), state_of_charge_initial=self.r.uniform(0, 5),
                  state_of_charge_initial_per_period=self.is_so(0.4), inflow=self.pick(0.0, self.r.uniform(0, 5, STEPS)),
                  spill_cost=self.pick(0.0, 0.5), marginal_cost=self.pick(0.0, 0.4), p_min_pu=self.pick(-1.0, -0.6, 0.0),
                  marginal_cost_storage=self.pick(0.0, 0.01), **self.size("p_nom", 5, 30))  # fmt: skip
        for i in range(2):
            n.add("Store", f"e{i}", bus=self.pick("warm", self.bus()), standing_loss=self.pick(0.0, 0.02),
                  e_cyclic=self.is_so(0.5), e_cyclic_per_period=self.is_so(0.5), e_initial=self.r.uniform(0, 5),
                  e_initial_per_period=self.is_so(0.4), e_max_pu=self.near(0.6, 1), e_min_pu=self.pick(0.0, 0.05),
                  marginal_cost_storage=self.pick(0.0, 0.02), marginal_cost=self.pick(0.0, 0.3),
                  **self.size("e_nom", 15, 60))  # fmt: skip

    def links(self, n: pypsa.Network) -> None:
        for i in range(3):
            size = self.size("p_nom", 20, 60)
            on_off = self.commitment(size["p_nom"])
            if on_off and size["p_nom_extendable"]:
                size["p_nom_max"] = 120.0
            n.add("Link", f"k{i}", bus0=self.bus(), bus1=self.bus(), bus2=self.pick("warm", ""),
                  efficiency=self.near(0.5, 0.9), efficiency2=self.near(0.1, 0.4), marginal_cost=self.near(0, 3),
                  p_min_pu=0.0 if on_off else self.pick(0.0, 0.2, -1.0), length=self.r.uniform(10, 50),
                  delay=self.pick(0, 0, 3, 6), delay2=self.pick(0, 3), cyclic_delay=self.is_so(0.5), carrier="DC",
                  **size, **on_off, **self.ramps())  # fmt: skip
        n.add("Process", "boiler", bus0=self.bus(), bus1="warm", bus2=self.bus(), rate0=-1.0, rate1=self.near(0.6, 0.9),
              rate2=self.pick(0.0, 0.1), delay1=self.pick(0, 3), **self.size("p_nom", 20, 60))  # fmt: skip

    def loads(self, n: pypsa.Network) -> None:
        for bus in [*BUSES, "low", "warm"]:
            n.add("Load", f"load {bus}", bus=bus, p_set=self.r.uniform(5, 30, STEPS))
            n.add("Generator", f"unserved {bus}", bus=bus, p_nom=1e3, marginal_cost=500)
            n.add("Generator", f"spill {bus}", bus=bus, p_nom=1e3, sign=-1, marginal_cost=1)

    def limits(self, n: pypsa.Network) -> None:
        when = {"investment_period": self.pick(2030, 2040)} if self.periods and self.is_so(0.4) else {}
        if self.is_so(0.7):
            n.add("GlobalConstraint", "co2", sense="<=", constant=self.r.uniform(1000, 9000), **when)
        if self.is_so(0.3):
            n.add("GlobalConstraint", "b", type="operational_limit", carrier_attribute="b", sense="<=",
                  constant=self.r.uniform(500, 3000), **when)  # fmt: skip
        if self.is_so(0.3):
            n.add("GlobalConstraint", "a size", type="tech_capacity_expansion_limit", carrier_attribute="a", sense="<=",
                  constant=self.r.uniform(50, 200), **when)  # fmt: skip
        if self.is_so(0.3):
            n.add("GlobalConstraint", "volume", type="transmission_volume_expansion_limit", sense="<=",
                  carrier_attribute="AC,DC", constant=self.r.uniform(6000, 20000), **when)  # fmt: skip
        if self.is_so(0.3):
            n.add("GlobalConstraint", "grid", type="transmission_expansion_cost_limit", sense="<=",
                  carrier_attribute="AC,DC", constant=self.r.uniform(3000, 30000), **when)  # fmt: skip
        if self.is_so(0.2):
            n.c.buses.static["nom_max_b"] = self.pick(60.0, 200.0)
