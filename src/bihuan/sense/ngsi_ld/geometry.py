"""Geometries and the geo-query (clause 4.10): `georel`, `geometry`, `coordinates`, `geoproperty`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely import affinity
from shapely.errors import GEOSException
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from bihuan.sense.ngsi_ld.problems import bad

_DEPTH = {"Point": 1, "MultiPoint": 2, "LineString": 2, "MultiLineString": 3, "Polygon": 3, "MultiPolygon": 4}
"""How deep the numbers of each kind of geometry lie."""
_EARTH_M = 6_371_008.8
"""Mean radius, metres (IUGG)."""
_RELATIONS: Mapping[str, Callable[[BaseGeometry, BaseGeometry], bool]] = {
    "within": lambda entity, asked: bool(entity.within(asked)),
    "contains": lambda entity, asked: bool(entity.contains(asked)),
    "intersects": lambda entity, asked: bool(entity.intersects(asked)),
    "equals": lambda entity, asked: bool(entity.equals(asked)),
    "disjoint": lambda entity, asked: bool(entity.disjoint(asked)),
    "overlaps": lambda entity, asked: bool(entity.overlaps(asked)),
}


@dataclass(frozen=True)
class GeoQuery:
    """What is asked of a place."""

    relation: str
    """`near`, `within`, …"""
    asked: BaseGeometry
    geoproperty: str
    """IRI of the attribute that is looked at."""
    nearest_m: float | None = None
    farthest_m: float | None = None

    def fits(self, geometry: Any) -> bool:
        """Return whether a GeoJSON geometry is where it was asked for."""
        if not is_geometry(geometry):
            return False
        place = shape(geometry)
        if self.relation != "near":
            return _RELATIONS[self.relation](place, self.asked)
        away = distance_m(place, self.asked)
        return away <= (self.farthest_m or math.inf) and away >= (self.nearest_m or 0)

    def box(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east and north of where a place must lie to fit; None where it may lie anywhere."""
        if self.relation == "disjoint" or (self.relation == "near" and self.farthest_m is None):
            return None
        west, south, east, north = self.asked.bounds
        more = math.degrees((self.farthest_m or 0) / _EARTH_M) * 1.01 + 1e-9
        south, north = south - more, north + more
        if max(abs(south), abs(north)) > 89:
            return None
        wider = more / math.cos(math.radians(max(abs(south), abs(north))))
        return (west - wider, south, east + wider, north)


def is_geometry(given: Any) -> bool:
    """Return whether a value is a GeoJSON geometry with coordinates as deep as its type asks."""
    if not isinstance(given, dict):
        return False
    kind = given.get("type")
    return isinstance(kind, str) and kind in _DEPTH and _fits(given.get("coordinates"), _DEPTH[kind]) and _closed(given)


def _fits(given: Any, depth: int) -> bool:
    if depth == 0:
        return isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)
    if not isinstance(given, list) or (depth == 1 and not 2 <= len(given) <= 3):
        return False
    return bool(given) and all(_fits(one, depth - 1) for one in given)


def _closed(given: Mapping[str, Any]) -> bool:
    if given["type"] == "Point":
        return True
    try:
        shape(given)
    except (ValueError, GEOSException, TypeError):
        return False
    return True


def read_geo_query(relation: str | None, geometry: str | None, coordinates: Any, geoproperty: str) -> GeoQuery:
    """Return the geo-query of a request.

    Args:
        relation: `near;maxDistance==2000`.
        geometry: `Point`.
        coordinates: JSON text or the array itself.
        geoproperty: IRI.

    Raises:
        Problem: BadRequestData.
    """
    if not relation or not geometry or coordinates is None:
        raise bad("a geo-query has georel, geometry and coordinates")
    name, *modifiers = relation.split(";")
    if name != "near" and (name not in _RELATIONS or modifiers):
        raise bad(f"georel: {', '.join(('near', *_RELATIONS))} were expected, not '{relation}'")
    if name == "near" and len(modifiers) != 1:
        raise bad("georel: near has one of maxDistance==metres and minDistance==metres")
    distances = dict(_modifier(one) for one in modifiers)
    asked = read_geometry(geometry, coordinates, "coordinates")
    return GeoQuery(name, asked, geoproperty, distances.get("minDistance"), distances.get("maxDistance"))


def read_geometry(geometry: str, coordinates: Any, parameter: str) -> BaseGeometry:
    """Return a geometry of a request.

    Args:
        geometry: `Point`.
        coordinates: JSON text or the array itself.
        parameter: name of the coordinates, for the error.

    Raises:
        Problem: BadRequestData.
    """
    asked = {"type": geometry, "coordinates": _decoded(coordinates, parameter)}
    if not is_geometry(asked):
        raise bad(f"{parameter}: those of a GeoJSON {geometry} were expected")
    return shape(asked)


def _modifier(text: str) -> tuple[str, float]:
    name, equal, metres = text.partition("==")
    try:
        distance = float(metres)
    except ValueError:
        distance = -1
    if not equal or name not in ("maxDistance", "minDistance") or not 0 < distance < math.inf:
        raise bad(f"georel: maxDistance==2000 or minDistance==2000 was expected, not '{text}'")
    return name, distance


def _decoded(coordinates: Any, parameter: str) -> Any:
    if not isinstance(coordinates, str):
        return coordinates
    try:
        return json.loads(coordinates)
    except ValueError:
        raise bad(f"{parameter}: a JSON array was expected, such as [113.58,37.86]") from None


def distance_m(one: BaseGeometry, other: BaseGeometry) -> float:
    """Return the distance of the nearest points of two geometries on the sphere, metres.

    Which points are nearest is found where degrees are as long as they are in the middle of the second geometry.
    """
    shorter = max(math.cos(math.radians(other.centroid.y)), 1e-6)
    a, b = nearest_points(*(affinity.scale(place, shorter, origin=(0, 0)) for place in (one, other)))
    lon1, lat1, lon2, lat2 = map(math.radians, (a.x / shorter, a.y, b.x / shorter, b.y))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def point_of(geometry: Any) -> tuple[float, float] | None:
    """Return longitude and latitude of a geometry's middle; None where it is no geometry."""
    if not is_geometry(geometry):
        return None
    if geometry["type"] == "Point":
        return float(geometry["coordinates"][0]), float(geometry["coordinates"][1])
    middle = shapely.centroid(shape(geometry))
    return (float(middle.x), float(middle.y)) if not middle.is_empty else None
