"""Devices that speak MQTT 5: one with paho, as most do, and one byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import mqtt5
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from tests.sense.devices import NOW

WAIT_SECONDS = 60


def payload(minute: int, *, at: datetime = NOW, **more: Any) -> bytes:
    when = (at + timedelta(minutes=minute)).isoformat()
    return json.dumps({"time": when, "values": {"spaces": 100, "occupied": minute}, **more}).encode()


class Paho:
    """A device with paho-mqtt; each of its calls waits for the answer and returns (code, reason string)."""

    def __init__(self, port: int, client: str = "", user: str | None = None, password: str | None = None) -> None:
        self._client = Client(CallbackAPIVersion.VERSION2, client, protocol=MQTTProtocolVersion.MQTTv5,
                              reconnect_on_failure=False)  # fmt: skip
        if user is not None:
            self._client.username_pw_set(user, password)
        self._answers: dict[Any, queue.Queue[Any]] = {}
        self.flags: Any = None
        self.properties: Any = None
        self._client.on_connect = self._connected
        self._client.on_publish = lambda client, data, mid, code, told: self._note(mid, code, told)
        self._client.on_subscribe = lambda client, data, mid, codes, told: self._note(mid, codes[0], told)
        self._client.on_disconnect = lambda client, data, flags, code, told: self._note("disconnect", code, told)
        self._port = port

    def connect(self, *, clean: bool = True, keep_alive: int = 60, expiry: int | None = None) -> tuple[int, str | None]:
        properties = Properties(PacketTypes.CONNECT)
        if expiry is not None:
            properties.SessionExpiryInterval = expiry
        self._client.connect("127.0.0.1", self._port, keep_alive, clean_start=clean, properties=properties)
        self._client.loop_start()
        return self._answer("connect")

    def publish(self, topic: str, message: bytes, *, qos: int = 1, **properties: Any) -> tuple[int, str | None]:
        told = Properties(PacketTypes.PUBLISH)
        for name, value in properties.items():
            setattr(told, name, value)
        return self._answer(self._client.publish(topic, message, qos, properties=told).mid)

    def subscribe(self, topic: str) -> tuple[int, str | None]:
        _, mid = self._client.subscribe(topic, 1)
        return self._answer(mid)

    def ended(self) -> tuple[int, str | None]:
        """Wait for the server's last word."""
        return self._answer("disconnect")

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, client: Any, data: Any, flags: Any, code: Any, told: Any) -> None:
        self.flags, self.properties = flags, told
        self._note("connect", code, told)

    def _queue(self, what: Any) -> queue.Queue[Any]:
        return self._answers.setdefault(what, queue.Queue())

    def _note(self, what: Any, code: Any, told: Any) -> None:
        self._queue(what).put((code.value, getattr(told, "ReasonString", None)))

    def _answer(self, what: Any) -> tuple[int, str | None]:
        answer: tuple[int, str | None] = self._queue(what).get(timeout=WAIT_SECONDS)
        return answer


@contextlib.contextmanager
def paho(port: int, *given: Any, **connect: Any) -> Iterator[Paho]:
    """Have a device that was let in, while inside."""
    device = Paho(port, *given)
    try:
        assert device.connect(**connect)[0] == 0
        yield device
    finally:
        device.close()


class Raw:
    """A device that says and hears packets as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._heard = b""

    @classmethod
    async def open(cls, port: int, *said: Any) -> Raw:
        one = cls(*await asyncio.open_connection("127.0.0.1", port))
        one.say(*said)
        return one

    def say(self, *said: Any) -> None:
        for packet in said:
            self.writer.write(packet if isinstance(packet, bytes) else packet.write())

    async def hear(self) -> Any:
        """Return the next packet; None at the end."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                try:
                    packet, size = mqtt5.read(memoryview(self._heard))
                except IndexError:
                    try:
                        more = await self._reader.read(65_536)
                    except ConnectionError:
                        return None
                    if not more:
                        return None
                    self._heard += more
                else:
                    self._heard = self._heard[size:]
                    return packet

    def close(self) -> None:
        self.writer.close()
