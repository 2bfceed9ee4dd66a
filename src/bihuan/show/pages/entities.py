"""One entity: its state, its history at any zoom, what is to be thought of each value, its signals and cases."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bihuan.sense.export import write
from bihuan.show.cityview import ROOMS, Standpoint, standpoint, with_cases
from bihuan.show.downloads import MEDIA_TYPES, download
from bihuan.show.entityhistory import SPANS, ZOOMS, Window, line_json, moment, points, read, trail_json, window
from bihuan.show.language import Language
from bihuan.show.rendering import language_of, page
from bihuan.show.rooms import connection_of, now_of, sensed_of
from bihuan.show.sensed import Sensed, quality_words, unit_text, value_text
from bihuan.show.session import require_session, require_token, signed_in
from bihuan.store import devices, signals
from bihuan.store.connect import Connection
from bihuan.store.entities import numbers_of
from bihuan.store.history import Series

router = APIRouter()
ROWS_SHOWN = 200
SIGNALS_SHOWN = 50
PLACES = ("lon_deg", "lat_deg")


@router.get("/entities/{identifier}")
def show(
    request: Request,
    identifier: str,
    attribute: str = "",
    span: str = "",
    zoom: str = "",
    until: str = "",
) -> Response:
    """Show an entity, by its number; its URN leads there."""
    if not identifier.isdecimal():
        return _by_urn(request, identifier)
    with connection_of(request) as connection:
        point = _found(connection, int(identifier))
        seen = window(_chosen(point, attribute), span, zoom, moment(until), now_of(request))
        shown = points(connection, sensed_of(request), point.number, point.entity.urn, seen) if point.state else []
        told = with_cases(connection, signals.latest(connection, subject=point.entity.urn, limit=SIGNALS_SHOWN))
        known = [one for one in devices.states(connection) if one.urn == point.entity.urn]
    unit = _unit(request, point, seen.attribute)
    title = _named(request, seen.attribute)
    return page(
        request,
        "entity.html",
        **_common(request, point),
        seen=seen,
        unit=unit,
        line=line_json(title, unit, shown) if shown else None,
        shown=shown[: -ROWS_SHOWN - 1 : -1],
        count=len(shown),
        told=told,
        devices=known,
        session=signed_in(request),
        spans={name: text for name, (_, _, text) in SPANS.items()},
        zooms=ZOOMS,
        filters={"attribute": seen.attribute, "span": seen.span, "zoom": seen.zoom},
        earlier=seen.start.isoformat(),
        later=None if seen.is_now else (seen.end + (seen.end - seen.start)).isoformat(),
        until=None if seen.is_now else seen.end.isoformat(),
    )


@router.get("/entities/{number}/card")
def card(request: Request, number: int, attribute: str = "") -> HTMLResponse:
    """Return the part that a map shows of an entity: state, the day's chart, a vehicle's trail."""
    sensed = sensed_of(request)
    with connection_of(request) as connection:
        point = _found(connection, number)
        seen = window(_chosen(point, attribute), "day", "now", None, now_of(request))
        shown = points(connection, sensed, number, point.entity.urn, seen) if point.state else []
        trail = _trail(connection, sensed, point, seen)
    title = _named(request, seen.attribute)
    unit = _unit(request, point, seen.attribute)
    line = line_json(title, unit, shown) if shown else None
    return page(request, "entity_card.html", **_common(request, point), seen=seen, line=line, trail=trail)


@router.get("/entities/{number}/export.{suffix}")
def export(
    request: Request,
    number: int,
    suffix: str,
    attribute: Annotated[list[str] | None, Query()] = None,
    span: str = "",
    until: str = "",
) -> Response:
    """Take the observations of the window away, as they came; without `attribute`, all of them."""
    if f".{suffix}" not in MEDIA_TYPES:
        raise HTTPException(404)
    with connection_of(request) as connection:
        point = _found(connection, number)
        seen = window("", span, "now", moment(until), now_of(request))
        series = read(connection, sensed_of(request), point.entity.urn, attribute or sorted(point.state), seen)
    return download(f"{point.entity.name}.{suffix}", lambda path: _write(series, path))


@router.post("/signals/{identifier}/acknowledge")
def acknowledge(
    request: Request, identifier: int, back: Annotated[int, Form()], csrf: Annotated[str, Form()] = ""
) -> Response:
    """Note that somebody has seen a signal; needs an account."""
    session = require_session(request)
    require_token(session, {"csrf": csrf})
    with connection_of(request) as connection:
        signals.acknowledge(connection, identifier, actor=session.principal.id, at=now_of(request))
    return RedirectResponse(f"/entities/{back}#signals", 303)


def _write(series: Iterable[Series], path: Path) -> None:
    write(series, path)


def _by_urn(request: Request, urn: str) -> Response:
    with connection_of(request) as connection:
        number = numbers_of(connection, [urn]).get(urn)
    if number is None:
        raise HTTPException(404)
    return RedirectResponse(f"/entities/{number}", 303)


def _found(connection: Connection, number: int) -> Standpoint:
    point = standpoint(connection, number) if number < 2**31 else None
    if point is None:
        raise HTTPException(404)
    return point


def _chosen(point: Standpoint, attribute: str) -> str:
    """Return the attribute asked for, else the first of its rules' kind: a number that is not a place."""
    if attribute in point.state:
        return attribute
    numbers = [name for name, one in point.state.items() if isinstance(one.value, float) and name not in PLACES]
    return next(iter(numbers or point.state), "")


def _trail(connection: Connection, sensed: Sensed, point: Standpoint, seen: Window) -> str | None:
    if not set(PLACES) <= point.state.keys():
        return None
    lon, lat = read(connection, sensed, point.entity.urn, PLACES, seen)
    return trail_json(lon, lat)


def _unit(request: Request, point: Standpoint, attribute: str) -> str:
    told = point.state.get(attribute)
    unit = sensed_of(request).unit(attribute, told.unit if told else None)
    return unit_text(unit, language_of(request))


def _named(request: Request, attribute: str) -> str:
    return sensed_of(request).attribute(attribute, language_of(request))


def _common(request: Request, point: Standpoint) -> dict[str, Any]:
    language: Language = language_of(request)
    sensed = sensed_of(request)
    return {
        "point": point,
        **ROOMS,
        "synthetic": point.entity.synthetic,
        "named": lambda attribute: sensed.attribute(attribute, language),
        "reading": lambda one: sensed.reading(one, language),
        "registered": lambda name, value: sensed.registered(name, value, language),
        "value_of": lambda value, unit: value_text(value, unit, language),
        "district": lambda entity: sensed.district(entity, language),
        "quality_of": quality_words,
    }
