"""Running the made-up city: each device over its own socket, at its own pace, answers counted."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bihuan.core.records.observation import Incoming
from bihuan.sense.gateway.intake import incoming
from bihuan.sense.gateway.registry import Registry
from bihuan.sense.mqtt import parse
from bihuan.sense.protocols import PROTOCOLS
from bihuan.sense.protocols.plugin import Upload
from bihuan.sense.quality import Judge
from bihuan.sense.simulation.city import Simulated
from bihuan.sense.simulation.faults import Faults, Line
from bihuan.sense.simulation.messages import answers_of, frame, greeting, payload
from bihuan.store import devices, entities
from bihuan.store.connect import Store
from bihuan.store.observations import ObservationWriter

Address = tuple[str, int]
_AGAIN_SECONDS = 2.0
_BATCH = 1000


@dataclass(slots=True)
class Told:
    """What was sent and what came back."""

    sent: int = 0
    answered: int = 0
    lost_connections: int = 0
    faults: dict[str, int] = field(default_factory=dict)


def register(store: Store, city: Sequence[Simulated]) -> None:
    """Register the devices and entities of the made-up city."""
    with store.connection() as connection:
        now = store.clock()
        entities.keep(connection, [one.entity for one in city], at=now)
        devices.register(connection, [one.device for one in city], at=now)


def write_history(store: Store, city: Sequence[Simulated], span: timedelta, seed: int, every: timedelta) -> int:
    """Keep what the devices would have sent over a span until now, without sockets; return how many messages."""
    now, count = store.clock(), 0
    by_protocol = {name: _registry(store, name) for name in {one.device.protocol for one in city}}
    writer = ObservationWriter(store.connect())
    begun = now - span
    for at in (begun + n * every for n in range(int(span / every))):
        batch = [_message(one, at, seed, by_protocol[one.device.protocol]) for one in city]
        for first in range(0, len(batch), _BATCH):
            writer.write(batch[first : first + _BATCH], at=now, door="simulation")
        count += len(batch)
    writer.close()
    return count


def _registry(store: Store, protocol: str) -> Registry:
    with store.connection() as connection:
        known = devices.registered(connection, protocol)
    return Registry(lambda: known)


def _message(one: Simulated, at: datetime, seed: int, registry: Registry) -> Incoming:
    """What the gateway would make of a frame, as if it had come in time."""
    upload, raw = _upload(one, at, seed)
    device = registry.get(one.device.id)
    assert upload is not None
    assert device is not None
    return incoming(device, upload, raw, registry, Judge({}), at)


def _upload(one: Simulated, at: datetime, seed: int) -> tuple[Upload | None, bytes]:
    if one.device.protocol == "mqtt":
        raw = payload(one, at, seed)
        return parse(raw, {}).upload, raw
    protocol = PROTOCOLS[one.device.protocol]
    ((report, raw),) = protocol.reader().feed_with_bytes(frame(one, at, seed))
    return protocol.handshake().receive(report, raw).upload, raw


async def run(
    city: Sequence[Simulated],
    addresses: Mapping[str, Address],
    seed: int,
    clock: Callable[[], datetime],
    *,
    faults: Faults | None = None,
    speed: float = 1.0,
    told: Told | None = None,
) -> None:
    """Have the devices talk until cancelled.

    Args:
        city: devices.
        addresses: of the gateways, by protocol.
        seed: of what they measure and of what goes wrong.
        clock: the devices' own.
        faults: what goes wrong on their lines.
        speed: how many times as often they report.
        told: filled in as they talk.
    """
    told = told if told is not None else Told()
    talks = [_talk(one, addresses[one.device.protocol], seed, clock, faults or Faults(), speed, told) for one in city]
    await asyncio.gather(*talks)


async def _talk(
    one: Simulated, address: Address, seed: int, clock: Callable[[], datetime], faults: Faults, speed: float, told: Told
) -> None:
    chance = random.Random(f"{seed}|{one.device.id}|line")  # noqa: S311
    line = Line(faults, chance)
    pause = one.every_seconds / speed
    await asyncio.sleep(chance.uniform(0, min(pause, 5)))
    while True:
        try:
            reader, writer = await asyncio.open_connection(*address)
        except OSError:
            await asyncio.sleep(_AGAIN_SECONDS)
            continue
        listening = asyncio.create_task(_listen(one, reader, told))
        try:
            writer.write(greeting(one))
            while not listening.done():
                await _send(one, clock(), seed, line, writer, told)
                await asyncio.sleep(pause * chance.uniform(0.98, 1.02))
        except ConnectionError:
            pass
        finally:
            listening.cancel()
            told.lost_connections += 1
            for name, count in line.happened.items():
                told.faults[name] = told.faults.get(name, 0) + count
            line.happened = dict.fromkeys(line.happened, 0)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


async def _send(one: Simulated, at: datetime, seed: int, line: Line, writer: asyncio.StreamWriter, told: Told) -> None:
    told.sent += 1
    for segment in line.segments(frame(one, at, seed)):
        writer.write(segment)
        await writer.drain()
        await asyncio.sleep(0)


async def _listen(one: Simulated, reader: asyncio.StreamReader, told: Told) -> None:
    count = answers_of(one)
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            told.answered += count(data)
