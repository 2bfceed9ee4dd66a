"""What an entity's attribute was, at any zoom: as it came, by hour, by day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bihuan.core.records.observation import Quality
from bihuan.show.labels import N_
from bihuan.show.sensed import Sensed
from bihuan.show.wording import BEIJING
from bihuan.store import rollups
from bihuan.store.connect import Connection
from bihuan.store.history import Series, history

Zoom = Literal["now", "hour", "day"]
ZOOMS: Mapping[Zoom, str] = {"now": N_("Each reading"), "hour": N_("By hour"), "day": N_("By day")}
SPANS: Mapping[str, tuple[timedelta, Zoom, str]] = {
    "6h": (timedelta(hours=6), "now", N_("6 hours")),
    "day": (timedelta(days=1), "now", N_("A day")),
    "week": (timedelta(days=7), "hour", N_("A week")),
    "month": (timedelta(days=31), "hour", N_("A month")),
    "year": (timedelta(days=366), "day", N_("A year")),
}
"""How long, and the zoom that fits."""
MOST_DRAWN = 2000
"""Points of a chart; of more, every nth and each flagged one is drawn."""


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a chart."""

    at: datetime
    value: float
    quality: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """What of the history a page shows."""

    attribute: str
    span: str
    zoom: Zoom
    start: datetime
    end: datetime
    is_now: bool
    """Whether it ends at the present."""


def window(attribute: str, span: str | None, zoom: str | None, until: datetime | None, now: datetime) -> Window:
    """Return the window that an address asks for; what it does not say, or says wrongly, is chosen for it."""
    span = span if span in SPANS else "6h"
    assert span is not None
    length, fitting, _ = SPANS[span]
    end = min(until, now) if until is not None else now
    chosen: Zoom = next((one for one in ZOOMS if one == zoom), fitting)
    return Window(attribute, span, chosen, end - length, end, until is None or until >= now)


def moment(text: str | None) -> datetime | None:
    """Return the time of an address, Chinese where it names no zone; None for what is none."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def read(connection: Connection, sensed: Sensed, urn: str, attributes: Sequence[str], seen: Window) -> list[Series]:
    """Return the observations of a window, as they came."""
    return list(history(connection, sensed.lake, urn, attributes, seen.start, seen.end).values())


def points(connection: Connection, sensed: Sensed, number: int, urn: str, seen: Window) -> list[Point]:
    """Return the points of a window, oldest first; what is no number has no point."""
    if seen.zoom == "now":
        (series,) = read(connection, sensed, urn, [seen.attribute], seen)
        return [Point(o.time, float(o.value), o.quality) for o in series.observations() if _is_number(o.value)]
    return _rolled(connection, sensed, number, seen)


def _rolled(connection: Connection, sensed: Sensed, number: int, seen: Window) -> list[Point]:
    """Of a counter what it grew by, of all else the mean."""
    field = "growth" if sensed.is_counter(seen.attribute) else "mean"
    level: rollups.Level = "hour" if seen.zoom == "hour" else "day"
    rows = rollups.span(connection, number, level, seen.start, seen.end, [seen.attribute]).get(seen.attribute, [])
    return [Point(at, float(fields[field])) for at, fields in rows if fields[field] is not None]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def line_json(title: str, unit: str, shown: Sequence[Point]) -> str:
    """Return points as JSON for `city.js`: milliseconds, value, whether something is to be thought of it."""
    step = max(1, -(-len(shown) // MOST_DRAWN))
    drawn = [one for at, one in enumerate(shown) if at % step == 0 or one.quality & ~Quality.written]
    rows = [[round(one.at.timestamp() * 1000), one.value, int(one.quality & ~Quality.written != 0)] for one in drawn]
    return json.dumps({"title": title, "unit": unit, "points": rows}, ensure_ascii=False)


def trail_json(lon: Series, lat: Series) -> str:
    """Return where something was, as JSON for `city.js`: places in order of time."""
    lat_at = dict(zip(lat.times_us.tolist(), lat.values.tolist(), strict=True))
    places = [
        [east, lat_at[time]]
        for time, east in zip(lon.times_us.tolist(), lon.values.tolist(), strict=True)
        if east == east and lat_at.get(time, float("nan")) == lat_at.get(time)
    ]
    return json.dumps(places)
