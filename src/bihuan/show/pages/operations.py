"""Operations: the city now. Lights by theme, open signals, silent devices; a map; a board for each theme."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from bihuan.show import energybudget
from bihuan.show.boardtable import board_table
from bihuan.show.cityview import (
    ALL_TYPES,
    ROOMS,
    THEMES,
    Standpoint,
    Theme,
    lights,
    standpoints,
    with_cases,
    worst_first,
)
from bihuan.show.labels import N_
from bihuan.show.rendering import language_of, page, say
from bihuan.show.rooms import Place, connection_of, now_of, sensed_of, watchers_of
from bihuan.show.sensed import value_text
from bihuan.show.sheets import table_answer
from bihuan.store import devices, signals
from bihuan.store.connect import Connection

router = APIRouter()
PLACE = Place("/operations", N_("Operations"), ("/entities", "/devices", "/subscriptions", "/rules"))
SIGNALS_SHOWN = 30
READINGS_SHOWN = 10
OVER_SHOWN = 10
LATELY = timedelta(days=1)
BOARD_ROWS = 500
View = Callable[[Request, Connection], dict[str, Any]]


@router.get("/operations")
def show(request: Request) -> HTMLResponse:
    """Show the overview."""
    return _page(request, "operations.html", _overview)


@router.get("/operations/stream")
def follow(request: Request) -> StreamingResponse:
    """Keep the overview alive."""
    return _stream(request, "operations_now.html", _overview)


@router.get("/operations/map")
def show_map(request: Request) -> HTMLResponse:
    """Show the entities on a map of the districts, with a table behind it."""
    outline = sensed_of(request).outline
    drawn = json.dumps(outline, ensure_ascii=False) if outline else None
    return _page(request, "operations_map.html", _map, outline=drawn)


@router.get("/operations/map/stream")
def follow_map(request: Request) -> StreamingResponse:
    """Keep the map alive."""
    return _stream(request, "operations_map_now.html", _map)


@router.get("/operations/{theme_id}")
def show_board(request: Request, theme_id: str) -> HTMLResponse:
    """Show the entities of a theme with their readings."""
    return _page(request, "operations_board.html", partial(_board, _theme(theme_id)))


@router.get("/operations/{theme_id}/export.{suffix}")
def export_board(request: Request, theme_id: str, suffix: str) -> Response:
    """Take a board away as it stands, every entity that the filter leaves."""
    theme, language = _theme(theme_id), language_of(request)
    with connection_of(request) as connection:
        city = standpoints(connection, theme.types)
        budgets = _budgets(request, connection, theme, city)
    shown = worst_first(_fitting(city, _filters(request)))
    columns, rows = board_table(shown, columns_of(theme, city), budgets, sensed_of(request), language)
    return table_answer(say(request, theme.title), suffix, columns, rows)


@router.get("/operations/{theme_id}/stream")
def follow_board(request: Request, theme_id: str) -> StreamingResponse:
    """Keep a board alive."""
    return _stream(request, "operations_board_now.html", partial(_board, _theme(theme_id)))


def _page(request: Request, template: str, view: View, **more: Any) -> HTMLResponse:
    with connection_of(request) as connection:
        shown = view(request, connection)
    return page(request, template, **_common(request), **shown, **more)


def _stream(request: Request, template: str, view: View) -> StreamingResponse:
    def render() -> str:
        return bytes(_page(request, template, view).body).decode()

    query = tuple(sorted(request.query_params.multi_items()))
    return watchers_of(request).stream((template, request.url.path, query, language_of(request)), render)


def _common(request: Request) -> dict[str, Any]:
    language, sensed = language_of(request), sensed_of(request)
    return {
        "now": now_of(request),
        **ROOMS,
        "named": lambda attribute: sensed.attribute(attribute, language),
        "reading": lambda one: sensed.reading(one, language),
        "value_of": lambda value, unit: value_text(value, unit, language),
        "district": lambda entity: sensed.district(entity, language),
    }


def _theme(theme_id: str) -> Theme:
    if theme_id not in THEMES:
        raise HTTPException(404)
    return THEMES[theme_id]


# -- what is shown -------------------------------------------------------------------------------------------------


def _overview(request: Request, connection: Connection) -> dict[str, Any]:
    city = standpoints(connection, ALL_TYPES)
    told = sorted((one for point in city for one in point.signals), key=lambda one: one.id, reverse=True)
    of = {point.entity.urn: point for point in city}
    over = [one for one in signals.of_subjects(connection, list(of), since=now_of(request) - LATELY) if one.cleared_at]
    heard = sorted((point for point in city if point.last), key=lambda point: str(point.last), reverse=True)
    return {
        "rows": lights(city),
        "told": with_cases(connection, told[:SIGNALS_SHOWN]),
        "told_count": len(told),
        "over": with_cases(connection, over[:OVER_SHOWN]),
        "of": of,
        "silent": devices.states(connection, silent=True, limit=SIGNALS_SHOWN),
        "heard": heard[:READINGS_SHOWN],
        "synthetic": _is_synthetic(city),
    }


def _map(request: Request, connection: Connection) -> dict[str, Any]:
    city = [point for point in standpoints(connection, ALL_TYPES) if point.place]
    marks = [
        {"id": p.number, "name": p.entity.name, "at": p.place, "standing": p.standing, "type": p.entity.type}
        for p in city
    ]
    return {
        "points": worst_first(city),
        "marks": json.dumps(marks, ensure_ascii=False),
        "synthetic": _is_synthetic(city),
    }


def _board(theme: Theme, request: Request, connection: Connection) -> dict[str, Any]:
    city, filters = standpoints(connection, theme.types), _filters(request)
    shown = _fitting(city, filters)
    return {
        "desk": theme,
        "points": worst_first(shown)[:BOARD_ROWS],
        "total": len(shown),
        "columns": columns_of(theme, city),
        "districts": {p.entity.district: p.entity for p in city if p.entity.district},
        "filters": filters,
        "budgets": _budgets(request, connection, theme, city),
        "synthetic": _is_synthetic(city),
    }


def _filters(request: Request) -> dict[str, object]:
    return {name: request.query_params.get(name, "") for name in ("standing", "district")}


def _fitting(city: Sequence[Standpoint], filters: Mapping[str, object]) -> list[Standpoint]:
    """Return the entities that a board's filter leaves."""
    standing, district = filters["standing"], filters["district"]
    return [p for p in city if standing in ("", p.standing) and district in ("", p.entity.district)]


def _budgets(
    request: Request, connection: Connection, theme: Theme, city: Sequence[Standpoint]
) -> dict[int, energybudget.Budget]:
    if theme.id != "energy":
        return {}
    return energybudget.budgets(connection, city, sensed_of(request).unit, now_of(request))


def columns_of(theme: Theme, city: Sequence[Standpoint]) -> list[str]:
    """Return the attributes a board shows: those of the theme that somebody has."""
    there = {name for point in city for name in point.state}
    return [name for name in theme.columns if name in there]


def _is_synthetic(city: Sequence[Standpoint]) -> bool:
    return any(point.entity.synthetic for point in city)
