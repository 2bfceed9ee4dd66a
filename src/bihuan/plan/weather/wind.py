"""Wind output per MW: Weibull wind that persists from hour to hour, through the power curve of a low-wind turbine.

The power curve is the generic low-wind shape 1 / (1 + exp(-(v - 7.3) / 1.05)), cut in at 2.5 m/s, cut out at 22 m/s:
half of rated power at 7.3 m/s, rated above 11 m/s, as machines of class IEC III with 200-220 W per m² of rotor have.
"""

from __future__ import annotations

from math import gamma

import numpy as np

from bihuan.plan.network import Floats
from bihuan.plan.weather.chance import remembering, smooth_months
from bihuan.plan.weather.climate import Climate, WindSite

_CUT_IN, _CUT_OUT = 2.5, 22.0
_HALF, _STEEPNESS = 7.3, 1.05
_SHARED = 0.75
"""Share of the wind's variance that sites of one city have in common, as a correlation."""


def wind_outputs(climate: Climate, random: np.random.Generator, hours: int) -> dict[str, Floats]:
    """Return site -> output per MW for each hour, between 0 and 1."""
    common = _gust(random, hours)
    season = np.repeat(smooth_months(climate.wind_season, hours // 24), 24)
    outputs = {}
    for site in climate.wind_sites:
        own = np.sqrt(_SHARED) * common + np.sqrt(1 - _SHARED) * _gust(random, hours)
        outputs[site.name] = output(_speed(site, own, season)) * (1 - site.losses)
    return outputs


def output(speed_m_per_s: Floats) -> Floats:
    """Return power / rated power at a wind speed at hub height."""
    curve = 1 / (1 + np.exp(-(speed_m_per_s - _HALF) / _STEEPNESS))
    running = (speed_m_per_s >= _CUT_IN) & (speed_m_per_s <= _CUT_OUT)
    return np.asarray(np.where(running, curve, 0.0))


def _gust(random: np.random.Generator, hours: int) -> Floats:
    """A standard normal series: weather of days and of hours, with a breeze that peaks in the evening."""
    fronts = np.repeat(remembering(random, hours // 24, 0.5), 24)
    smooth = np.convolve(np.pad(fronts, 12, mode="edge"), np.ones(25) / 25, mode="valid")
    breeze = 0.25 * np.cos(2 * np.pi * (np.arange(hours) % 24 - 19) / 24)
    mixed = 0.8 * smooth / smooth.std() + 0.6 * remembering(random, hours, 0.85) + breeze
    return np.asarray((mixed - mixed.mean()) / mixed.std())


def _speed(site: WindSite, gust: Floats, season: Floats) -> Floats:
    """Turn a standard normal series into Weibull wind speeds of the site's mean and shape."""
    from statistics import NormalDist

    share = np.clip(np.array([NormalDist().cdf(value) for value in gust]), 1e-6, 1 - 1e-6)
    scale = site.mean_m_per_s / gamma(1 + 1 / site.weibull_k)
    return np.asarray(scale * season * (-np.log(1 - share)) ** (1 / site.weibull_k))
