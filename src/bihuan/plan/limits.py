"""Limits that hold for the whole system: carbon, energy of a carrier, new capacity of a technology or of the grid."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.matrix import Block
from bihuan.plan.model import Model
from bihuan.plan.network import Components, Floats

_STORAGE = (
    ("storage_units", "storage_units-state_of_charge", "cyclic_state_of_charge", "state_of_charge_initial"),
    ("stores", "stores-e", "e_cyclic", "e_initial"),
)


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of `global_constraints`."""

    name: str
    carrier_attribute: str
    sense: str
    constant: float
    bus: str


def add(model: Model) -> None:
    """Add a row for each global constraint.

    Raises:
        InputError: a type or sense that is not known; the message names the constraint.
    """
    table = model.network["global_constraints"]
    for at, kind in enumerate(table.texts("type")):
        if kind not in KINDS:
            raise InputError(f"{table.names[at]!r} is of type {kind!r}; known are {', '.join(KINDS)}", where=table.kind)
        KINDS[kind](model, _limit(table, at))


def _limit(table: Components, at: int) -> Limit:
    if not np.isnan(table.numbers("investment_period")[at]):
        raise InputError(f"{table.names[at]!r} names an investment period, which is not modelled yet", where=table.kind)
    text = {name: table.texts(name)[at] for name in ("carrier_attribute", "sense", "bus")}
    return Limit(table.names[at], constant=table.numbers("constant")[at], **text)


def _row(model: Model, limit: Limit, already: float = 0.0) -> Block:
    """A row `… sense constant − already`, still without entries."""
    right = limit.constant - already
    bounds = {"<=": (-inf, right), ">=": (right, inf), "==": (right, right), "=": (right, right)}
    if limit.sense not in bounds:
        raise InputError(
            f"sense of {limit.name!r} is {limit.sense!r}; <=, == or >= was expected", where="global_constraints"
        )
    return model.problem.rows_between(f"global-{limit.name}", *bounds[limit.sense], (1,))


def _primary_energy(model: Model, limit: Limit) -> None:
    """Σ p / efficiency · rate, plus what non-cyclic storage of that carrier has used up (rate: per MWh of carrier)."""
    carriers = model.network["carriers"]
    rates = dict(zip(carriers.names, carriers.numbers(limit.carrier_attribute), strict=True))

    def rate(components: Components) -> Floats:
        return np.array([rates.get(carrier, 0.0) for carrier in components.texts("carrier")])

    def per_mwh(generators: Components) -> Floats:
        return rate(generators) / generators.by_snapshot("efficiency", model.steps)

    _energy_row(model, limit, per_mwh, rate)


def _operational(model: Model, limit: Limit) -> None:
    """Σ p of one carrier, plus what its non-cyclic storage has given off [MWh]."""

    def ours(components: Components) -> Floats:
        return np.array([carrier == limit.carrier_attribute for carrier in components.texts("carrier")], dtype=float)

    _energy_row(model, limit, ours, ours)


Weight = Callable[[Components], Floats]


def _energy_row(model: Model, limit: Limit, of_generators: Weight, of_storage: Weight) -> None:
    """A row over generation by `of_generators` and the use of non-cyclic storage by `of_storage`."""
    depleting = [
        (*_depleting(model, kind, cyclic, of_storage), level, start) for kind, level, cyclic, start in _STORAGE
    ]
    already = sum(float(weights @ c.numbers(start)) for c, weights, _, start in depleting)
    row = _row(model, limit, already).index
    generators = model.components["generators"]
    hourly = of_generators(generators) * model.hours("generators")
    model.problem.put(row, model.problem.blocks["generators-p"].index, hourly)
    for _, weights, level, _ in depleting:
        model.problem.put(row, model.problem.blocks[level].index[-1], -weights)


def _depleting(model: Model, kind: str, cyclic: str, weight: Weight) -> tuple[Components, Floats]:
    components = model.components[kind]
    return components, np.where(components.flags(cyclic), 0.0, weight(components))


def _grid_expansion(per_unit: str) -> Callable[[Model, Limit], None]:
    def add_row(model: Model, limit: Limit) -> None:
        """Σ over chosen lines and links of the named carriers of capacity · `per_unit`."""
        carriers = {name.strip() for name in re.sub(r"[\[\]()]", "", limit.carrier_attribute).split(",")}
        row = _row(model, limit).index
        for kind in ("lines", "links"):
            _put_capacities(model, row, kind, carriers, model.components[kind].numbers(per_unit))

    return add_row


def _technology(model: Model, limit: Limit) -> None:
    """Σ of the chosen capacities of one carrier, at one bus where it is named."""
    row = _row(model, limit).index
    for kind, components in model.components.items():
        if kind in model.capacities:
            place = "bus0" if "bus0" in components.columns else "bus"
            here = np.array([not limit.bus or bus == limit.bus for bus in components.texts(place)], dtype=float)
            _put_capacities(model, row, kind, {limit.carrier_attribute}, here)


def _put_capacities(model: Model, row: np.ndarray, kind: str, carriers: set[str], weights: Floats) -> None:
    capacity, components = model.capacities[kind], model.components[kind]
    ours = np.array([carrier in carriers for carrier in components.texts("carrier")], dtype=float)
    model.problem.put(row, capacity.variables.index, (ours * weights)[capacity.chosen])


KINDS: dict[str, Callable[[Model, Limit], None]] = {
    "primary_energy": _primary_energy,
    "operational_limit": _operational,
    "transmission_volume_expansion_limit": _grid_expansion("length"),
    "transmission_expansion_cost_limit": _grid_expansion("capital_cost"),
    "tech_capacity_expansion_limit": _technology,
}
"""Type in the network folder -> what adds its row."""
