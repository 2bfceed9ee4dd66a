"""The event log: who changed what, and when, and whether the chain holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bihuan.core.records.principal import Principal
from bihuan.show import eventview
from bihuan.show.labels import FIELDS, LABELS, N_, label
from bihuan.show.paging import PAGE_SIZE
from bihuan.show.rendering import local, page
from bihuan.show.rooms import Place, connection_of
from bihuan.show.session import signed_in
from bihuan.store import events, ledger
from bihuan.store.connect import Connection

router = APIRouter()
PLACE = Place("/events", N_("Event log"))
VERIFIED_UNASKED = 5_000
"""A log up to this length is verified whenever it is shown (under 0.1 s); a longer one when it is asked for."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after."""

    title: str
    """Catalogued English."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the page shows it."""

    id: int
    at: datetime
    actor: str
    what: str
    about: str
    note: str
    address: str | None
    changes: tuple[Change, ...]
    hash: str


@router.get("/events")
def show(request: Request) -> HTMLResponse:
    """Show a page of events, the newest first, and the state of the chain."""
    params = request.query_params
    stream, before, session = params.get("stream") or None, params.get("before", ""), signed_in(request)
    with connection_of(request) as connection:
        count = events.count(connection)
        audit = events.verify(connection) if "verify" in params or count <= VERIFIED_UNASKED else None
        cursor = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
        found = events.latest(connection, stream=stream, before=cursor, limit=PAGE_SIZE + 1)
        names = eventview.names_of(connection, session)
        who = session.principal if session else None
        lines = [_line(request, connection, event, names, who) for event in found[:PAGE_SIZE]]
    older = lines[-1].id if len(found) > PAGE_SIZE else None
    filters = {"stream": stream, "before": cursor, "verify": None}
    return page(request, "events.html", events=lines, count=count, audit=audit, older=older, filters=filters)


def _line(
    request: Request, connection: Connection, event: events.Event, names: Mapping[str, str], who: Principal | None
) -> Line:
    body = event.body if eventview.may_be_told(event, who) else {}
    about, address = _about(request, connection, event)
    return Line(
        id=event.id,
        at=event.time,
        actor=eventview.actor(request, event, names),
        what=eventview.what(request, event),
        about=about,
        note=str(body.get("note") or ""),
        address=address,
        changes=tuple(_changes(request, body)),
        hash=event.hash.hex(),
    )


def _about(request: Request, connection: Connection, event: events.Event) -> tuple[str, str | None]:
    """Return what an event is about and where that stands; the address is None where it is no longer there."""
    kind, key = eventview.kind_and_key(event)
    if kind == "case":
        return key, f"/cases/{key}"
    if kind in ("account", "key", "channel"):
        return f"{local(request, label('stream', kind))} {key}", None
    if kind == "rule":
        return key, f"/rules/{key}"
    if kind == "device":
        protocol, _, identifier = key.partition(":")
        return f"{protocol} · {identifier}", f"/devices/{protocol}/{identifier}"
    if kind == "subscription":
        return key, "/subscriptions"
    document = ledger.by_sha256(connection, key) if kind == "document" else None
    if document is None:
        return str(event.body.get("name") or event.body.get("quote") or event.stream), None
    if "quote" not in event.body:
        return document.title or document.name, f"/documents/{document.id}"
    place = event.body["family"], event.body["start"], event.body["quote"]
    row = ledger.find_entry(connection, document.id, *place)
    anchor = f"#e{row}" if row else ""
    return f"{document.title or document.name} · {event.body['quote']}", f"/documents/{document.id}{anchor}"


def _changes(request: Request, body: Mapping[str, Any]) -> list[Change]:
    before, after = body.get("before"), body.get("changes")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return []
    return [
        Change(FIELDS.get(name, name), _text(request, name, before.get(name)), _text(request, name, value))
        for name, value in after.items()
    ]


def _text(request: Request, field: str, value: object) -> str:
    if value is None:
        return "—"
    return local(request, label(field, str(value))) if field in LABELS else str(value)
