"""What a bus of a link or process receives, at once or after a delay."""

from __future__ import annotations

import re

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.matrix import Block, Indices
from bihuan.plan.model import Model
from bihuan.plan.network import Bools, Components, Floats


def further(components: Components, first: int) -> list[str]:
    """Return the ports that the table names from `first` on: `2`, `3` and so on."""
    numbers = [re.fullmatch(r"bus(\d+)", name) for name in components.columns]
    return sorted((m.group(1) for m in numbers if m and int(m.group(1)) >= first), key=int)


def feed(model: Model, components: Components, p: Block, port: str, coefficient: Floats, suffix: str) -> None:
    """Let the bus of a port receive coefficient · p, `delay` hours later where one is given.

    Args:
        model: the problem under way.
        components: links or processes.
        p: their power.
        port: number of the port; an empty bus means that a component does not use it.
        coefficient: what the bus receives per p, by the snapshot it arrives in, shape (snapshots, components).
        suffix: what the port's attributes end with.
    """
    buses = components.texts(f"bus{port}")
    used = np.array([bool(bus) for bus in buses], dtype=bool)
    unknown = sorted({bus for bus in buses if bus and bus not in model.network.bus_index})
    if unknown:
        raise InputError(f"no such bus in bus{port}: {', '.join(unknown[:10])}", where=components.kind)
    at = np.array([model.network.bus_index.get(bus, 0) for bus in buses], dtype=np.int32)
    delay = components.numbers(f"delay{suffix}").astype(int)
    cyclic = components.flags(f"cyclic_delay{suffix}")
    for hours, wraps in sorted(set(zip(delay[used].tolist(), cyclic[used].tolist(), strict=True))):
        group = np.flatnonzero(used & (delay == hours) & (cyclic == wraps))
        source, valid = sources(model, hours, wraps)
        rows = model.balance.index[np.ix_(valid, at[group])]
        model.problem.put(rows, p.index[np.ix_(source[valid], group)], coefficient[np.ix_(valid, group)])


def sources(model: Model, delay: int, wraps: bool) -> tuple[Indices, Bools]:
    """Return for each snapshot the one in which left what arrives now, and whether there is one.

    What leaves in a snapshot arrives in the last one that begins no later than `delay` hours afterwards. Each investment
    period stands for itself.
    """
    steps, hours = model.steps, model.network.weightings["generators"]
    if delay <= 0:
        return np.arange(steps, dtype=np.int32), np.ones(steps, dtype=bool)
    source, valid = np.zeros(steps, np.int32), np.zeros(steps, dtype=bool)
    periods = model.network.periods
    of_snapshot = np.zeros(steps, np.int32) if periods is None else periods.of_snapshot
    for period in np.unique(of_snapshot):
        ours = np.flatnonzero(of_snapshot == period)
        begin = np.concatenate([[0.0], np.cumsum(hours[ours])[:-1]])
        left = begin - delay
        valid[ours] = wraps | (left >= 0)
        left = np.mod(left, hours[ours].sum()) if wraps else left
        place = np.searchsorted(begin, left, side="right") - 1
        source[ours] = ours[np.clip(place, 0, ours.size - 1)]
    return source, valid
