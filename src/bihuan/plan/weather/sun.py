"""Photovoltaic output per MW: pvlib's sun and clear sky, dimmed by a random cloud cover of the right sunshine.

The clear-sky index follows Ångström and Prescott with FAO-56's coefficients (a = 0.25, b = 0.50): on a month with
sunshine share S, global radiation is (a + b·S) / (a + b) of that of a clear sky. Panels: PVWatts (NREL/TP-6A20-62641),
cell temperature by Faiman, diffuse share by Erbs, sky diffuse by Hay and Davies.
"""

from __future__ import annotations

import numpy as np

from bihuan.plan.network import Floats
from bihuan.plan.weather.chance import remembering, smooth_months
from bihuan.plan.weather.climate import Climate

_ANGSTROM_A, _ANGSTROM_B = 0.25, 0.50
_WIND_AT_PANEL_M_PER_S = 2.0


def clear_sky_index(climate: Climate, random: np.random.Generator, hours: int) -> Floats:
    """Return global radiation / that of a clear sky for each hour, with the month's mean and days that persist."""
    days = hours // 24
    share = smooth_months(climate.sunshine_share, days)
    wanted = (_ANGSTROM_A + _ANGSTROM_B * share) / (_ANGSTROM_A + _ANGSTROM_B)
    by_day = np.repeat(remembering(random, days, 0.45), 24)
    by_hour = remembering(random, hours, 0.75)
    cloudiness = 1 / (1 + np.exp(-1.4 * (0.85 * by_day + 0.53 * by_hour)))
    centred = np.repeat(wanted, 24) + 0.62 * (0.5 - cloudiness)
    return np.clip(centred, 0.08, 1.05)


def photovoltaic(climate: Climate, temperature_c: Floats, index: Floats) -> Floats:
    """Return output per MW of grid-side capacity for each hour of the year, between 0 and 1.

    Args:
        climate: place, panels and turbidity.
        temperature_c: air temperature by hour.
        index: clear-sky index by hour.
    """
    import pandas as pd
    import pvlib

    middles = pd.date_range(f"{climate.year}-01-01 00:30", periods=index.size, freq="h", tz="Asia/Shanghai")
    place = pvlib.location.Location(climate.latitude, climate.longitude, "Asia/Shanghai", climate.altitude_m)
    sun = place.get_solarposition(middles)
    clear = place.get_clearsky(middles, solar_position=sun, linke_turbidity=climate.linke_turbidity)
    ghi = clear["ghi"] * index
    split = pvlib.irradiance.erbs(ghi, sun["zenith"], middles)
    extra = pvlib.irradiance.get_extra_radiation(middles)
    on_panel = pvlib.irradiance.get_total_irradiance(
        climate.panel_tilt_deg,
        180,
        sun["apparent_zenith"],
        sun["azimuth"],
        split["dni"],
        ghi,
        split["dhi"],
        dni_extra=extra,
        model="haydavies",
    )["poa_global"].fillna(0.0)
    cell = pvlib.temperature.faiman(on_panel, temperature_c, _WIND_AT_PANEL_M_PER_S)
    direct = pvlib.pvsystem.pvwatts_dc(on_panel, cell, climate.direct_to_alternating, -0.0037)
    return np.asarray(np.clip(direct * (1 - climate.panel_losses), 0.0, 1.0), dtype=np.float64)
