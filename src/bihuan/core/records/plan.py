"""A plan of an energy system, summed up: what other rooms show, store and compare. All of it is plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

Series = tuple[float, ...]
"""A value for each snapshot."""


@dataclass(frozen=True, slots=True)
class CapacityLine:
    """One component's size and what it did in the year."""

    kind: str
    name: str
    english: str
    technology: str
    mw: float
    """Capacity the plan ends with."""
    chosen: bool
    """Whether the plan chose it."""
    output_gwh: float
    """Power to the grid; heat for a heat-only component; discharge for a store."""
    full_load_hours: float
    """Gross output / capacity; 0 without capacity."""
    heat_gwh: float


@dataclass(frozen=True, slots=True)
class Stack:
    """Who feeds in and who takes out, hour by hour [MW]; their sums are equal in each snapshot."""

    sources: dict[str, Series]
    """Plant or technology -> power fed in, discharge and purchases included."""
    uses: dict[str, Series]
    """Load, export, charging, sales -> power taken out."""


@dataclass(frozen=True, slots=True)
class ShadowPrice:
    """What one more unit of a budget is worth."""

    name: str
    english: str
    worth: float
    """CNY saved by one more unit; 0 where the budget does not bind."""
    unit: str
    sentence_zh: str
    sentence_en: str


@dataclass(frozen=True, slots=True)
class CarbonAccount:
    """Standard coal and emissions of the year."""

    coal_tce: float
    """All fuel, in tonnes of standard coal."""
    emissions_t: float
    allowance_t: float
    """Free allowance by benchmark; 0 where there is none."""
    gce_per_kwh: float
    """Standard coal of power per net kWh of thermal plants, heat counted by its calorific share."""
    t_per_mwh: float
    """Emissions per MWh of all net generation."""
    by_fuel_tce: dict[str, float]


@dataclass(frozen=True, slots=True)
class StorageAccount:
    """What an independent store earns at its own prices."""

    name: str
    spot_cny: float
    rent_cny: float
    fees_cny: float
    """Fees paid less payments earned by rule."""
    cycles: float
    """Full discharges in the year."""


@dataclass(frozen=True, slots=True)
class Check:
    """A figure of the plan beside a published range that was not used to build it."""

    name: str
    english: str
    got: float
    low: float
    high: float
    unit: str
    source: str

    @property
    def inside(self) -> bool:
        """Whether the figure lies in the range."""
        return self.low <= self.got <= self.high


@dataclass(frozen=True)
class PlanSummary:
    """A plan, summed up."""

    system: str
    """What is planned: the pack's or the network's name."""
    system_english: str
    name: str
    """Of the scenario."""
    english: str
    scenario: str
    """Its id."""
    year: int
    status: str
    objective_cny: float
    """NaN without a plan."""
    gap: float
    seconds: float
    """Building, solving and reading back."""
    english_names: dict[str, str]
    """Component, bus or budget -> its English name, where the pack has one."""
    synthetic_zh: str
    """What every page must say about made-up series; empty where all are measured."""
    synthetic_en: str
    hours: int
    """Snapshots solved."""
    year_hours: float
    """Hours they stand for."""
    snapshots: tuple[str, ...]
    capacities: tuple[CapacityLine, ...]
    power: Stack
    heat: Stack
    stored_mwh: dict[str, Series]
    prices: dict[str, Series]
    """Bus -> marginal price [CNY/MWh; CNY/tce at a fuel's bus]."""
    heat_buses: tuple[str, ...]
    """Buses of `prices` that carry heat."""
    costs_cny: dict[str, float]
    """Account -> cost of the year; their sum is the objective."""
    carbon: CarbonAccount
    shadow_prices: tuple[ShadowPrice, ...]
    storage: tuple[StorageAccount, ...]
    checks: tuple[Check, ...]
    balance_gwh: dict[str, float]
    """Net generation, load, heat, export, purchases, curtailment."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The plan at one limit of a budget; None where there is no optimum."""

    factor: float
    """Multiple of the budget's limit."""
    limit: float
    """In the unit of the budget's limit."""
    status: str
    cost_cny: float | None = None
    emissions_t: float | None = None
    coal_tce: float | None = None
    price: ShadowPrice | None = None
    """What one more unit is worth here."""
    built_mw: dict[str, float] = field(default_factory=dict)
    """Component -> capacity that the plan chose."""


@dataclass(frozen=True)
class BudgetCurve:
    """How the cost of a scenario answers to one of its budgets."""

    system: str
    system_english: str
    name: str
    """Of the scenario."""
    english: str
    scenario: str
    """Its id."""
    year: int
    budget: str
    budget_english: str
    english_names: dict[str, str]
    """Component -> its English name, where the pack has one."""
    synthetic_zh: str
    synthetic_en: str
    hours: int
    """Snapshots solved."""
    year_hours: float
    """Hours they stand for."""
    points: tuple[CurvePoint, ...]
    """In the order in which they were solved, from the widest limit to the tightest."""
