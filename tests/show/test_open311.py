"""Open311 as its clients see it: services, asking, following, errors, in JSON and in XML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.show.browsing import Client, browsing

from bihuan.act import accounts
from bihuan.act.command import Command
from bihuan.act.engine import Engine
from bihuan.act.personal import new_key_file
from bihuan.core.records.principal import Principal
from bihuan.show.app import create_app
from bihuan.show.settings import Settings
from bihuan.store.connect import Store
from bihuan.store.packs import Pack, load_pack

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BASE = "/open311/v2"
OPERATOR = Principal("account:1", "值班", "operations-centre", frozenset({"dispatcher"}), "city")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("yangquan")


@pytest.fixture
def client(store: Store, pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    new_key_file(tmp_path / "personal.key")
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    app = create_app(replace(store, clock=lambda: NOW), Settings(), pack)
    with browsing(app) as opened:
        yield opened


@pytest.fixture
def api_key(store: Store, client: Client) -> str:
    units = client.app.state.engine.units
    with store.connection() as connection:
        return accounts.create_key(
            connection, "client", None, ["reporter"], "public", ["open311"], units, actor="account:1", now=NOW
        )


def asked(api_key: str, **more: str) -> dict[str, str]:
    return {"api_key": api_key, "service_code": "event-0204", "lat": "37.86", "long": "113.58"} | more


def test_discovery_names_the_endpoint_in_both_formats(client: Client) -> None:
    (endpoint,) = client.get("/open311/discovery.json").json()["endpoints"]
    assert endpoint["url"].endswith("/open311/v2/")
    assert endpoint["formats"] == ["text/xml", "application/json"]
    answer = client.get("/open311/discovery.xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert [e.text for e in ElementTree.fromstring(answer.content).findall("endpoints/endpoint/formats/format")] == [
        "text/xml",
        "application/json",
    ]


def test_services_and_their_definitions(client: Client) -> None:
    listed = client.get(f"{BASE}/services.json").json()
    codes = [service["service_code"] for service in listed]
    assert {"event-0204", "hotline-heating"} <= set(codes)
    assert all(isinstance(service["metadata"], bool) for service in listed)
    definition = client.get(f"{BASE}/services/hotline-heating.json").json()
    assert [a["order"] for a in definition["attributes"]] == list(range(1, len(definition["attributes"]) + 1))
    kind = next(a for a in definition["attributes"] if a["code"] == "kind")
    assert kind["datatype"] == "singlevaluelist"
    assert {"key": "complaint", "name": "投诉"} in kind["values"]
    tree = ElementTree.fromstring(client.get(f"{BASE}/services.xml").content)
    assert tree.tag == "services"
    assert [service.findtext("service_code") for service in tree.findall("service")] == codes
    assert {service.findtext("metadata") for service in tree.findall("service")} <= {"true", "false"}


def test_a_request_is_opened_followed_and_closed(client: Client, api_key: str, store: Store) -> None:
    (made,) = client.post(f"{BASE}/requests.json", data=asked(api_key, description="路口积水，无法通行")).json()
    number = made["service_request_id"]
    assert "查询码" in made["service_notice"]
    (shown,) = client.get(f"{BASE}/requests/{number}.json").json()
    assert (shown["status"], shown["service_code"], shown["lat"]) == ("open", "event-0204", 37.86)
    assert shown["description"] == "路口积水，无法通行"
    assert shown["requested_datetime"] == "2026-03-02T01:00:00Z"
    assert shown["expected_datetime"].endswith("Z")
    engine: Engine = client.app.state.engine
    with store.connection() as connection:
        engine.act(connection, OPERATOR, number, Command("dispatch", 1, lead="housing"), NOW + timedelta(hours=1))
    (after,) = client.get(f"{BASE}/requests/{number}.json").json()
    assert after["agency_responsible"] == engine.units.name("housing")


def test_xml_says_the_same(client: Client, api_key: str) -> None:
    made = ElementTree.fromstring(client.post(f"{BASE}/requests.xml", data=asked(api_key)).content)
    number = made.findtext("request/service_request_id")
    shown = ElementTree.fromstring(client.get(f"{BASE}/requests/{number}.xml").content)
    assert shown.findtext("request/status") == "open"
    assert shown.find("request/zipcode") is not None


def test_who_asked_and_what_they_wrote_of_a_hotline_request_is_not_shown(client: Client, api_key: str) -> None:
    private = {"description": "家中无暖气", "first_name": "三", "last_name": "张", "phone": "13800000000"}
    sent = asked(api_key, service_code="hotline-heating", address_string="某小区1号楼", **private)
    number = client.post(f"{BASE}/requests.json", data=sent).json()[0]["service_request_id"]
    answer = client.get(f"{BASE}/requests/{number}.json").text
    assert all(word not in answer for word in ("无暖气", "张三", "13800000000", "某小区"))


def test_attributes_reach_the_case_and_strange_ones_are_refused(client: Client, api_key: str, store: Store) -> None:
    sent = asked(api_key, service_code="hotline-heating", description="x", **{"attribute[kind]": "complaint"})
    number = client.post(f"{BASE}/requests.json", data=sent).json()[0]["service_request_id"]
    engine: Engine = client.app.state.engine
    with store.connection() as connection:
        case = engine.load(connection, Principal("x", "x", "hotline-centre", frozenset(), "city"), number)
    assert case.values["kind"] == "complaint"
    refused = client.post(f"{BASE}/requests.json", data=sent | {"attribute[reply]": "done"})
    assert (refused.status_code, refused.json()[0]["code"]) == (400, "400")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"api_key": "bhk_wrong"}, 403),
        ({"api_key": ""}, 403),
        ({"service_code": "event-9999"}, 404),
        ({"service_code": ""}, 400),
        ({"lat": "", "long": ""}, 400),
        ({"lat": "north"}, 400),
        ({"description": "x" * 4001}, 400),
        ({"description": "<script>alert(1)</script>"}, 400),
        ({"jurisdiction_id": "elsewhere.gov"}, 404),
    ],
)
def test_a_faulty_request_opens_nothing(client: Client, api_key: str, change: dict[str, str], status: int) -> None:
    answer = client.post(f"{BASE}/requests.xml", data=asked(api_key) | change)
    assert answer.status_code == status
    assert ElementTree.fromstring(answer.content).findtext("error/code") == str(status)
    assert client.get(f"{BASE}/requests.json").json() == []


def test_lists_are_narrowed_by_number_service_state_and_day(client: Client, api_key: str) -> None:
    numbers = [
        client.post(f"{BASE}/requests.json", data=asked(api_key, service_code=code)).json()[0]["service_request_id"]
        for code in ("event-0204", "event-0201")
    ]

    def listed(**query: str) -> list[str]:
        return [r["service_request_id"] for r in client.get(f"{BASE}/requests.json", params=query).json()]

    assert set(listed()) == set(numbers)
    assert listed(service_code="event-0201") == numbers[1:]
    assert listed(status="closed") == []
    assert set(listed(status="open,closed")) == set(numbers)
    assert set(listed(status="")) == set(numbers)
    assert listed(service_request_id=numbers[0], status="closed") == numbers[:1]
    assert listed(end_date="2026-03-01T00:00:00Z") == []
    assert set(listed(start_date="2026-03-01T08:00:00+08:00")) == set(numbers)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("requests/SJ2026-99999.json", 404),
        ("services/none.json", 404),
        ("tokens/abc.json", 404),
        ("requests.json?status=sleeping", 400),
        ("requests.json?start_date=2026-03-01", 400),
        ("requests.json?start_date=2025-01-01T00:00:00Z&end_date=2025-12-31T00:00:00Z", 400),
    ],
)
def test_errors_are_an_array_of_code_and_description(client: Client, path: str, status: int) -> None:
    answer = client.get(f"{BASE}/{path}")
    assert answer.status_code == status
    ((error),) = answer.json()
    assert error["code"] == str(status)
    assert error["description"]


def test_there_are_two_formats_and_no_other(client: Client) -> None:
    assert client.get(f"{BASE}/requests.yaml").status_code == 404
    assert client.get("/open311/discovery.yaml").status_code == 404


def test_what_was_told_of_a_request_is_told_anew_when_anything_has_happened(
    client: Client, api_key: str, store: Store
) -> None:
    numbers = [
        client.post(f"{BASE}/requests.json", data=asked(api_key, description=text)).json()[0]["service_request_id"]
        for text in ("积水", "井盖")
    ]
    before = client.get(f"{BASE}/requests.json").json()
    assert client.get(f"{BASE}/requests.json").json() == before
    assert [request["service_request_id"] for request in before] == numbers[::-1]
    with store.connection() as connection:
        command = Command("dispatch", 1, lead="ecology")
        client.app.state.engine.act(connection, OPERATOR, numbers[0], command, NOW + timedelta(hours=1))
    after = client.get(f"{BASE}/requests.json").json()
    assert after[0] == before[0]
    assert after[1]["updated_datetime"] == "2026-03-02T02:00:00Z"
    assert after[1]["agency_responsible"] != before[1]["agency_responsible"]
    tree = ElementTree.fromstring(client.get(f"{BASE}/requests.xml").content)
    assert [request.findtext("description") for request in tree.findall("request")] == ["井盖", "积水"]
    assert [request.findtext("updated_datetime") for request in tree.findall("request")] == [
        request["updated_datetime"] for request in after
    ]


def test_a_photograph_is_kept_and_a_page_in_disguise_is_not(client: Client, api_key: str) -> None:
    photograph = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
    taken = client.post(f"{BASE}/requests.json", data=asked(api_key), files={"media": ("a.png", photograph)})
    assert taken.status_code == 200
    refused = client.post(f"{BASE}/requests.json", data=asked(api_key), files={"media": ("a.png", b"<html>")})
    assert refused.status_code == 400
