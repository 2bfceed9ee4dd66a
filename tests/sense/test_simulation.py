"""The made-up city: the same seed makes the same, and the same devices over real sockets end in the store, once."""

import asyncio
import contextlib
import itertools
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.sense.devices import NOW

from bihuan.core.errors import InputError
from bihuan.sense.gateway.door import Door
from bihuan.sense.gateway.gate import Gate
from bihuan.sense.mqtt5.door import Mqtt5Door
from bihuan.sense.protocols import PROTOCOLS
from bihuan.sense.simulation import running
from bihuan.sense.simulation.behaviour import vehicle_place
from bihuan.sense.simulation.city import Ground, inventory
from bihuan.sense.simulation.faults import STORM_FRAMES, Faults, Line, parse_faults
from bihuan.sense.simulation.messages import frame
from bihuan.sense.simulation.roads import place_on_road
from bihuan.store import devices, entities
from bihuan.store.connect import Store, utc_now
from bihuan.store.packs import load_pack, new_pack

ALL_KINDS = {"pm25", "methane_percent", "lon_deg"}
"""What a station, a mine and a vehicle report."""


def test_the_city_has_what_the_documents_speak_of_and_is_marked_synthetic() -> None:
    city = inventory(2026)
    assert sum(one.kind == "energy" for one in city) == 72
    assert all(one.entity.synthetic and "模拟" in one.entity.name for one in city)
    assert len({one.device.id for one in city}) == len(city)
    assert city == inventory(2026) != inventory(2027)


@pytest.mark.parametrize("one", inventory(2026, share=0.01), ids=lambda one: str(one.kind))
def test_every_frame_is_good_and_the_same_each_time(one: running.Simulated) -> None:
    for minute in (0, 7, 500):
        at = NOW + timedelta(minutes=minute)
        sent = frame(one, at, seed=1)
        assert sent == frame(one, at, seed=1)
        (got,) = PROTOCOLS[one.device.protocol].decode([sent])
        assert got["ok"], got


def test_a_vehicle_drives_no_faster_than_its_road_allows() -> None:
    places = [place_on_road("car", 1_000_000 + n) for n in range(600)]
    for (lon_a, lat_a, _), (lon_b, lat_b, speed) in itertools.pairwise(places):
        assert abs(lon_b - lon_a) + abs(lat_b - lat_a) < 0.0005
        assert 0 < speed < 60


def test_faults_are_asked_for_by_name() -> None:
    assert parse_faults("loss=0.1,split=1") == Faults(loss=0.1, split=1)
    for wrong in ("loss", "loss=2", "fire=0.1"):
        with pytest.raises(InputError, match="no fault"):
            parse_faults(wrong)


def test_a_line_loses_repeats_swaps_and_splits_as_asked() -> None:
    def sent(faults: Faults) -> list[bytes]:
        line = Line(faults, random.Random(1))
        return [segment for n in range(4) for segment in line.segments(b"frame%d" % n)]

    assert sent(Faults(loss=1)) == []
    assert sent(Faults(duplicate=1)) == [b"frame%d" % n for n in (0, 0, 1, 1, 2, 2, 3, 3)]
    assert sent(Faults(reorder=1)) == [b"frame1", b"frame0", b"frame3", b"frame2"]
    assert b"".join(sent(Faults(split=1))) == b"frame0frame1frame2frame3"
    assert sent(Faults(storm=1)) == [b"frame%d" % n for n in range(4) for _ in range(STORM_FRAMES)]
    assert all(len(one) == 6 and one != b"frame%d" % n for n, one in enumerate(sent(Faults(corrupt=1))))


def test_devices_over_sockets_with_faults_end_in_the_store_once(store: Store) -> None:
    city = inventory(7, share=0.01, mqtt=True)
    running.register(store, city)
    told = running.Told()

    def seen() -> set[str]:
        with store.connection() as connection:
            states = entities.latest(connection, [one.entity.urn for one in city])
        return {name for state in states.values() for name in state}

    async def run() -> None:
        async with contextlib.AsyncExitStack() as stack:
            addresses = {}
            gates: list[Door] = [Gate(PROTOCOLS[name], store) for name in ("hj212", "gb32960")]
            gates.append(Mqtt5Door(store, {}))
            for gate in gates:
                port = await stack.enter_async_context(gate.open("127.0.0.1", 0))
                addresses[gate.name] = ("127.0.0.1", port)
            faults = Faults(loss=0.05, duplicate=0.1, reorder=0.1, corrupt=0.1, split=0.2, storm=0.02)
            talking = asyncio.create_task(running.run(city, addresses, 7, utc_now, faults=faults, speed=400, told=told))
            while told.sent < 400 or told.answered <= 20 or not await asyncio.to_thread(seen) >= ALL_KINDS:
                assert not talking.done()
                await asyncio.sleep(0.05)
            talking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await talking
            assert sum(gate.counts.frames for gate in gates) >= sum(gate.commit.kept for gate in gates) > 20
            assert all(gate.commit.kept for gate in gates)

    asyncio.run(run())
    assert told.answered > 20
    assert told.faults["storm"] > 0
    assert told.faults["corrupt"] > 0
    with store.connection() as connection:
        found = connection.execute("select count(*), count(distinct (entity, time, key)) from observation").fetchone()
        assert found is not None
        assert found[0] == found[1] > 20
        assert {one.reason for one in devices.quarantined(connection)} & {"bad_crc", "bad_length", "bad_bcc"}
        assert all(entity.synthetic for entity in entities.listed(connection).values())
    assert seen() >= ALL_KINDS


@pytest.mark.parametrize("mqtt", [False, True])
def test_history_is_made_without_sockets(store: Store, mqtt: bool) -> None:
    city = inventory(7, share=0.01, mqtt=mqtt)
    running.register(store, city)
    count = running.write_history(store, city, timedelta(hours=1), 7, timedelta(minutes=10))
    assert count == 6 * len(city)
    with store.connection() as connection:
        found = connection.execute("select count(*) from observation").fetchone()
    assert found == (count,)


def test_a_made_up_city_lies_in_the_districts_of_its_pack(tmp_path: Path) -> None:
    new_pack(tmp_path / "city")
    polygon = {"type": "Polygon", "coordinates": [[[100, 30], [101, 30], [101, 31], [100, 31]]]}
    feature = {"type": "Feature", "properties": {"name": "示例县"}, "geometry": polygon}
    bare = Ground.of(load_pack(tmp_path / "city"))
    assert list(bare.districts) == ["示例县"]
    (tmp_path / "city" / "map").mkdir()
    (tmp_path / "city" / "map" / "districts.json").write_text(json.dumps({"features": [feature]}), encoding="utf-8")
    ground = Ground.of(load_pack(tmp_path / "city"))
    assert ground.districts == {"示例县": (100.5, 30.5)}
    city = inventory(7, share=0.01, ground=ground)
    assert {one.entity.district for one in city} == {"示例县"}
    vehicle = next(one for one in city if one.kind == "vehicle")
    lon, lat, _ = vehicle_place(vehicle, datetime(2026, 3, 1, tzinfo=UTC), 7)
    assert abs(lon - 100.5) < 0.1
    assert abs(lat - 30.5) < 0.1
