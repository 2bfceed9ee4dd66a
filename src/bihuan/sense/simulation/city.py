"""The inventory of the made-up city: which entities there are, where they stand, and the devices that tell of them.

Names, places and figures are invented from a seed; only the kinds and counts follow what the city speaks of (72 key
energy users, air and water stations, outlets, mine faces, an autonomous fleet). Every entity is marked synthetic.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from bihuan.core.records.entity import URN, Device, Entity

DISTRICTS = {
    "城区": (113.59, 37.86),
    "矿区": (113.55, 37.87),
    "郊区": (113.58, 37.94),
    "平定县": (113.65, 37.80),
    "盂县": (113.41, 38.09),
}
"""Rough centres, longitude and latitude."""
INDUSTRIES = ("电力", "煤炭", "化工", "耐材", "铝业", "建材", "数据中心", "机械")
SECRET = "123456"  # noqa: S105 what every manual of HJ 212 has in its examples


@dataclass(frozen=True, slots=True)
class Simulated:
    """One made-up device."""

    device: Device
    entity: Entity
    kind: str
    """How it behaves, a key of `behaviour.READINGS`."""
    every_seconds: int
    """How often it reports."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How many of what."""

    type: str
    name: str
    count: int
    every_seconds: int
    owner: str
    protocol: str = "hj212"


KINDS = {
    "energy": Kind("EnergyUser", "重点用能单位", 72, 60, "energy"),
    "air": Kind("AirStation", "空气站", 6, 60, "ecology"),
    "water": Kind("WaterStation", "水质断面", 6, 60, "ecology"),
    "outlet": Kind("EmissionOutlet", "排放口", 12, 30, "ecology"),
    "mine": Kind("MineFace", "采煤工作面", 8, 15, "emergency"),
    "parking": Kind("Parking", "停车场", 10, 60, "transport"),
    "charging": Kind("ChargingStation", "充电站", 10, 60, "energy"),
    "vehicle": Kind("Vehicle", "自动驾驶车", 20, 10, "transport", "gb32960"),
}


def inventory(seed: int, share: float = 1.0) -> list[Simulated]:
    """Return the devices of the made-up city.

    Args:
        seed: the same seed makes the same city.
        share: of each kind so much, one at least.
    """
    return [one for kind in KINDS for one in _of_kind(kind, random.Random(f"{seed}|{kind}"), share)]  # noqa: S311


def _of_kind(name: str, chance: random.Random, share: float) -> Iterator[Simulated]:
    kind = KINDS[name]
    for number in range(1, max(1, round(kind.count * share)) + 1):
        district, (lon, lat) = chance.choice(list(DISTRICTS.items()))
        entity = Entity(
            urn=f"{URN}{kind.type}:synthetic-{number:03}",
            type=kind.type,
            name=_name(kind, number, chance),
            lon=round(lon + chance.uniform(-0.05, 0.05), 5),
            lat=round(lat + chance.uniform(-0.04, 0.04), 5),
            district=district,
            owner=kind.owner,
            attributes=_attributes(name, chance),
            synthetic=True,
        )
        identifier = f"LSYNTHYQ{number:09}" if kind.protocol == "gb32960" else f"SYN{name.upper()}{number:04}"
        secret = None if kind.protocol == "gb32960" else SECRET
        device = Device(kind.protocol, identifier, entity.urn, secret, kind.every_seconds)
        yield Simulated(device, entity, name, kind.every_seconds)


def _name(kind: Kind, number: int, chance: random.Random) -> str:
    industry = f"（{chance.choice(INDUSTRIES)}）" if kind.type == "EnergyUser" else ""
    return f"{kind.name}{number:02}{industry}（模拟）"


def _attributes(kind: str, chance: random.Random) -> dict[str, float | str]:
    """What the registry knows of an entity: limits, budgets, classes."""
    if kind == "energy":
        return {"year_budget": float(chance.randrange(5, 500) * 1000), "budget_attribute": "energy_tce"}
    if kind == "outlet":
        return {"limit_so2": 35.0, "limit_nox": 50.0, "limit_dust": 10.0}
    if kind == "water":
        return {"target_class": chance.choice([3.0, 4.0])}
    return {"fleet": "autonomous"} if kind == "vehicle" else {}
