"""MQTT devices through a real NATS server into the store: kept once, acknowledged after, strangers kept aside."""

import asyncio
import contextlib
import itertools
import json
import multiprocessing
import multiprocessing.process
import socket
import struct
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.sense.devices import NOW

from bihuan.core.errors import InputError, OutsideError
from bihuan.core.records.entity import Device, Entity
from bihuan.sense import nats_server
from bihuan.sense.jetstream import PARTS, Share
from bihuan.sense.mqtt import MqttDoor, _cancellable, parse
from bihuan.sense.quality import Judge
from bihuan.store import devices, entities
from bihuan.store.connect import Store, open_store

LATER = NOW + timedelta(days=100)
PARK = "urn:ngsi-ld:Parking:1"


class MqttDevice:
    """The little of MQTT 3.1.1 that a device needs: connect, publish with QoS 1, wait for the answer."""

    def __init__(self, port: int, name: str = "t") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._packet(
            0x10, b"\x00\x04MQTT\x04\xc2\x00\x3c" + self._text(name) + self._text("device") + self._text("device")
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


def park(store: Store, count: int) -> None:
    """Register devices P1, P2, …, each with an entity of its own."""
    with store.connection() as connection:
        numbers = range(1, count + 1)
        entities.keep(connection, [Entity(f"urn:x:{n}", "Parking", "停车场") for n in numbers], at=NOW)
        devices.register(connection, [Device("mqtt", f"P{n}", f"urn:x:{n}", "s") for n in numbers], at=NOW)


class Publishing:
    """Devices that publish message after message, each once the one before was answered, until their server is gone."""

    def __init__(self, port: int, count: int) -> None:
        self.answered: set[tuple[str, int]] = set()
        self._stop = threading.Event()
        names = [f"P{n}" for n in range(1, count + 1)]
        self._threads = [threading.Thread(target=self._publish, args=(port, name)) for name in names]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _publish(self, port: int, name: str) -> None:
        with contextlib.closing(MqttDevice(port, name)) as device, contextlib.suppress(OSError, AssertionError):
            for number in itertools.count():
                if self._stop.is_set():
                    break
                device.publish(name, payload(number), number % 60_000 + 1)
                self.answered.add((name, number))


def write(url: str, store_url: str, share: str) -> None:
    """Be one of several writers, in a process of its own."""
    with open_store(url=store_url) as store:
        door = MqttDoor(replace(store, clock=lambda: LATER), url, {}, Judge({}), Share.parse(share))
        asyncio.run(door.run())


def kept(store: Store) -> list[tuple[str, int]]:
    with store.connection() as connection:
        found = connection.execute(
            "select d.id, extract(epoch from o.time - %s)::int / 60 from observation o join device d using (entity)",
            [NOW],
        )
        return [(name, minute) for name, minute in found.fetchall()]


@contextlib.contextmanager
def writer(url: str, store: Store, share: str) -> Iterator[multiprocessing.process.BaseProcess]:
    process = multiprocessing.get_context("spawn").Process(target=write, args=(url, store.url, share))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


@contextlib.asynccontextmanager
async def open_door(store: Store, url: str, share: str = "1/1") -> AsyncIterator[MqttDoor]:
    door = MqttDoor(store, url, {"spaces": "个"}, Judge({}), Share.parse(share))
    running = asyncio.create_task(door.run())
    try:
        yield door
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def wait(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.05)


async def until(condition: Any) -> None:
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.05)


def test_what_a_device_publishes_is_kept_once_even_if_nobody_took_it_in_then(store: Store, tmp_path: Path) -> None:
    with store.connection() as connection:
        entities.keep(connection, [Entity(PARK, "Parking", "停车场")], at=NOW)
        devices.register(connection, [Device("mqtt", "P1", PARK, "s")], at=NOW)
    with nats_server.nats_server(tmp_path, mqtt_port=0) as endpoint:

        async def first() -> None:
            async with open_door(replace(store, clock=lambda: LATER), endpoint.url) as door:
                device = await asyncio.to_thread(MqttDevice, endpoint.mqtt_port)
                for n in range(5):
                    await asyncio.to_thread(device.publish, "P1", payload(n), n + 1)
                await asyncio.to_thread(device.publish, "P1", payload(4), 99)
                await asyncio.to_thread(device.publish, "X9", payload(0), 98)
                await asyncio.to_thread(device.publish, "P1", b"nonsense", 97)
                await asyncio.to_thread(device.publish, "P1", payload(0, secret="no"), 96)
                await until(lambda: (door.commit.kept, door.quarantined) == (5, 3))
                device.close()

        asyncio.run(first())
        device = MqttDevice(endpoint.mqtt_port)  # our side is away
        device.publish("P1", payload(30), 1)
        device.close()

        async def second() -> None:
            async with open_door(replace(store, clock=lambda: LATER), endpoint.url) as door:
                await until(lambda: door.commit.kept == 1)

        asyncio.run(second())
    with store.connection() as connection:
        state = entities.latest(connection, [PARK])[PARK]
        reasons = sorted(one.reason.split(":")[0] for one in devices.quarantined(connection))
    assert (state["occupied"].value, state["spaces"].unit) == (30.0, "个")
    assert reasons == ["is not the JSON expected here", "unknown_device", "wrong_secret"]


def test_two_writers_share_the_work_and_one_that_is_killed_loses_nothing(store: Store, tmp_path: Path) -> None:
    park(store, 12)
    with nats_server.nats_server(tmp_path, mqtt_port=0) as endpoint:
        publishing = Publishing(endpoint.mqtt_port, 12)
        with writer(endpoint.url, store, "1/2") as first:
            wait(lambda: kept(store))
            first.kill()
            first.join()
        publishing.end()
        assert 0 < len({name for name, _ in kept(store)}) < 12

        async def take() -> None:
            ours = replace(store, clock=lambda: LATER)
            async with open_door(ours, endpoint.url, "1/2"), open_door(ours, endpoint.url, "2/2"):
                await until(lambda: publishing.answered <= set(kept(store)))

        asyncio.run(take())
    assert len(kept(store)) == len(set(kept(store)))


def test_what_was_answered_is_there_when_the_server_is_killed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    park(store, 4)
    servers: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def noted(*given: Any, **named: Any) -> subprocess.Popen[bytes]:
        servers.append(start(*given, **named))
        return servers[-1]

    monkeypatch.setattr(nats_server.subprocess, "Popen", noted)
    with nats_server.nats_server(tmp_path, mqtt_port=0) as endpoint:
        publishing = Publishing(endpoint.mqtt_port, 4)
        wait(lambda: len(publishing.answered) > 50)
        servers[-1].kill()
        publishing.end()
    with nats_server.nats_server(tmp_path, mqtt_port=0) as endpoint:

        async def take() -> None:
            async with open_door(replace(store, clock=lambda: LATER), endpoint.url):
                await until(lambda: publishing.answered <= set(kept(store)))

        asyncio.run(take())


def test_a_port_that_another_program_takes_meanwhile_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_port, chosen = nats_server._free_port, []
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        taken = squatter.getsockname()[1]

        def choose() -> int:
            chosen.append(taken if len(chosen) in (0, 3) else free_port())  # ours, then the one for devices
            return chosen[-1]

        monkeypatch.setattr(nats_server, "_free_port", choose)
        with nats_server.nats_server(tmp_path, mqtt_port=0) as endpoint:
            assert chosen.count(taken) == 2
            MqttDevice(endpoint.mqtt_port).close()
        with (
            pytest.raises(OutsideError, match="address already in use"),
            nats_server.nats_server(tmp_path, mqtt_port=taken),
        ):
            pass


def test_a_cancellation_ends_work_that_swallows_one() -> None:
    async def stubborn() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async def run() -> None:
        working = asyncio.create_task(_cancellable(stubborn()))
        for _ in range(3):
            await asyncio.sleep(0)
        working.cancel()
        await asyncio.wait([working])
        assert working.cancelled()

    asyncio.run(run())


def hold(home: Path, told: Any) -> None:
    """Run a server in a process of its own until that is killed."""
    with nats_server.nats_server(home, mqtt_port=0) as endpoint:
        told.put(endpoint.mqtt_port)
        threading.Event().wait()


def test_the_server_of_a_killed_process_is_ended_before_another_writes_to_its_streams(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    process = context.Process(target=hold, args=(tmp_path, told))
    process.start()
    try:
        port = told.get(timeout=120)
        with pytest.raises(OutsideError, match="another process"), nats_server.nats_server(tmp_path, mqtt_port=0):
            pass
    finally:
        process.kill()
        process.join()
    socket.create_connection(("127.0.0.1", port), timeout=10).close()  # it is still there
    with nats_server.nats_server(tmp_path, mqtt_port=0) as endpoint:
        if endpoint.mqtt_port != port:
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", port), timeout=10)
        MqttDevice(endpoint.mqtt_port).close()


def test_all_parts_are_somebodys_once() -> None:
    shares = [Share.parse(f"{n}/3") for n in (1, 2, 3)]
    assert sorted(part for share in shares for part in share.parts) == list(range(PARTS))
    for wrong in ("0/2", "3/2", "1/99", "1", "a/b"):
        with pytest.raises(InputError):
            Share.parse(wrong)


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
