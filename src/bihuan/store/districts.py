"""The map of a city: polygons of its districts, from `map/districts.json` of its pack. Needs no database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from statistics import fmean
from typing import Any

from bihuan.core.errors import PackError
from bihuan.store.packs import Pack

Outline = dict[str, Any]
"""GeoJSON (RFC 7946): a FeatureCollection of polygons, each with its district's `name`."""
_SHAPES = ("Polygon", "MultiPolygon")


def load_districts(pack: Pack) -> Outline | None:
    """Return the polygons of a city's districts; None where its pack has no map.

    Raises:
        PackError: the file is no such GeoJSON, or names a district that the city has not.
    """
    path = pack.folder / "map" / "districts.json"
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        named = {one["properties"]["name"] for one in found["features"] if one["geometry"]["type"] in _SHAPES}
    except (ValueError, KeyError, TypeError) as error:
        raise PackError(f"is no GeoJSON of polygons that have a `name`: {error!r}", where=str(path)) from error
    if unknown := sorted(named - pack.city.place_of.keys()):
        raise PackError(f"names {', '.join(unknown)}; city.yaml has no such place", where=str(path))
    outline: Outline = found
    return outline


def centres(pack: Pack) -> dict[str, tuple[float, float]]:
    """Return rough centres of the districts, longitude and latitude, by the name of `city.yaml`; none without a map.

    Raises:
        PackError: as `load_districts`.
    """
    outline = load_districts(pack) or {"features": []}
    shapes = {one["properties"]["name"]: list(_corners(one["geometry"]["coordinates"])) for one in outline["features"]}
    return {
        pack.city.place_of[name].name: (fmean(lon for lon, _ in corners), fmean(lat for _, lat in corners))
        for name, corners in shapes.items()
    }


def _corners(coordinates: Any) -> Iterator[tuple[float, float]]:
    """Yield the corners of a polygon, or of all of several."""
    if isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
        return
    for part in coordinates:
        yield from _corners(part)
