"""Retrofits (节能, 供热, 灵活性 改造) as versions of a plant: each has its own coal rate, heat region and least load.

A plant with options becomes versions v: the plant as it stands, and one for each option. The plan chooses the capacity
x_v >= 0 of each with Σ x_v = p_nom; a version costs its investment per kW, spread over its life. This is an LP (parts of
a plant may be retrofitted); with `unit_size` each x_v is a whole number of units, and the problem a MILP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FIELDS = ("coal_rate", "heat_rate", "c_v", "c_b", "q_nom", "p_min_pu")
"""What a retrofit may change."""


@dataclass(frozen=True, slots=True)
class Version:
    """One way a plant may be."""

    name: str
    region: Mapping[str, float]
    """The plant's fields of `FIELDS` after the retrofit."""
    investment: float
    """CNY/kW; 0 for the plant as it stands."""
    lifetime: float
    """Years."""


def versions(plant: str, region: Mapping[str, float], options: Mapping[str, Mapping[str, float]]) -> list[Version]:
    """Return the plant as it stands and one version for each option.

    Args:
        plant: its name.
        region: the plant's fields of `FIELDS`.
        options: option -> `investment`, `lifetime` and the fields it changes; −1 or absent leaves a field as it is.
    """
    found = [Version(plant, dict(region), 0.0, 1.0)]
    for option, fields in options.items():
        changed = {name: fields[name] for name in FIELDS if fields.get(name, -1.0) >= 0}
        found.append(
            Version(version_name(plant, option), {**region, **changed}, fields["investment"], fields["lifetime"])
        )
    return found


def version_name(plant: str, option: str) -> str:
    """Return what a plant is called after a retrofit."""
    return f"{plant}（{option}）"
