"""What may stand in a pack's energy folder: every kind of component with its fields, units and plausible ranges.

One table for reading, for the JSON Schema and for the reference page, so that the three cannot drift apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

Shape = Literal["number", "hourly", "text", "flag"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a component."""

    name: str
    shape: Shape
    """`hourly` is a number or a series of the pack."""
    meaning: str
    unit: str = ""
    default: float | str | bool | None = None
    """None: the field must be given."""
    low: float = 0.0
    high: float = inf
    """Values outside [low, high] are refused; 1000 times `high` hints at kW where MW is meant."""
    refers: str = ""
    """Kind of component that the text must name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of component."""

    name: str
    meaning: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """Return a field by name, None where there is none."""
        return next((f for f in self.fields if f.name == name), None)


def _mw(name: str, meaning: str, default: float | None = 0.0, high: float = 20_000.0) -> Field:
    return Field(name, "number", meaning, "MW", default, 0.0, high)


def _share(name: str, meaning: str, default: float | None, high: float = 1.0, shape: Shape = "number") -> Field:
    return Field(name, shape, meaning, "1", default, 0.0, high)


def _bus(name: str = "bus", default: str | None = None) -> Field:
    return Field(name, "text", "bus it stands at", default=default, refers="buses")


def _cost(name: str, meaning: str, shape: Shape = "number", high: float = 5_000.0) -> Field:
    return Field(name, shape, meaning, "CNY/MWh", 0.0, -high, high)


_INVESTMENT = (
    Field("p_nom_max", "number", "most that may be built, only where p_nom is 0; 0: none", "MW", 0.0, 0.0, 20_000.0),
    Field("investment", "number", "overnight cost", "CNY/kW", 0.0, 0.0, 50_000.0),
    Field("lifetime", "number", "years the investment is spread over", "a", 25.0, 1.0, 120.0),
    Field(
        "fixed_om", "number", "fixed operation and maintenance a year, share of the investment", "1/a", 0.0, 0.0, 0.2
    ),
)
_ALLOWANCE = (
    Field("benchmark_power", "number", "free allowance for power", "tCO2/MWh", 0.0, 0.0, 2.0),
    Field("benchmark_heat", "number", "free allowance for heat", "tCO2/GJ", 0.0, 0.0, 0.5),
)
_REGION = (
    Field("coal_rate", "number", "standard coal per gross kWh, condensing", "gce/kWh", None, 100.0, 700.0),
    Field("heat_rate", "number", "standard coal per heat beyond c_v", "kgce/GJ", 0.0, 0.0, 120.0),
    _share("c_v", "power lost per heat extracted, on one line of equal fuel", 0.0),
    Field("c_b", "number", "power per heat at back pressure", "1", 0.0, 0.0, 5.0),
    Field("q_nom", "number", "most heat", "MWth", 0.0, 0.0, 20_000.0),
    _share("p_min_pu", "least load of what is online", 0.0),
)

KINDS: tuple[Kind, ...] = (
    Kind(
        "buses",
        "Where power, heat or fuel is balanced hour by hour.",
        (Field("carrier", "text", "electricity, heat, hydrogen, …", default="electricity"),),
    ),
    Kind(
        "fuels",
        "Fuel by standard coal; each has a bus of its own name, counted in tce.",
        (
            Field("price", "hourly", "delivered price", "CNY/tce", None, 0.0, 10_000.0),
            Field("co2", "number", "emission factor", "tCO2/tce", None, 0.0, 5.0),
            Field("supply_max", "number", "most that can be had an hour", "tce/h", 1e5, 0.0, 1e7),
        ),
    ),
    Kind(
        "thermal_units",
        "Steam plants: condensing, extraction-condensing or back-pressure (抽凝, 背压).",
        (
            _bus(),
            Field("heat_bus", "text", "bus that heat is given to", default="", refers="buses"),
            Field("fuel", "text", "what it burns", refers="fuels"),
            Field("type", "text", "condensing, extraction or back_pressure", default="condensing"),
            _mw("p_nom", "gross capacity of the whole plant", None),
            _mw("unit_size", "one unit; with it retrofits may be asked for in whole units"),
            _share("auxiliary", "plant's own use of gross output (厂用电率)", 0.0, 0.3),
            *_REGION,
            _share("availability", "share of capacity that can run", 1.0, shape="hourly"),
            Field("ramp", "number", "most change of load in an hour, share of what is online", "1/h", 1.0, 0.0, 1.0),
            Field("start_cost", "number", "cost of starting", "CNY/MW", 0.0, 0.0, 5_000.0),
            _cost("marginal_cost", "variable cost beside fuel, per gross MWh"),
            _share("online_min_pu", "share that must run", 0.0, shape="hourly"),
            *_ALLOWANCE,
        ),
    ),
    Kind(
        "retrofits",
        "Choices that change a thermal unit: 节能, 供热, 灵活性. What is left out stays as it is.",
        (
            Field("unit", "text", "plant that is changed", refers="thermal_units"),
            Field("investment", "number", "overnight cost per kW of the plant", "CNY/kW", None, 0.0, 20_000.0),
            Field("lifetime", "number", "years the investment is spread over", "a", 15.0, 1.0, 60.0),
            Field("whole", "flag", "only whole units of the plant's unit_size (MILP)", default=False),
            *(Field(f.name, f.shape, f"{f.meaning}, after", f.unit, -1.0, -1.0, f.high) for f in _REGION),
        ),
    ),
    Kind(
        "generators",
        "Wind, sun, water, waste, mine gas: what needs no fuel account.",
        (
            _bus(),
            Field("carrier", "text", "technology", default=""),
            _mw("p_nom", "capacity that stands"),
            _share("p_max_pu", "available output per MW", 1.0, shape="hourly"),
            _share("p_min_pu", "output that cannot be cut, per MW", 0.0, shape="hourly"),
            _cost("marginal_cost", "variable cost", "hourly"),
            Field("renewable", "flag", "counts for the renewable share", default=False),
            Field("energy_max", "number", "most output in the year; 0: no limit", "MWh", 0.0, 0.0, 1e8),
            *_INVESTMENT,
        ),
    ),
    Kind(
        "storage_units",
        "Batteries, pumped hydro, heat stores: power and hours.",
        (
            _bus(),
            Field("carrier", "text", "technology", default=""),
            _mw("p_nom", "power that stands"),
            Field("max_hours", "number", "energy / power", "h", None, 0.0, 5_000.0),
            _share("efficiency_store", "kept on the way in", 1.0),
            _share("efficiency_dispatch", "kept on the way out", 1.0),
            _share("standing_loss", "lost an hour", 0.0),
            _cost("marginal_cost", "variable cost of giving out"),
            *_INVESTMENT,
        ),
    ),
    Kind(
        "storage_rules",
        "Rules and prices of an independent store (独立储能).",
        (
            Field("unit", "text", "store it holds for", refers="storage_units"),
            Field("cycles_per_day", "number", "most full discharges a day", "1/d", 24.0, 0.0, 24.0),
            Field("charge_hours", "text", "hours it may charge in: 0-6,11-14; empty: all", default=""),
            Field("discharge_hours", "text", "hours it may discharge in", default=""),
            _cost("charge_fee", "paid for each MWh taken"),
            _cost("discharge_payment", "earned for each MWh given"),
            Field(
                "capacity_rent", "number", "earned for capacity; an account, no choice", "CNY/kW/a", 0.0, 0.0, 5_000.0
            ),
            _cost("spot_price", "price its own account is settled at", "hourly"),
        ),
    ),
    Kind(
        "links",
        "Power lines, heat pipes, boilers, pumps: taken at bus0, given at bus1 times efficiency.",
        (
            Field("bus0", "text", "bus it takes from", refers="buses"),
            Field("bus1", "text", "bus it gives to", refers="buses"),
            Field("carrier", "text", "technology", default=""),
            _mw("p_nom", "capacity at bus0"),
            Field("p_min_pu", "number", "−1: both ways", "1", 0.0, -1.0, 1.0),
            Field("efficiency", "number", "given / taken; from a fuel in MWh/tce", "1", 1.0, 0.0, 30.0),
            _cost("marginal_cost", "per MWh taken"),
            *_INVESTMENT,
        ),
    ),
    Kind("loads", "Power that must be served.", (_bus(), Field("p_set", "hourly", "load", "MW", None, 0.0, 20_000.0))),
    Kind(
        "flexible_loads",
        "Work that may wait: data centres, electrolysers.",
        (
            _bus(),
            Field("carrier", "text", "use", default=""),
            Field("load", "hourly", "load as it arrives", "MW", None, 0.0, 20_000.0),
            _share("flexible", "share of it that may wait", None),
            Field("window", "number", "how long it may wait at most", "h", None, 0.0, 8_760.0),
            _mw("p_nom", "most that can be drawn at once", None),
        ),
    ),
    Kind(
        "heat_districts",
        "Heated areas with a duty to serve by outdoor temperature.",
        (
            _bus(),
            Field("area", "number", "heated area", "Mm2", None, 0.0, 1_000.0),
            Field("design_load", "number", "load at the design temperature", "W/m2", None, 0.0, 200.0),
            Field("indoor", "number", "indoor temperature", "°C", 18.0, 10.0, 26.0),
            Field("design_outdoor", "number", "design outdoor temperature", "°C", None, -45.0, 15.0),
            Field("season_begin", "text", "first day, month-day", default="11-01"),
            Field("season_end", "text", "last day, month-day", default="03-31"),
            _share("loss", "lost in the network", 0.0),
            _share("obligation", "share of the demand that must be served", 1.0),
            _cost("shortfall_cost", "cost of what is not served", high=1e6),
            Field("temperature", "hourly", "outdoor temperature", "°C", None, -60.0, 60.0),
        ),
    ),
    Kind(
        "export_contracts",
        "Power sold over a line by contract: energy of the year and a band around an hourly shape.",
        (
            _bus(),
            _mw("p_nom", "limit of the line", None),
            Field("energy_min", "number", "least in the year", "MWh", 0.0, 0.0, 1e8),
            Field("energy_max", "number", "most in the year", "MWh", 1e9, 0.0, 1e9),
            Field("price", "hourly", "paid", "CNY/MWh", 0.0, 0.0, 3_000.0),
            Field("shape", "hourly", "hourly shape, any scale", "1", 1.0, 0.0, 1e6),
            Field("band", "number", "allowed departure from the shape, share; large: free", "1", 1e3, 0.0, 1e6),
        ),
    ),
    Kind(
        "markets",
        "A neighbouring grid that buys and sells at a price.",
        (
            _bus(),
            Field("price", "hourly", "price", "CNY/MWh", None, -2_000.0, 5_000.0),
            _mw("buy_max", "most that can be bought"),
            _mw("sell_max", "most that can be sold"),
            _cost("fee", "added when buying, taken off when selling"),
        ),
    ),
    Kind(
        "reserves",
        "Spinning reserve at a bus: headroom of what is online there, and stores.",
        (
            _bus(),
            _share("load_share", "of the load", 0.0),
            _share("renewable_share", "of wind and sun as fed in", 0.0),
            Field("storage_hours", "number", "how long a store must last for what it promises", "h", 1.0, 0.0, 24.0),
        ),
    ),
    Kind(
        "budgets",
        "Limits over the year; each has a shadow price.",
        (
            Field("type", "text", "co2, coal, energy, intensity or renewable_share"),
            Field("limit", "number", "t, tce, tce, tce per 10⁴ CNY, or share", "by type", None, 0.0, 1e12),
            Field("other", "number", "used outside the model, in the budget's unit", "by type", 0.0, -1e12, 1e12),
            Field("gdp", "number", "for intensity", "10⁴ CNY", 0.0, 0.0, 1e12),
            Field("power_factor", "number", "energy budget: of power bought and sold", "tce/MWh", 0.1229, 0.0, 1.0),
        ),
    ),
    Kind(
        "carbon_prices",
        "Price of emissions: on every tonne, or on what exceeds the benchmark allowance.",
        (
            Field("price", "number", "price", "CNY/t", None, 0.0, 5_000.0),
            Field("scheme", "text", "tax or benchmark", default="tax"),
        ),
    ),
)
"""In the order in which they may refer to each other."""

BY_NAME = {kind.name: kind for kind in KINDS}
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("thermal_units", "type"): ("condensing", "extraction", "back_pressure"),
    ("budgets", "type"): ("co2", "coal", "energy", "intensity", "renewable_share"),
    ("carbon_prices", "scheme"): ("tax", "benchmark"),
}
"""Texts that a field may hold, where there are few."""

SCALES: dict[str, dict[str, float]] = {
    "MW": {"MW": 1.0, "kW": 1e-3, "GW": 1e3, "万千瓦": 10.0},
    "MWth": {"MWth": 1.0, "kWth": 1e-3, "MW": 1.0},
    "MWh": {"MWh": 1.0, "GWh": 1e3, "TWh": 1e6, "亿千瓦时": 1e5},
    "CNY/MWh": {"CNY/MWh": 1.0, "CNY/kWh": 1e3},
    "CNY/kW": {"CNY/kW": 1.0, "CNY/MW": 1e-3},
    "1": {"1": 1.0, "%": 0.01},
    "1/a": {"1/a": 1.0, "%/a": 0.01},
    "Mm2": {"Mm2": 1.0, "m2": 1e-6, "万平方米": 0.01},
}
"""Unit of a field -> units that may be written instead -> factor."""
