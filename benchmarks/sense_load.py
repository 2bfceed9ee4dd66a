"""Devices for a load test, all in one process: frames at a steady rate over many connections, answers timed."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bihuan.sense.protocols.hj212.crc import crc16
from bihuan.sense.times import CHINA

CODES = "a34004 a34002 a21026 a21004 a21005 a05024 a01001 a01002 a01006 a01007 a01008".split()
_PATIENCE_SECONDS = 30


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


def drive(port: int, load: Load, queue: Any) -> None:
    """Run the devices and put what they saw into a queue."""
    queue.put(asyncio.run(_drive(port, load)))


async def _drive(port: int, load: Load) -> dict[str, Any]:
    waits: list[float] = []
    loop = asyncio.get_running_loop()
    connected = [
        (await loop.create_connection(lambda: _Device(waits), "127.0.0.1", port))[1] for _ in range(load.connections)
    ]
    begun, sent, total = time.perf_counter(), 0, int(load.rate * load.seconds)
    base = datetime.now(UTC).astimezone(CHINA).replace(microsecond=0) - timedelta(minutes=5)
    while sent < total:
        due = min(total, int((time.perf_counter() - begun) * load.rate))
        for number in range(sent, due):
            connected[number % load.connections].send(_frame(load, number, base))
        sent = due
        await asyncio.sleep(0.002)
    until = time.perf_counter() + _PATIENCE_SECONDS
    while len(waits) < total and time.perf_counter() < until:
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - begun
    for device in connected:
        device.transport.close()
    await asyncio.sleep(0.1)
    waits.sort()
    shown = [waits[len(waits) // 2] * 1e3, waits[int(len(waits) * 0.99)] * 1e3, waits[-1] * 1e3]
    return {"sent": total, "answered": len(waits), "seconds": seconds, "waits": shown}


def _frame(load: Load, number: int, base: datetime) -> bytes:
    """A frame of 11 factors; a device's values walk about as a sensor's do, its messages a second apart."""
    which, turn = number % load.connections, number // load.connections
    at = (base + timedelta(seconds=turn)).strftime("%Y%m%d%H%M%S")
    level = which % 97
    values = ";".join(
        f"{code}-Rtd={level + 3 * n + (turn * (n + 3) * 7 + which) % 23 / 10:.1f},{code}-Flag=N"
        for n, code in enumerate(CODES)
    )
    head = f"QN={at}{turn % 1000:03};ST=22;CN=2011;PW=123456;MN={load.device(which)};Flag=5;"
    body = f"{head}CP=&&DataTime={at};{values}&&".encode()
    return b"##%04d%b%04X\r\n" % (len(body), body, crc16(body))
