"""The problem under way: the network, its rows of balance, and what the component files share."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.attributes import ATTRIBUTES, NOMINAL
from bihuan.plan.costs import fixed_cost
from bihuan.plan.matrix import Block, Indices, Numbers, Problem
from bihuan.plan.network import Bools, Components, Floats, Network


@dataclass(frozen=True, slots=True)
class Settings:
    """How a network is read as a problem."""

    linearized_commitment: bool = False
    """Let units be on in part: the linear relaxation of unit commitment, tightened as PyPSA does."""
    big_m: float | None = None
    """Bound on a capacity that is both committed and chosen; None takes PyPSA's guess from the network."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """How large components are: a number, or a variable where the plan may choose."""

    fixed: Floats
    """MW or MWh, shape (components,); 0 where chosen."""
    chosen: Indices
    """Rows of the components whose capacity is a variable."""
    variables: Block
    """Their capacities, in the order of `chosen`."""

    @property
    def is_chosen(self) -> Bools:
        """Which components' capacity is a variable, shape (components,)."""
        return np.isin(np.arange(self.fixed.size), self.chosen)

    def column_of(self, rows: Indices) -> Indices:
        """Return the variable that is the capacity of each of `rows`, which are all chosen."""
        return self.variables.index[np.searchsorted(self.chosen, rows)]


class Model:
    """A network being turned into a problem. Arrays by snapshot and component have shape (snapshots, components)."""

    def __init__(self, network: Network, settings: Settings | None = None) -> None:
        self.network = network
        self.settings = settings or Settings()
        self.problem = Problem()
        self.steps = len(network.snapshots)
        self.capacities: dict[str, Capacity] = {}
        self.components: dict[str, Components] = {}
        shape = (self.steps, len(network["buses"]))
        self.balance = self.problem.rows_between("balance", 0.0, 0.0, shape)

    def hours(self, kind: str) -> Floats:
        """Return the weightings `objective`, `stores` or `generators` as a column, shape (snapshots, 1).

        With investment periods those of the objective hold what the period counts in the cost.
        """
        hours = self.network.weightings[kind]
        periods = self.network.periods
        if periods is not None and kind == "objective":
            hours = hours * periods.cost_weight[periods.of_snapshot]
        return hours[:, None]

    def take(self, kind: str) -> Components:
        """Return the active components of a kind and keep them for reading the results back."""
        everything = self.network[kind]
        self.components[kind] = everything.only(everything.flags("active"))
        return self.components[kind]

    def active(self, components: Components) -> Bools:
        """Return in which snapshots components are in service; all, but for investment periods.

        In service from the build year until the lifetime is over.
        """
        periods = self.network.periods
        if periods is None or "build_year" not in ATTRIBUTES[components.kind]:
            return np.broadcast_to(np.True_, (self.steps, len(components)))
        return np.asarray(self.in_period(components)[periods.of_snapshot])

    def in_period(self, components: Components) -> Bools:
        """Return in which investment periods components are in service, shape (periods, components)."""
        periods = self.network.periods
        assert periods is not None
        year, built = np.array(periods.years)[:, None], components.numbers("build_year")
        return np.asarray((built <= year) & (year < built + components.numbers("lifetime")))

    def feed(self, buses: Indices, variables: Block, coefficients: Numbers) -> None:
        """Let a block of variables (snapshots, components) feed its components' buses, times the coefficients."""
        self.problem.put(self.balance.index[:, buses], variables.index, coefficients)

    def capacity(self, components: Components, nominal: str | None = None) -> Capacity:
        """Add the capacities that the plan may choose; their cost goes into the objective."""
        nominal = nominal or NOMINAL[components.kind]
        extendable = components.flags(f"{nominal}_extendable")
        chosen = np.flatnonzero(extendable).astype(np.int32)
        fixed = np.where(extendable, 0.0, components.numbers(nominal))
        lower, upper = (components.numbers(f"{nominal}_{side}")[chosen] for side in ("min", "max"))
        lower, upper = _held(lower, upper, components.numbers(f"{nominal}_set")[chosen])
        cost = (fixed_cost(self.network, components) * self.service_weight(components))[chosen]
        variables = self.problem.variables(f"{components.kind}-{nominal}", lower, upper, cost, chosen.shape)
        capacity = self.capacities[components.kind] = Capacity(fixed, chosen, variables)
        self._in_modules(components, nominal, capacity)
        return capacity

    def service_weight(self, components: Components) -> Floats:
        """Return how much a capacity's cost counts, shape (components,): 1, or the sum over its investment periods."""
        periods = self.network.periods
        if periods is None:
            return np.ones(len(components))
        return np.asarray(periods.cost_weight @ self.in_period(components))

    def _in_modules(self, components: Components, nominal: str, capacity: Capacity) -> None:
        """Capacity = whole number · module."""
        size = components.numbers(f"{nominal}_mod")[capacity.chosen]
        modular = np.flatnonzero(size > 0)
        if modular.size:
            number = self.problem.variables(f"{components.kind}-n_mod", 0.0, inf, 0.0, modular.shape, whole=True)
            rows = self.problem.rows_between(f"{components.kind}-{nominal}_modularity", 0.0, 0.0, modular.shape)
            self.problem.put(rows.index, capacity.variables.index[modular], 1.0)
            self.problem.put(rows.index, number.index, -size[modular])

    def dispatch(
        self,
        label: str,
        capacity: Capacity,
        low: Floats,
        high: Floats,
        cost: Numbers,
        exactly: Floats | None = None,
        active: Bools | None = None,
        free: Bools | None = None,
    ) -> Block:
        """Add operating variables between `low` and `high` times the capacity.

        Args:
            label: name of the block.
            capacity: of the components.
            low: least operation per unit of capacity, shape (snapshots, components).
            high: most operation per unit of capacity, same shape.
            cost: of one unit in each snapshot, its weighting included.
            exactly: values that operation is held to; NaN where it is free.
            active: where components are in service; elsewhere operation is 0.
            free: components whose limits others add (commitment); here they get what these imply for a variable.
        """
        bound = np.ones(low.shape[1], dtype=bool) if free is None else ~free
        if active is not None and not active.all():
            low, high = np.where(active, low, 0.0), np.where(active, high, 0.0)
            exactly = None if exactly is None else np.where(active, exactly, np.nan)
        lower, upper = times(low, capacity.fixed), times(high, capacity.fixed)
        if capacity.chosen.size:
            lower[:, capacity.chosen] = np.where(low[:, capacity.chosen] == 0, 0.0, -inf)
            upper[:, capacity.chosen] = np.where(high[:, capacity.chosen] == 0, 0.0, inf)
        lower[:, ~bound], upper[:, ~bound] = np.minimum(lower[:, ~bound], 0.0), np.maximum(upper[:, ~bound], 0.0)
        if exactly is not None:
            lower, upper = _held(lower, upper, exactly)
        block = self.problem.variables(label, lower, upper, cost, low.shape)
        self.keep_within(f"{label}-low", block, capacity, low * bound, 0.0, inf)
        self.keep_within(f"{label}-high", block, capacity, high * bound, -inf, 0.0)
        return block

    def keep_within(
        self, label: str, block: Block, capacity: Capacity, per_unit: Floats, lower: float, upper: float
    ) -> None:
        """Rows lower <= operation − per_unit · capacity <= upper; none where a bound of 0 says the same."""
        step, which = np.nonzero(per_unit[:, capacity.chosen] != 0)
        if step.size:
            rows = self.problem.rows_between(label, lower, upper, step.shape)
            self.problem.put(rows.index, block.index[step, capacity.chosen[which]], 1.0)
            self.problem.put(rows.index, capacity.variables.index[which], -per_unit[step, capacity.chosen[which]])


def times(per_unit: Floats, capacity: Floats) -> Floats:
    """Return per_unit · capacity with 0 · inf = 0, as a new array."""
    with np.errstate(invalid="ignore"):
        product = np.asarray(per_unit * capacity)
    product[np.broadcast_to(per_unit == 0, product.shape)] = 0.0
    return product


def _held(lower: Floats, upper: Floats, exactly: Floats) -> tuple[Floats, Floats]:
    """Both bounds at the value that is given; out of bounds they cross, and no plan is possible."""
    given = ~np.isnan(exactly)
    if not given.any():
        return lower, upper
    with np.errstate(invalid="ignore"):
        return np.where(given, np.maximum(lower, exactly), lower), np.where(given, np.minimum(upper, exactly), upper)


def refuse(components: Components, marked: Bools, what: str) -> None:
    """Say which components use something that is not modelled.

    Raises:
        InputError: at least one is marked.
    """
    if marked.any():
        names = ", ".join(components.names[row] for row in np.flatnonzero(marked)[:10])
        raise InputError(f"{what}, which is not modelled: {names}", where=components.kind)
