"""Random series with memory, and calendar means spread smoothly over the hours of a year."""

from __future__ import annotations

import numpy as np

from bihuan.plan.network import Floats


def remembering(random: np.random.Generator, size: int, memory: float) -> Floats:
    """Return a first-order autoregressive series of mean 0 and variance 1.

    Args:
        random: source of chance.
        size: how many steps.
        memory: correlation of one step with the next, 0 <= memory < 1.
    """
    shocks = random.standard_normal(size) * np.sqrt(1 - memory**2)
    series = np.empty(size)
    level = random.standard_normal()
    for step in range(size):
        level = memory * level + shocks[step]
        series[step] = level
    return series


def smooth_months(monthly: tuple[float, ...], days: int) -> Floats:
    """Return a value for each day, linear between mid-months, shifted so that the year's mean is the months' mean.

    Args:
        monthly: twelve means.
        days: of the year, 365 or 366.
    """
    middles = (np.arange(-1, 13) + 0.5) / 12 * days
    values = np.array([monthly[-1], *monthly, monthly[0]])
    daily = np.interp(np.arange(days) + 0.5, middles, values)
    return np.asarray(daily + (np.mean(monthly) - daily.mean()))
