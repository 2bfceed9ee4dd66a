"""Devices for a load test, all in one process: frames at a steady rate over many connections, answers timed.

What the devices do is no part of what is measured and shares its cores, so frames are put together from pieces made
once; length and CRC are each frame's own.
"""

import asyncio
import gc
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache

from bihuan.sense.protocols.hj212.encode import stamp, wrap

CODES = "a34004 a34002 a21026 a21004 a21005 a05024 a01001 a01002 a01006 a01007 a01008".split()
_PATIENCE_SECONDS = 30
_LEVELS, _WALK = 97, 23


@dataclass(frozen=True)
class Load:
    """How much is sent."""

    connections: int
    rate: float
    """Frames a second over all connections."""
    seconds: float

    def device(self, number: int) -> str:
        """Return the MN of a connection's device."""
        return f"LOAD{number:06}"


@dataclass(frozen=True)
class Answered:
    """What the devices saw."""

    sent: int
    seconds: float
    waits: Sequence[float]
    """How long each answer took, in the order they came [s]."""
    processor_seconds: float


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of them lies, in milliseconds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3 if ordered else float("nan")


def by_fifth(values: Sequence[float], share: float) -> str:
    """Return that percentile of each fifth of a run [ms]: what drifts shows."""
    size = max(1, -(-len(values) // 5))
    return " ".join(f"{percentile(values[at : at + size], share):.0f}" for at in range(0, len(values), size))


class _Device(asyncio.Protocol):
    def __init__(self, waits: list[float]) -> None:
        self._waits = waits
        self._sent: deque[float] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        for _ in range(data.count(b"CN=9014")):
            self._waits.append(now - self._sent.popleft())

    def send(self, frame: bytes) -> None:
        self._sent.append(time.perf_counter())
        self.transport.write(frame)


def drive(port: int, load: Load) -> Answered:
    """Run the devices of a load and return what they saw."""
    gc.disable()
    return asyncio.run(_drive(port, load))


async def _drive(port: int, load: Load) -> Answered:
    waits: list[float] = []
    loop = asyncio.get_running_loop()
    connected = [
        (await loop.create_connection(lambda: _Device(waits), "127.0.0.1", port))[1] for _ in range(load.connections)
    ]
    start = datetime.now(UTC)
    begun, sent, total = time.perf_counter(), 0, int(load.rate * load.seconds)
    while sent < total:
        due = min(total, int((time.perf_counter() - begun) * load.rate))
        for number in range(sent, due):
            connected[number % load.connections].send(_frame(load, number, start))
        sent = due
        await asyncio.sleep(0.002)
    until = time.perf_counter() + _PATIENCE_SECONDS
    while len(waits) < total and time.perf_counter() < until:
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - begun
    for device in connected:
        device.transport.close()
    await asyncio.sleep(0.1)
    return Answered(total, seconds, waits, time.process_time())


def _frame(load: Load, number: int, start: datetime) -> bytes:
    """A frame of 11 factors; a device's values walk about as a sensor's do, its messages follow each other evenly."""
    turn, which = divmod(number, load.connections)
    at = _stamp(start, turn * load.connections / load.rate)
    values = _values(which % _LEVELS, turn % _WALK, which % _WALK)
    return wrap(b"QN=%b;%bDataTime=%b;%b&&" % (at, _head(load, which), at, values))


@lru_cache(maxsize=4)
def _stamp(start: datetime, seconds: float) -> bytes:
    return stamp(start + timedelta(seconds=seconds), milliseconds=True).encode()


@cache
def _head(load: Load, which: int) -> bytes:
    return f"ST=22;CN=2011;PW=123456;MN={load.device(which)};Flag=5;CP=&&".encode()


@cache
def _values(level: int, turn: int, which: int) -> bytes:
    return ";".join(
        f"{code}-Rtd={level + 3 * n + (turn * (n + 3) * 7 + which) % _WALK / 10:.1f},{code}-Flag=N"
        for n, code in enumerate(CODES)
    ).encode()
