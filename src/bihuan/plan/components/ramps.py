"""Ramps: how far power moves from one snapshot to the next, and in a start or a stop."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from bihuan.plan.components.commitment import Committed
from bihuan.plan.matrix import Block, Indices
from bihuan.plan.model import Capacity, Model, times
from bihuan.plan.network import Bools, Components, Floats


@dataclass(frozen=True, slots=True)
class _Side:
    """Rising or falling."""

    name: str
    sign: float
    """+1 rising, −1 falling: rows are sign · (p[t] − p[t−1]) <= …"""
    run: Floats
    """Limit while on, shape (snapshots, components)."""
    switch: Floats
    """Limit in the snapshot of a start, or of a stop, shape (components,)."""
    where: Bools
    """Which entries are limited."""


def add(
    model: Model, components: Components, capacity: Capacity, p: Block, active: Bools, committed: Committed | None
) -> None:
    """Add rows where a ramp is limited; the first snapshot counts from `p_init`, or from 0 for a unit that was off."""
    sides = [_side(model, components, name) for name in ("up", "down")]
    if not any(side.where.any() for side in sides):
        return
    before_p = components.numbers("p_init")
    if committed is not None:
        before_p[committed.rows[committed.before == 0]] = 0.0
    counted = _counted(model, active, before_p)
    big = np.zeros(len(components), dtype=bool)
    if committed is not None:
        big[committed.rows[committed.is_big]] = True
    for side in sides:
        _usual(model, components, capacity, p, committed, side, before_p, _entries(counted & side.where & ~big))
        if committed is not None and big.any():
            _chosen(model, capacity, p, committed, side, before_p, _entries(counted & side.where & big))


def _entries(where: Bools) -> tuple[Indices, Indices]:
    step, which = np.nonzero(where)
    return step, which


def _side(model: Model, components: Components, name: str) -> _Side:
    run = components.by_snapshot(f"ramp_limit_{name}", model.steps)
    switch = components.numbers("ramp_limit_start_up" if name == "up" else "ramp_limit_shut_down")
    where = ~(np.isnan(run) & np.isnan(switch))
    filled = np.nan_to_num(run, nan=1.0), np.nan_to_num(switch, nan=1.0)
    return _Side(name, 1.0 if name == "up" else -1.0, *filled, where)


def _counted(model: Model, active: Bools, before_p: Floats) -> Bools:
    """Not across the start of an investment period, and in the first snapshot only from a known power."""
    counted = active.copy()
    counted[0] &= ~np.isnan(before_p)
    if model.network.periods is not None:
        starts = np.flatnonzero(np.diff(model.network.periods.of_snapshot)) + 1
        counted[starts] = False
    return counted


def _usual(
    model: Model,
    components: Components,
    capacity: Capacity,
    p: Block,
    committed: Committed | None,
    side: _Side,
    before_p: Floats,
    at: tuple[Indices, Indices],
) -> None:
    """Keep sign · (p[t] − p[t−1]) <= run · what is on + switch · what is switched; uncommitted units are all on."""
    step, which = at
    if not step.size:
        return
    size = capacity.fixed.copy()
    place = np.full(len(components), -1)
    if committed is not None:
        size[committed.rows] = committed.size
        place[committed.rows] = np.arange(committed.rows.size)
    run, switch = times(side.run, size)[step, which], times(side.switch, size)[which]
    is_committed, is_chosen = place[which] >= 0, capacity.is_chosen[which]
    room = np.where(is_committed, 0.0, run)
    room[step == 0] += (side.sign * before_p[which])[step == 0]
    rows = model.problem.rows_of(
        f"{p.label}-ramp-{side.name}", -inf, room, (p.index[step, which], np.full(step.shape, side.sign))
    )
    put = model.problem.put
    later = step > 0
    put(rows.index[later], p.index[step[later] - 1, which[later]], -side.sign)
    chosen = is_chosen & ~is_committed
    put(rows.index[chosen], capacity.column_of(which[chosen]), -side.run[step, which][chosen])
    if committed is not None:
        _on_status(model, committed, side, rows, step, place[which], (run, switch), is_committed)


def _on_status(
    model: Model,
    committed: Committed,
    side: _Side,
    rows: Block,
    step: Indices,
    place: Indices,
    limits: tuple[Floats, Floats],
    ours: Bools,
) -> None:
    """Rising: run limits what was on, the start limit what is switched on; falling: what is on, and switched off."""
    run, switch = (limit[ours] for limit in limits)
    step, place, index = step[ours], place[ours], rows.index[ours]
    now, back = (switch, run - switch) if side.name == "up" else (run - switch, switch)
    model.problem.put(index, committed.status.index[step, place], -now)
    later = step > 0
    model.problem.put(index[later], committed.status.index[step[later] - 1, place[later]], -back[later])
    model.problem.add_to_right_side(index[~later], (back * committed.before[place])[~later])


def _chosen(
    model: Model,
    capacity: Capacity,
    p: Block,
    committed: Committed,
    side: _Side,
    before_p: Floats,
    at: tuple[Indices, Indices],
) -> None:
    """For a capacity that is both committed and chosen: by a big M, once while on and once for the switch."""
    step, which = at
    if not step.size:
        return
    place = np.searchsorted(committed.rows, which)
    big, later = committed.big_m[place], step > 0
    base = np.where(later, 0.0, side.sign * before_p[which]) + big
    status, switched = committed.status, committed.start_up if side.name == "up" else committed.shut_down
    for label, limit in (("run", side.run[step, which]), ("switch", side.switch[which])):
        rows = model.problem.rows_of(
            f"{p.label}-ramp-{side.name}-{label}-bigM",
            -inf,
            base,
            (p.index[step, which], np.full(step.shape, side.sign)),
            (capacity.column_of(which), -limit),
        )
        put = model.problem.put
        put(rows.index[later], p.index[step[later] - 1, which[later]], -side.sign)
        if label == "switch":
            put(rows.index, switched.index[step, place], big)
        elif side.name == "down":
            put(rows.index, status.index[step, place], big)
        else:
            put(rows.index[later], status.index[step[later] - 1, place[later]], big[later])
            model.problem.add_to_right_side(rows.index[~later], -(big * committed.before[place])[~later])
