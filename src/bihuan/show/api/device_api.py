"""REST over the device registry: what the pages of devices can do, a program can.

Reading asks for the grant `read`, changing for `write` and one of the roles that keep the operations centre.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from bihuan.core.records.principal import Principal
from bihuan.sense import enrolment
from bihuan.sense.enrolment import Particulars
from bihuan.show.api.caller import Reader, Writer
from bihuan.show.api.case_api import PROBLEMS
from bihuan.show.keepers import check_keeper
from bihuan.show.pages.device import known_of
from bihuan.show.rooms import connection_of, now_of
from bihuan.store import devices
from bihuan.store.connect import Connection

router = APIRouter(tags=["devices"], responses=PROBLEMS)
NO_STORE = {"cache-control": "no-store"}


class ParticularsIn(BaseModel):
    """What is said of a device and its entity."""

    model_config = ConfigDict(extra="forbid")

    name: str
    owner: str | None = Field(None, description="Office of the city that answers for it.")
    district: str | None = None
    lon: float | None = None
    lat: float | None = None
    expected_seconds: int | None = Field(None, description="How often it reports; three missed raise a signal.")
    edition: str | None = Field(None, description="2005 or 2017, where frames of HJ 212 tell wrongly.")


class DeviceIn(ParticularsIn):
    """A device to be taken in."""

    protocol: str
    id: str
    type: str = Field(description="Of its entity, AirStation say.")
    urn: str | None = Field(None, description="Of its entity; made of type and id where it is left out.")


class Changes(BaseModel):
    """Members that change; the others stay as they are."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    owner: str | None = None
    district: str | None = None
    lon: float | None = None
    lat: float | None = None
    expected_seconds: int | None = None
    edition: str | None = None


class StateOut(BaseModel):
    """A device in a list, and whether it is heard."""

    protocol: str
    id: str
    urn: str
    name: str
    type: str
    owner: str | None
    district: str | None
    expected_seconds: int | None
    active: bool
    synthetic: bool
    seen_at: datetime | None
    frames: int
    silent_since: datetime | None


class DeviceOut(ParticularsIn):
    """A device as the registry has it."""

    protocol: str
    id: str
    urn: str
    type: str
    active: bool
    has_secret: bool
    registered_at: datetime
    secret: str | None = Field(None, description="Told once: when it was made.")


@router.get("/devices")
def listed(
    request: Request,
    who: Reader,
    protocol: str | None = None,
    silent: bool = False,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 500,
) -> list[StateOut]:
    """Return devices by protocol and identifier."""
    with connection_of(request) as connection:
        found = devices.states(connection, protocol=protocol, silent=silent, limit=limit)
    return [StateOut(**asdict(one)) for one in found]


@router.get("/devices/{protocol}/{id}")
def one(request: Request, who: Reader, protocol: str, id: str) -> DeviceOut:
    """Return a device."""
    with connection_of(request) as connection:
        return _told(connection, protocol, id)


@router.post("/devices", status_code=201)
def add(request: Request, response: Response, who: Writer, given: DeviceIn) -> DeviceOut:
    """Take a device in; its secret stands in this answer and in no other."""
    stated = given.model_dump(exclude={"protocol", "id", "type", "urn"})
    with connection_of(request) as connection:
        secret = enrolment.add(connection, given.protocol, given.id, given.type, Particulars(**stated), known_of(request),
                               urn=given.urn, **_by(request, who))  # fmt: skip
        told = _told(connection, given.protocol, given.id, secret)
    response.headers.update({**NO_STORE, "location": f"/api/devices/{given.protocol}/{given.id}"})
    return told


@router.patch("/devices/{protocol}/{id}")
def change(request: Request, who: Writer, protocol: str, id: str, given: Changes) -> DeviceOut:
    """Change what is said of a device; null takes a member away."""
    by = _by(request, who)
    with connection_of(request) as connection:
        now = asdict(enrolment.particulars(enrolment.required(connection, protocol, id)))
        stated = {**now, **given.model_dump(exclude_unset=True)}
        stated["name"] = stated["name"] or ""
        enrolment.change(connection, protocol, id, Particulars(**stated), known_of(request), **by)
        return _told(connection, protocol, id)


@router.post("/devices/{protocol}/{id}/secret")
def renew_secret(request: Request, response: Response, who: Writer, protocol: str, id: str) -> DeviceOut:
    """Give a device another secret; it stands in this answer and in no other."""
    by = _by(request, who)
    with connection_of(request) as connection:
        told = _told(connection, protocol, id, enrolment.renew_secret(connection, protocol, id, **by))
    response.headers.update(NO_STORE)
    return told


@router.post("/devices/{protocol}/{id}/retire")
def retire(request: Request, who: Writer, protocol: str, id: str) -> DeviceOut:
    """Obey a device no longer; its entity and history stay."""
    return _switched(request, who, protocol, id, back=False)


@router.post("/devices/{protocol}/{id}/restore")
def restore(request: Request, who: Writer, protocol: str, id: str) -> DeviceOut:
    """Obey a device again."""
    return _switched(request, who, protocol, id, back=True)


def _switched(request: Request, who: Principal, protocol: str, id: str, *, back: bool) -> DeviceOut:
    by = _by(request, who)
    with connection_of(request) as connection:
        enrolment.retire(connection, protocol, id, back=back, **by)
        return _told(connection, protocol, id)


def _by(request: Request, who: Principal) -> dict[str, Any]:
    """Return who does it and when, where he may.

    Raises:
        ForbiddenError: his roles do not keep the registry.
    """
    check_keeper(who)
    return {"actor": who.id, "at": now_of(request)}


def _told(connection: Connection, protocol: str, id: str, secret: str | None = None) -> DeviceOut:
    return DeviceOut(**asdict(enrolment.required(connection, protocol, id)), secret=secret)
