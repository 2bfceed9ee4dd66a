"""Small PyPSA networks, each to show one feature; every one has an optimum and solves in a moment."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from benchmarks.plan_case import quiet

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pypsa

Build = Callable[[], "pypsa.Network"]
NETWORKS: dict[str, Build] = {}
"""Name -> what builds it."""
MIXED = {"commitment", "commitment_times", "commitment_ramps", "commitment_links", "commitment_chosen", "modules",
         "committed_modules", "committed_chosen_modules", "commitment_chosen_ramps", "commitment_before", "commitment_processes"}  # fmt: skip
"""Those with whole numbers: equal within the gap."""
WIND = np.array([0.9, 0.7, 0.2, 0.0, 0.1, 0.5, 0.8, 1.0, 0.6, 0.3, 0.05, 0.4])
DEMAND = np.array([50.0, 55.0, 70.0, 90.0, 110.0, 100.0, 80.0, 60.0, 65.0, 85.0, 95.0, 75.0])


def network(build: Callable[[pypsa.Network], None]) -> Callable[[pypsa.Network], None]:
    """Register a builder under its name; it gets a network with twelve hours."""

    def whole() -> pypsa.Network:
        with quiet():
            n = pypsa.Network(snapshots=pd.date_range("2030-01-01", periods=12, freq="h"))
            build(n)
        return n

    NETWORKS[build.__name__] = whole
    return build


def one_bus(n: pypsa.Network, demand: object = DEMAND) -> None:
    """A bus with a load, dear power that is always there, and carriers."""
    n.add("Carrier", ["wind", "gas", "coal", "AC"], co2_emissions=[0.0, 0.2, 0.34, 0.0])
    n.add("Bus", "town")
    n.add("Load", "town load", bus="town", p_set=demand)
    n.add("Generator", "gas", bus="town", carrier="gas", p_nom=200, marginal_cost=60, efficiency=0.5)


def optimum(n: pypsa.Network, **how: object) -> pypsa.Network:
    """Solve with PyPSA, the model handed over in memory, and return the network without the model."""
    with quiet():
        periods = len(n.investment_periods) > 0
        status, condition = n.optimize(
            include_objective_constant=False,
            multi_investment_periods=periods,
            io_api="direct",
            output_flag=False,
            **how,
        )
    del n.model
    assert (status, condition) == ("ok", "optimal"), condition
    return n


@network
def expansion(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "wind", bus="town", carrier="wind", p_nom_extendable=True, p_nom_max=300, capital_cost=240,
          p_max_pu=WIND)  # fmt: skip
    n.add("StorageUnit", "battery", bus="town", p_nom_extendable=True, capital_cost=200, max_hours=4,
          efficiency_store=0.9, efficiency_dispatch=0.95, standing_loss=0.01, cyclic_state_of_charge=True)  # fmt: skip


@network
def weighted_snapshots(n: pypsa.Network) -> None:
    expansion(n)
    n.snapshot_weightings["objective"] = np.linspace(1, 3, 12)
    n.snapshot_weightings["stores"] = 2.0
    n.snapshot_weightings["generators"] = np.linspace(3, 1, 12)
    n.add("GlobalConstraint", "co2", sense="<=", constant=20)


@network
def co2_cap(n: pypsa.Network) -> None:
    expansion(n)
    n.add("GlobalConstraint", "co2", type="primary_energy", carrier_attribute="co2_emissions", sense="<=", constant=20)


@network
def varying_efficiency_and_cost(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "coal", bus="town", carrier="coal", p_nom=100, efficiency=np.linspace(0.3, 0.45, 12),
          marginal_cost=np.linspace(30, 70, 12), p_min_pu=0.3)  # fmt: skip
    n.add("GlobalConstraint", "co2", sense="<=", constant=700)


@network
def quadratic(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "coal", bus="town", p_nom=120, marginal_cost=20, marginal_cost_quadratic=0.3)
    n.add("StorageUnit", "pump", bus="town", p_nom=15, max_hours=6, efficiency_store=0.85, marginal_cost_quadratic=0.05)


@network
def energy_sums(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "reservoir", bus="town", p_nom=60, marginal_cost=1, e_sum_max=200)
    n.add("Generator", "contract", bus="town", p_nom=60, marginal_cost=90, e_sum_min=120)


@network
def held_dispatch(n: pypsa.Network) -> None:
    one_bus(n)
    held = np.full(12, np.nan)
    held[3:6] = 25.0
    n.add("Generator", "coal", bus="town", p_nom=50, marginal_cost=10, p_set=held)
    n.add("StorageUnit", "battery", bus="town", p_nom=20, max_hours=3, p_set=np.where(np.isnan(held), np.nan, -5.0))
    n.add("StorageUnit", "pond", bus="town", p_nom=20, max_hours=3, state_of_charge_set=[np.nan] * 11 + [12.0])


@network
def ramps(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "coal", bus="town", p_nom=100, marginal_cost=10, ramp_limit_up=0.1, ramp_limit_down=0.2,
          p_init=55.0)  # fmt: skip
    n.add("Generator", "new coal", bus="town", p_nom_extendable=True, capital_cost=5, marginal_cost=15,
          ramp_limit_up=0.05, ramp_limit_down=0.05)  # fmt: skip


@network
def varying_ramps(n: pypsa.Network) -> None:
    one_bus(n)
    limit = np.full(12, np.nan)
    limit[4:8] = 0.08
    n.add("Generator", "coal", bus="town", p_nom=120, marginal_cost=10, ramp_limit_up=limit, ramp_limit_down=0.15)


@network
def links_of_three_outputs(n: pypsa.Network) -> None:
    n.add("Carrier", ["gas", "AC", "heat", "co2"], co2_emissions=[0.2, 0, 0, 0])
    n.add("Bus", ["gas", "town", "heat", "air"], carrier=["gas", "AC", "heat", "co2"])
    n.add("Store", "gas field", bus="gas", e_nom=1e5, e_initial=1e5, marginal_cost=20)
    n.add("Store", "sky", bus="air", e_nom=1e5, e_initial=0)
    n.add("Load", "power", bus="town", p_set=DEMAND)
    n.add("Load", "warmth", bus="heat", p_set=DEMAND[::-1] * 0.5)
    n.add("Link", "chp", bus0="gas", bus1="town", bus2="heat", bus3="air", p_nom=250, efficiency=0.4,
          efficiency2=np.linspace(0.3, 0.5, 12), efficiency3=0.2)  # fmt: skip
    n.add("Link", "boiler", bus0="gas", bus1="heat", p_nom=100, efficiency=0.9)
    n.add("Link", "pump", bus0="town", bus1="heat", p_nom=30, efficiency=np.linspace(2, 3.5, 12), marginal_cost=1)
    n.add("Generator", "grid", bus="town", p_nom=100, marginal_cost=80)
    n.add("GlobalConstraint", "co2", sense="<=", constant=600)


@network
def delayed_links(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Bus", ["port", "tank"])
    n.add("Generator", "import", bus="port", p_nom=80, marginal_cost=np.linspace(5, 40, 12))
    n.add("Link", "ship", bus0="port", bus1="town", bus2="tank", p_nom=60, efficiency=0.9, efficiency2=0.1, delay=3,
          delay2=1, cyclic_delay=False, cyclic_delay2=True)  # fmt: skip
    n.add("Store", "tank", bus="tank", e_nom=1000, e_cyclic=False)


@network
def processes(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Bus", ["hydrogen", "warm"], carrier=["H2", "heat"])
    n.add("Load", "hydrogen load", bus="hydrogen", p_set=10)
    n.add("Process", "electrolysis", bus0="town", bus1="hydrogen", bus2="warm", rate0=-1.0, rate1=0.7, rate2=0.2,
          p_nom_extendable=True, capital_cost=30, marginal_cost=1)  # fmt: skip
    n.add("Generator", "vent", bus="warm", sign=-1, p_nom=1000)
    n.add("Store", "cavern", bus="hydrogen", e_nom=50, e_cyclic=True)


def meshed(n: pypsa.Network, extendable: bool = False) -> None:
    n.add("Carrier", ["AC", "DC", "gas", "wind"], co2_emissions=[0, 0, 0.2, 0])
    n.add("Bus", ["a", "b", "c", "d"], v_nom=220.0)
    pairs = [("a", "b", 8.0), ("b", "c", 12.0), ("c", "a", 10.0), ("c", "d", 9.0), ("a", "d", 14.0), ("a", "b", 16.0)]
    for i, (start, end, x) in enumerate(pairs):
        n.add("Line", f"l{i}", bus0=start, bus1=end, x=x, r=x / 10, s_nom=60, s_nom_extendable=extendable, length=20 + i,
              s_nom_min=10, capital_cost=3 + i, s_max_pu=0.8)  # fmt: skip
    n.add("Load", "d load", bus="d", p_set=DEMAND)
    n.add("Load", "b load", bus="b", p_set=DEMAND / 3)
    n.add("Generator", "a wind", bus="a", carrier="wind", p_nom=150, p_max_pu=WIND)
    n.add("Generator", "c gas", bus="c", carrier="gas", p_nom=150, marginal_cost=50)
    n.add("Generator", "d oil", bus="d", p_nom=150, marginal_cost=95)


@network
def meshed_grid(n: pypsa.Network) -> None:
    meshed(n)


@network
def meshed_expansion(n: pypsa.Network) -> None:
    meshed(n, extendable=True)
    n.add("GlobalConstraint", "volume", type="transmission_volume_expansion_limit", carrier_attribute="AC", sense="<=",
          constant=7000)  # fmt: skip
    n.add("GlobalConstraint", "cost", type="transmission_expansion_cost_limit", carrier_attribute="AC,DC", sense="<=",
          constant=1200)  # fmt: skip


@network
def transformers(n: pypsa.Network) -> None:
    meshed(n)
    n.add("Bus", "low", v_nom=110.0)
    n.add("Load", "low load", bus="low", p_set=DEMAND / 2)
    n.add("Transformer", "t1", bus0="c", bus1="low", x=0.1, r=0.01, s_nom=60, tap_ratio=1.05, phase_shift=2.0)
    n.add("Transformer", "t2", bus0="d", bus1="low", x=0.12, s_nom=50, tap_ratio=0.98, model="pi")
    n.add("Transformer", "t3", bus0="b", bus1="low", type="100 MVA 220/110 kV", tap_position=2, s_nom=30)


@network
def phase_shifters(n: pypsa.Network) -> None:
    transformers(n)
    n.add("Transformer", "shifter", bus0="a", bus1="low", x=0.1, s_nom=40, phase_shift_min=-8.0, phase_shift_max=8.0,
          v_ang_max=12.0)  # fmt: skip
    n.c.lines.static.loc["l1", "v_ang_max"] = 0.4
    n.c.transformers.static.loc["t1", "v_ang_max"] = 3.0


@network
def line_types(n: pypsa.Network) -> None:
    meshed(n)
    n.add("Line", "typed", bus0="b", bus1="d", type="Al/St 240/40 2-bundle 220.0", length=50, num_parallel=2, s_nom=50)
    n.add("LineType", "own", r_per_length=0.1, x_per_length=0.4, f_nom=50, c_per_length=10, i_nom=0.5, mounting="ol",
          cross_section=1, references="")  # fmt: skip
    n.add("Line", "own line", bus0="b", bus1="d", type="own", length=30, s_nom=40)


@network
def direct_current(n: pypsa.Network) -> None:
    meshed(n)
    n.c.buses.static["carrier"] = "DC"


@network
def storage_kinds(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "wind", bus="town", carrier="wind", p_nom=130, p_max_pu=WIND)
    n.add("StorageUnit", "reservoir", bus="town", p_nom=30, max_hours=5, inflow=np.linspace(20, 0, 12), p_min_pu=0,
          state_of_charge_initial=40, spill_cost=0.5, efficiency_dispatch=0.9)  # fmt: skip
    n.add("StorageUnit", "pumped", bus="town", p_nom=25, max_hours=6, efficiency_store=0.85, efficiency_dispatch=0.88,
          standing_loss=0.02, cyclic_state_of_charge=True, marginal_cost=0.3, marginal_cost_storage=0.01)  # fmt: skip
    n.add("StorageUnit", "battery", bus="town", p_nom=10, max_hours=2, p_max_pu=np.linspace(1, 0.5, 12),
          p_min_pu=np.linspace(-0.5, -1, 12), state_of_charge_initial=5)  # fmt: skip


@network
def store_kinds(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Bus", "heat", carrier="heat")
    n.add("Load", "warmth", bus="heat", p_set=DEMAND[::-1] / 4)
    n.add("Link", "pump", bus0="town", bus1="heat", p_nom_extendable=True, capital_cost=8, efficiency=3)
    n.add("Store", "tank", bus="heat", e_nom_extendable=True, e_nom_max=90, capital_cost=2, standing_loss=0.03,
          e_cyclic=True, e_min_pu=0.1)  # fmt: skip
    n.add("Store", "pond", bus="heat", e_nom=40, e_initial=20, e_max_pu=np.linspace(1, 0.4, 12), marginal_cost=0.2,
          marginal_cost_storage=0.01)  # fmt: skip
    n.add("Generator", "wind", bus="town", carrier="wind", p_nom=120, p_max_pu=WIND)


@network
def emissions_from_stores(n: pypsa.Network) -> None:
    """A store of a carrier with emissions counts by what is taken out of it; the carrier comes from its bus."""
    n.add("Carrier", ["gas", "AC"], co2_emissions=[0.2, 0.0])
    n.add("Bus", ["field", "town"], carrier=["gas", "AC"])
    n.add("Store", "gas", bus="field", e_nom=5000, e_initial=4000)
    n.add("Link", "turbine", bus0="field", bus1="town", p_nom=300, efficiency=0.5, marginal_cost=3)
    n.add("Generator", "sun", bus="town", p_nom=200, marginal_cost=70)
    n.add("Load", "power", bus="town", p_set=DEMAND)
    n.add("StorageUnit", "lng", bus="town", carrier="gas", p_nom=20, max_hours=10, state_of_charge_initial=100)
    n.add("GlobalConstraint", "co2", sense="<=", constant=200)


@network
def operational_limit(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "coal", bus="town", carrier="coal", p_nom=100, marginal_cost=20)
    n.add("StorageUnit", "dam", bus="town", carrier="coal", p_nom=10, max_hours=4, state_of_charge_initial=30)
    n.add("GlobalConstraint", "coal", type="operational_limit", carrier_attribute="coal", sense="<=", constant=500)
    n.add("GlobalConstraint", "gas", type="operational_limit", carrier_attribute="gas", sense=">=", constant=450)


@network
def technology_limit(n: pypsa.Network) -> None:
    expansion(n)
    n.add("Bus", "hill")
    n.add("Generator", "hill wind", bus="hill", carrier="wind", p_nom_extendable=True, capital_cost=140, p_max_pu=WIND)
    n.add("Link", "cable", bus0="hill", bus1="town", p_nom=80, p_min_pu=-1)
    n.add("GlobalConstraint", "wind", type="tech_capacity_expansion_limit", carrier_attribute="wind", sense="<=",
          constant=90)  # fmt: skip
    n.add("GlobalConstraint", "hill", type="tech_capacity_expansion_limit", carrier_attribute="wind", sense="==",
          constant=30, bus="hill")  # fmt: skip


@network
def bus_limits(n: pypsa.Network) -> None:
    expansion(n)
    n.c.buses.static["nom_max_wind"] = [40.0]
    n.c.buses.static["nom_min_gas"] = [5.0]
    n.add("Generator", "gas new", bus="town", carrier="gas", p_nom_extendable=True, capital_cost=3, marginal_cost=59)


@network
def overnight_costs(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "wind", bus="town", carrier="wind", p_nom_extendable=True, overnight_cost=1.2e6,
          discount_rate=0.05, lifetime=20, fom_cost=10, p_max_pu=WIND)  # fmt: skip
    n.add("Generator", "sun", bus="town", p_nom_extendable=True, overnight_cost=9e5, discount_rate=0, lifetime=25,
          p_max_pu=WIND[::-1])  # fmt: skip
    n.add("Generator", "forever", bus="town", p_nom_extendable=True, overnight_cost=2e6, discount_rate=0.03,
          p_max_pu=0.5)  # fmt: skip


@network
def held_capacity(n: pypsa.Network) -> None:
    expansion(n)
    n.add("Generator", "coal", bus="town", p_nom_extendable=True, p_nom_set=35, capital_cost=10, marginal_cost=20,
          p_nom_min=5, p_min_pu=0.2)  # fmt: skip


@network
def inactive(n: pypsa.Network) -> None:
    expansion(n)
    n.add("Generator", "free", bus="town", p_nom=100, active=False)
    n.add("Load", "second", bus="town", p_set=1000, active=False)
    n.add("Line", "cut", bus0="town", bus1="town", s_nom=1, x=1, active=False)


@network
def negative_and_infinite(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "sink", bus="town", p_nom=np.inf, p_min_pu=-1, p_max_pu=0, marginal_cost=-5)
    n.add("Generator", "any", bus="town", p_nom=np.inf, p_max_pu=WIND, marginal_cost=30)
    n.add("Link", "turn", bus0="town", bus1="town", p_nom=5, p_min_pu=-1)
    n.add("Load", "feed", bus="town", p_set=5, sign=1)


@network
def modules(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "block", bus="town", p_nom_extendable=True, p_nom_mod=30, capital_cost=120, marginal_cost=20)
    n.add("Store", "tank", bus="town", e_nom_extendable=True, e_nom_mod=15, e_nom_max=60, capital_cost=4, e_cyclic=True)


def units(n: pypsa.Network, **more: object) -> None:
    one_bus(n)
    n.add("Generator", "coal", bus="town", carrier="coal", committable=True, p_nom=80, p_min_pu=0.5, marginal_cost=18,
          start_up_cost=900, shut_down_cost=100, **more)  # fmt: skip
    n.add("Generator", "old coal", bus="town", carrier="coal", committable=True, p_nom=60, p_min_pu=0.4,
          marginal_cost=24, stand_by_cost=50, start_up_cost=400, shut_down_cost=400)  # fmt: skip
    n.add("Generator", "wind", bus="town", carrier="wind", p_nom=60, p_max_pu=WIND)


@network
def commitment(n: pypsa.Network) -> None:
    units(n)


@network
def commitment_times(n: pypsa.Network) -> None:
    units(n, min_up_time=9, min_down_time=3, up_time_before=2)
    n.c.generators.static.loc["old coal", ["min_up_time", "min_down_time", "p_min_pu"]] = [4, 5, 0.7]
    n.c.loads.dynamic.p_set["town load"] = DEMAND * np.tile([1, 1, 0.3], 4)
    n.add("Generator", "dump", bus="town", p_nom=100, p_min_pu=-1, p_max_pu=0, marginal_cost=-1)


@network
def commitment_before(n: pypsa.Network) -> None:
    units(n, min_up_time=3, min_down_time=5, up_time_before=0, down_time_before=2)


@network
def commitment_ramps(n: pypsa.Network) -> None:
    units(n, ramp_limit_up=0.2, ramp_limit_down=0.3, ramp_limit_start_up=0.6, ramp_limit_shut_down=0.55, p_init=60)


@network
def commitment_links(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Bus", "gas", carrier="gas")
    n.add("Generator", "well", bus="gas", p_nom=1e4, marginal_cost=15)
    n.add("Link", "plant", bus0="gas", bus1="town", committable=True, p_nom=150, p_min_pu=0.5, efficiency=0.5,
          start_up_cost=500, min_up_time=3, ramp_limit_up=0.3, ramp_limit_start_up=0.6)  # fmt: skip


@network
def commitment_processes(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Bus", "gas", carrier="gas")
    n.add("Generator", "well", bus="gas", p_nom=1e4, marginal_cost=15)
    n.add("Process", "plant", bus0="gas", bus1="town", committable=True, p_nom=150, p_min_pu=0.5, rate1=0.5,
          start_up_cost=500, min_down_time=2)  # fmt: skip


@network
def commitment_chosen(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "new coal", bus="town", committable=True, p_nom_extendable=True, p_nom_max=120, p_min_pu=0.5,
          capital_cost=100, marginal_cost=18, start_up_cost=300)  # fmt: skip


@network
def commitment_chosen_ramps(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "new coal", bus="town", committable=True, p_nom_extendable=True, p_min_pu=0.4, capital_cost=80,
          marginal_cost=18, start_up_cost=300, ramp_limit_up=0.25, ramp_limit_down=0.3, ramp_limit_start_up=0.5,
          up_time_before=0, down_time_before=1)  # fmt: skip


@network
def committed_modules(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "blocks", bus="town", committable=True, p_nom=90, p_nom_mod=30, p_min_pu=0.6, marginal_cost=20,
          start_up_cost=200, up_time_before=1, ramp_limit_up=0.5)  # fmt: skip


@network
def committed_chosen_modules(n: pypsa.Network) -> None:
    one_bus(n)
    n.add("Generator", "blocks", bus="town", committable=True, p_nom_extendable=True, p_nom_mod=30, p_min_pu=0.6,
          capital_cost=90, marginal_cost=20, start_up_cost=200, ramp_limit_up=0.9)  # fmt: skip


def two_periods(n: pypsa.Network) -> None:
    hours = pd.date_range("2030-01-01", periods=6, freq="h")
    n.set_snapshots(pd.MultiIndex.from_product([[2030, 2040, 2050], hours]))
    n.investment_periods = [2030, 2040, 2050]
    n.investment_period_weightings["objective"] = [1.0, 0.7, 0.5]
    n.investment_period_weightings["years"] = [10, 10, 10]
    n.add("Carrier", ["wind", "gas", "coal"], co2_emissions=[0.0, 0.2, 0.34])
    n.add("Bus", ["town", "hill"])
    n.add("Load", "town load", bus="town", p_set=np.concatenate([DEMAND[:6], DEMAND[:6] * 1.3, DEMAND[:6] * 1.6]))
    n.add("Generator", "old gas", bus="town", carrier="gas", p_nom=150, marginal_cost=60, build_year=2000, lifetime=45)
    for year in (2030, 2040, 2050):
        n.add("Generator", f"wind {year}", bus="hill", carrier="wind", p_nom_extendable=True, capital_cost=90,
              p_max_pu=np.tile(WIND[:6], 3), build_year=year, lifetime=15)  # fmt: skip
        n.add("Generator", f"gas {year}", bus="town", carrier="gas", p_nom_extendable=True, capital_cost=20,
              marginal_cost=55, build_year=year, lifetime=25, efficiency=0.5)  # fmt: skip
    n.add("Line", "first", bus0="hill", bus1="town", x=1, s_nom=200, build_year=2020, lifetime=100)
    n.add("Line", "second", bus0="hill", bus1="town", x=2, s_nom_extendable=True, capital_cost=1, build_year=2040)


@network
def periods(n: pypsa.Network) -> None:
    two_periods(n)


@network
def period_budgets(n: pypsa.Network) -> None:
    two_periods(n)
    n.add("GlobalConstraint", "co2", sense="<=", constant=12000)
    n.add("GlobalConstraint", "co2 2050", sense="<=", constant=3500, investment_period=2050)
    n.add("GlobalConstraint", "wind 2040", type="tech_capacity_expansion_limit", carrier_attribute="wind", sense="<=",
          constant=60, investment_period=2040)  # fmt: skip
    n.add("GlobalConstraint", "gas", type="operational_limit", carrier_attribute="gas", sense="<=", constant=21000)
    n.add("GlobalConstraint", "lines", type="transmission_expansion_cost_limit", carrier_attribute="AC", sense="<=",
          constant=25)  # fmt: skip


@network
def period_growth(n: pypsa.Network) -> None:
    two_periods(n)
    n.c.carriers.static.loc["gas", "max_growth"] = 60
    n.c.carriers.static.loc["gas", "max_relative_growth"] = 0.5


@network
def period_storage(n: pypsa.Network) -> None:
    two_periods(n)
    add = {"bus": "town", "max_hours": 3, "p_nom": 20, "efficiency_store": 0.9}
    n.add("StorageUnit", "through", state_of_charge_initial=30, **add)
    n.add("StorageUnit", "round", cyclic_state_of_charge=True, **add)
    n.add("StorageUnit", "round each", cyclic_state_of_charge_per_period=True, **add)
    n.add("StorageUnit", "anew", state_of_charge_initial=25, state_of_charge_initial_per_period=True, **add)
    n.add("StorageUnit", "later", state_of_charge_initial=25, build_year=2040, lifetime=8, **add)
    n.add("Store", "tank", bus="town", e_nom=30, e_initial=20, e_initial_per_period=True)
    n.add("Store", "tank round", bus="town", e_nom=30, e_cyclic_per_period=True, build_year=2040)


@network
def period_stores_with_emissions(n: pypsa.Network) -> None:
    two_periods(n)
    n.add("Bus", "field", carrier="gas")
    n.add("Store", "gas", bus="field", e_nom=1000, e_initial=500, e_initial_per_period=True)
    n.add("Link", "turbine", bus0="field", bus1="town", p_nom=60, efficiency=0.5, build_year=2030)
    n.add("GlobalConstraint", "co2", sense="<=", constant=3000)


@network
def period_ramps(n: pypsa.Network) -> None:
    two_periods(n)
    n.add("Generator", "coal", bus="town", carrier="coal", p_nom=80, marginal_cost=15, build_year=2040, lifetime=20,
          ramp_limit_up=0.1, ramp_limit_down=0.1, p_init=20)  # fmt: skip
    n.add("Generator", "base", bus="town", carrier="coal", p_nom=40, marginal_cost=15, build_year=2020, lifetime=100,
          ramp_limit_up=0.1, p_init=10)  # fmt: skip


@network
def period_energy_sums(n: pypsa.Network) -> None:
    """A contract of a plant that is gone before the first period binds nobody."""
    two_periods(n)
    add = {"bus": "town", "p_nom": 30, "marginal_cost": 90, "e_sum_min": 20}
    n.add("Generator", "gone", build_year=2000, lifetime=20, **add)
    n.add("Generator", "leaves", build_year=2020, lifetime=15, **add)
