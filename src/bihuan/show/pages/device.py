"""One device of the registry: taken in, changed, given another secret, retired, by accounts that keep the operations centre."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bihuan.act.accounts import SignedIn
from bihuan.core.errors import BihuanError, InputError, MissingError, StateError
from bihuan.core.messages import N_
from bihuan.sense import enrolment
from bihuan.sense.enrolment import Known, Particulars
from bihuan.show import eventview
from bihuan.show.cityview import ALL_TYPES, ROOMS
from bihuan.show.keepers import may_keep, require_keeper
from bihuan.show.rendering import page, reason
from bihuan.show.rooms import connection_of, now_of, sensed_of
from bihuan.show.session import require_token, signed_in
from bihuan.store import devices, events
from bihuan.store.connect import Connection
from bihuan.store.entities import numbers_of, types

router = APIRouter()
ACTS = ("change", "secret", "retire", "restore")
"""What the form of a device does."""
EVENTS_SHOWN = 50
_NOTHING: Mapping[str, str] = dict.fromkeys(
    ("protocol", "id", "type", "urn", *(one.name for one in fields(Particulars))), ""
)
"""The empty form."""


async def _sent(request: Request) -> Mapping[str, str]:
    return {name: value.strip() for name, value in (await request.form()).items() if isinstance(value, str)}


Sent = Annotated[Mapping[str, str], Depends(_sent)]


@router.get("/devices/new")
def begin(request: Request) -> HTMLResponse:
    """Show the form of a device that is still to be taken in."""
    return _form(request, require_keeper(request), {})


@router.post("/devices/new")
def add(request: Request, sent: Sent) -> Response:
    """Take a device in; its secret is told on the page that follows, and never again."""
    session = require_keeper(request)
    require_token(session, sent)
    protocol, identifier = sent.get("protocol", ""), sent.get("id", "")
    try:
        with connection_of(request) as connection:
            secret = enrolment.add(
                connection, protocol, identifier, sent.get("type", ""), read_particulars(sent), known_of(request),
                urn=sent.get("urn") or None, actor=session.principal.id, at=now_of(request),
            )  # fmt: skip
    except (InputError, StateError) as error:
        return _form(request, session, sent, error)
    if secret is None:
        return RedirectResponse(f"/devices/{protocol}/{identifier}", 303)
    return _shown(request, protocol, identifier, session, secret=secret)


@router.get("/devices/{protocol}/{identifier}")
def show(request: Request, protocol: str, identifier: str) -> HTMLResponse:
    """Show a device, and what was done with it."""
    return _shown(request, protocol, identifier, signed_in(request))


@router.post("/devices/{protocol}/{identifier}")
def act(request: Request, protocol: str, identifier: str, sent: Sent) -> Response:
    """Change a device, give it another secret, retire it, or have it back: `act` says which."""
    session = require_keeper(request)
    require_token(session, sent)
    secret = None
    try:
        with connection_of(request) as connection:
            secret = _done(request, connection, protocol, identifier, sent, session.principal.id)
    except MissingError:
        raise
    except (InputError, StateError) as error:
        return _shown(request, protocol, identifier, session, error=error)
    if secret is not None:
        return _shown(request, protocol, identifier, session, secret=secret)
    return RedirectResponse(f"/devices/{protocol}/{identifier}", 303)


def _done(
    request: Request, connection: Connection, protocol: str, identifier: str, sent: Mapping[str, str], actor: str
) -> str | None:
    """Do what a form asks for; return the secret that is to be told."""
    who: dict[str, Any] = {"actor": actor, "at": now_of(request)}
    match sent.get("act"):
        case "change":
            enrolment.change(connection, protocol, identifier, read_particulars(sent), known_of(request), **who)
        case "secret":
            return enrolment.renew_secret(connection, protocol, identifier, **who)
        case "retire" | "restore" as what:
            enrolment.retire(connection, protocol, identifier, back=what == "restore", **who)
        case other:
            raise InputError(N_("'{given}' is nothing that can be done with a device"), where="act", given=other or "")
    return None


def known_of(request: Request) -> Known:
    """Return what particulars of a device may name: the offices and districts of the city."""
    pack = sensed_of(request).pack
    return Known({one.id for one in pack.organisations}, set(pack.city.place_of))


def read_particulars(sent: Mapping[str, str]) -> Particulars:
    """Return the particulars of a form.

    Raises:
        InputError: a number is none.
    """
    seconds = _number(sent, "expected_seconds")
    if seconds is not None and not seconds.is_integer():
        raise InputError(N_("'{given}' is no whole number"), where="expected_seconds", given=sent["expected_seconds"])
    return Particulars(
        name=sent.get("name", ""),
        owner=sent.get("owner") or None,
        district=sent.get("district") or None,
        lon=_number(sent, "lon"),
        lat=_number(sent, "lat"),
        expected_seconds=None if seconds is None else int(seconds),
        edition=sent.get("edition") or None,
    )


def _number(sent: Mapping[str, str], name: str) -> float | None:
    text = sent.get(name, "")
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not abs(found) < 1e12:
        raise InputError(N_("'{given}' is no number"), where=name, given=text)
    return found


def _form(
    request: Request, session: SignedIn, sent: Mapping[str, str], error: BihuanError | None = None
) -> HTMLResponse:
    with connection_of(request) as connection:
        there = sorted({*ALL_TYPES, *types(connection)})
    return page(
        request, "device_new.html", 422 if error else 200, **ROOMS, **_choices(request), sent={**_NOTHING, **sent}, session=session,
        fault=reason(request, error) if error else None, kinds=enrolment.KINDS, types=there,
    )  # fmt: skip


def _shown(
    request: Request,
    protocol: str,
    identifier: str,
    session: SignedIn | None,
    *,
    secret: str | None = None,
    error: BihuanError | None = None,
) -> HTMLResponse:
    with connection_of(request) as connection:
        entry = enrolment.required(connection, protocol, identifier)
        state = next(iter(devices.states(connection, protocol=protocol, id=identifier)), None)
        number = numbers_of(connection, [entry.urn]).get(entry.urn)
        noted = events.latest(connection, stream=enrolment.stream_of(protocol, identifier), limit=EVENTS_SHOWN)
        names = eventview.names_of(connection, session)
    told = [(one, eventview.what(request, one), eventview.actor(request, one, names)) for one in noted]
    status = 200 if error is None else 409 if isinstance(error, StateError) else 422
    answer = page(
        request, "device.html", status, **ROOMS, **_choices(request), entry=entry, state=state, number=number, told=told,
        session=session, may_change=may_keep(session), secret=secret, fault=reason(request, error) if error else None,
    )  # fmt: skip
    answer.headers["cache-control"] = "no-store"
    return answer


def _choices(request: Request) -> dict[str, Any]:
    pack = sensed_of(request).pack
    return {"offices": [(one.id, one) for one in pack.organisations],
            "districts": [(one.name, one) for one in pack.city.places]}  # fmt: skip
