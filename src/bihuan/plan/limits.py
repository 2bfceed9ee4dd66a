"""Limits that hold for the whole system: carbon, energy of a carrier, new capacity of a technology or of the grid."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.attributes import ATTRIBUTES
from bihuan.plan.components.storage import Rule, rule_of
from bihuan.plan.costs import capital_cost
from bihuan.plan.matrix import Block, Indices
from bihuan.plan.model import Model
from bihuan.plan.network import Bools, Components, Floats

_STORAGE = (("storage_units", "state_of_charge"), ("stores", "e"))
SENSES: dict[str, Callable[[float], tuple[float, float]]] = {
    "<=": lambda right: (-inf, right),
    ">=": lambda right: (right, inf),
    "==": lambda right: (right, right),
    "=": lambda right: (right, right),
}
"""Sense -> bounds of a row with that right side."""


@dataclass(frozen=True, slots=True)
class Side:
    """How a limit becomes the right side of its row: `sense per_unit · limit − other`."""

    sense: str
    per_unit: float = 1.0
    other: float = 0.0
    """What is used outside the row."""

    def bounds(self, limit: float) -> tuple[float, float]:
        """Return the bounds of the row."""
        return SENSES[self.sense](self.per_unit * limit - self.other)

    def limit_of(self, right: float) -> float:
        """Return the limit that leads to a right side; NaN where none has a say."""
        return (right + self.other) / self.per_unit if self.per_unit else nan


Weight = Callable[[Components], Floats]
Weights = tuple[Weight, Weight]
"""Of a MWh that generators give, and that storage gives off."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of `global_constraints`."""

    name: str
    carrier_attribute: str
    sense: str
    constant: float
    bus: str
    period: int | None
    """Place of the investment period it is meant for; None for all."""


def add(model: Model) -> None:
    """Add a row for each global constraint.

    Raises:
        InputError: a type, sense or investment period that is not known; the message names the constraint.
    """
    table = model.network["global_constraints"]
    for at, kind in enumerate(table.texts("type")):
        if kind not in KINDS:
            raise InputError(f"{table.names[at]!r} is of type {kind!r}; known are {', '.join(KINDS)}", where=table.kind)
        KINDS[kind](model, limit_at(model, table, at))


def limit_at(model: Model, table: Components, at: int) -> Limit:
    """Return one row of the table.

    Raises:
        InputError: its sense or investment period is not known.
    """
    year, periods = table.numbers("investment_period")[at], model.network.periods
    period = None
    if not np.isnan(year):
        if periods is None or int(year) not in periods.years:
            known = "none" if periods is None else ", ".join(map(str, periods.years))
            raise InputError(f"{table.names[at]!r} is for {year:.0f}; known periods: {known}", where=table.kind)
        period = periods.years.index(int(year))
    text = {name: table.texts(name)[at] for name in ("carrier_attribute", "sense", "bus")}
    if text["sense"] not in SENSES:
        raise InputError(
            f"sense of {table.names[at]!r} is {text['sense']!r}; <=, == or >= was expected", where=table.kind
        )
    return Limit(table.names[at], constant=table.numbers("constant")[at], period=period, **text)


def _row(model: Model, limit: Limit, already: float = 0.0) -> Block:
    """A row `… sense constant − already`, still without entries."""
    return model.problem.rows_between(f"global-{limit.name}", *SENSES[limit.sense](limit.constant - already), (1,))


def _primary_energy(model: Model, limit: Limit) -> Weights:
    """Σ p / efficiency · rate, plus what non-cyclic storage of that carrier has used up (rate: per MWh of carrier)."""
    carriers = model.network["carriers"]
    known = limit.carrier_attribute in ATTRIBUTES["carriers"] or limit.carrier_attribute in carriers.columns
    if not known:
        raise InputError(f"{limit.name!r} asks for {limit.carrier_attribute!r}; carriers have none", where="carriers")
    cells = carriers.numbers(limit.carrier_attribute) if len(carriers) else np.zeros(0)
    rates = dict(zip(carriers.names, cells.tolist(), strict=True))

    def rate(components: Components) -> Floats:
        return np.array([rates.get(carrier, 0.0) for carrier in components.texts("carrier")], dtype=np.float64)

    def per_mwh(generators: Components) -> Floats:
        return rate(generators) / generators.by_snapshot("efficiency", model.steps)

    return per_mwh, rate


def _operational(model: Model, limit: Limit) -> Weights:
    """Σ p of one carrier, plus what its non-cyclic storage has given off [MWh]."""

    def ours(components: Components) -> Floats:
        return np.array([carrier == limit.carrier_attribute for carrier in components.texts("carrier")], np.float64)

    return ours, ours


ENERGY: dict[str, Callable[[Model, Limit], Weights]] = {
    "primary_energy": _primary_energy,
    "operational_limit": _operational,
}
"""Type of a budget over time -> what a MWh of generators and of storage counts in it."""


def _energy_row(model: Model, limit: Limit, kind: str) -> None:
    """A row over generation and the use of non-cyclic storage, each by its weight; none over nothing."""
    of_generators, of_storage = ENERGY[kind](model, limit)
    uses = [_use(model, limit, kind, stem, of_storage) for kind, stem in _STORAGE]
    generators = model.components["generators"]
    hourly = of_generators(generators) * model.hours("generators") * snapshots_of(model, limit.period)[:, None]
    if not hourly.any() and not any(columns.size for columns, _, _ in uses):
        return
    row = _row(model, limit, sum(already for _, _, already in uses)).index
    model.problem.put(row, model.problem.blocks["generators-p"].index, hourly)
    for columns, values, _ in uses:
        model.problem.put(row, columns, values)


def snapshots_of(model: Model, period: int | None) -> Floats:
    """Return how often a budget counts each snapshot: the years of its period, 0 outside the one that is meant."""
    periods = model.network.periods
    if periods is None:
        return np.ones(model.steps)
    years = periods.length[periods.of_snapshot]
    return years if period is None else np.where(periods.of_snapshot == period, years, 0.0)


def _use(model: Model, limit: Limit, kind: str, stem: str, weight: Weight) -> tuple[Indices, Floats, float]:
    """Level variables, their coefficients, and the constant of (initial − final level) · weight."""
    components = model.components[kind]
    rule, weights = rule_of(components, stem), weight(components)
    depleting = ~rule.cyclic & (weights != 0)
    if not depleting.any():
        return np.zeros(0, np.int32), np.zeros(0), 0.0
    levels = model.problem.blocks[f"{kind}-{stem}"].index
    initial = components.numbers(f"{stem}_initial")
    if model.network.periods is None:
        weights = np.where(depleting, weights, 0.0)
        return levels[-1], -weights, float(weights @ initial)
    return _use_by_period(model, limit, components, rule, np.where(depleting, weights, 0.0), levels, initial)


def _use_by_period(
    model: Model,
    limit: Limit,
    components: Components,
    rule: Rule,
    weights: Floats,
    levels: Indices,
    initial: Floats,
) -> tuple[Indices, Floats, float]:
    """Storage that begins anew in each period uses its own of each; other storage that of the whole horizon."""
    periods = model.network.periods
    assert periods is not None
    through = ~rule.initial_each & (weights != 0)
    of_limit = range(len(periods.years)) if limit.period is None else [limit.period]
    last = [int(np.flatnonzero(periods.of_snapshot == at)[-1]) for at in of_limit]
    years = periods.length[list(of_limit)]
    if through.any() and (years != 1).any():
        names = ", ".join(components.names[row] for row in np.flatnonzero(through)[:10])
        raise InputError(
            f"{limit.name!r} counts periods of several years, but levels run on from period to period; set a level for "
            f"each period or make the storage cyclic: {names}",
            where=components.kind,
        )
    parts = [(levels[at], np.where(through, 0.0, -weights * y)) for at, y in zip(last, years, strict=True)]
    active = model.active(components)
    final = [_last_active(active[: last[-1] + 1, row]) for row in range(len(components))]
    parts.append((levels[final, np.arange(len(components))], np.where(through, -weights, 0.0)))
    already = float(np.where(through, weights, weights * years.sum()) @ initial)
    return np.concatenate([part for part, _ in parts]), np.concatenate([values for _, values in parts]), already


def _last_active(active: Bools) -> int:
    where = np.flatnonzero(active)
    return int(where[-1]) if where.size else 0


def _grid_expansion(model: Model, limit: Limit, per_unit: Callable[[Model, Components, Limit], Floats]) -> None:
    """Σ over chosen lines and links of the named carriers of capacity · `per_unit`."""
    carriers = {name.strip() for name in re.sub(r"[\[\]()]", "", limit.carrier_attribute).split(",")}
    parts = []
    for kind in ("lines", "links"):
        components = model.components[kind]
        ours = _of_carriers(components, carriers) & in_service(model, components, limit.period)
        parts.append(_capacities(model, kind, np.where(ours, per_unit(model, components, limit), 0.0), ours))
    _capacity_row(model, limit, parts)


def _volume(model: Model, components: Components, limit: Limit) -> Floats:
    del model, limit
    return components.numbers("length")


def _expansion_cost(model: Model, components: Components, limit: Limit) -> Floats:
    """Over all periods each counts as in the cost; for one period the cost is taken once."""
    weight = model.service_weight(components) if limit.period is None else 1.0
    return capital_cost(model.network, components) * weight


def _technology(model: Model, limit: Limit) -> None:
    """Σ of the chosen capacities of one carrier, at one bus where it is named."""
    parts = []
    for kind, components in model.components.items():
        if kind in model.capacities and "carrier" in ATTRIBUTES[kind] and kind != "transformers":
            place = "bus0" if "bus0" in ATTRIBUTES[kind] else "bus"
            here = np.array([not limit.bus or bus == limit.bus for bus in components.texts(place)], dtype=bool)
            ours = here & _of_carriers(components, {limit.carrier_attribute})
            ours &= True if limit.period is None else in_service(model, components, limit.period)
            parts.append(_capacities(model, kind, ours.astype(np.float64), ours))
    _capacity_row(model, limit, parts)


def in_service(model: Model, components: Components, period: int | None) -> Bools:
    """Return which components are in service in the period, or in any."""
    if model.network.periods is None:
        return np.ones(len(components), dtype=bool)
    each = model.in_period(components)
    return np.asarray(each.any(axis=0) if period is None else each[period])


def _of_carriers(components: Components, carriers: set[str]) -> Bools:
    return np.array([carrier in carriers for carrier in components.texts("carrier")], dtype=bool)


def _capacities(model: Model, kind: str, weights: Floats, ours: Bools) -> tuple[Indices, Floats]:
    """Capacity variables of the marked components and their coefficients."""
    capacity = model.capacities[kind]
    marked = ours[capacity.chosen]
    return capacity.variables.index[marked], weights[capacity.chosen][marked]


def _capacity_row(model: Model, limit: Limit, parts: list[tuple[Indices, Floats]]) -> None:
    """A row over capacities; none where there are none, as in PyPSA."""
    if any(columns.size for columns, _ in parts):
        row = _row(model, limit).index
        for columns, values in parts:
            model.problem.put(row, columns, values)


KINDS: dict[str, Callable[[Model, Limit], None]] = {
    "primary_energy": lambda model, limit: _energy_row(model, limit, "primary_energy"),
    "operational_limit": lambda model, limit: _energy_row(model, limit, "operational_limit"),
    "transmission_volume_expansion_limit": lambda model, limit: _grid_expansion(model, limit, _volume),
    "transmission_expansion_cost_limit": lambda model, limit: _grid_expansion(model, limit, _expansion_cost),
    "tech_capacity_expansion_limit": _technology,
}
"""Type in the network folder -> what adds its row."""
