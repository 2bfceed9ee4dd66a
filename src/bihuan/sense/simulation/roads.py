"""Roads of the made-up city: a grid of streets, bent a little, and walks over it that never end."""

from __future__ import annotations

import itertools
import math
import random
from functools import lru_cache

SIZE = 9
SOUTH_WEST = (113.52, 37.82)
"""Corner of the streets where nothing else is said, longitude and latitude."""
_STEP = (0.016, 0.0125)
"""Distance of streets, degrees."""
_KM_A_DEGREE_LAT = 111.2
_SPEED_KMH = 32.0
_WALK = 240

Node = tuple[int, int]


def corner_around(middle: tuple[float, float]) -> tuple[float, float]:
    """Return the south-west corner of streets that lie around a place, longitude and latitude."""
    half = (SIZE - 1) / 2
    return middle[0] - half * _STEP[0], middle[1] - half * _STEP[1]


def place_on_road(walker: str, seconds: float, corner: tuple[float, float] = SOUTH_WEST) -> tuple[float, float, float]:
    """Return longitude, latitude and speed [km/h] of a walker at a moment; the same for the same words and time."""
    nodes, ends_km = _walk(walker, corner)
    driven = seconds / 3600 * _SPEED_KMH % ends_km[-1]
    at = next(number for number, end in enumerate(ends_km) if driven <= end)
    begun = ends_km[at - 1] if at else 0.0
    share = (driven - begun) / (ends_km[at] - begun)
    (lon_a, lat_a), (lon_b, lat_b) = _place(nodes[at], corner), _place(nodes[at + 1], corner)
    speed = _SPEED_KMH * (0.4 + 1.2 * math.sin(math.pi * min(max(share, 0.05), 0.95)))
    return round(lon_a + (lon_b - lon_a) * share, 6), round(lat_a + (lat_b - lat_a) * share, 6), round(speed, 1)


@lru_cache(maxsize=512)
def _walk(walker: str, corner: tuple[float, float]) -> tuple[tuple[Node, ...], tuple[float, ...]]:
    """Return the crossings of a walk that comes back to where it began, and how far each is [km]."""
    chance = random.Random(walker)  # noqa: S311
    here = (chance.randrange(SIZE), chance.randrange(SIZE))
    out = [here]
    for _ in range(_WALK):
        here = chance.choice([node for node in _neighbours(here) if len(out) < 2 or node != out[-2]])
        out.append(here)
    nodes = (*out, *reversed(out[:-1]))
    ends, far = [], 0.0
    for a, b in itertools.pairwise(nodes):
        far += _km(_place(a, corner), _place(b, corner))
        ends.append(far)
    return nodes, tuple(ends)


def _neighbours(node: Node) -> list[Node]:
    x, y = node
    steps = ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1))
    return [(a, b) for a, b in steps if 0 <= a < SIZE and 0 <= b < SIZE]


def _place(node: Node, corner: tuple[float, float]) -> tuple[float, float]:
    x, y = node
    bend = 0.003 * math.sin(1.3 * x + 0.7 * y)
    return corner[0] + x * _STEP[0] + bend, corner[1] + y * _STEP[1] + bend


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (b[0] - a[0]) * _KM_A_DEGREE_LAT * math.cos(math.radians(a[1]))
    return math.hypot(east, (b[1] - a[1]) * _KM_A_DEGREE_LAT)
