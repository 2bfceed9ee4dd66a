"""Devices to talk to a gateway with, and what they send."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bihuan.core.records.entity import Device, Entity
from bihuan.sense.protocols import hj212
from bihuan.sense.times import CHINA
from bihuan.store import devices, entities
from bihuan.store.connect import Store

NOW = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)


def air_station(number: int) -> Entity:
    return Entity(f"urn:ngsi-ld:AirStation:{number}", "AirStation", f"第{number}站", 113.58, 37.86, synthetic=True)


def register(store: Store, count: int, secret: str | None = "123456") -> None:
    """Register air stations A1, A2, … with their entities."""
    with store.connection() as connection:
        entities.keep(connection, [air_station(n + 1) for n in range(count)], at=NOW)
        known = [Device("hj212", f"A{n + 1}", air_station(n + 1).urn, secret, 60) for n in range(count)]
        devices.register(connection, known, at=NOW)


def upload(
    device: str, at: datetime, value: float, *, flag: str = "5", cn: str = "2011", secret: str = "123456"
) -> bytes:
    qn = at.astimezone(CHINA).strftime("%Y%m%d%H%M%S") + f"{at.microsecond // 1000:03}"
    head = {"QN": qn, "ST": "22", "CN": cn, "PW": secret, "MN": device, "Flag": flag}
    return hj212.encode(
        head, None, {"a34004": {"Rtd": value, "Flag": "N"}, "a34002": {"Rtd": 2 * value, "Flag": "N"}}, at
    )


def uploads(device: str, count: int, start: datetime = NOW) -> list[bytes]:
    return [upload(device, start + timedelta(seconds=n), float(n)) for n in range(count)]


async def talk(port: int, frames: Iterable[bytes], answers: int, *, seconds: float = 60) -> list[dict[str, object]]:
    """Send frames over one connection and return the answers, at least so many."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"".join(frames))
    await writer.drain()
    got = b""
    async with asyncio.timeout(seconds):
        while got.count(b"\r\n") < answers:
            chunk = await reader.read(65536)
            if not chunk:
                break
            got += chunk
    writer.close()
    await writer.wait_closed()
    return hj212.decode([got])
