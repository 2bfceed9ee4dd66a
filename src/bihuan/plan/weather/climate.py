"""What is known of a place's climate: monthly normals and a few shares, read from a pack's `climate.yaml`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from bihuan.core.errors import InputError

Months = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class WindSite:
    """Wind at hub height."""

    name: str
    mean_m_per_s: float
    """Long-term mean at hub height."""
    weibull_k: float
    losses: float
    """Wake, availability, electrical and icing losses, as a share."""


@dataclass(frozen=True, slots=True)
class Climate:
    """A place's normals. Tuples of twelve run from January to December."""

    year: int
    latitude: float
    longitude: float
    altitude_m: float
    temperature_c: Months
    """Mean air temperature."""
    daily_range_k: float
    """Mean difference of the day's highest and lowest temperature."""
    temperature_spread_k: float
    """Standard deviation of a day's mean about its normal."""
    sunshine_share: Months
    """Hours of bright sunshine / hours of daylight."""
    linke_turbidity: float
    panel_tilt_deg: float
    panel_losses: float
    """Soiling, mismatch, wiring, inverter and shading losses, as a share."""
    direct_to_alternating: float
    """Panel power [DC] / grid power [AC]."""
    wind_sites: tuple[WindSite, ...]
    wind_season: Months
    """Monthly mean wind speed / yearly mean."""
    load_season: Months
    """Monthly mean load / yearly mean."""
    load_day: tuple[float, ...]
    """Mean load in each hour of the day / daily mean, 24 values."""
    weekend_load: float
    """Load of a Saturday or Sunday / that of a working day."""
    spot_day: tuple[float, ...]
    """Mean spot price in each hour of the day / daily mean, 24 values."""
    spot_mean_cny_per_mwh: float


def read_climate(path: Path) -> Climate:
    """Read `climate.yaml`: each entry is `{value: …, basis: …, source: …}`.

    Raises:
        InputError: an entry is missing, unknown or of the wrong length; all of them in one message.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"cannot be read as YAML: {error}", where=str(path)) from error
    entries = raw if isinstance(raw, dict) else {}
    names = {f.name for f in fields(Climate)}
    faults = [f"{name}: is missing" for name in sorted(names - entries.keys())]
    faults += [f"{name}: is no entry here" for name in sorted(entries.keys() - names)]
    values = {name: _value(entry) for name, entry in entries.items() if name in names}
    faults += [
        f"{name}: {len(values[name])} values, {wanted} expected"
        for name, wanted in _LENGTHS.items()
        if isinstance(values.get(name), tuple) and len(values[name]) != wanted
    ]
    if faults:
        raise InputError("; ".join(faults), where=str(path))
    values["wind_sites"] = tuple(WindSite(**{k: _value(v) for k, v in site.items()}) for site in values["wind_sites"])
    return Climate(**values)


_LENGTHS = {
    "temperature_c": 12,
    "sunshine_share": 12,
    "wind_season": 12,
    "load_season": 12,
    "load_day": 24,
    "spot_day": 24,
}


def _value(entry: Any) -> Any:
    value = entry["value"] if isinstance(entry, dict) and "value" in entry else entry
    return tuple(value) if isinstance(value, list) else value
