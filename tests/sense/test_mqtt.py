"""MQTT devices through a real NATS server into the store: kept once, acknowledged after, strangers kept aside."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.sense.devices import NOW

from bihuan.core.errors import InputError
from bihuan.core.records.entity import Device, Entity
from bihuan.sense import nats_server
from bihuan.sense.mqtt import MqttDoor, parse
from bihuan.sense.quality import Judge
from bihuan.store import devices, entities
from bihuan.store.connect import Store

PARK = "urn:ngsi-ld:Parking:1"


class MqttDevice:
    """The little of MQTT 3.1.1 that a device needs: connect, publish with QoS 1, wait for the answer."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._packet(
            0x10, b"\x00\x04MQTT\x04\xc2\x00\x3c" + self._text("t") + self._text("device") + self._text("device")
        )
        assert self._socket.recv(4) == b"\x20\x02\x00\x00"

    def publish(self, device: str, payload: bytes, number: int) -> None:
        self._packet(0x32, self._text(f"bihuan/{device}/up") + struct.pack(">H", number) + payload)
        assert self._socket.recv(4) == b"\x40\x02" + struct.pack(">H", number)

    def close(self) -> None:
        self._socket.close()

    def _packet(self, kind: int, body: bytes) -> None:
        length, left = b"", len(body)
        while True:
            left, byte = left >> 7, left & 0x7F
            length += bytes([byte | (0x80 if left else 0)])
            if not left:
                break
        self._socket.sendall(bytes([kind]) + length + body)

    @staticmethod
    def _text(text: str) -> bytes:
        return struct.pack(">H", len(text)) + text.encode()


def payload(minute: int, **more: Any) -> bytes:
    at = (NOW + timedelta(minutes=minute)).isoformat()
    return json.dumps({"time": at, "values": {"spaces": 100, "occupied": minute}, "secret": "s", **more}).encode()


@contextlib.asynccontextmanager
async def open_door(store: Store, url: str) -> AsyncIterator[MqttDoor]:
    door = MqttDoor(replace(store, clock=lambda: NOW + timedelta(hours=1)), url, {"spaces": "个"}, Judge({}))
    running = asyncio.create_task(door.run())
    try:
        yield door
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def until(condition: Any) -> None:
    async with asyncio.timeout(15):
        while not condition():
            await asyncio.sleep(0.05)


def test_what_a_device_publishes_is_kept_once_even_if_nobody_took_it_in_then(store: Store, tmp_path: Path) -> None:
    with store.connection() as connection:
        entities.keep(connection, [Entity(PARK, "Parking", "停车场")], at=NOW)
        devices.register(connection, [Device("mqtt", "P1", PARK, "s")], at=NOW)
    with nats_server.nats_server(tmp_path, mqtt_port=0) as endpoint:

        async def first() -> None:
            async with open_door(store, endpoint.url) as door:
                await asyncio.sleep(0.5)  # the stream is made
                device = await asyncio.to_thread(MqttDevice, endpoint.mqtt_port)
                for n in range(5):
                    await asyncio.to_thread(device.publish, "P1", payload(n), n + 1)
                await asyncio.to_thread(device.publish, "P1", payload(4), 99)
                await asyncio.to_thread(device.publish, "X9", payload(0), 98)
                await asyncio.to_thread(device.publish, "P1", b"nonsense", 97)
                await asyncio.to_thread(device.publish, "P1", payload(0, secret="no"), 96)
                await until(lambda: (door.kept, door.quarantined) == (5, 3))
                device.close()

        asyncio.run(first())
        device = MqttDevice(endpoint.mqtt_port)  # our side is away
        device.publish("P1", payload(30), 1)
        device.close()

        async def second() -> None:
            async with open_door(store, endpoint.url) as door:
                await until(lambda: door.kept == 1)

        asyncio.run(second())
    with store.connection() as connection:
        state = entities.latest(connection, [PARK])[PARK]
        reasons = sorted(one.reason.split(":")[0] for one in devices.quarantined(connection))
    assert (state["occupied"].value, state["spaces"].unit) == (30.0, "个")
    assert reasons == ["is not the JSON expected here", "unknown_device", "wrong_secret"]


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[]",
        b"{}",
        b'{"time": "now", "values": {"a": 1}}',
        b'{"time": "2026-03-01T00:00:00", "values": {}}',
        b"x" * 70_000,
    ],
)
def test_what_is_no_message_is_refused(wrong: bytes) -> None:
    with pytest.raises(InputError):
        parse(wrong, {})


def test_an_id_tells_a_repeat_and_without_one_the_bytes_do() -> None:
    one, again, other = (parse(payload(n), {}).upload.key for n in (1, 1, 2))
    assert one == again != other
    assert parse(payload(1, id="7"), {}).upload.key == parse(payload(2, id="7"), {}).upload.key
