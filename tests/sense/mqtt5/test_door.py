"""Devices that speak MQTT 5 over real sockets into the store: answered after the commit, kept once, told why not."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import mqtt5
import psycopg
import pytest
from tests.sense.devices import NOW
from tests.sense.mqtt5.clients import WAIT_SECONDS, Paho, Raw, paho, payload
from tests.sense.test_mqtt import MqttDevice

from bihuan.core.records.entity import Device, Entity
from bihuan.sense import nats_server
from bihuan.sense.gateway.limits import Limits
from bihuan.sense.mqtt import MqttDoor
from bihuan.sense.mqtt5.door import Mqtt5Door
from bihuan.sense.mqtt5.packets import Code
from bihuan.sense.ngsi_ld.mqtt_endpoint import publish, read_mqtt_endpoint
from bihuan.sense.quality import Judge
from bihuan.store import devices, entities
from bihuan.store.connect import Store

LATER = NOW + timedelta(days=100)
UP = "bihuan/P1/up"
ONCE = mqtt5.QoS.AT_LEAST_ONCE


@pytest.fixture
def parks(store: Store) -> Store:
    """A store with devices P1 and P2 (secret `s`) and Q1 (none), its clock standing still."""
    with store.connection() as connection:
        entities.keep(connection, [Entity(f"urn:x:{n}", "Parking", "停车场") for n in ("P1", "P2", "Q1")], at=NOW)
        known = [
            Device("mqtt", "P1", "urn:x:P1", "s"),
            Device("mqtt", "P2", "urn:x:P2", "s"),
            Device("mqtt", "Q1", "urn:x:Q1"),
        ]
        devices.register(connection, known, at=NOW)
    return replace(store, clock=lambda: LATER)


@contextlib.asynccontextmanager
async def opened(store: Store, limits: Limits | None = None, **more: Any) -> AsyncIterator[tuple[Mqtt5Door, int]]:
    door = Mqtt5Door(store, {"spaces": "个"}, limits=limits or Limits(held_seconds=0.5), **more)
    async with door.open("127.0.0.1", 0) as port:
        yield door, port


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():
            await asyncio.sleep(0.02)


def kept(store: Store) -> list[tuple[str, int]]:
    with store.connection() as connection:
        found = connection.execute(
            "select d.id, extract(epoch from o.time - %s)::int / 60 from observation o join device d using (entity)",
            [NOW],
        )
        return sorted((name, minute) for name, minute in found.fetchall())


def message(number: int, minute: int, topic: str = UP, **more: Any) -> Any:
    return mqtt5.PublishPacket(topic, payload(minute, **more), qos=ONCE, packet_id=number)


def test_what_a_device_publishes_is_kept_once(parks: Store) -> None:
    def talk(port: int) -> None:
        with paho(port, "c1") as device:
            for minute in (0, 1, 1):
                assert device.publish(UP, payload(minute, secret="s")) == (0, None)
            assert device.publish(UP, payload(2), PayloadFormatIndicator=1, UserProperty=("k", "v")) == (0, None)
            assert device.publish("bihuan/P2/up", payload(3, secret="s", id="7"), TopicAlias=1) == (0, None)
            assert device.publish("", payload(3, id="7", secret="s"), TopicAlias=1) == (0, None)
            assert device.publish("bihuan/Q1/up", payload(5), qos=0) == (0, None)

    async def run() -> None:
        async with opened(parks) as (door, port):
            await asyncio.to_thread(talk, port)
            await until(lambda: door.commit.kept == 5)

    asyncio.run(run())
    assert kept(parks) == [("P1", 0), ("P1", 1), ("P1", 2), ("P2", 3), ("Q1", 5)]
    with parks.connection() as connection:
        state = entities.latest(connection, ["urn:x:P1"])["urn:x:P1"]
    assert (state["occupied"].value, state["spaces"].unit) == (2.0, "个")


def test_a_device_is_answered_after_the_commit_and_not_before(parks: Store) -> None:
    async def run() -> None:
        async with opened(parks) as (_, port):
            with parks.connect() as other:
                other.execute("lock table observation in access exclusive mode")
                device = await Raw.open(
                    port, mqtt5.ConnectPacket("c"), message(1, 0, secret="s"), mqtt5.PingReqPacket()
                )
                heard = [await device.hear(), await device.hear()]
                assert [type(one) for one in heard] == [mqtt5.ConnAckPacket, mqtt5.PingRespPacket]
                other.rollback()
            answer = await device.hear()
            assert (type(answer), answer.packet_id, answer.reason_code) == (mqtt5.PubAckPacket, 1, 0)
            device.close()

    asyncio.run(run())
    assert kept(parks) == [("P1", 0)]


def test_what_is_not_obeyed_is_put_aside_and_the_device_told_why(parks: Store) -> None:
    far = payload(0, at=LATER + timedelta(days=3), secret="s")
    cases = [
        ("bihuan/X9/up", payload(0), Code.NOT_AUTHORIZED, "unknown_device"),
        (UP, payload(0, secret="no"), Code.NOT_AUTHORIZED, "wrong_secret"),
        (UP, payload(0), Code.NOT_AUTHORIZED, "wrong_secret"),
        (UP, b"nonsense", Code.PAYLOAD_FORMAT_INVALID, "is not the JSON expected here"),
        (UP, b"\xff\xfe", Code.PAYLOAD_FORMAT_INVALID, "is not the JSON expected here"),
        (UP, far, Code.IMPLEMENTATION_SPECIFIC, "impossible_time"),
        ("bihuan/P1/down", payload(0, secret="s"), Code.TOPIC_NAME_INVALID, "unknown_topic"),
        ("elsewhere", payload(0, secret="s"), Code.TOPIC_NAME_INVALID, "unknown_topic"),
    ]

    def talk(port: int) -> None:
        with paho(port) as device:
            for topic, said, code, reason in cases:
                told = device.publish(topic, said)
                assert told[0] == code
                assert (told[1] or "").split(":")[0] == reason
            assert device.publish(UP, payload(0, secret="s"))[0] == 0

    async def run() -> None:
        async with opened(parks) as (_, port):
            await asyncio.to_thread(talk, port)

    asyncio.run(run())
    assert kept(parks) == [("P1", 0)]
    with parks.connection() as connection:
        aside = [one.reason.split(":")[0] for one in devices.quarantined(connection)]
    assert sorted(aside) == sorted(reason for *_, reason in cases)


def test_a_device_may_show_its_secret_once_at_connect(parks: Store) -> None:
    def talk(port: int) -> None:
        with paho(port, "c1", "P1", "s", clean=False, expiry=900) as device:
            assert device.flags.session_present is False
            assert device.properties.SessionExpiryInterval == 0
            assert device.publish(UP, payload(0)) == (0, None)
            assert device.publish("bihuan/P2/up", payload(0))[0] == Code.NOT_AUTHORIZED
            assert device.subscribe("bihuan/P1/down") == (1, None)
            assert device.subscribe("bihuan/P2/down")[0] == Code.NOT_AUTHORIZED
        with paho(port, "", "device", "device") as device:
            assert device.properties.AssignedClientIdentifier.startswith("bihuan-")
            assert device.publish(UP, payload(1))[0] == Code.NOT_AUTHORIZED
            assert device.subscribe("bihuan/P1/down")[0] == Code.NOT_AUTHORIZED
        for user, password, reason in (
            ("P1", "no", "wrong_secret"),
            ("X9", "s", "unknown_device"),
            ("P1", None, "wrong_secret"),
        ):
            stranger = Paho(port, "c2", user, password)
            assert stranger.connect() == (Code.BAD_USER_OR_PASSWORD, reason)
            stranger.close()

    async def run() -> None:
        async with opened(parks) as (_, port):
            await asyncio.to_thread(talk, port)

    asyncio.run(run())
    assert kept(parks) == [("P1", 0)]
    with parks.connection() as connection:
        aside = [(one.device, one.reason, bytes(one.raw)) for one in devices.quarantined(connection)]
    assert ("P1", "wrong_secret at CONNECT", b"") in aside
    assert ("X9", "unknown_device at CONNECT", b"") in aside


def test_nothing_is_answered_while_nothing_can_be_kept_and_what_is_sent_again_is_kept_once(parks: Store) -> None:
    async def run() -> None:
        async with opened(parks) as (door, port):
            open_writer = door.commit._open_writer

            def away() -> Any:
                raise psycopg.OperationalError("the database is away")

            door.commit._open_writer = away
            device = await Raw.open(port, mqtt5.ConnectPacket("c"), message(1, 0, secret="s"))
            assert isinstance(await device.hear(), mqtt5.ConnAckPacket)
            last = await device.hear()
            assert (type(last), last.reason_code) == (mqtt5.DisconnectPacket, Code.SERVER_BUSY)
            device.close()
            door.commit._open_writer = open_writer
            again = await Raw.open(port, mqtt5.ConnectPacket("c"), message(1, 0, secret="s"), message(2, 0, secret="s"))
            assert isinstance(await again.hear(), mqtt5.ConnAckPacket)
            assert [(await again.hear()).packet_id for _ in range(2)] == [1, 2]
            again.close()

    asyncio.run(run())
    assert kept(parks) == [("P1", 0)]


def test_several_doors_over_one_store_keep_a_message_once(parks: Store) -> None:
    async def run() -> None:
        async with opened(parks) as (_, one), opened(parks) as (_, other):
            for port in (one, other, one):
                device = await Raw.open(
                    port, mqtt5.ConnectPacket("c"), *(message(n + 1, n, secret="s") for n in range(50))
                )
                heard = [await device.hear() for _ in range(51)]
                assert all(one.reason_code == 0 for one in heard)
                device.close()

    asyncio.run(run())
    assert kept(parks) == [("P1", minute) for minute in range(50)]


def test_a_client_that_connects_again_ends_its_older_connection_and_nobody_elses(parks: Store) -> None:
    async def run() -> None:
        async with opened(parks) as (_, port):
            hello = mqtt5.ConnectPacket("c", username="P1", password=b"s")
            older = await Raw.open(port, hello)
            other = await Raw.open(port, mqtt5.ConnectPacket("c"))
            newer = await Raw.open(port, hello)
            for one in (older, other, newer):
                assert (await one.hear()).reason_code == 0
            last = await older.hear()
            assert (type(last), last.reason_code) == (mqtt5.DisconnectPacket, Code.TAKEN_OVER)
            for one in (other, newer):
                one.say(mqtt5.PingReqPacket())
                assert isinstance(await one.hear(), mqtt5.PingRespPacket)
                one.close()
            older.close()

    asyncio.run(run())


def test_who_is_silent_slow_or_strange_for_too_long_is_sent_away_with_the_right_word(parks: Store) -> None:
    limits = Limits(first_frame_seconds=100, frame_seconds=50, held_seconds=0.5)

    async def run() -> None:
        async with opened(parks, limits) as (door, port):
            now = [1000.0]
            door.loop_time = lambda: now[0]
            known = mqtt5.ConnectPacket("a", username="P1", password=b"s", keep_alive=10)
            silent = await Raw.open(port, known)
            slow = await Raw.open(
                port, mqtt5.ConnectPacket("b", username="P2", password=b"s", keep_alive=600), b"\x32\x7f\0"
            )
            strange = await Raw.open(port, mqtt5.ConnectPacket("c", keep_alive=600))
            mute = await Raw.open(port, b"\x10")
            for one in (silent, slow, strange):
                assert (await one.hear()).reason_code == 0
            await until(lambda: sum(talk.why_close(now[0] + 16) is not None for talk in door._connections) == 1)
            now[0] += 16
            assert (await silent.hear()).reason_code == Code.KEEP_ALIVE_TIMEOUT
            now[0] += 40
            assert (await slow.hear()).reason_code == Code.PROTOCOL_ERROR
            assert await mute.hear() is None
            now[0] += 50
            assert (await strange.hear()).reason_code == Code.CONNECT_TIME
            for one in (silent, slow, strange, mute):
                assert await one.hear() is None
                one.close()

    asyncio.run(run())


def test_who_sends_too_much_that_is_not_obeyed_is_sent_away(parks: Store) -> None:
    async def run() -> None:
        async with opened(parks, Limits(quarantine_a_connection=5, held_seconds=0.5)) as (door, port):
            wrong = [message(n, 0, secret="no") for n in range(1, 9)]
            device = await Raw.open(port, mqtt5.ConnectPacket("c"), *wrong)
            heard = [await device.hear() for _ in range(7)]
            assert [one.reason_code for one in heard[1:6]] == [Code.NOT_AUTHORIZED] * 5
            assert (type(heard[6]), heard[6].reason_code) == (mqtt5.DisconnectPacket, Code.QUOTA_EXCEEDED)
            assert door.counts.quarantined == 6
            device.close()

    asyncio.run(run())


def test_at_the_end_clients_are_told_and_there_are_never_too_many(parks: Store) -> None:
    async def run() -> None:
        async with opened(parks, Limits(connections=1)) as (_, port):
            device = await Raw.open(port, mqtt5.ConnectPacket("c"))
            assert (await device.hear()).reason_code == 0
            second = await Raw.open(port, mqtt5.ConnectPacket("d"))
            assert await second.hear() is None
            second.close()
        last = await device.hear()
        assert (type(last), last.reason_code) == (mqtt5.DisconnectPacket, Code.SHUTTING_DOWN)
        device.close()

    asyncio.run(run())


def test_a_device_that_does_not_read_its_answers_is_not_read_either(parks: Store) -> None:
    async def run() -> None:
        async with opened(parks) as (door, port):
            loop, deaf = asyncio.get_running_loop(), socket.socket()
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            await loop.sock_connect(deaf, ("127.0.0.1", port))
            await loop.sock_sendall(deaf, mqtt5.ConnectPacket("c").write())
            await until(lambda: any(hasattr(talk, "_session") for talk in door._connections))
            (talk,) = door._connections
            talk._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # type: ignore[attr-defined]
            pings = asyncio.create_task(loop.sock_sendall(deaf, mqtt5.PingReqPacket().write() * 2_000_000))
            await until(lambda: talk._waits_for_peer)  # type: ignore[attr-defined]
            assert talk._transport.get_write_buffer_size() < 2**20  # type: ignore[attr-defined]
            pings.cancel()
            deaf.close()

    asyncio.run(run())


def test_older_clients_go_on_to_the_nats_server_beside_newer_ones(parks: Store, tmp_path: Path) -> None:
    async def run(endpoint: nats_server.Endpoint) -> None:
        taking = MqttDoor(parks, endpoint.url, {}, Judge({}))
        running = asyncio.create_task(taking.run())
        async with opened(parks, older=("127.0.0.1", endpoint.mqtt_port)) as (_, port):
            device = await asyncio.to_thread(MqttDevice, port)
            for minute in range(3):
                await asyncio.to_thread(device.publish, "P1", payload(minute, secret="s"), minute + 1)
            newer = await Raw.open(port, mqtt5.ConnectPacket("c"), message(1, 3, secret="s"), message(2, 0, secret="s"))
            assert [(await newer.hear()).reason_code for _ in range(3)] == [0, 0, 0]
            newer.close()
            device.close()
            await until(lambda: len(kept(parks)) == 4)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    with nats_server.nats_server(tmp_path, mqtt_port=0) as endpoint:
        asyncio.run(run(endpoint))
    assert kept(parks) == [("P1", minute) for minute in range(4)]


def test_a_version_that_nobody_here_speaks_is_refused_as_it_has_it(parks: Store) -> None:
    async def said_to(port: int, hello: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(hello)
        async with asyncio.timeout(WAIT_SECONDS):
            heard = await reader.read()
        writer.close()
        return heard

    async def run() -> None:
        old = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"
        async with opened(parks) as (_, port):
            assert await said_to(port, old) == b"\x20\x02\x00\x01"
            for level in (0, 6):
                answer, _ = mqtt5.read(memoryview(await said_to(port, b"\x10\x0d\x00\x04MQTT" + bytes([level]))))
                assert answer.reason_code == Code.UNSUPPORTED_VERSION
            assert await said_to(port, b"GET / HTTP/1.1\r\n") == b""
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            async with opened(parks, older=nobody.getsockname()) as (door, port):
                assert await said_to(port, old) == b""
                await until(lambda: not door._connections)

    asyncio.run(run())


def test_a_notification_that_a_broker_of_mqtt_5_refuses_was_not_delivered(parks: Store) -> None:
    def send(port: int, quality: str) -> str | None:
        info = [{"key": "MQTT-Version", "value": "mqtt5.0"}, {"key": "MQTT-QoS", "value": quality}]
        endpoint = read_mqtt_endpoint({"uri": f"mqtt://127.0.0.1:{port}/city/air", "notifierInfo": info})
        return publish(endpoint, b"{}", timeout=10)

    async def run() -> None:
        async with opened(parks) as (_, port):
            refused = await asyncio.to_thread(send, port, "1")
            assert "Topic name invalid" in (refused or "")
            assert await asyncio.to_thread(send, port, "0") is None

    asyncio.run(run())


async def _bad(port: int, chance: random.Random) -> None:
    """Connections of noise, of near-valid packets, of a packet without an end, of one byte at a time."""
    hello = mqtt5.ConnectPacket("x", will=mqtt5.Will("w", payload=b"w")).write()
    good = hello + b"".join(message(n, n, secret="s").write() for n in range(1, 30))
    while True:
        near = bytearray(good)
        near[chance.randrange(len(near))] = chance.randrange(256)
        kind = chance.randrange(4)
        said = [chance.randbytes(5000), bytes(near), hello + b"\x32\xff\xff\x03" + b"x" * 70_000, hello][kind]
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                for at in range(0, len(said), 1 if kind == 3 else 1000):
                    writer.write(said[at : at + (1 if kind == 3 else 1000)])
                    await writer.drain()
                    await asyncio.sleep(0)
                async with asyncio.timeout(0.2):
                    await reader.read(1000)
            except TimeoutError:
                pass
            finally:
                writer.close()


def test_in_a_storm_good_devices_are_answered_and_memory_stays_bounded(parks: Store) -> None:
    async def run() -> None:
        async with opened(parks, Limits(held_seconds=0.2, frame_seconds=5)) as (door, port):
            chance = random.Random(1)
            storm = [asyncio.create_task(_bad(port, random.Random(chance.random()))) for _ in range(20)]
            for minute in range(100, 130):
                device = await Raw.open(port, mqtt5.ConnectPacket("good", username="P2", password=b"s"),
                                        message(1, minute, "bihuan/P2/up"))  # fmt: skip
                assert [(await device.hear()).reason_code for _ in range(2)] == [0, 0]
                device.say(mqtt5.DisconnectPacket())
                held = [talk._session.held_bytes for talk in door._connections if hasattr(talk, "_session")]
                assert max(held, default=0) <= door.offer.largest
                device.close()
            await until(lambda: door.counts.refused > 50)
            for task in storm:
                task.cancel()
            ends = await asyncio.gather(*storm, return_exceptions=True)
            assert all(isinstance(end, asyncio.CancelledError) for end in ends)
            await until(lambda: not door._connections)
            assert not door._clients

    asyncio.run(run())
    assert {("P2", minute) for minute in range(100, 130)} <= set(kept(parks))
