"""Devices taken into the registry, changed, given another secret, retired: checked, and each step an event.

The stream of a device is `device:<protocol>:<identifier>`. A secret is told to whoever asked for it, once; neither the store
nor the event log has it.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from bihuan.core.errors import InputError, MissingError, StateError
from bihuan.core.messages import N_
from bihuan.core.records.entity import URN, Device, Entity
from bihuan.sense.protocols import PROTOCOLS
from bihuan.store import devices, entities, events
from bihuan.store.connect import Connection
from bihuan.store.devices import Entry

KINDS = (*PROTOCOLS, "mqtt")
"""Protocols that a device may speak."""
LONGEST_SECONDS = 31 * 86_400
_IDENTIFIERS: Mapping[str, re.Pattern[str]] = {
    "hj212": re.compile(r"[A-Za-z0-9_-]{1,64}"),
    "gb32960": re.compile(r"[A-HJ-NPR-Z0-9]{17}"),
    "mqtt": re.compile(r"[A-Za-z0-9_-]{1,64}"),
}
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_EDITIONS: Mapping[str, tuple[str, ...]] = {"hj212": ("2005", "2017")}


@dataclass(frozen=True, slots=True)
class Particulars:
    """What people say of a device and of the entity whose state it tells; None where it has none."""

    name: str
    owner: str | None = None
    """Office of the city that answers for it."""
    district: str | None = None
    lon: float | None = None
    lat: float | None = None
    expected_seconds: int | None = None
    edition: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What particulars may name."""

    offices: Collection[str]
    districts: Collection[str]


def add(
    connection: Connection,
    protocol: str,
    identifier: str,
    type: str,
    given: Particulars,
    known: Known,
    *,
    urn: str | None,
    actor: str,
    at: datetime,
) -> str | None:
    """Register a device and make its entity where it is not there; return its secret, None where the protocol has none.

    Raises:
        InputError: something given does not fit.
        StateError: it is registered already.
    """
    _check_identifier(protocol, identifier)
    _check(given, known, protocol)
    if not _TYPE.fullmatch(type):
        raise InputError(N_("the type of an entity is one word of Latin letters and digits, such as AirStation"), where="type", key="sense.type")  # fmt: skip
    urn = urn or f"{URN}{type}:{identifier}"
    if not urn.startswith(URN) or re.search(r"\s", urn):
        raise InputError(N_("the identifier of an entity begins with urn:ngsi-ld: and has no space"), where="urn", key="sense.urn")  # fmt: skip
    if devices.find(connection, protocol, identifier) is not None:
        raise StateError(N_("this device is registered already; change it where it stands"), where=identifier, key="sense.registered")  # fmt: skip
    if urn not in entities.numbers_of(connection, [urn]):
        made = Entity(urn, type, given.name, given.lon, given.lat, given.district, given.owner)
        entities.keep(connection, [made], at=at)
    secret = _new_secret(protocol)
    device = Device(protocol, identifier, urn, secret, given.expected_seconds, given.edition)
    devices.register(connection, [device], at=at)
    _note(connection, protocol, identifier, "device.registered", {"entity": urn, "changes": asdict(given)}, actor, at)
    return secret


def change(
    connection: Connection,
    protocol: str,
    identifier: str,
    given: Particulars,
    known: Known,
    *,
    actor: str,
    at: datetime,
) -> None:
    """Change what is said of a device; nothing is noted where nothing changes.

    Raises:
        InputError: something given does not fit.
        MissingError: it is not registered.
    """
    entry = required(connection, protocol, identifier)
    _check(given, known, protocol)
    before = particulars(entry)
    changed = {one.name for one in fields(Particulars) if getattr(before, one.name) != getattr(given, one.name)}
    if changed:
        devices.change(connection, replace(entry, **asdict(given)), at=at)
        told = {"before": {name: getattr(before, name) for name in sorted(changed)},
                "changes": {name: getattr(given, name) for name in sorted(changed)}}  # fmt: skip
        _note(connection, protocol, identifier, "device.changed", told, actor, at)


def renew_secret(connection: Connection, protocol: str, identifier: str, *, actor: str, at: datetime) -> str:
    """Give a device another secret and return it; gateways ask for it within seconds.

    Raises:
        MissingError: it is not registered.
        StateError: devices of its protocol have none.
    """
    entry = required(connection, protocol, identifier)
    secret = _new_secret(protocol)
    if secret is None:
        raise StateError(N_("devices of this protocol have no secret"), where=identifier, key="sense.no_secret")
    devices.set_secret(connection, entry, secret)
    _note(connection, protocol, identifier, "device.secret_renewed", {}, actor, at)
    return secret


def retire(connection: Connection, protocol: str, identifier: str, *, back: bool, actor: str, at: datetime) -> None:
    """Obey a device no longer, or with `back` again; its entity and history stay.

    Raises:
        MissingError: it is not registered.
    """
    entry = required(connection, protocol, identifier)
    if entry.active != back:
        devices.switch(connection, protocol, identifier, active=back)
        _note(connection, protocol, identifier, "device.restored" if back else "device.retired", {}, actor, at)


def required(connection: Connection, protocol: str, identifier: str) -> Entry:
    """Return a device of the registry, locked.

    Raises:
        MissingError: it is not registered.
    """
    entry = devices.find(connection, protocol, identifier)
    if entry is None:
        raise MissingError(N_("no such device is registered"), where=f"{protocol} {identifier}", key="sense.no_device")
    return entry


def particulars(entry: Entry) -> Particulars:
    """Return what is said of a device now."""
    return Particulars(*(getattr(entry, one.name) for one in fields(Particulars)))


def stream_of(protocol: str, identifier: str) -> str:
    """Return the stream of a device's events."""
    return f"device:{protocol}:{identifier}"


def _check_identifier(protocol: str, identifier: str) -> None:
    if protocol not in KINDS:
        raise InputError(N_("'{given}' is no protocol; there are {known}"), where="protocol", key="sense.protocol", given=protocol, known=KINDS)  # fmt: skip
    if not _IDENTIFIERS[protocol].fullmatch(identifier):
        wanted = N_("17 capital letters and digits, without I, O and Q") if protocol == "gb32960" else N_("letters, digits, - and _, 64 at most")  # fmt: skip
        raise InputError(N_("'{given}' cannot be an identifier of {protocol}: {wanted}"), where="id", key="sense.identifier", given=identifier, protocol=protocol, wanted=wanted)  # fmt: skip


def _check(given: Particulars, known: Known, protocol: str) -> None:
    if not given.name.strip() or len(given.name) > 200:
        raise InputError(N_("a name is missing, or longer than 200 characters"), where="name", key="sense.name")
    if given.owner is not None and given.owner not in known.offices:
        raise InputError(N_("'{given}' is no unit of the city"), where="owner", key="sense.owner", given=given.owner)
    if given.district is not None and given.district not in known.districts:
        raise InputError(N_("'{given}' is no district of the city"), where="district", key="sense.district", given=given.district)  # fmt: skip
    if (given.lon is None) != (given.lat is None):
        raise InputError(N_("a place has a longitude and a latitude"), where="lon", key="sense.place")
    if given.lon is not None and given.lat is not None and not (-180 <= given.lon <= 180 and -90 <= given.lat <= 90):
        raise InputError(N_("longitude lies between -180 and 180, latitude between -90 and 90"), where="lon", key="sense.place")  # fmt: skip
    if given.expected_seconds is not None and not 1 <= given.expected_seconds <= LONGEST_SECONDS:
        raise InputError(N_("a device reports every 1 to {most} seconds"), where="expected_seconds", key="sense.rate", most=LONGEST_SECONDS)  # fmt: skip
    if given.edition is not None and given.edition not in _EDITIONS.get(protocol, ()):
        raise InputError(N_("'{given}' is no edition of this protocol that can be set"), where="edition", key="sense.edition", given=given.edition)  # fmt: skip


def _new_secret(protocol: str) -> str | None:
    """Return a secret as devices of a protocol take it: six digits in HJ 212, none in GB/T 32960."""
    if protocol == "hj212":
        return "".join(secrets.choice(string.digits) for _ in range(6))
    return secrets.token_urlsafe(18) if protocol == "mqtt" else None


def _note(
    connection: Connection, protocol: str, identifier: str, what: str, body: Mapping[str, Any], actor: str, at: datetime
) -> None:
    events.append(connection, stream_of(protocol, identifier), [events.NewEvent(what, body, actor)], at=at)
