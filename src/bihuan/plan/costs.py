"""What one unit of capacity costs over the horizon: an annuity of what is paid at once, or a cost given as such."""

from __future__ import annotations

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.network import Components, Floats, Network

_HOURS_PER_YEAR = 8760.0


def annuity(rate: Floats, years: Floats) -> Floats:
    """Return the yearly payment for 1 paid at once: r / (1 − (1 + r)^−n).

    1/n at a rate of 0, the rate itself over an infinite time, never below 0 there.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        usual = rate / (1.0 - 1.0 / (1.0 + rate) ** years)
        straight = np.where(np.isinf(years), 0.0, 1.0 / years)
    usual = np.where(np.isinf(years), np.maximum(rate, 0.0), usual)
    return np.where(rate == 0, straight, usual)


def capital_cost(network: Network, components: Components) -> Floats:
    """Return the cost of one unit of capacity over the horizon, without fixed operation and maintenance.

    Raises:
        InputError: an overnight cost with investment periods of different lengths, which no one annuity fits.
    """
    given, overnight = components.numbers("capital_cost"), components.numbers("overnight_cost")
    at_once = ~np.isnan(overnight)
    if not at_once.any():
        return given
    yearly = annuity(components.numbers("discount_rate"), components.numbers("lifetime"))
    return np.where(at_once, np.nan_to_num(overnight) * yearly * _years(network), given)


def fixed_cost(network: Network, components: Components) -> Floats:
    """Return what one unit of capacity costs over the horizon, shape (components,)."""
    return capital_cost(network, components) + np.nan_to_num(components.numbers("fom_cost"))


def _years(network: Network) -> float:
    """Years that the snapshots of the horizon, or of each investment period, stand for."""
    hours = network.weightings["objective"]
    if network.periods is None:
        return float(hours.sum()) / _HOURS_PER_YEAR
    each = np.bincount(network.periods.of_snapshot, hours, len(network.periods.years)) / _HOURS_PER_YEAR
    if np.unique(each).size > 1:
        raise InputError(
            "overnight_cost with investment periods of different lengths; give capital_cost instead", where=network.name
        )
    return float(each[0])
