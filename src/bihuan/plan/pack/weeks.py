"""A year in fewer hours: whole weeks picked from equal stretches of it, each standing for its stretch.

A reduced year answers quickly and is not the year: the choice says how far each series' mean is off.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.network import Floats, Ints

WEEK_H = 168


@dataclass(frozen=True)
class Choice:
    """The hours that stand for the year."""

    hours: Ints
    """Their places in the year."""
    weight: float
    """Hours of the year that each stands for."""
    off: dict[str, float]
    """Series -> its mean over the choice / its mean over the year − 1; empty for the whole year."""


def choose(series: dict[str, Floats], size: int, hours: int | None) -> Choice:
    """Return the hours that stand for a year.

    From each of n equal stretches the week is taken whose means of all series are nearest to the stretch's own, in
    standard deviations.

    Args:
        series: name -> values by hour.
        size: hours of the year.
        hours: wanted, a multiple of 168; None for all.

    Raises:
        InputError: not a number of whole weeks that the year has.
    """
    if hours is None or hours == size:
        return Choice(np.arange(size, dtype=np.int32), 1.0, {})
    if hours % WEEK_H or not 0 < hours <= size:
        raise InputError(f"{hours} hours; whole weeks were expected, 168 to {size // WEEK_H * WEEK_H}", where="--hours")
    edges = np.linspace(0, size, hours // WEEK_H + 1).astype(int)
    scaled = np.stack([values / (values.std() or 1.0) for values in series.values()], axis=1)
    picked = np.concatenate([_week(scaled, first, last) for first, last in pairwise(edges)])
    off = {name: float(values[picked].mean() / values.mean() - 1) for name, values in series.items() if values.mean()}
    return Choice(picked.astype(np.int32), size / hours, off)


def _week(scaled: Floats, first: int, last: int) -> Ints:
    starts = np.arange(first, last - WEEK_H + 1, 24)
    wanted = scaled[first:last].mean(axis=0)
    distance = [((scaled[at : at + WEEK_H].mean(axis=0) - wanted) ** 2).sum() for at in starts]
    begin = int(starts[int(np.argmin(distance))])
    return np.arange(begin, begin + WEEK_H, dtype=np.int32)
