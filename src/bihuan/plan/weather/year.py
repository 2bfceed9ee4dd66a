"""A whole year of hourly series, and the Parquet file that keeps it with its seed and versions."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.network import Floats
from bihuan.plan.weather.chance import remembering, smooth_months
from bihuan.plan.weather.climate import Climate
from bihuan.plan.weather.sun import clear_sky_index, photovoltaic
from bihuan.plan.weather.wind import wind_outputs

_SHARP = 4
"""Decimals kept: 0.0001 per MW is far below what a made-up year can promise."""


def hourly(climate: Climate, seed: int) -> dict[str, Floats]:
    """Return name -> value for each hour of the climate's year; the same seed gives the same year.

    Names: `temperature` [°C], `wind_<site>` and `pv` [per MW], `load` [mean 1], `spot_price` [CNY/MWh].

    Raises:
        InputError: pvlib is not installed.
    """
    _need_pvlib()
    random = np.random.default_rng(seed)
    begin = datetime(climate.year, 1, 1)  # noqa: DTZ001 - local time of the place, as in the pack
    days = (datetime(climate.year + 1, 1, 1) - begin).days  # noqa: DTZ001
    hours = days * 24
    temperature = _temperature(climate, random, days)
    winds = wind_outputs(climate, random, hours)
    index = clear_sky_index(climate, random, hours)
    pv = photovoltaic(climate, temperature, index)
    series = {"temperature": temperature, "pv": pv, **{f"wind_{name}": values for name, values in winds.items()}}
    series["load"] = _load(climate, random, begin, days)
    series["spot_price"] = _spot(climate, np.mean(list(winds.values()), axis=0), index)
    return {
        name: np.round(values, 2 if name in ("temperature", "spot_price") else _SHARP)
        for name, values in series.items()
    }


def write_series(path: Path, series: dict[str, Floats], year: int, seed: int) -> None:
    """Write the series as Parquet, a row an hour; seed and versions stand in the file's metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    begin = datetime(year, 1, 1)  # noqa: DTZ001 - local time of the place
    size = len(next(iter(series.values())))
    stamps = [(begin + timedelta(hours=h)).strftime("%Y-%m-%d %H:%M") for h in range(size)]
    made = {"synthetic": "true", "seed": str(seed), "numpy": version("numpy"), "pvlib": version("pvlib")}
    columns = {"snapshot": pa.array(stamps), **{name: pa.array(values) for name, values in series.items()}}
    table = pa.table(columns).replace_schema_metadata(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", compression_level=19)


def _need_pvlib() -> None:
    try:
        import pvlib  # noqa: F401
    except ImportError as error:
        raise InputError("synthetic weather needs pvlib; install it with: pip install 'bihuan[weather]'") from error


def _temperature(climate: Climate, random: np.random.Generator, days: int) -> Floats:
    """Normals, a cosine over the day with its top at 15 h, and spells that last for days."""
    normal = np.repeat(smooth_months(climate.temperature_c, days), 24)
    spells = remembering(random, days, 0.65) * climate.temperature_spread_k
    spell = np.interp(np.arange(days * 24), np.arange(days) * 24 + 12, spells)
    day = climate.daily_range_k / 2 * np.cos(2 * np.pi * (np.arange(days * 24) % 24 - 15) / 24)
    return np.asarray(normal + spell + day)


def _load(climate: Climate, random: np.random.Generator, begin: datetime, days: int) -> Floats:
    season = np.repeat(smooth_months(climate.load_season, days), 24)
    day = np.tile(np.array(climate.load_day), days)
    weekend = np.array([(begin + timedelta(days=d)).weekday() >= 5 for d in range(days)])
    week = np.repeat(np.where(weekend, climate.weekend_load, 1.0), 24)
    chance = 1 + 0.012 * np.repeat(remembering(random, days, 0.6), 24) + 0.008 * remembering(random, days * 24, 0.6)
    load = season * day * week * chance
    return np.asarray(load / load.mean())


def _spot(climate: Climate, wind: Floats, index: Floats) -> Floats:
    """The day's shape; windy hours × 0.6 to still hours × 1.4; a sunny noon falls to 0, as the market's valley does."""
    rank = wind.argsort().argsort() / wind.size
    shape = np.tile(np.array(climate.spot_day), wind.size // 24)
    price = shape * (1.4 - 0.8 * rank)
    noon = np.isin(np.arange(wind.size) % 24, (11, 12, 13, 14)) & (index > 0.85) & (rank > 0.4)
    price = np.where(noon, 0.0, price)
    return np.asarray(np.clip(price / price.mean() * climate.spot_mean_cny_per_mwh, 0.0, 1500.0))
