"""Who is told of changes over NGSI-LD: how each subscriber fares, what waits, what was let go, and a way to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from bihuan.core.errors import MissingError
from bihuan.core.messages import N_
from bihuan.sense.ngsi_ld import broker
from bihuan.show.api.ngsi_ld_subscriptions import is_failing, status
from bihuan.show.cityview import ROOMS
from bihuan.show.keepers import may_keep, require_keeper
from bihuan.show.paging import PAGE_SIZE, Found, page_number
from bihuan.show.rendering import page
from bihuan.show.rooms import connection_of, now_of, settings_of
from bihuan.show.session import require_token, signed_in
from bihuan.store import events, ngsi_ld
from bihuan.store.ngsi_ld import SubscriptionRow

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Line:
    """A subscription as the page shows it."""

    row: SubscriptionRow
    name: str
    endpoint: str
    """Where it is told, without a user and a password."""
    state: str
    """`active`, `failed`, `paused` or `expired`."""


@router.get("/subscriptions")
def show(request: Request) -> HTMLResponse:
    """Show a page of subscriptions, the oldest first."""
    number, now, session = page_number(request.query_params), now_of(request), signed_in(request)
    with connection_of(request) as connection:
        total = ngsi_ld.count_subscriptions(connection)
        rows = ngsi_ld.subscriptions(connection, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    lines = []
    for row in rows:
        state = status(row, now)
        name = row.body.get("subscriptionName") or row.body.get("description") or row.id
        lines.append(Line(row, name, _told_at(row), "failed" if state == "active" and is_failing(row) else state))
    return page(
        request, "subscriptions.html", **ROOMS, lines=lines, found=Found(number, PAGE_SIZE, len(lines), total),
        session=session, may_change=may_keep(session), settings=settings_of(request),
    )  # fmt: skip


@router.post("/subscriptions")
def switch(
    request: Request,
    id: Annotated[str, Form()],
    act: Annotated[Literal["pause", "resume"], Form()],
    csrf: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Pause a subscription, or have it go on: it is tried at once, with what waits."""
    session = require_keeper(request)
    require_token(session, {"csrf": csrf})
    now = now_of(request)
    with connection_of(request) as connection:
        found = ngsi_ld.subscriptions(connection, id=id)
        if not found:
            raise MissingError(N_("this subscription is not there any more"), where=id)
        broker.switch(connection, found[0], active=act == "resume", at=now)
        told = events.NewEvent(f"subscription.{act}d", {"waiting": found[0].waiting}, session.principal.id)
        events.append(connection, f"subscription:{id}", [told], at=now)
    return RedirectResponse("/subscriptions", 303)


def _told_at(row: SubscriptionRow) -> str:
    uri: str = row.body["notification"]["endpoint"]["uri"]
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
