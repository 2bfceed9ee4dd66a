"""The event log: who changed what, and when, and whether the chain holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bihuan.show.labels import N_
from bihuan.show.rendering import page, say
from bihuan.store import events
from bihuan.store.connect import Store

router = APIRouter()
NEWEST = 200
"""Entries shown; the whole log is checked."""

WHAT: Mapping[str, str] = {
    "document.imported": N_("Document taken in"),
    "document.reread": N_("Document read anew"),
    "document.removed": N_("Document removed"),
    "entry.corrected": N_("Row corrected"),
    "entry.rejected": N_("Row rejected"),
    "entry.confirmed": N_("Row confirmed"),
    "entry.restored": N_("Correction undone"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the page shows it."""

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
    """Show the newest events and the state of the chain."""
    store: Store = request.app.state.store
    with store.connection() as connection:
        audit = events.verify(connection)
        found = events.latest(connection, limit=NEWEST)
    lines = [_line(request, event) for event in found]
    return page(request, "events.html", events=lines, verified=audit.events, broken=audit.broken)


def _line(request: Request, event: events.Event) -> Line:
    body = event.body
    return Line(
        at=event.time,
        actor=event.actor,
        what=say(request, WHAT[event.type]) if event.type in WHAT else event.type,
        about=str(body.get("name") or body.get("quote") or event.stream),
        note=str(body.get("note") or ""),
        address=None,
        changes=tuple(_changes(body)),
        hash=event.hash.hex(),
    )


def _changes(body: Mapping[str, Any]) -> list[Change]:
    before, after = body.get("before"), body.get("after")
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return []
    return [Change(name, _text(before.get(name)), _text(value)) for name, value in after.items()]


def _text(value: object) -> str:
    return "—" if value is None else str(value)
