"""Unit commitment relaxed to a linear problem: rows that keep the relaxation close to the whole numbers.

Source: Y. Hua, C. Liu, J. Zhang, Representing operational flexibility in generation expansion planning through convex
relaxation of unit commitment, IEEE Transactions on Power Systems 32(5), 2017; as PyPSA applies it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from bihuan.plan.components.commitment import Committed
from bihuan.plan.matrix import Block, Indices
from bihuan.plan.model import Model
from bihuan.plan.network import Bools, Floats


@dataclass(frozen=True, slots=True)
class _Limits:
    """Powers of a unit in the entries at hand [MW]."""

    low: Floats
    high: Floats
    up: Floats
    down: Floats
    start: Floats
    stop: Floats


def tighten(model: Model, committed: Committed, p: Block) -> None:
    """Add four families of rows for units whose start costs what their stop costs and whose capacity is given."""
    units, steps = committed.components, model.steps
    alike = (units.by_snapshot("start_up_cost", steps) == units.by_snapshot("shut_down_cost", steps)).all(axis=0)
    ours = committed.active & alike & ~committed.is_big
    _limit_now(model, committed, p, ours)
    before = np.where(committed.before > 0, units.numbers("p_init"), 0.0)
    known = ours.copy()
    known[0] &= ~np.isnan(before)
    step, which = np.nonzero(known)
    limits = _limits(committed, steps, step, which)
    low, stop = limits.low, limits.stop
    # label, coefficients: p, p before, status, status before, start-up
    families = (
        ("p-before", 0.0, 1.0, stop - limits.high, -stop, limits.high - stop),
        ("partly-start-up", 1.0, -1.0, -(low + limits.up), low, low + limits.up - limits.start),
        ("partly-shut-down", -1.0, 1.0, stop - limits.down, -stop, -(low + limits.down - stop)),
    )
    for label, now, back, on, on_back, begin in families:
        _add(model, committed, p, label, (step, which), before, (now, back, on, on_back, begin))


def _limit_now(model: Model, committed: Committed, p: Block, ours: Bools) -> None:
    """In the snapshot of a start power reaches what the start allows, not more."""
    step, which = np.nonzero(ours)
    limits = _limits(committed, model.steps, step, which)
    model.problem.rows_of(
        f"{committed.components.kind}-com-p-current",
        -inf,
        0.0,
        (p.index[step, committed.rows[which]], 1.0),
        (committed.status.index[step, which], -limits.high),
        (committed.start_up.index[step, which], limits.high - limits.start),
    )


def _add(
    model: Model,
    committed: Committed,
    p: Block,
    label: str,
    at: tuple[Indices, Indices],
    before: Floats,
    coefficients: tuple[float, float, Floats, Floats, Floats],
) -> None:
    """Rows now · p + back · p[t−1] + on · status + on_back · status[t−1] + begin · start-up <= 0."""
    (step, which), (now, back, on, on_back, begin) = at, coefficients
    given = back * np.nan_to_num(before)[which] + on_back * committed.before[which]
    rows = model.problem.rows_of(
        f"{committed.components.kind}-com-{label}",
        -inf,
        np.where(step == 0, -given, 0.0),
        (p.index[step, committed.rows[which]], now),
        (committed.status.index[step, which], on),
        (committed.start_up.index[step, which], begin),
    )
    later = step > 0
    model.problem.put(rows.index[later], p.index[step[later] - 1, committed.rows[which[later]]], back)
    model.problem.put(rows.index[later], committed.status.index[step[later] - 1, which[later]], on_back[later])


def _limits(committed: Committed, steps: int, step: Indices, which: Indices) -> _Limits:
    units, size = committed.components, committed.size[which]

    def hourly(attribute: str) -> Floats:
        return np.nan_to_num(units.by_snapshot(attribute, steps)[step, which], nan=1.0) * size

    def constant(attribute: str) -> Floats:
        return np.nan_to_num(units.numbers(attribute)[which], nan=1.0) * size

    return _Limits(
        low=hourly("p_min_pu"),
        high=hourly("p_max_pu"),
        up=hourly("ramp_limit_up"),
        down=hourly("ramp_limit_down"),
        start=constant("ramp_limit_start_up"),
        stop=constant("ramp_limit_shut_down"),
    )
