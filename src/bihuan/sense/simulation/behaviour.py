"""What a made-up device measures at a moment: a pure function of seed, device and time.

Days have their course, values their noise, meters only grow; now and then something happens that a rule should see.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Mapping
from datetime import datetime

from bihuan.sense.simulation.city import Simulated
from bihuan.sense.simulation.roads import place_on_road
from bihuan.sense.times import CHINA

Readings = dict[str, float]


def readings(one: Simulated, at: datetime, seed: int) -> Readings:
    """Return the values of a device at a moment, by the name it sends them under."""
    noise = random.Random(f"{seed}|{one.device.id}|{int(at.timestamp())}")  # noqa: S311
    return READINGS[one.kind](one, at, noise, _share(f"{seed}|{one.device.id}"))


def vehicle_place(one: Simulated, at: datetime, seed: int) -> tuple[float, float, float]:
    """Return longitude, latitude and speed [km/h] of a vehicle."""
    return place_on_road(f"{seed}|{one.device.id}", at.timestamp(), one.roads)


def _energy(one: Simulated, at: datetime, noise: random.Random, share: float) -> Readings:
    budget = float(one.entity.attributes["year_budget"])
    pace = 0.85 + 0.25 * share  # some will exceed their budget
    hours = _hours_of_year(at)
    power = budget * pace / 8760 * 1000 * (1 + 0.25 * _day(at, peak=15)) * noise.uniform(0.97, 1.03)
    return {
        "power_kw": round(power, 1),
        "energy_kwh": round(budget * pace / 8760 * 1000 * hours, 1),
        "energy_tce": round(budget * pace / 8760 * hours, 3),
    }


def _air(one: Simulated, at: datetime, noise: random.Random, share: float) -> Readings:
    dirty = 1 + 1.8 * _episode(at, share, hours=9)
    pm25 = (35 + 15 * share + 12 * _day(at, peak=8)) * dirty * noise.uniform(0.95, 1.05)
    return {
        "a34004": round(pm25, 1),
        "a34002": round(pm25 * (1.6 + share) * noise.uniform(0.97, 1.03), 1),
        "a21026": round((12 + 6 * share) * dirty * noise.uniform(0.9, 1.1), 1),
        "a21004": round((30 + 15 * _day(at, peak=19)) * noise.uniform(0.9, 1.1), 1),
        "a21005": round((0.8 + 0.3 * share) * dirty * noise.uniform(0.9, 1.1), 3),
        "a05024": round(max(5.0, 70 + 60 * _day(at, peak=15)) * noise.uniform(0.95, 1.05), 1),
        "a01001": round(10 + 8 * _day(at, peak=15) + noise.uniform(-0.3, 0.3), 1),
        "a01002": round(min(100.0, 55 - 20 * _day(at, peak=15) + noise.uniform(-2, 2)), 1),
        "a01007": round(abs(noise.gauss(2, 0.8)), 1),
    }


def _water(one: Simulated, at: datetime, noise: random.Random, share: float) -> Readings:
    bad = 1 + 1.5 * _episode(at, share, hours=20)
    return {
        "w01001": round(7.6 + 0.3 * _day(at, peak=14) + noise.uniform(-0.05, 0.05), 2),
        "w01009": round((8.5 - share) / bad * noise.uniform(0.97, 1.03), 2),
        "w01010": round(12 + 3 * _day(at, peak=15) + noise.uniform(-0.1, 0.1), 1),
        "w01019": round((3 + share) * bad * noise.uniform(0.95, 1.05), 2),
        "w21003": round((0.35 + 0.2 * share) * bad * noise.uniform(0.9, 1.1), 3),
        "w21011": round((0.08 + 0.04 * share) * bad * noise.uniform(0.9, 1.1), 3),
        "w21001": round((3.5 + share) * noise.uniform(0.95, 1.05), 2),
    }


def _outlet(one: Simulated, at: datetime, noise: random.Random, share: float) -> Readings:
    upset = 1 + 1.6 * _episode(at, share, hours=7)
    return {
        "a21026": round((14 + 10 * share) * upset * noise.uniform(0.9, 1.1), 2),
        "a21002": round((28 + 10 * share) * noise.uniform(0.9, 1.1), 2),
        "a34013": round((3 + 2 * share) * noise.uniform(0.85, 1.15), 2),
        "a19001": round(6 + noise.uniform(-0.4, 0.4), 2),
        "a01012": round(52 + 4 * share + noise.uniform(-1, 1), 1),
        "a00000": round(400_000 * (0.6 + 0.4 * share) * noise.uniform(0.97, 1.03), 0),
    }


def _mine(one: Simulated, at: datetime, noise: random.Random, share: float) -> Readings:
    gas = 0.25 + 0.2 * share + 0.75 * _episode(at, share, hours=11) ** 2
    return {
        "methane_percent": round(max(0.0, gas + noise.uniform(-0.02, 0.02)), 3),
        "mine_co_ppm": round(abs(noise.gauss(4, 1.5)), 1),
        "face_wind_speed": round(1.8 + noise.uniform(-0.2, 0.2), 2),
    }


def _parking(one: Simulated, at: datetime, noise: random.Random, share: float) -> Readings:
    spaces = 100 + round(400 * share)
    busy = min(1.0, max(0.05, 0.55 + 0.5 * _day(at, peak=11) + noise.uniform(-0.03, 0.03)))
    return {"spaces": float(spaces), "occupied": float(round(spaces * busy))}


def _charging(one: Simulated, at: datetime, noise: random.Random, share: float) -> Readings:
    piles = 8 + round(30 * share)
    busy = min(1.0, max(0.0, 0.5 + 0.45 * _day(at, peak=13) + noise.uniform(-0.1, 0.1)))
    charging = round(piles * busy)
    return {"piles": float(piles), "charging": float(charging), "power_kw": round(charging * noise.uniform(35, 60), 1)}


def _vehicle(one: Simulated, at: datetime, noise: random.Random, share: float) -> Readings:
    hot = 30 * _episode(at, share, hours=13)
    return {
        "soc_percent": float(round(60 + 35 * math.sin(at.timestamp() / 7200 + 6 * share))),
        "temp_c": float(round(28 + 4 * share + hot + noise.uniform(-1, 1))),
        "voltage_v": round(345 + noise.uniform(-3, 3), 1),
        "current_a": round(noise.uniform(-40, 120), 1),
        "alarm": 2.0 if hot > 25 else 0.0,
    }


READINGS: Mapping[str, Callable[[Simulated, datetime, random.Random, float], Readings]] = {
    "energy": _energy,
    "air": _air,
    "water": _water,
    "outlet": _outlet,
    "mine": _mine,
    "parking": _parking,
    "charging": _charging,
    "vehicle": _vehicle,
}


def _share(text: str) -> float:
    """A number from 0 to 1 that belongs to a text for good."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big") / 2**32


def _day(at: datetime, *, peak: int) -> float:
    """The course of a day, −1 to 1, highest at an hour."""
    local = at.astimezone(CHINA)
    return math.cos((local.hour + local.minute / 60 - peak) / 24 * 2 * math.pi)


def _episode(at: datetime, share: float, *, hours: int) -> float:
    """Something out of the ordinary, 0 to 1: half an hour out of so many hours, each device at its own time."""
    phase = (at.timestamp() / 3600 + share * hours) % hours
    return math.sin(phase / 0.5 * math.pi) if phase < 0.5 else 0.0


def _hours_of_year(at: datetime) -> float:
    local = at.astimezone(CHINA)
    return (local - local.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)).total_seconds() / 3600
