"""The operations rooms over a small made-up city: what the store knows is what the pages show."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.show.browsing import Client, browsing
from tests.show.casework import NOW, Browser

from bihuan.act import demo_accounts
from bihuan.act.intake import take_in
from bihuan.act.personal import new_key_file
from bihuan.core.errors import OutsideError
from bihuan.core.records.observation import Quality
from bihuan.core.records.signal import Signal
from bihuan.sense.housekeeping import SILENCE
from bihuan.sense.simulation.small_city import EVERY, HISTORY, SmallCity
from bihuan.show.app import create_app
from bihuan.show.cityview import ALL_TYPES, STANDINGS, Standpoint, standpoints
from bihuan.show.energybudget import budgets
from bihuan.show.sensed import quality_words, value_text
from bihuan.show.settings import Settings
from bihuan.show.streaming import STALE, STILL_HERE, Watchers
from bihuan.store import devices, signals
from bihuan.store.connect import Store
from bihuan.store.history import history
from bihuan.store.lake import Lake
from bihuan.store.packs import load_pack

OUTLET = "urn:ngsi-ld:EmissionOutlet:synthetic-001"


@pytest.fixture
def store(store: Store) -> Store:
    """A store at a fixed hour: budgets, days and spans are the same whenever this runs, on New Year's Day too."""
    return replace(store, clock=lambda: NOW)


@pytest.fixture
def city(store: Store, tmp_path: Path) -> SmallCity:
    made = SmallCity(store, load_pack("yangquan").folder, Lake(tmp_path / "lake"), share=0.02)
    made.fill()
    made.house.roll_up()
    return made


@pytest.fixture
def client(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    new_key_file(tmp_path / "personal.key")
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path))
    with browsing(create_app(store, Settings(), load_pack("yangquan"))) as opened:
        yield opened


def _points(store: Store, *types: str) -> list[Standpoint]:
    with store.connection() as connection:
        return standpoints(connection, types or ALL_TYPES)


def _signal(store: Store, subject: str, text: str, **more: Any) -> None:
    told = Signal("sense.rule.x", "air.exceedance", subject, "serious", text, store.clock(), text, (subject,), more)
    with store.connection() as connection:
        signals.raise_(connection, [told], at=store.clock())


def test_an_empty_city_says_so_and_the_way_on(client: Client) -> None:
    for path, said in (
        ("/operations", "还没有设备上报"), ("/operations/map", "还没有对象有位置"), ("/operations/water", "这里没有内容"),
        ("/devices", "没有设备"),
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200
        assert said in answer.text
    assert client.get("/operations/nothing").status_code == 404
    assert client.get("/entities/1").status_code == 404
    assert client.get("/entities/urn:ngsi-ld:X:1").status_code == 404
    assert client.get("/entities/99999999999").status_code == 404
    assert client.get("/rules/nothing").status_code == 404


def test_every_light_counts_each_entity_once(client: Client, city: SmallCity, store: Store) -> None:
    _signal(store, OUTLET, "排放口超标")
    points = _points(store)
    assert {one.entity.urn for one in points} == {one.entity.urn for one in city.city}
    by_urn = {one.entity.urn: one for one in points}
    assert by_urn[OUTLET].standing == "alarm"
    page = client.get("/operations").text
    for standing in STANDINGS:
        counted = sum(int(n) for n in re.findall(rf'\?standing={standing}"[^>]*>(\d+)</a>', page))
        assert counted == sum(one.standing == standing for one in points)
    assert "由模拟器生成" in page


def test_a_signal_leads_to_its_case_and_is_acknowledged_by_an_account(
    client: Client, city: SmallCity, store: Store
) -> None:
    engine, now = client.app.state.engine, store.clock()
    with store.connection() as connection:
        demo_accounts.make(connection, engine, now)
    point = _points(store, "EmissionOutlet")[0]
    values = {"title": "超标", "address": "郊区", "severity": "serious", "rule": "x", "basis": "GB 13223-2011"}
    _signal(store, point.entity.urn, "二氧化硫超标", **values)
    assert take_in(store, engine, now) >= 1
    page = client.get("/operations").text
    number = re.search(r'href="/cases/([^"]+)">事项', page)
    assert number is not None
    address = f"/entities/{point.number}"
    assert f"/cases/{number[1]}" in client.get(address).text
    assert "登录后可标记已知悉" in client.get(address).text
    refused = client.post("/signals/1/acknowledge", data={"back": str(point.number)})
    assert refused.headers["location"].startswith("/sign-in")
    browser = Browser(client)
    browser.sign_in("demo-ecology")
    browser.get(address)
    action = re.search(r'action="(/signals/\d+/acknowledge)"', browser.page)
    assert action is not None
    assert browser.post(action[1], back=str(point.number)).status_code == 303
    with store.connection() as connection:
        assert [one.acknowledged_at for one in signals.latest(connection, subject=point.entity.urn)] != [None]


def test_a_silent_device_is_told_and_heard_again(client: Client, city: SmallCity, store: Store) -> None:
    house, now = city.house, store.clock()
    house.store = replace(store, clock=lambda: now + timedelta(hours=1))
    assert house.watch_silence() == len(city.city)
    assert "失联设备" in client.get("/operations").text
    assert all(one.standing in ("silent", "alarm") for one in _points(store))
    with store.connection() as connection:
        known = {one.number for name in ("hj212", "gb32960") for one in devices.registered(connection, name).values()}
        devices.note_seen(connection, dict.fromkeys(known, 1), at=now + timedelta(hours=1))
    assert house.watch_silence() == 0
    with store.connection() as connection:
        assert [one for one in signals.latest(connection, only_open=True) if one.signal.source == SILENCE] == []
    assert "应上报的设备都在上报" in client.get("/operations").text


def test_history_at_each_zoom_and_as_a_file(client: Client, city: SmallCity, store: Store) -> None:
    (point,) = _points(store, "Parking")
    address = f"/entities/{point.number}"
    for zoom in ("now", "hour", "day"):
        page = client.get(f"{address}?attribute=occupied&span=week&zoom={zoom}").text
        line = json.loads(html.unescape(re.search(r'data-line="([^"]+)"', page)[1]))  # type: ignore[index]
        assert line["unit"] == "个"
        assert len(line["points"]) == page.count('<td class="nowrap">') > 0
    with store.connection() as connection:
        span = (store.clock() - timedelta(days=1), store.clock())
        kept = history(connection, Lake(Path("/nowhere")), point.entity.urn, ["occupied"], *span)
    answer = client.get(f"{address}/export.csv?attribute=occupied&span=day")
    assert answer.text.count("\n") == 1 + len(kept["occupied"])
    assert client.get(f"{address}/export.xlsx?span=day").content[:2] == b"PK"
    assert client.get(f"{address}/export.exe").status_code == 404
    old = client.get(f"{address}?attribute=occupied&until=2001-01-01T00:00").text
    assert "此时段没有数值" in old
    assert "更晚" in old
    assert client.get(f"/entities/{point.entity.urn}").headers["location"] == address


def test_a_flag_is_told_beside_its_value() -> None:
    assert quality_words(0) == []
    assert quality_words(4 | Quality.late | Quality.jump) == ["fault", "jump", "late"]
    assert quality_words(9) == ["other"]


def test_the_map_has_each_place_and_a_vehicle_its_way(client: Client, city: SmallCity, store: Store) -> None:
    page = client.get("/operations/map").text
    marks = json.loads(html.unescape(re.search(r'data-marks="([^"]+)"', page)[1]))  # type: ignore[index]
    assert {mark["id"] for mark in marks} == {one.number for one in _points(store)}
    assert "示意图" in page
    (vehicle,) = _points(store, "Vehicle")
    assert vehicle.place != (vehicle.entity.lon, vehicle.entity.lat)
    card = client.get(f"/entities/{vehicle.number}/card").text
    trail = json.loads(re.search(r'data-trail="([^"]+)"', card)[1])  # type: ignore[index]
    assert len(trail) == HISTORY / EVERY
    assert list(vehicle.place or ()) == trail[-1]


def test_energy_users_stand_against_their_budget(client: Client, city: SmallCity, store: Store) -> None:
    users = _points(store, "EnergyUser")
    with store.connection() as connection:
        found = budgets(connection, users, client.app.state.sensed.unit, store.clock())
    assert set(found) == {one.number for one in users}
    for user in users:
        one = found[user.number]
        assert one.budget == user.entity.attributes["year_budget"]
        assert 0 < one.used < one.budget
        assert one.is_over == (one.share_percent > 100)
        assert 60 < one.share_percent < 140  # what the simulator's meters are made to do
    page = client.get("/operations/energy").text
    assert "照此进度" in page
    assert "万吨标准煤" in page
    assert client.get("/operations/energy?standing=alarm&district=nowhere").text.count("<tr data-row") == 0


def test_boards_and_the_registry_are_taken_away(client: Client, city: SmallCity, store: Store) -> None:
    users = _points(store, "EnergyUser", "ChargingStation")
    rows = client.get("/operations/energy/export.csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + len(users)
    assert "有功功率 (千瓦)" in rows[0]
    table = pl.read_parquet(client.get("/operations/energy/export.parquet").content)
    assert set(table["URN"]) == {one.entity.urn for one in users}
    assert table["有功功率 (千瓦)"].dtype == pl.Float64
    english = client.get("/operations/air/export.csv", headers={"accept-language": "en"}).content.decode("utf-8-sig")
    assert "PM2.5 (µg/m³)" in english.splitlines()[0]
    none = client.get("/operations/energy/export.csv?district=nowhere").content.decode("utf-8-sig")
    assert none.splitlines() == rows[:1]
    assert client.get("/operations/energy/export.xlsx").content[:2] == b"PK"
    devices_ = client.get("/devices/export.csv?protocol=gb32960").content.decode("utf-8-sig").splitlines()
    assert len(devices_) == 1 + len(_points(store, "Vehicle"))
    assert client.get("/devices/export.exe").status_code == 404
    assert client.get("/operations/nothing/export.csv").status_code == 404


def test_units_are_said_in_the_language_of_the_page(client: Client, city: SmallCity, store: Store) -> None:
    point = _points(store, "AirStation")[0]
    page = client.get(f"/entities/{point.number}?attribute=pm25", headers={"accept-language": "en"}).text
    assert "µg/m³" in page
    assert "微克" not in page
    assert "微克/立方米" in client.get(f"/entities/{point.number}?attribute=pm25").text


def test_quarantine_says_what_was_not_obeyed(client: Client, store: Store) -> None:
    frames = [devices.Quarantined(store.clock(), "hj212", "UNKNOWN1", "127.0.0.1", "unknown_device", b"##")] * 3
    with store.connection() as connection:
        devices.quarantine(connection, frames)
    page = client.get("/devices").text
    assert "unknown_device" in page
    assert '<td class="num">3</td>' in page


def test_a_stream_sends_what_has_changed_and_says_when_it_is_stale() -> None:
    parts = iter(["<p>one</p>\n<p>two</p>", "<p>one</p>\n<p>two</p>", OutsideError("down"), OutsideError("down"),
                  "<p>one</p>\n<p>two</p>"])  # fmt: skip

    def render() -> str:
        part = next(parts)
        if isinstance(part, Exception):
            raise part
        return part

    async def take() -> list[str]:
        stopping, got = asyncio.Event(), []
        async for one in Watchers(stopping, 0.02).messages("page", render):
            got.append(one)
            if len(got) == 5:
                stopping.set()
        return got

    whole = "data: <p>one</p>\ndata: <p>two</p>\n\n"
    assert asyncio.run(take()) == [whole, STILL_HERE, STALE, STALE, whole]


def test_whoever_looks_at_the_same_part_shares_one_watcher() -> None:
    asked: dict[str, int] = {}

    async def look(watchers: Watchers, page: str, count: int) -> list[str]:
        def render() -> str:
            asked[page] = asked.get(page, 0) + 1
            return f"{page} {asked[page]}"

        stream = watchers.messages(page, render)
        got = [await anext(stream) for _ in range(count)]
        await stream.aclose()  # type: ignore[attr-defined]  # the reader goes
        return got

    async def all_look() -> None:
        watchers = Watchers(asyncio.Event(), 0.05)
        many = await asyncio.gather(*(look(watchers, "map", 3) for _ in range(50)), look(watchers, "air", 2))
        assert all(one == ["data: map 1\n\n", "data: map 2\n\n", "data: map 3\n\n"] for one in many[:50])
        assert asked == {"map": 3, "air": 2}
        assert watchers._watched == {}  # nobody looks any more, so nobody asks
        assert await look(watchers, "map", 1) == ["data: map 4\n\n"]

    asyncio.run(all_look())


@pytest.mark.parametrize("path", ["/operations", "/operations/map", "/operations/air"])
def test_a_stream_brings_the_whole_state_first(client: Client, city: SmallCity, path: str) -> None:
    client.app.state.stopping.set()  # ends after the first message
    answer = client.get(f"{path}/stream")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("data: ")
    assert "截至" in answer.text


def test_what_a_vehicle_tells_has_names_and_words_people_read(client: Client, city: SmallCity, store: Store) -> None:
    vehicle = _points(store, "Vehicle")[0]
    state = re.compile(r'data-row="a-\w+"><td><a [^>]+>([^<]+)</a>.*?<td class="(\w+)"[^>]*>([^<]+)</td>', re.DOTALL)
    for language in ("zh-CN", "en"):
        rows = state.findall(client.get(f"/entities/{vehicle.number}", headers={"accept-language": language}).text)
        assert len(rows) == len(vehicle.state)
        told = {name: value for name, _, value in rows}
        assert [
            one for pair in told.items() for one in pair if re.search("[a-z]_[a-z]|[{}\\[\\]]|true|null", one)
        ] == []
        assert told["运行模式" if language == "zh-CN" else "Driven by"] == (
            "纯电" if language == "zh-CN" else "electricity"
        )
    assert {kind for _, kind, value in rows if re.fullmatch(r"-?[\d.]+", value)} == {"num"}
    assert "全年用能预算" in client.get(f"/entities/{_points(store, 'EnergyUser')[0].number}").text


def test_values_of_every_shape_are_written_for_people() -> None:
    point = {"type": "Point", "coordinates": [113.58, 37.9412349]}
    assert value_text(point, None, "en") == "113.58000, 37.94123"
    assert value_text([3.512, 3.514], "伏", "zh-CN") == "3.512 伏、3.514 伏"
    assert value_text([], None, "en") == "none"
    assert [value_text(True, None, language) for language in ("zh-CN", "en")] == ["是", "Yes"]
    assert value_text("soc_low", None, "zh-CN") == "电量低"
    assert value_text("a word of its own", None, "zh-CN") == "a word of its own"
