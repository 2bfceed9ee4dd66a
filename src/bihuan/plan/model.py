"""The problem under way: the network, its rows of balance, and what the component files share."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.matrix import Block, Indices, Numbers, Problem
from bihuan.plan.network import Bools, Components, Floats, Network


@dataclass(frozen=True, slots=True)
class Capacity:
    """How large components are: a number, or a variable where the plan may choose."""

    fixed: Floats
    """MW or MWh, shape (components,); 0 where chosen."""
    chosen: Indices
    """Rows of the components whose capacity is a variable."""
    variables: Block
    """Their capacities, in the order of `chosen`."""


class Model:
    """A network being turned into a problem. Arrays by snapshot and component have shape (snapshots, components)."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.problem = Problem()
        self.steps = len(network.snapshots)
        self.capacities: dict[str, Capacity] = {}
        self.components: dict[str, Components] = {}
        shape = (self.steps, len(network["buses"]))
        self.balance = self.problem.rows_between("balance", 0.0, 0.0, shape)

    def hours(self, kind: str) -> Floats:
        """Return the weightings `objective`, `stores` or `generators` as a column, shape (snapshots, 1)."""
        return self.network.weightings[kind][:, None]

    def take(self, kind: str) -> Components:
        """Return the active components of a kind and keep them for reading the results back."""
        everything = self.network[kind]
        self.components[kind] = everything.only(everything.flags("active"))
        return self.components[kind]

    def feed(self, buses: Indices, variables: Block, coefficients: Numbers) -> None:
        """Let a block of variables (snapshots, components) feed its components' buses, times the coefficients."""
        self.problem.put(self.balance.index[:, buses], variables.index, coefficients)

    def capacity(self, components: Components, nominal: str) -> Capacity:
        """Add the capacities that the plan may choose; their yearly cost goes into the objective.

        Raises:
            InputError: capacities in whole modules, which are not modelled yet.
        """
        refuse(components, components.numbers(f"{nominal}_mod") != 0, "comes in modules")
        extendable = components.flags(f"{nominal}_extendable")
        chosen = np.flatnonzero(extendable).astype(np.int32)
        fixed = np.where(extendable, 0.0, components.numbers(nominal))
        exactly = components.numbers(f"{nominal}_set")[chosen]
        given = ~np.isnan(exactly)
        lower = np.where(given, exactly, components.numbers(f"{nominal}_min")[chosen])
        upper = np.where(given, exactly, components.numbers(f"{nominal}_max")[chosen])
        cost = fixed_cost(components)[chosen]
        label = f"{components.kind}-{nominal}"
        variables = self.problem.variables(label, lower, upper, cost, chosen.shape)
        self.capacities[components.kind] = Capacity(fixed, chosen, variables)
        return self.capacities[components.kind]

    def dispatch(
        self, label: str, capacity: Capacity, low: Floats, high: Floats, cost: Numbers, exactly: Floats | None = None
    ) -> Block:
        """Add operating variables between `low` and `high` times the capacity.

        Args:
            label: name of the block.
            capacity: of the components.
            low: least operation per unit of capacity, shape (snapshots, components).
            high: most operation per unit of capacity, same shape.
            cost: of one unit in each snapshot, its weighting included.
            exactly: values that operation is fixed to; NaN where it is free.
        """
        shape = low.shape
        lower, upper = times(low, capacity.fixed), times(high, capacity.fixed)
        lower[:, capacity.chosen] = np.where(low[:, capacity.chosen] == 0, 0.0, -inf)
        upper[:, capacity.chosen] = np.where(high[:, capacity.chosen] == 0, 0.0, inf)
        if exactly is not None:
            lower, upper = _fixed(lower, upper, exactly)
        block = self.problem.variables(label, lower, upper, cost, shape)
        self._keep_within(label, block, capacity, low, "low")
        self._keep_within(label, block, capacity, high, "high")
        return block

    def _keep_within(self, label: str, block: Block, capacity: Capacity, per_unit: Floats, side: str) -> None:
        """Rows `operation − per_unit · capacity` on the right side of 0; none where a bound of 0 says the same."""
        limits = per_unit[:, capacity.chosen]
        needed = np.flatnonzero((limits != 0).any(axis=0))
        if not needed.size:
            return
        bounds = (-inf, 0.0) if side == "high" else (0.0, inf)
        rows = self.problem.rows_between(f"{label}-{side}", *bounds, (self.steps, needed.size))
        self.problem.put(rows.index, block.index[:, capacity.chosen[needed]], 1.0)
        self.problem.put(rows.index, capacity.variables.index[needed], -limits[:, needed])

    def ramps(self, components: Components, capacity: Capacity, block: Block) -> None:
        """Limit how far operation moves from one snapshot to the next, per unit of capacity."""
        for side, sign in (("up", 1.0), ("down", -1.0)):
            limit = components.by_snapshot(f"ramp_limit_{side}", self.steps)
            limited = np.flatnonzero(~np.isnan(limit).all(axis=0)).astype(np.int32)
            if limited.size:
                self._ramp(f"{block.label}-ramp-{side}", components, capacity, block, limited, sign, limit)

    def _ramp(
        self,
        label: str,
        components: Components,
        capacity: Capacity,
        block: Block,
        limited: Indices,
        sign: float,
        limit: Floats,
    ) -> None:
        """Rows sign · (p[t] − p[t−1]) − limit · capacity <= 0; the first snapshot counts from `p_init`, if given."""
        per_unit = np.where(np.isnan(limit), inf, limit)[:, limited]
        before = components.numbers("p_init")[limited]
        room = times(per_unit, capacity.fixed[limited])
        room[0] += np.where(np.isnan(before), inf, sign * before)
        is_chosen = np.isin(limited, capacity.chosen)
        room[np.isinf(per_unit)] = inf
        rows = self.problem.rows_between(label, -inf, room, (self.steps, limited.size))
        self.problem.put(rows.index, block.index[:, limited], sign)
        self.problem.put(rows.index[1:], block.index[:-1, limited], -sign)
        place = np.searchsorted(capacity.chosen, limited[is_chosen])
        finite = np.where(np.isinf(per_unit), 0.0, per_unit)[:, is_chosen]
        self.problem.put(rows.index[:, is_chosen], capacity.variables.index[place], -finite)


def times(per_unit: Floats, capacity: Floats) -> Floats:
    """Return per_unit · capacity with 0 · inf = 0, as a new array."""
    with np.errstate(invalid="ignore"):
        product = np.asarray(per_unit * capacity)
    product[np.broadcast_to(per_unit == 0, product.shape)] = 0.0
    return product


def _fixed(lower: Floats, upper: Floats, exactly: Floats) -> tuple[Floats, Floats]:
    """Both bounds at the value that is given; out of bounds it stays so, and no plan is possible."""
    given = ~np.isnan(exactly)
    with np.errstate(invalid="ignore"):
        lower = np.where(given, np.maximum(lower, exactly), lower)
        upper = np.where(given, np.minimum(upper, exactly), upper)
    return lower, upper


def fixed_cost(components: Components) -> Floats:
    """Return what one unit of capacity costs over the horizon.

    Raises:
        InputError: an overnight cost to be annuitised, which is not modelled yet.
    """
    refuse(components, ~np.isnan(components.numbers("overnight_cost")), "gives overnight_cost, not capital_cost")
    return components.numbers("capital_cost") + components.numbers("fom_cost")


def refuse(components: Components, marked: Bools, what: str) -> None:
    """Say which components use something that is not modelled yet.

    Raises:
        InputError: at least one is marked.
    """
    if marked.any():
        names = ", ".join(components.names[row] for row in np.flatnonzero(marked)[:10])
        raise InputError(f"{what}, which is not modelled yet: {names}", where=components.kind)
