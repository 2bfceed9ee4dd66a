"""A storm of malformed bytes against a gateway: noise, near-valid frames, slow ones, frames without an end."""

import asyncio
import contextlib
import random
from datetime import timedelta

from tests.sense.devices import NOW, upload


async def storm(port: int, connections: int, seed: int = 1) -> None:
    """Have bad connections open and come back until cancelled."""
    chance = random.Random(seed)
    await asyncio.gather(*(_bad(port, random.Random(chance.random())) for _ in range(connections)))


async def _bad(port: int, chance: random.Random) -> None:
    kinds = [_noise, _near_valid, _starts, _slow, _without_end]
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await chance.choice(kinds)(writer, chance)
            finally:
                writer.close()
        await asyncio.sleep(0.05)


async def _noise(writer: asyncio.StreamWriter, chance: random.Random) -> None:
    for _ in range(50):
        writer.write(chance.randbytes(2000))
        await writer.drain()
        await asyncio.sleep(0.01)


async def _near_valid(writer: asyncio.StreamWriter, chance: random.Random) -> None:
    for n in range(200):
        frame = bytearray(upload("A1", NOW + timedelta(seconds=n), 1.0))
        frame[chance.randrange(len(frame))] = chance.randrange(256)
        writer.write(bytes(frame))
        await writer.drain()
        await asyncio.sleep(0.01)


async def _starts(writer: asyncio.StreamWriter, chance: random.Random) -> None:
    """Every start claims a long frame, each to be checked to its end."""
    for _ in range(20):
        writer.write(b"##9990" * 3000)
        await writer.drain()
        await asyncio.sleep(0.02)


async def _slow(writer: asyncio.StreamWriter, chance: random.Random) -> None:
    for byte in upload("A1", NOW, 1.0):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.2)


async def _without_end(writer: asyncio.StreamWriter, chance: random.Random) -> None:
    """A hundred megabytes in one 'frame'."""
    writer.write(b"##9999QN=")
    for _ in range(1600):
        writer.write(b"x" * 65_536)
        await writer.drain()
