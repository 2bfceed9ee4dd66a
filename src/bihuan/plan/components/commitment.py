"""Unit commitment: being on or off, starting and stopping, least times on and off, part load.

The formulation is PyPSA's, so that the same network has the same optimum, as integers and as relaxation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.matrix import Block, Indices
from bihuan.plan.model import Capacity, Model, refuse, times
from bihuan.plan.network import Bools, Components, Floats


@dataclass(frozen=True, slots=True)
class Committed:
    """The committed components of a kind; arrays and columns of blocks are in the order of `rows`."""

    rows: Indices
    """Where they stand among all components of the kind."""
    components: Components
    status: Block
    start_up: Block
    shut_down: Block
    before: Floats
    """1 where on before the first snapshot, else 0."""
    size: Floats
    """Capacity that one unit of status stands for [MW]; 0 where it is chosen without modules."""
    is_big: Bools
    """Committed, chosen and not in modules: limits by a big M."""
    big_m: Floats
    active: Bools

    def lagged(self, block: Block, step: Indices, which: Indices) -> tuple[Bools, Indices]:
        """Return which of the entries have a snapshot before them, and the block's variable there."""
        later = step > 0
        return later, block.index[step[later] - 1, which[later]]


def add(model: Model, components: Components, capacity: Capacity, p: Block, active: Bools) -> Committed | None:
    """Add status, start-ups and shut-downs, and keep power within what they allow; None where none is committed."""
    rows = np.flatnonzero(components.flags("committable")).astype(np.int32)
    if not rows.size:
        return None
    committed = _variables(model, components, capacity, rows, active)
    _bound_power(model, committed, capacity, p)
    _transitions(model, committed)
    _least_times(model, committed, "up", committed.start_up)
    _least_times(model, committed, "down", committed.shut_down)
    return committed


def before_first(components: Components) -> Floats:
    """Return the status before the first snapshot: off where `down_time_before` says so, else on if ever up."""
    off = components.numbers("down_time_before") > 0
    return np.where(off, 0.0, (components.numbers("up_time_before") >= 1).astype(np.float64))


def _variables(model: Model, components: Components, capacity: Capacity, rows: Indices, active: Bools) -> Committed:
    units = components.only(components.flags("committable"))
    chosen, module = capacity.is_chosen[rows], units.numbers("p_nom_mod")
    modular = module > 0
    if model.settings.linearized_commitment:
        refuse(units, modular, "is committed in modules while commitment is relaxed")
    most = np.where(modular & ~chosen, _modules(units, capacity.fixed[rows], module), np.where(modular, inf, 1.0))
    hours, steps, at = model.hours("objective"), model.steps, active[:, rows]
    costs = {
        "status": units.by_snapshot("stand_by_cost", steps) * hours,
        "start_up": units.by_snapshot("start_up_cost", steps),
        "shut_down": units.by_snapshot("shut_down_cost", steps),
    }
    upper, whole = np.where(at, most, 0.0), not model.settings.linearized_commitment
    status, start_up, shut_down = (
        model.problem.variables(f"{components.kind}-{name}", 0.0, upper, cost, at.shape, whole=whole)
        for name, cost in costs.items()
    )
    size = np.where(modular, module, capacity.fixed[rows])
    big = chosen & ~modular
    big_m = _big_m(model, components)[rows]
    committed = Committed(rows, units, status, start_up, shut_down, before_first(units), size, big, big_m, at)
    _within_modules(model, committed, capacity, np.flatnonzero(chosen & modular))
    return committed


def _modules(units: Components, nominal: Floats, module: Floats) -> Floats:
    """Number of modules of a given capacity.

    Raises:
        InputError: a capacity is not a whole number of modules.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        number = np.where(module > 0, nominal / module, 0.0)
    wrong = np.abs(number - np.round(number)) > 1e-6
    if wrong.any():
        names = ", ".join(units.names[row] for row in np.flatnonzero(wrong))
        raise InputError(f"p_nom is no whole number of p_nom_mod: {names}", where=units.kind)
    return np.asarray(np.round(number), dtype=np.float64)


def _within_modules(model: Model, committed: Committed, capacity: Capacity, which: Indices) -> None:
    """Status, start-ups and shut-downs count at most the modules that are built."""
    if not which.size:
        return
    kind = committed.components.kind
    modular = capacity.chosen[model.components[kind].numbers("p_nom_mod")[capacity.chosen] > 0]
    number = model.problem.blocks[f"{kind}-n_mod"].index[np.searchsorted(modular, committed.rows[which])]
    column = np.broadcast_to(number, (model.steps, which.size))
    for block in (committed.status, committed.start_up, committed.shut_down):
        model.problem.rows_of(f"{block.label}-modules", -inf, 0.0, (block.index[:, which], 1.0), (column, -1.0))


def _big_m(model: Model, components: Components) -> Floats:
    """A bound on the power of each component whose capacity is chosen, as PyPSA infers it."""
    most = components.by_snapshot("p_max_pu", model.steps).max(axis=0, initial=-inf)
    limit = components.numbers("p_nom_max")
    usable = np.isfinite(limit) & (limit > 0)
    fallback = model.settings.big_m or _scale(model, components.kind)
    return np.asarray(np.where(usable, np.where(usable, limit, 0.0) * most, fallback * most))


def _scale(model: Model, kind: str) -> float:
    """Ten times the largest of peak load and the capacities that are given."""
    loads, units = model.network["loads"], model.network[kind]
    demand = np.abs(loads.by_snapshot("p_set", model.steps).sum(axis=1)).max(initial=0.0)
    sizes = np.concatenate([units.numbers("p_nom"), units.numbers("p_nom_max")])
    scale = max(float(demand), *sizes[np.isfinite(sizes) & (sizes > 0)].tolist(), 0.0) * 10
    return scale if scale > 0 else 1e6


def _bound_power(model: Model, committed: Committed, capacity: Capacity, p: Block) -> None:
    low, high = (committed.components.by_snapshot(f"p_{side}_pu", model.steps) for side in ("min", "max"))
    kind, problem = committed.components.kind, model.problem
    step, which = np.nonzero(committed.active & ~committed.is_big)
    if step.size:
        power, status = p.index[step, committed.rows[which]], committed.status.index[step, which]
        least, most = (times(side, committed.size)[step, which] for side in (low, high))
        problem.rows_of(f"{kind}-com-p-lower", 0.0, inf, (power, 1.0), (status, -least))
        problem.rows_of(f"{kind}-com-p-upper", -inf, 0.0, (power, 1.0), (status, -most))
    step, which = np.nonzero(committed.active & committed.is_big)
    if step.size:
        _bound_chosen(model, committed, capacity, p, (step, which), (low, high))


def _bound_chosen(
    model: Model,
    committed: Committed,
    capacity: Capacity,
    p: Block,
    at: tuple[Indices, Indices],
    bounds: tuple[Floats, Floats],
) -> None:
    """Between low and high times a capacity that is chosen while on, 0 while off, by a big M."""
    (step, which), (low, high), kind = at, bounds, committed.components.kind
    power, status = p.index[step, committed.rows[which]], committed.status.index[step, which]
    size, big = capacity.column_of(committed.rows[which]), committed.big_m[which]
    rows_of = model.problem.rows_of
    rows_of(f"{kind}-com-ext-lower", -big, inf, (power, 1.0), (size, -low[step, which]), (status, -big))
    rows_of(f"{kind}-com-ext-upper-bigM", -inf, 0.0, (power, 1.0), (status, -big))
    rows_of(f"{kind}-com-ext-upper-cap", -inf, 0.0, (power, 1.0), (size, -high[step, which]))
    positive = np.asarray((low >= 0).all(axis=0))[which]
    rows_of(f"{kind}-com-ext-lower-nonneg", 0.0, inf, (power[positive], 1.0))


def _transitions(model: Model, committed: Committed) -> None:
    """A start-up where the status rises, a shut-down where it falls; before the first snapshot it is given."""
    step, which = np.nonzero(committed.active)
    status, kind = committed.status.index[step, which], committed.components.kind
    given = np.where(step == 0, committed.before[which], 0.0)
    later, earlier = committed.lagged(committed.status, step, which)
    for block, sign in ((committed.start_up, 1.0), (committed.shut_down, -1.0)):
        label = f"{kind}-com-transition-{block.label.rsplit('-', 1)[1]}"
        rows = model.problem.rows_of(
            label, -sign * given, inf, (block.index[step, which], 1.0), (status, np.full(status.shape, -sign))
        )
        model.problem.put(rows.index[later], earlier, sign)


def _least_times(model: Model, committed: Committed, side: str, switch: Block) -> None:
    """A unit that was switched less than its least time ago stays as it is.

    What was switched before the first snapshot counts by `up_time_before` and `down_time_before`.
    """
    units = committed.components
    least = units.numbers(f"min_{side}_time")
    step, which = np.nonzero(committed.active & (least > 0))
    if not step.size:
        return
    on = committed.before > 0
    since = np.where(on if side == "up" else ~on, units.numbers(f"{side}_time_before"), 0.0)
    held = ((since > 0)[which] & (since[which] + step < least[which])).astype(np.float64)
    sign, bound = (-1.0, 0.0) if side == "up" else (1.0, 1.0)
    rows = model.problem.rows_of(
        f"{units.kind}-com-{side}-time",
        -inf,
        bound - held,
        (committed.status.index[step, which], np.full(step.shape, sign)),
    )
    for back in range(int(least.max())):
        counts = (back < least[which]) & (step >= back)
        model.problem.put(rows.index[counts], switch.index[step[counts] - back, which[counts]], 1.0)
