"""Codes of HJ 212 factors by name and unit (HJ 212-2017 appendix B; HJ 524-2009 for air, HJ 525-2009 for water).

`unit` is the canonical one that values are kept in: mg/m³ in flue gas and for CO, µg/m³ in ambient air (GB 3095),
mg/L in water. What a device sends in another unit is converted once, at the door, by the device registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

AMBIENT = frozenset({"22"})
"""ST of ambient air stations (大气环境监测)."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing a device measures."""

    id: str
    """Attribute name: `pm25`."""
    name: str
    """Chinese name of the standard."""
    english: str
    unit: str | None
    """Canonical; None for a state or a number without one."""
    lowest: float | None
    """Bounds of what can be; outside, a value is out of range."""
    highest: float | None


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, bool], Factor]:
    text = files("bihuan").joinpath("packs/pollutants.yaml").read_text(encoding="utf-8")
    table = {}
    for row in yaml.safe_load(text):
        bounds = row.get("range", [None, None])
        for ambient in (False, True):
            unit = row.get("ambient_unit", row["unit"]) if ambient else row["unit"]
            known = Factor(row["id"], row["name"], row["english"], unit, *bounds)
            table.update({(code, ambient): known for code in row["codes"]})
    return table


def factor(code: str, station: str = "") -> Factor | None:
    """Return the factor of a code as a device of a station type (ST) means it; None for one that is not in the table."""
    return _table().get((code, station in AMBIENT))


@lru_cache(maxsize=1)
def by_attribute() -> dict[str, Factor]:
    """Return the factors by attribute name, in the units of flue gas and water."""
    return {known.id: known for (_, ambient), known in _table().items() if not ambient}
