"""The inventory of the made-up city: which entities there are, where they stand, and the devices that tell of them.

Names, places and figures are invented from a seed; only the kinds and counts follow what the city speaks of (72 key
energy users, air and water stations, outlets, mine faces, an autonomous fleet). Every entity is marked synthetic.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bihuan.core.records.entity import URN, Device, Entity
from bihuan.sense.simulation.roads import SOUTH_WEST, corner_around
from bihuan.store.districts import centres
from bihuan.store.packs import Pack

INDUSTRIES = ("电力", "煤炭", "化工", "耐材", "铝业", "建材", "数据中心", "机械")
SECRET = "123456"  # noqa: S105 what every manual of HJ 212 has in its examples


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a made-up city lies."""

    districts: Mapping[str, tuple[float, float]]
    """Rough centres, longitude and latitude."""
    roads: tuple[float, float]
    """South-west corner of its streets, likewise."""

    @classmethod
    def of(cls, pack: Pack) -> Ground:
        """Return the ground of a pack's city: its districts by its map; without a map all of them around one point."""
        known, names = centres(pack), [one.name for one in pack.city.places if one.kind != "development_zone"]
        if not known:
            return cls(dict.fromkeys(names, _MIDDLE), SOUTH_WEST) if names else YANGQUAN
        return cls(known, corner_around(next(iter(known.values()))))


YANGQUAN = Ground(
    {
        "城区": (113.59, 37.86),
        "矿区": (113.55, 37.87),
        "郊区": (113.58, 37.94),
        "平定县": (113.65, 37.80),
        "盂县": (113.41, 38.09),
    },
    SOUTH_WEST,
)
_MIDDLE = YANGQUAN.districts["城区"]


@dataclass(frozen=True, slots=True)
class Simulated:
    """One made-up device."""

    device: Device
    entity: Entity
    kind: str
    """How it behaves, a key of `behaviour.READINGS`."""
    every_seconds: int
    """How often it reports."""
    roads: tuple[float, float] = SOUTH_WEST
    """South-west corner of the streets that a vehicle drives."""


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


OVER_MQTT = ("parking", "charging")
"""Kinds whose devices may speak MQTT 5 instead of HJ 212."""


def inventory(seed: int, share: float = 1.0, ground: Ground = YANGQUAN, *, mqtt: bool = False) -> list[Simulated]:
    """Return the devices of the made-up city.

    Args:
        seed: the same seed makes the same city.
        share: of each kind so much, one at least.
        ground: where it lies.
        mqtt: whether parking and charging speak MQTT 5.
    """
    city = [one for kind in KINDS for one in _of_kind(kind, random.Random(f"{seed}|{kind}"), share, ground)]  # noqa: S311
    return [_over_mqtt(one) if mqtt and one.kind in OVER_MQTT else one for one in city]


def _over_mqtt(one: Simulated) -> Simulated:
    return replace(one, device=replace(one.device, protocol="mqtt"))


def _of_kind(name: str, chance: random.Random, share: float, ground: Ground) -> Iterator[Simulated]:
    kind = KINDS[name]
    for number in range(1, max(1, round(kind.count * share)) + 1):
        district, (lon, lat) = chance.choice(list(ground.districts.items()))
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
        yield Simulated(device, entity, name, kind.every_seconds, ground.roads)


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
