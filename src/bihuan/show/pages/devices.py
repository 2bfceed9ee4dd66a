"""The device registry: who reports, who is silent, what was not obeyed."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from bihuan.core.records.entity import DeviceState
from bihuan.show.boardtable import device_table
from bihuan.show.cityview import ROOMS
from bihuan.show.keepers import may_keep
from bihuan.show.paging import PAGE_SIZE, Found, page_number
from bihuan.show.rendering import language_of, page, say
from bihuan.show.rooms import connection_of, sensed_of
from bihuan.show.session import signed_in
from bihuan.show.sheets import table_answer
from bihuan.store import devices
from bihuan.store.entities import numbers_of

router = APIRouter()
KINDS_SHOWN = 100


@router.get("/devices")
def show(request: Request, protocol: str = "", silent: str = "", q: str = "") -> HTMLResponse:
    """Show a page of the registry, and what stands in quarantine."""
    number, sensed, language = page_number(request.query_params), sensed_of(request), language_of(request)
    with connection_of(request) as connection:
        everyone = devices.states(connection)
        aside = devices.quarantine_summary(connection, limit=KINDS_SHOWN)
        found = [one for one in everyone if _fits(one, protocol, silent, q)]
        shown = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        numbers = numbers_of(connection, [one.urn for one in shown])
    return page(
        request,
        "devices.html",
        **ROOMS,
        shown=shown,
        numbers=numbers,
        owner=lambda one: sensed.owner(one.owner, language),
        total=len(everyone),
        silent_count=sum(one.silent_since is not None for one in everyone),
        aside=aside,
        protocols=sorted({one.protocol for one in everyone}),
        filters={"protocol": protocol, "silent": silent, "q": q},
        found=Found(number, PAGE_SIZE, len(shown), len(found)),
        synthetic=any(one.synthetic for one in everyone),
        may_change=may_keep(signed_in(request)),
    )


@router.get("/devices/export.{suffix}")
def export(request: Request, suffix: str, protocol: str = "", silent: str = "", q: str = "") -> Response:
    """Take the registry away, as far as the filter leaves it."""
    with connection_of(request) as connection:
        found = [one for one in devices.states(connection) if _fits(one, protocol, silent, q)]
    return table_answer(say(request, "Devices"), suffix, *device_table(found, sensed_of(request), language_of(request)))


def _fits(one: DeviceState, protocol: str, silent: str, words: str) -> bool:
    if (protocol and one.protocol != protocol) or (silent and one.silent_since is None):
        return False
    text = f"{one.id} {one.name} {one.district or ''}".casefold()
    return all(word in text for word in words.casefold().split())
