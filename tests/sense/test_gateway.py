"""Devices over real sockets into a real database: kept once, answered after, strangers kept aside."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

from tests.sense.devices import NOW, register, talk, upload, uploads

from bihuan.core.records.observation import Quality
from bihuan.sense.gateway.gate import Gate
from bihuan.sense.gateway.limits import Limits
from bihuan.sense.protocols import PROTOCOLS, hj212
from bihuan.sense.protocols.hj212.answers import answer
from bihuan.sense.protocols.hj212.commands import Edition, number
from bihuan.sense.quality import Judge
from bihuan.sense.quality import Limits as ValueLimits
from bihuan.store import devices, entities
from bihuan.store.connect import Store


@contextlib.asynccontextmanager
async def gate_of(store: Store, limits: Limits | None = None) -> AsyncIterator[tuple[Gate, int]]:
    judge = Judge({"pm25": ValueLimits(0, 1000)})
    gate = Gate(
        PROTOCOLS["hj212"], replace(store, clock=lambda: NOW + timedelta(minutes=1)), limits=limits, judge=judge
    )
    async with gate.open("127.0.0.1", 0) as port:
        yield gate, port


async def all_gone(gate: Gate) -> None:
    """Wait until the gate has no connection left."""
    async with asyncio.timeout(60):
        while gate._connections:
            await asyncio.sleep(0.02)


def rows(store: Store) -> int:
    with store.connection() as connection:
        found = connection.execute("select count(*) from observation").fetchone()
    assert found is not None
    return int(found[0])


def test_what_is_answered_is_kept_and_a_repeat_is_answered_and_not_kept_again(store: Store) -> None:
    register(store, 2)
    frames = uploads("A1", 20)

    async def run() -> None:
        async with gate_of(store) as (gate, port):
            answers = await talk(port, [*frames, *frames[:5]], 25)
            assert [a["head"]["CN"] for a in answers] == ["9014"] * 25  # type: ignore[index]
            assert await talk(port, frames, 20)
            assert (gate.commit.kept, gate.commit.repeated) == (20, 25)
            await talk(port, [frame.replace(b"MN=A1", b"MN=A1") for frame in uploads("A2", 3)], 3)

    asyncio.run(run())
    assert rows(store) == 23
    with store.connection() as connection:
        state = entities.latest(connection, ["urn:ngsi-ld:AirStation:1", "urn:ngsi-ld:AirStation:3"])
        (seen, _) = devices.states(connection)
    pm25 = state["urn:ngsi-ld:AirStation:1"]["pm25"]
    assert (pm25.value, pm25.unit, pm25.time, pm25.quality) == (19.0, "微克/立方米", NOW + timedelta(seconds=19), 0)
    assert seen.frames == 45


def test_strangers_and_wrong_passwords_are_kept_aside_and_not_answered(store: Store) -> None:
    register(store, 1)

    async def run() -> None:
        async with gate_of(store) as (_, port):
            sent = [
                upload("B9", NOW, 1),
                upload("A1", NOW, 1, secret="000000"),
                upload("A1", NOW, 1, flag="9"),
                upload("A1", NOW + timedelta(days=3), 1),
                b"##0010nonsense",
                upload("A1", NOW, 2),
            ]
            (only,) = await talk(port, sent, 1)
            assert only["head"]["CN"] == "9014"  # type: ignore[index]

    asyncio.run(run())
    with store.connection() as connection:
        aside = devices.quarantined(connection)
    reasons = [one.reason for one in reversed(aside)]
    assert reasons == ["unknown_device", "wrong_secret", "unsupported_edition", "impossible_time", "bad_length"]
    assert aside[-1].raw == upload("B9", NOW, 1)
    assert rows(store) == 1


def test_the_registry_may_know_better_what_a_device_speaks(store: Store) -> None:
    register(store, 1)
    with store.connection() as connection:
        connection.execute("update device set edition = '2017', sends = '{\"pm25\": \"毫克/立方米\"}'")

    async def run() -> None:
        async with gate_of(store) as (_, port):
            assert await talk(port, [upload("A1", NOW, 0.5, flag="9")], 1)

    asyncio.run(run())
    with store.connection() as connection:
        state = entities.latest(connection, ["urn:ngsi-ld:AirStation:1"])["urn:ngsi-ld:AirStation:1"]
    assert state["pm25"].value == 500  # converted once, at the door
    assert state["pm10"].value == 1


def test_late_and_impossible_values_are_marked_and_kept(store: Store) -> None:
    register(store, 1)

    async def run() -> None:
        async with gate_of(store) as (_, port):
            sent = [upload("A1", NOW - timedelta(hours=2), 5000), upload("A1", NOW + timedelta(minutes=30), 5)]
            assert await talk(port, sent, 2)

    asyncio.run(run())
    with store.connection() as connection:
        got = connection.execute("select quality from observation order by time").fetchall()
    late, skewed = (bytes(quality) for (quality,) in got)
    assert int.from_bytes(late[:2], "little") == Quality.out_of_range | Quality.late
    assert int.from_bytes(skewed[:2], "little") == Quality.clock_skew


def test_a_second_message_about_the_same_time_is_marked_and_a_repeat_is_not(store: Store) -> None:
    register(store, 1)
    other = hj212.encode({"QN": "20260301080000999", "ST": "22", "CN": "2011", "PW": "123456", "MN": "A1", "Flag": "5"}, None,
                         {"a34004": {"Rtd": 7.0, "Flag": "N"}, "a34002": {"Rtd": 8.0, "Flag": "N"}}, NOW)  # fmt: skip

    async def run() -> None:
        async with gate_of(store) as (_, port):
            assert await talk(port, [upload("A1", NOW, 5), upload("A1", NOW, 5), other], 3)

    asyncio.run(run())
    with store.connection() as connection:
        found = connection.execute("select quality from observation order by quality nulls first").fetchall()
    assert [quality and int.from_bytes(bytes(quality)[:2], "little") for (quality,) in found] == [
        None,
        Quality.duplicate,
    ]


def test_a_connection_of_nonsense_or_without_an_end_is_closed(store: Store) -> None:
    register(store, 1)

    async def run() -> None:
        limits = Limits(refusals=5, frame_seconds=0.5, connections=3, held_seconds=0.1)
        async with gate_of(store, limits) as (gate, port):
            _, slow = await asyncio.open_connection("127.0.0.1", port)
            slow.write(b"##9999QN=2026")
            nonsense, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"##xxxx" * 50)
            assert await asyncio.wait_for(nonsense.read(), 60) == b""
            assert await talk(port, uploads("A1", 2), 2)
            await all_gone(gate)
            assert gate.counts.refused >= 5
            for end in (slow, writer):
                end.close()
                with contextlib.suppress(ConnectionError):
                    await end.wait_closed()

    asyncio.run(run())


def test_a_command_reaches_its_device_and_its_answers_are_kept(store: Store) -> None:
    register(store, 1)
    qn = number(NOW)
    with store.connection() as connection:
        devices.queue_command(
            connection, "hj212", "A1", qn, "1062", {"RtdInterval": "30", "ST": "22", "PW": "123456"}, actor="t", at=NOW
        )

    async def run() -> None:
        async with gate_of(store) as (gate, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(upload("A1", NOW, 1))
            heard = b""
            async with asyncio.timeout(60):
                while b"RtdInterval=30" not in heard:
                    heard += await reader.read(1000)
            head = {"QN": qn, "PW": "123456", "MN": "A1"}
            writer.write(answer("9011", head, Edition.of_2017, "1") + answer("9012", head, Edition.of_2017, "1"))
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            await all_gone(gate)  # so it has read all that was sent before the end

    asyncio.run(run())
    with store.connection() as connection:
        (told,) = devices.commands(connection)
    assert (told["state"], told["outcome"]) == ("done", "done")


def test_a_silent_device_is_told_once_until_it_speaks_again(store: Store) -> None:
    register(store, 2)
    with store.connection() as connection:
        late = NOW + timedelta(minutes=4)
        assert [one.id for one in devices.fallen_silent(connection, now=late)] == ["A1", "A2"]
        assert devices.fallen_silent(connection, now=late + timedelta(minutes=9)) == []
        assert [one.id for one in devices.states(connection, silent=True)] == ["A1", "A2"]
        numbers = devices.registered(connection, "hj212")
        devices.note_seen(connection, {numbers["A1"].number: 1}, at=late)
        assert [one.id for one in devices.states(connection, silent=True)] == ["A2"]
        assert [one.id for one in devices.fallen_silent(connection, now=late + timedelta(hours=1))] == ["A1"]
