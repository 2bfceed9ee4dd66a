"""The device registry: who is obeyed, who is silent, what was not obeyed, and what is said to devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from bihuan.core.errors import InputError
from bihuan.core.records.entity import Device, DeviceState, Registered
from bihuan.store.connect import Connection
from bihuan.store.entities import numbers_of
from bihuan.store.sql import statements

_SQL = statements("devices.sql")
_HASHER = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
"""Cheap on purpose: what devices send is six digits in the clear; the hash keeps it out of backups, no more."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A frame that was kept and not obeyed."""

    received: datetime
    door: str
    device: str | None
    peer: str
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Silent:
    """A device that has not been heard of for longer than it should."""

    protocol: str
    id: str
    expected_seconds: int
    urn: str
    name: str
    owner: str | None
    type: str
    synthetic: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A device as the registry has it, with the entity whose state it tells."""

    protocol: str
    id: str
    urn: str
    type: str
    name: str
    owner: str | None
    district: str | None
    lon: float | None
    lat: float | None
    expected_seconds: int | None
    edition: str | None
    active: bool
    has_secret: bool
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class QueuedCommand:
    """Something to be said to a device."""

    id: int
    device: str
    number: str
    code: str
    fields: Mapping[str, str]


def register(connection: Connection, devices: Iterable[Device], *, at: datetime) -> None:
    """Register devices, or change what is registered; a secret that is not given stays.

    Raises:
        InputError: a device's entity is not there.
    """
    devices = list(devices)
    numbers = numbers_of(connection, [device.entity for device in devices])
    for device in devices:
        if device.entity not in numbers:
            raise InputError(f"its entity {device.entity} is not there; make it first", where=f"device {device.id}")
        secret = _HASHER.hash(device.secret) if device.secret is not None else None
        values = {"protocol": device.protocol, "id": device.id, "entity": numbers[device.entity], "secret": secret,
                  "expected_seconds": device.expected_seconds, "edition": device.edition,
                  "sends": Jsonb(dict(device.sends)), "at": at}  # fmt: skip
        connection.execute(_SQL["keep"], values)


def registered(connection: Connection, protocol: str) -> dict[str, Registered]:
    """Return the devices of a protocol by their identifiers, as a gateway needs them."""
    rows = connection.execute(_SQL["registered"], {"protocol": protocol}).fetchall()
    return {identifier: Registered(*rest) for identifier, *rest in rows}


def changed(connection: Connection, protocol: str, since: str) -> tuple[dict[str, Registered], str]:
    """Return the devices of a protocol that are new or were changed, and what to ask with next time.

    A change that was under way when it was asked last is found, a change that was found may be found once more.

    Args:
        connection: an open transaction.
        protocol: of the devices.
        since: what the last answer said; "0" for all.
    """
    horizon = connection.execute(_SQL["horizon"]).fetchone()
    rows = connection.execute(_SQL["changed"], {"protocol": protocol, "since": since}).fetchall()
    return {identifier: Registered(*rest) for identifier, *rest in rows}, str(horizon[0] if horizon else since)


def is_secret(device: Registered, sent: str | None) -> bool:
    """Return whether a device sent the password it is registered with; True where it is registered with none."""
    if device.secret is None:
        return True
    try:
        return _HASHER.verify(device.secret, sent or "")
    except VerificationError:
        return False


def note_seen(connection: Connection, frames: Mapping[int, int], *, at: datetime) -> None:
    """Note who was heard, and how many frames of each device (by its number); a silent one is silent no more."""
    if frames:
        values = {"at": at, "devices": list(frames), "counts": list(frames.values())}
        connection.execute(_SQL["seen"], values)


def states(
    connection: Connection,
    *,
    protocol: str | None = None,
    id: str | None = None,
    silent: bool = False,
    limit: int = 10_000,
) -> list[DeviceState]:
    """Return devices as an operator sees them, by protocol and identifier."""
    with connection.cursor(row_factory=class_row(DeviceState)) as cursor:
        wanted = {"protocol": protocol, "id": id, "silent": silent, "limit": limit}
        return cursor.execute(_SQL["states"], wanted).fetchall()


def find(connection: Connection, protocol: str, identifier: str) -> Entry | None:
    """Return a device, locked until the transaction ends; None where none is registered by that identifier."""
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(_SQL["one"], {"protocol": protocol, "id": identifier}).fetchone()


def change(connection: Connection, entry: Entry, *, at: datetime) -> None:
    """Write how often a device reports and what it speaks, and who answers for its entity, its name and its place."""
    values = {"protocol": entry.protocol, "id": entry.id, "expected_seconds": entry.expected_seconds,
              "edition": entry.edition, "name": entry.name, "owner": entry.owner, "district": entry.district,
              "lon": entry.lon, "lat": entry.lat, "at": at}  # fmt: skip
    connection.execute(_SQL["change"], values)
    connection.execute(_SQL["place"], values)


def set_secret(connection: Connection, entry: Entry, secret: str) -> None:
    """Have a device send another password from now on; only its hash is kept."""
    values = {"protocol": entry.protocol, "id": entry.id, "secret": _HASHER.hash(secret)}
    connection.execute(_SQL["set_secret"], values)


def switch(connection: Connection, protocol: str, identifier: str, *, active: bool) -> None:
    """Obey a device again, or no longer.

    Raises:
        InputError: it is not registered.
    """
    wanted = {"protocol": protocol, "id": identifier, "active": active}
    if connection.execute(_SQL["switch"], wanted).fetchone() is None:
        raise InputError("no such device is registered", where=f"{protocol} {identifier}")


def fallen_silent(
    connection: Connection, *, now: datetime, missed: float = 3, listening: datetime | None = None
) -> list[Silent]:
    """Return the devices that have missed so many reports, each once until it speaks again.

    `listening`: since when anybody could have heard them; None for always.
    """
    wanted = {"now": now, "missed": missed, "listening": listening}
    with connection.cursor(row_factory=class_row(Silent)) as cursor:
        return cursor.execute(_SQL["fallen_silent"], wanted).fetchall()


def clear_silences(connection: Connection, source: str, *, now: datetime) -> int:
    """Note on the signals of `source` whose device speaks again that they are over; return how many."""
    return connection.execute(_SQL["clear_silences"], {"source": source, "now": now}).rowcount


def quarantine(connection: Connection, frames: Sequence[Quarantined]) -> None:
    """Keep frames that are not obeyed."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _SQL["quarantine"],
            [
                {
                    "received": f.received,
                    "door": f.door,
                    "device": f.device,
                    "peer": f.peer,
                    "reason": f.reason,
                    "raw": f.raw,
                }
                for f in frames
            ],
        )


def quarantined(
    connection: Connection, *, reason: str | None = None, device: str | None = None, limit: int = 100
) -> list[Quarantined]:
    """Return frames that were not obeyed, newest first."""
    rows = connection.execute(_SQL["quarantined"], {"reason": reason, "device": device, "limit": limit}).fetchall()
    return [Quarantined(*rest) for _, *rest in rows]


def quarantine_summary(connection: Connection, *, limit: int = 100) -> list[tuple[str, str | None, str, int, datetime]]:
    """Return (door, device, reason, how many, last) of what is in quarantine, the latest first."""
    return connection.execute(_SQL["quarantine_summary"], {"limit": limit}).fetchall()


def prune_quarantine(connection: Connection, *, before: datetime, most: int) -> int:
    """Delete what is older than a time and what is more than so many; return how many went."""
    return connection.execute(_SQL["prune_quarantine"], {"before": before, "most": most}).rowcount


def queue_command(
    connection: Connection, protocol: str, device: str, number: str, code: str, fields: Mapping[str, str],
    *, actor: str, at: datetime,
) -> None:  # fmt: skip
    """Have something said to a device when it is connected.

    Raises:
        InputError: the device is not registered.
    """
    values = {"protocol": protocol, "id": device, "number": number, "code": code, "fields": Jsonb(dict(fields)),
              "actor": actor, "at": at}  # fmt: skip
    if connection.execute(_SQL["queue_command"], values).fetchone() is None:
        raise InputError("no such device is registered", where=f"{protocol} {device}")


def queued_commands(connection: Connection, protocol: str, devices: Sequence[str]) -> list[QueuedCommand]:
    """Return what is to be said to these devices, in order."""
    rows = connection.execute(_SQL["queued_commands"], {"protocol": protocol, "ids": list(devices)}).fetchall()
    return [QueuedCommand(*row) for row in rows]


def command_sent(connection: Connection, command: QueuedCommand, *, at: datetime) -> bool:
    """Note that a command goes out; False where another process has sent it."""
    return connection.execute(_SQL["command_sent"], {"id": command.id, "at": at}).rowcount == 1


def command_answered(
    connection: Connection, protocol: str, device: str, number: str, state: str, outcome: str, *, at: datetime
) -> None:
    """Note what a device said about a command."""
    values = {"protocol": protocol, "id": device, "number": number, "state": state, "outcome": outcome, "at": at}
    connection.execute(_SQL["command_answered"], values)


def commands(connection: Connection, *, device: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """Return what was said to devices and what came of it, newest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL["commands"], {"id": device, "limit": limit}).fetchall()
