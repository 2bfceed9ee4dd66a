"""The MQTT door in 5 beside 3.1.1, in the same run: messages answered and messages kept in PostgreSQL, a second each.

Three ways in, one after another, each by the same devices over `bihuan sense serve` in a process of its own: MQTT 3.1.1 at
a NATS server's own port, 3.1.1 through our port, 5 through our port. In 5 an answer says that PostgreSQL has
committed; in 3.1.1 that the NATS server has it on disk, and PostgreSQL has it later.

Devices by BIHUAN_MQTT_CONNECTIONS, seconds by BIHUAN_MQTT_SECONDS; each has as many messages on the way as BIHUAN_MQTT_WINDOW.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.sense_load import CODES, percentile
from benchmarks.server import gateways_with_mqtt
from bihuan.core.records.entity import Device, Entity
from bihuan.sense.mqtt5 import packets
from bihuan.sense.nats_server import nats_server
from bihuan.store import devices, entities
from bihuan.store.connect import Store, open_store

_PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Load:
    """What the devices do."""

    version: int
    """5, or 4 for 3.1.1."""
    connections: int
    window: int
    """Messages each has on the way."""
    seconds: float

    def device(self, number: int) -> str:
        """Return a device's identifier, another for each version so that nothing is a repeat."""
        return f"M{self.version}-{number:05}"


@dataclass(frozen=True)
class Answered:
    """What the devices saw."""

    count: int
    seconds: float
    waits: list[float]


def bench() -> None:
    """Print the figures of the three ways."""
    connections = int(os.environ.get("BIHUAN_MQTT_CONNECTIONS", "200"))
    seconds, window = (
        float(os.environ.get("BIHUAN_MQTT_SECONDS", "15")),
        int(os.environ.get("BIHUAN_MQTT_WINDOW", "10")),
    )
    print(f"{connections} devices, {window} messages of {len(CODES)} values on the way each, {seconds:.0f} s")
    rates = {}
    for way, version in (
        ("3.1.1 at the NATS server's port", 4),
        ("3.1.1 through our port", 4),
        ("5 through our port", 5),
    ):
        with tempfile.TemporaryDirectory() as home, open_store(home=Path(home)) as store:
            load = Load(version, connections, window, seconds)
            _register(store, load)
            with _served(store, Path(home), way) as port:
                rates[way] = _measure(way, store, port, load)
    ours, theirs = rates["5 through our port"], rates["3.1.1 at the NATS server's port"]
    print(f"MQTT 5 beside 3.1.1 at the NATS server's port: {ours / theirs:.2f} times as many messages kept a second")


def _register(store: Store, load: Load) -> None:
    with store.connection() as connection:
        now = datetime.now(UTC)
        names = [load.device(n) for n in range(load.connections)]
        entities.keep(
            connection, [Entity(f"urn:x:{name}", "AirStation", name, synthetic=True) for name in names], at=now
        )
        devices.register(connection, [Device("mqtt", name, f"urn:x:{name}") for name in names], at=now)


@contextlib.contextmanager
def _served(store: Store, home: Path, way: str) -> Iterator[int]:
    """Have the doors open while inside; yields the port of a way in."""
    if "our port" in way:
        with gateways_with_mqtt(store.url, home) as gateway:
            yield gateway.port
    else:
        with contextlib.ExitStack() as stack:
            endpoint = stack.enter_context(nats_server(home / "cluster", mqtt_port=0))
            stack.enter_context(gateways_with_mqtt(store.url, home, nats=endpoint.url))
            yield endpoint.mqtt_port


def _measure(way: str, store: Store, port: int, load: Load) -> float:
    """Print what one way came to; return messages kept a second, from the first sent until the last was there."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as sending:
        told = sending.submit(drive, port, load).result()
        ended = time.perf_counter()
        until = ended + _PATIENCE_SECONDS
        while _kept(store) < told.count and time.perf_counter() < until:
            time.sleep(0.1)
    kept = _kept(store)
    rate = kept / (told.seconds + time.perf_counter() - ended)
    print(
        f"  {way}: {told.count:,} answered, {told.count / told.seconds:,.0f}/s, p50 {percentile(told.waits, 0.5):.0f} ms, "
        f"p99 {percentile(told.waits, 0.99):.0f} ms; kept {kept:,}, {rate:,.0f}/s"
    )
    return rate


def _kept(store: Store) -> int:
    with store.connection() as connection:
        (count,) = connection.execute("select count(*) from observation").fetchone() or (0,)
    return int(count)


def drive(port: int, load: Load) -> Answered:
    """Run the devices and return what they saw."""
    return asyncio.run(_drive(port, load))


async def _drive(port: int, load: Load) -> Answered:
    loop, waits, start = asyncio.get_running_loop(), [], datetime.now(UTC) - timedelta(hours=2)
    talking = [
        (await loop.create_connection(lambda n=n: _Device(load, n, start, waits), "127.0.0.1", port))[1]
        for n in range(load.connections)
    ]
    await asyncio.gather(*(one.let_in for one in talking))
    begun = time.perf_counter()
    for one in talking:
        one.begin(begun + load.seconds)
    await asyncio.gather(*(one.done for one in talking))
    seconds = time.perf_counter() - begun
    for one in talking:
        one.transport.close()
    return Answered(len(waits), seconds, waits)


class _Device(asyncio.Protocol):
    """Sends a message for each that is answered, until it is time to end."""

    def __init__(self, load: Load, number: int, start: datetime, waits: list[float]) -> None:
        self._load = load
        self._name = load.device(number)
        self._start = start
        self._waits = waits
        self._sent: deque[float] = deque()
        self._count = 0
        self._data = b""
        self.let_in = asyncio.get_running_loop().create_future()
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        hello = packets.connect(self._name, "device", b"device")
        if self._load.version == 4:  # without properties
            body = b"\x00\x04MQTT\x04" + hello[9:12] + hello[13:]
            hello = b"\x10" + bytes([len(body)]) + body
        transport.write(hello)

    def data_received(self, data: bytes) -> None:
        self._data += data
        at = 0
        while (body := packets.framed(self._data, at, 2**20)) and body[1] <= len(self._data):
            first, code = self._data[at], self._data[body[0] + 1]
            if first == 0x20 and code == 0:
                self.let_in.set_result(None)
            elif first == 0x40 and body[1] - body[0] == 2:
                self._answered()
            else:
                raise RuntimeError(f"not taken: {self._data[at : body[1]]!r}")
            at = body[1]
        self._data = self._data[at:]

    def begin(self, until: float) -> None:
        self._until = until
        for _ in range(self._load.window):
            self._send()

    def _answered(self) -> None:
        now = time.perf_counter()
        self._waits.append(now - self._sent.popleft())
        if now < self._until:
            self._send()
        elif not self._sent:
            self.done.set_result(None)

    def _send(self) -> None:
        self._count += 1
        at = (self._start + timedelta(milliseconds=100 * self._count)).isoformat()
        values = ",".join(f'"{code}":{(self._count * 7 + 3 * n) % 230 / 10}' for n, code in enumerate(CODES))
        message = f'{{"time":"{at}","values":{{{values}}}}}'.encode()
        packet = packets.publish(f"bihuan/{self._name}/up", message, number=self._count % 60_000 + 1)
        if self._load.version == 4:
            packet = _without_properties(packet, len(message))
        self._sent.append(time.perf_counter())
        self.transport.write(packet)


def _without_properties(packet: bytes, payload: int) -> bytes:
    """Return a PUBLISH as 3.1.1 has it."""
    begin, end = packets.framed(packet, 0, 2**20) or (0, 0)
    body = packet[begin : end - payload - 1] + packet[end - payload :]
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
    return packet[:1] + length + body


if __name__ == "__main__":
    bench()
