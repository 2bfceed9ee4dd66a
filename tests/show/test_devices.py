"""Devices in the cockpit and over REST: taken in, changed, given another secret, retired, each noted, none of it by just anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from tests.show.browsing import Client
from tests.show.casework import NOW, Browser, cockpit, signed_in

from bihuan.act import accounts
from bihuan.sense.gateway.registry import ChangedDevices, Registry
from bihuan.show.pages import device, devices, subscriptions
from bihuan.store import events
from bihuan.store.connect import Store

COUNTERPARTS = {
    "GET /devices": "GET /api/devices",
    "GET /devices/export.{suffix}": "GET /api/devices",
    "GET /devices/new": "POST /api/devices",
    "POST /devices/new": "POST /api/devices",
    "GET /devices/{protocol}/{identifier}": "GET /api/devices/{protocol}/{id}",
    "POST /devices/{protocol}/{identifier} change": "PATCH /api/devices/{protocol}/{id}",
    "POST /devices/{protocol}/{identifier} secret": "POST /api/devices/{protocol}/{id}/secret",
    "POST /devices/{protocol}/{identifier} retire": "POST /api/devices/{protocol}/{id}/retire",
    "POST /devices/{protocol}/{identifier} restore": "POST /api/devices/{protocol}/{id}/restore",
    "GET /subscriptions": None,  # GET /ngsi-ld/v1/subscriptions, not of this document
    "POST /subscriptions": None,  # PATCH /ngsi-ld/v1/subscriptions/{id}
}
"""Address of a page, with what its form does -> operation that does the same for a program."""
FORM: dict[str, Any] = {"protocol": "hj212", "id": "A140300_0001", "type": "AirStation", "name": "城区站", "owner": "ecology",
        "lon": "113.58", "lat": "37.86", "expected_seconds": "60"}  # fmt: skip
PAGE = "/devices/hj212/A140300_0001"


@pytest.fixture
def client(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path))
    with cockpit(store, tmp_path) as opened:
        yield opened


@pytest.fixture
def keeper(client: Client) -> Browser:
    return signed_in(client, "demo-operator")


def _secret(page: str) -> str:
    found = re.search(r'<div class="note good" role="status">.*?<code>([^<]+)</code>', page, re.S)
    assert found is not None
    return found[1]


def _obeyed(store: Store, secret: str, protocol: str = "hj212", identifier: str = "A140300_0001") -> bool:
    registry = Registry(ChangedDevices(store, protocol))
    found = registry.get(identifier)
    return found is not None and registry.is_secret(found, secret)


def test_a_device_is_taken_in_and_its_secret_is_shown_once(keeper: Browser, store: Store) -> None:
    keeper.get("/devices/new")
    answer = keeper.post("/devices/new", **FORM)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    secret = _secret(answer.text)
    assert re.fullmatch(r"\d{6}", secret)
    assert _obeyed(store, secret)
    assert not _obeyed(store, "nothing")
    assert secret not in keeper.get(PAGE).text
    assert "生态环境局" in keeper.page
    assert "设备已登记" in keeper.page
    assert "A140300_0001" in keeper.get("/devices").text
    with store.connection() as connection:
        (told,) = events.latest(connection, stream="device:hj212:A140300_0001")
    assert told.actor.startswith("account:")
    assert secret not in str(told.body)
    keeper.get("/devices/new")
    again = keeper.post("/devices/new", **FORM)
    assert again.status_code == 422
    assert "该设备已登记" in again.text


def test_what_is_said_of_a_device_changes_and_the_log_has_before_and_after(keeper: Browser, store: Store) -> None:
    keeper.get("/devices/new")
    keeper.post("/devices/new", **FORM)
    keeper.get(PAGE)
    changed: dict[str, Any] = {**FORM, "owner": "", "lon": "113.6", "expected_seconds": "300", "act": "change"}
    assert keeper.post(PAGE, **changed).status_code == 303
    keeper.get(PAGE)
    assert 'value="113.6"' in keeper.page
    assert 'value="300"' in keeper.page
    assert keeper.post(PAGE, **changed).status_code == 303  # nothing changes: nothing is noted
    with store.connection() as connection:
        told = events.latest(connection, stream="device:hj212:A140300_0001")
    assert [one.type for one in told] == ["device.changed", "device.registered"]
    assert told[0].body == {"before": {"expected_seconds": 60, "lon": 113.58, "owner": "ecology"},
                            "changes": {"expected_seconds": 300, "lon": 113.6, "owner": None}}  # fmt: skip
    assert 'href="/devices/hj212/A140300_0001"' in keeper.get("/events").text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"id": "a b"}, "设备编号"), ({"protocol": "gb32960", "id": "SHORT"}, "17 位"), ({"protocol": "x"}, "不是已支持的协议"),
        ({"owner": "nobody"}, "不是本市的单位"), ({"district": "巴黎"}, "不是本市的区县"), ({"lon": ""}, "经度和纬度"),
        ({"lon": "200"}, "经度应在"), ({"lat": "north"}, "不是数字"), ({"expected_seconds": "0"}, "上报间隔应为"),
        ({"expected_seconds": "1.5"}, "不是整数"), ({"name": " "}, "名称为空"), ({"edition": "2025"}, "可设定的版本"),
        ({"type": "空气站"}, "对象类型"), ({"urn": "x:1"}, "urn:ngsi-ld:"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_in_the_readers_language(keeper: Browser, more: dict[str, Any], said: str) -> None:
    keeper.get("/devices/new")
    answer = keeper.post("/devices/new", **(FORM | more))
    assert answer.status_code == 422
    assert said in answer.text
    assert "城区站" in answer.text or more.get("name") == " ", "what was entered stays"
    assert keeper.get("/api/devices/hj212/A140300_0001").status_code == 404


def test_a_secret_is_renewed_and_a_device_retired_and_had_back(keeper: Browser, store: Store) -> None:
    keeper.get("/devices/new")
    first = _secret(keeper.post("/devices/new", **FORM).text)
    second = _secret(keeper.post(PAGE, act="secret").text)
    assert _obeyed(store, second)
    assert first == second or not _obeyed(store, first)
    keeper.get(PAGE)
    assert keeper.post(PAGE, act="retire").status_code == 303
    assert not _obeyed(store, second)
    assert "恢复接收" in keeper.get(PAGE).text
    assert keeper.post(PAGE, act="restore").status_code == 303
    assert _obeyed(store, second)
    vehicle: dict[str, Any] = {"protocol": "gb32960", "id": "LSVAM4187C2184841", "type": "Vehicle", "name": "一号车"}
    keeper.get("/devices/new")
    assert keeper.post("/devices/new", **vehicle).status_code == 303  # vehicles have no secret
    keeper.get("/devices/gb32960/LSVAM4187C2184841")
    refused = keeper.post("/devices/gb32960/LSVAM4187C2184841", act="secret")
    assert refused.status_code == 409
    assert "没有密码" in refused.text


def test_without_the_right_nothing_is_changed_and_a_form_of_another_session_is_refused(
    client: Client, keeper: Browser, store: Store
) -> None:
    assert client.get("/devices/new").headers["location"].startswith("/sign-in")
    assert client.post("/devices/new", data=FORM).headers["location"].startswith("/sign-in")
    handler = signed_in(client, "demo-ecology")
    assert handler.get("/devices/new").status_code == 403
    assert "指挥调度" in handler.page
    assert handler.post("/devices/new", **FORM).status_code == 403
    assert keeper.client.post("/devices/new", data=FORM).status_code == 403
    keeper.get("/devices/new")
    keeper.post("/devices/new", **FORM)
    assert "更换密码" not in client.get(PAGE).text
    assert handler.post(PAGE, act="retire").status_code == 403
    assert client.get("/devices/hj212/none").status_code == 404
    with store.connection() as connection:
        assert len(events.latest(connection, stream="device:hj212:A140300_0001")) == 1


class Program:
    """A program with a key."""

    def __init__(self, client: Client, key: str) -> None:
        self._client = client
        self._headers = {"authorization": f"Bearer {key}"}

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        inner = self._client
        asked = inner._client.request(method, path, headers=self._headers, **more)
        return inner._loop.run_until_complete(asked)


def _program(client: Client, store: Store, role: str) -> Program:
    with store.connection() as connection:
        key = accounts.create_key(connection, role, "government-office", [role], "city", ("read", "write"),
                                  client.app.state.engine.units, actor="t", now=NOW)  # fmt: skip
    return Program(client, key)


def test_a_program_does_the_same(client: Client, store: Store) -> None:
    ask = _program(client, store, "dispatcher")
    body = {"protocol": "mqtt", "id": "meter-7", "type": "EnergyUser", "name": "七号表", "expected_seconds": 900}
    made = ask("POST", "/api/devices", json=body)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    secret = made.json()["secret"]
    assert _obeyed(store, secret, "mqtt", "meter-7")
    address = made.headers["location"]
    assert ask("POST", "/api/devices", json=body).status_code == 409
    changed = ask("PATCH", address, json={"expected_seconds": None, "owner": "ecology"}).json()
    assert (changed["expected_seconds"], changed["owner"], changed["name"], changed["secret"]) == (
        None,
        "ecology",
        "七号表",
        None,
    )
    renewed = ask("POST", f"{address}/secret").json()["secret"]
    assert renewed != secret
    assert ask("POST", f"{address}/retire").json()["active"] is False
    assert ask("POST", f"{address}/restore").json()["active"] is True
    assert [one["id"] for one in ask("GET", "/api/devices?protocol=mqtt").json()] == ["meter-7"]
    assert ask("PATCH", address, json={"owner": "nobody"}).status_code == 422
    assert ask("GET", "/api/devices/mqtt/none").status_code == 404
    other = _program(client, store, "inspector")
    assert other("GET", address).status_code == 200
    assert other("POST", f"{address}/retire").status_code == 403
    assert client.get(address).status_code == 401


def _addresses() -> set[str]:
    rooms = (device, devices, subscriptions)
    routes = [route for room in rooms for route in room.router.routes if isinstance(route, APIRoute)]
    plain = {f"{verb} {route.path}" for route in routes for verb in route.methods or ()}
    acting = "POST /devices/{protocol}/{identifier}"
    return (plain - {acting}) | {f"{acting} {act}" for act in device.ACTS}


def _operations(app: FastAPI) -> set[str]:
    return {f"{verb.upper()} {path}" for path, verbs in app.openapi()["paths"].items() for verb in verbs}


def test_every_page_of_devices_has_a_counterpart_for_programs(client: Client) -> None:
    """A new address, or a new thing that a form does, fails here until it is said what a program does instead."""
    assert _addresses() == set(COUNTERPARTS)
    assert {one for one in COUNTERPARTS.values() if one} - _operations(client.app) == set()
