"""NGSI-LD as its clients see it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from bihuan.act import accounts
from bihuan.act.personal import new_key_file
from bihuan.sense.ngsi_ld import sending
from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.intake import read_entity
from bihuan.sense.ngsi_ld.query import read_query
from bihuan.sense.ngsi_ld.sending import Kept
from bihuan.show.app import create_app
from bihuan.show.settings import Settings
from bihuan.store import ngsi_ld
from bihuan.store.connect import Store
from bihuan.store.packs import Pack, load_pack

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BASE = "/ngsi-ld/v1"
URN = "urn:ngsi-ld:AirStation:yq-01"
STATION = {
    "id": URN,
    "type": "AirStation",
    "pm25": {"type": "Property", "value": 80, "unitCode": "GQ", "observedAt": "2026-03-02T00:00:00Z"},
    "location": {"type": "Point", "coordinates": [113.58, 37.86]},
}


class Asked:
    """A client at an address."""

    def __init__(self, app: FastAPI, address: str = "127.0.0.1") -> None:
        self.app = app
        self.address = address

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._ask(method, BASE + path, more))

    async def _ask(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, client=(self.address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.request(method, path, **more)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("yangquan")


@pytest.fixture
def app(store: Store, pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    new_key_file(tmp_path / "personal.key")
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path))
    return create_app(replace(store, clock=lambda: NOW), Settings(allowed_hosts=("testserver",)), pack)


@pytest.fixture
def ask(app: FastAPI) -> Asked:
    return Asked(app)


def test_an_entity_is_made_shown_in_every_form_and_deleted(ask: Asked) -> None:
    made = ask("POST", "/entities", json=STATION)
    assert (made.status_code, made.headers["location"]) == (201, f"{BASE}/entities/{URN}")
    assert ask("POST", "/entities", json=STATION).status_code == 409
    normalised = ask("GET", f"/entities/{URN}").json()
    assert normalised["pm25"] == STATION["pm25"]
    assert ask("GET", f"/entities/{URN}?options=keyValues").json()["pm25"] == 80
    assert ask("GET", f"/entities/{URN}?format=concise").json()["location"] == STATION["location"]
    geo = ask("GET", f"/entities/{URN}", headers={"accept": "application/geo+json"}).json()
    assert (geo["type"], geo["geometry"]) == ("Feature", STATION["location"])
    linked = ask("GET", f"/entities/{URN}", headers={"accept": "application/ld+json"}).json()
    assert "core-context" in str(linked["@context"])
    assert ask("DELETE", f"/entities/{URN}").status_code == 204
    assert ask("GET", f"/entities/{URN}").status_code == 404


def test_queries_page_and_count(ask: Asked) -> None:
    many = [{**STATION, "id": f"urn:ngsi-ld:AirStation:{n}", "pm25": n} for n in range(30)]
    assert ask("POST", "/entityOperations/create", json=many).status_code == 201
    page = ask("GET", "/entities?type=AirStation&limit=10&offset=10&count=true")
    assert (len(page.json()), page.headers["ngsild-results-count"]) == (10, "30")
    assert 'rel="next"' in page.headers["link"]
    assert 'rel="prev"' in page.headers["link"]
    found = ask("GET", "/entities", params={"type": "AirStation", "q": "pm25>=25", "count": "true"})
    assert [one["pm25"]["value"] for one in found.json()] == [25, 26, 27, 28, 29]
    near = {"georel": "near;maxDistance==10", "geometry": "Point", "coordinates": "[113.58,37.86]", "limit": "100"}
    assert len(ask("GET", "/entities", params={"type": "AirStation", **near}).json()) == 30
    assert ask("GET", "/entities").status_code == 400


def test_problems_have_the_types_of_the_specification(ask: Asked) -> None:
    problems = {
        ("GET", f"/entities/{URN}"): (404, "ResourceNotFound"),
        ("GET", "/entities/no-uri"): (400, "BadRequestData"),
        ("GET", "/entities?type=A&unknown=1"): (400, "InvalidRequest"),
        ("DELETE", "/types"): (405, "InvalidRequest"),
    }
    for (method, path), (status, kind) in problems.items():
        answer = ask(method, path)
        assert (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1]) == (status, kind)
    text = ask("POST", "/entities", content="{}", headers={"content-type": "text/plain"})
    assert text.status_code == 415
    assert ask("GET", f"/entities/{URN}", headers={"accept": "text/html"}).status_code == 406
    strange = {**STATION, "@context": "https://example.org/strange.jsonld"}
    refused = ask("POST", "/entities", json=strange, headers={"content-type": "application/ld+json"})
    assert (refused.status_code, refused.json()["title"]) == (504, "LdContextNotAvailable")


def test_from_elsewhere_a_key_with_the_grant_is_needed(app: FastAPI, ask: Asked, store: Store) -> None:
    far = Asked(app, "192.0.2.7")
    assert far("GET", "/types").status_code == 401
    units = app.state.engine.units
    with store.connection() as connection:
        key = accounts.create_key(connection, "reader", None, [], "public", ["read"], units, actor="account:1", now=NOW)
    assert far("GET", "/types", headers={"x-api-key": key}).status_code == 200
    assert far("POST", "/entities", json=STATION, headers={"authorization": f"Bearer {key}"}).status_code == 401


def test_attributes_are_appended_updated_and_deleted(ask: Asked) -> None:
    ask("POST", "/entities", json=STATION)
    assert ask("POST", f"/entities/{URN}/attrs", json={"so2": 3}).status_code == 204
    part = ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": 90, "observedAt": "2026-03-02T01:00:00Z"})
    assert part.status_code == 204
    shown = ask("GET", f"/entities/{URN}").json()
    assert (shown["so2"]["value"], shown["pm25"]["value"], shown["pm25"]["unitCode"]) == (3, 90, "GQ")
    assert ask("DELETE", f"/entities/{URN}/attrs/so2").status_code == 204
    assert ask("DELETE", f"/entities/{URN}/attrs/so2").status_code == 404


def test_null_inside_a_value_is_for_a_merge_alone(ask: Asked) -> None:
    ask("POST", "/entities", json={**STATION, "address": {"type": "Property", "value": {"street": "a", "city": "b"}}})
    inside = {"type": "Property", "value": {"city": "urn:ngsi-ld:null"}}
    assert ask("PATCH", f"/entities/{URN}/attrs/address", json=inside).status_code == 400
    assert ask("PATCH", f"/entities/{URN}/attrs", json={"address": inside}).status_code == 400
    assert ask("PATCH", f"/entities/{URN}", json={"address": inside}).status_code == 204
    assert ask("GET", f"/entities/{URN}?options=keyValues").json()["address"] == {"street": "a"}


def test_a_batch_tells_what_went_wrong_and_does_the_rest(ask: Asked) -> None:
    ask("POST", "/entities", json=STATION)
    answer = ask("POST", "/entityOperations/create", json=[STATION, {**STATION, "id": "urn:a:b"}, {"id": "urn:a:c"}])
    assert answer.status_code == 207
    assert answer.json()["success"] == ["urn:a:b"]
    assert {error["entityId"] for error in answer.json()["errors"]} == {URN, "urn:a:c"}


def test_batches_over_the_same_entities_never_block_each_other(ask: Asked) -> None:
    def batch(value: int) -> list[dict[str, Any]]:
        numbers = range(60) if value % 2 else reversed(range(60))
        return [{"id": f"urn:ngsi-ld:Vehicle:{n}", "type": "Vehicle", "speed": value} for n in numbers]

    async def all_at_once() -> list[httpx.Response]:
        path = f"{BASE}/entityOperations/upsert"
        transport = httpx.ASGITransport(app=ask.app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await asyncio.gather(*(client.post(path, json=batch(value)) for value in range(12)))

    assert {answer.status_code for answer in asyncio.run(all_at_once())} <= {201, 204}
    found = ask("GET", "/entities?type=Vehicle&limit=100&options=keyValues").json()
    assert len(found) == 60
    assert len({one["speed"] for one in found}) == 1  # one batch came last, and it is whole


def test_two_clients_upserting_the_same_thousands_in_opposite_orders_never_wait_in_a_circle(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bihuan.show.api.ngsi_ld._TRIES", 1)  # a deadlock would be an answer, not a second try
    batch = [{"id": f"urn:ngsi-ld:Parking:{n:04}", "type": "Parking", "free": {"value": n}} for n in range(2000)]
    start, answers = threading.Barrier(2), list[int]()

    def upsert(order: list[dict[str, Any]]) -> None:
        for _ in range(3):  # first both make them, then both change them
            start.wait()
            answers.append(ask("POST", "/entityOperations/upsert", json=order).status_code)

    clients = [threading.Thread(target=upsert, args=(order,)) for order in (batch, batch[::-1])]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert len(answers) == 6
    assert set(answers) <= {201, 204}
    assert answers.count(201) == 1
    counted = ask("GET", "/entities?type=Parking&count=true&limit=1").headers["NGSILD-Results-Count"]
    assert counted == "2000"


def test_a_history_is_kept_shown_and_aggregated(ask: Asked) -> None:
    past = [{"type": "Property", "value": n, "observedAt": f"2026-03-01T0{n}:00:00Z"} for n in range(1, 7)]
    made = ask("POST", "/temporal/entities", json={"id": URN, "type": "AirStation", "pm25": past})
    assert made.status_code == 201
    span = "timerel=between&timeAt=2026-03-01T00:30:00Z&endTimeAt=2026-03-01T05:30:00Z"
    values = ask("GET", f"/temporal/entities/{URN}?{span}&options=temporalValues").json()
    assert [value for value, _ in values["pm25"]["values"]] == [1, 2, 3, 4, 5]
    last = ask("GET", f"/temporal/entities/{URN}?lastN=2").json()
    assert [one["value"] for one in last["pm25"]] == [5, 6]
    by_two_hours = f"{span}&options=aggregatedValues&aggrMethods=sum,max&aggrPeriodDuration=PT2H"
    found = ask("GET", f"/temporal/entities/{URN}?{by_two_hours}").json()["pm25"]
    assert [row[0] for row in found["sum"]] == [3, 7, 5]
    assert [row[0] for row in found["max"]] == [2, 4, 5]


def test_what_is_changed_is_in_the_history(ask: Asked) -> None:
    ask("POST", "/entities", json=STATION)
    ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": 90, "observedAt": "2026-03-02T01:00:00Z"})
    found = ask("GET", f"/temporal/entities/{URN}?options=temporalValues&attrs=pm25").json()
    assert found["pm25"]["values"] == [[80, "2026-03-02T00:00:00Z"], [90, "2026-03-02T01:00:00Z"]]


def test_a_long_history_comes_in_parts(store: Store, pack: Pack) -> None:
    ask = Asked(
        create_app(
            replace(store, clock=lambda: NOW), Settings(ngsi_ld_instances=2, allowed_hosts=("testserver",)), pack
        )
    )
    past = [{"value": n, "observedAt": f"2026-03-01T0{n}:00:00Z"} for n in range(1, 6)]
    ask("POST", "/temporal/entities", json={"id": URN, "type": "AirStation", "pm25": past, "so2": past[2:]})
    got: list[int] = []
    after = "2026-03-01T00:00:00Z"
    for _ in range(9):
        part = ask("GET", f"/temporal/entities?type=AirStation&timerel=after&timeAt={after}&options=temporalValues")
        (found,) = part.json()
        got += [value for value, at in found["pm25"]["values"] if at != after]
        if part.status_code == 200:
            break
        assert part.status_code == 206
        unit, times = part.headers["Content-Range"].split(" ")
        assert unit == "date-time"
        after = times.removesuffix("/*")[len(after) + 1 :]
    assert got == [1, 2, 3, 4, 5]
    whole = ask("GET", f"/temporal/entities/{URN}?options=aggregatedValues&aggrMethods=totalCount")
    assert whole.status_code == 200, "aggregates look at all instances"
    assert whole.json()["pm25"]["totalCount"][0][0] == 5


def test_a_history_that_is_sent_again_adds_nothing(ask: Asked) -> None:
    past = {"id": URN, "type": "AirStation", "pm25": [{"value": 1, "observedAt": "2026-03-01T01:00:00Z"}]}
    assert [ask("POST", "/temporal/entities", json=past).status_code for _ in "ab"] == [201, 204]
    assert len(ask("GET", f"/temporal/entities/{URN}").json()["pm25"]) == 1


def test_histories_are_asked_for_by_value_place_and_scope_in_time(ask: Asked) -> None:
    for name, value in (("a", 10), ("b", 90)):
        ask("POST", "/temporal/entities", json={
            "id": f"urn:ngsi-ld:AirStation:{name}", "type": "AirStation",
            "scope": [{"type": "Property", "value": f"/Yangquan/{name}", "observedAt": "2026-03-01T00:00:00Z"}],
            "location": {"type": "Point", "coordinates": [113.58 if name == "a" else 116.4, 37.86]},
            "pm25": [{"value": value, "observedAt": "2026-03-01T01:00:00Z"}],
        })  # fmt: skip

    def found(query: str) -> list[str]:
        answer = ask("GET", f"/temporal/entities?type=AirStation&timerel=before&timeAt=2026-03-01T02:00:00Z&{query}")
        assert answer.status_code == 200
        return [one["id"][-1] for one in answer.json()]

    assert found("count=true&orderBy=id;desc") == ["b", "a"]
    assert found("q=pm25>50") == ["b"]
    assert found("georel=near;maxDistance==5000&geometry=Point&coordinates=[113.58,37.86]") == ["a"]
    assert found("scopeQ=/Yangquan/b") == ["b"]
    assert found("scopeQ=/Yangquan/%23&limit=1&offset=1") == ["b"]
    assert ask("GET", "/temporal/entities?type=AirStation&orderBy=pm25").status_code == 400


def test_scopes_have_a_history(ask: Asked) -> None:
    ask("POST", "/entities", json=STATION | {"scope": "/Yangquan"})
    ask("PATCH", f"/entities/{URN}", json={"scope": ["/Yangquan/Chengqu", "/Air"]})
    ask("DELETE", f"/entities/{URN}/attrs/scope")
    kept = ask("GET", f"/temporal/entities/{URN}?timeproperty=modifiedAt").json()["scope"]
    assert [one["value"] for one in kept] == ["/Yangquan", ["/Yangquan/Chengqu", "/Air"], []]
    (gone,) = ask("GET", f"/temporal/entities/{URN}?timeproperty=deletedAt").json()["scope"]
    assert gone["value"] == []


def test_taking_away_an_attribute_of_which_only_a_history_is_kept(ask: Asked) -> None:
    past = {"id": URN, "type": "AirStation", "pm25": [{"value": 1, "observedAt": "2026-03-01T01:00:00Z"}]}
    ask("POST", "/temporal/entities", json=past)
    assert ask("DELETE", f"/entities/{URN}/attrs/so2").status_code == 404
    assert ask("DELETE", f"/entities/{URN}/attrs/pm25").status_code == 204
    (gone,) = ask("GET", f"/temporal/entities/{URN}?timeproperty=deletedAt").json()["pm25"]
    assert gone["value"] == "urn:ngsi-ld:null"
    assert ask("DELETE", f"/entities/{URN}/attrs/pm25").status_code == 404


SUBSCRIPTION = {
    "id": "urn:ngsi-ld:Subscription:1",
    "type": "Subscription",
    "entities": [{"type": "AirStation"}],
    "watchedAttributes": ["pm25"],
    "q": "pm25>75",
    "notification": {"format": "keyValues", "endpoint": {"uri": "http://127.0.0.1:9/", "accept": "application/json"}},
}


def test_a_notification_waits_for_its_subscriber(ask: Asked, store: Store) -> None:
    assert ask("POST", "/subscriptions", json=SUBSCRIPTION).status_code == 201
    ask("POST", "/entities", json={**STATION, "pm25": 10})
    ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": 90})
    told: list[dict[str, Any]] = []

    class Subscriber(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(msgspec.json.decode(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    at_once = replace(store, clock=lambda: NOW)
    assert "status" not in ask("GET", "/subscriptions/urn:ngsi-ld:Subscription:1").json()["notification"]
    with httpx.Client() as client:
        assert sending.send_next(at_once, client)  # nobody answers: it waits
        assert ask("GET", "/subscriptions/urn:ngsi-ld:Subscription:1").json()["notification"]["status"] == "failed"
        assert not sending.send_next(at_once, client)
        with HTTPServer(("127.0.0.1", 0), Subscriber) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            uri = f"http://127.0.0.1:{server.server_port}/"
            changed = {"notification": {"format": "keyValues", "endpoint": {"uri": uri}}}
            assert ask("PATCH", "/subscriptions/urn:ngsi-ld:Subscription:1", json=changed).status_code == 204
            assert sending.send_next(at_once, client)  # another endpoint is tried at once
            assert not sending.send_next(at_once, client)
            server.shutdown()
            thread.join()
    assert [notification["data"][0]["pm25"] for notification in told] == [90]
    shown = ask("GET", "/subscriptions/urn:ngsi-ld:Subscription:1").json()["notification"]
    assert (shown["timesSent"], shown["timesFailed"], shown["status"]) == (2, 1, "ok")


class _Deaf(httpx.BaseTransport):
    """A network on which some addresses answer; it keeps what was sent to them."""

    def __init__(self, *answering: str) -> None:
        self.answering = answering
        self.told: list[tuple[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host not in self.answering:
            raise httpx.ConnectError("nobody is there")
        self.told.append((request.url.host, msgspec.json.decode(request.read())["data"][0]["pm25"]))
        return httpx.Response(204)


def _subscribed(ask: Asked, host: str, **more: Any) -> str:
    body = {**SUBSCRIPTION, "id": f"urn:ngsi-ld:Subscription:{host}", **more}
    body["notification"] = {"format": "keyValues", "endpoint": {"uri": f"http://{host}/"}}
    assert ask("POST", "/subscriptions", json=body).status_code == 201
    return f"/subscriptions/urn:ngsi-ld:Subscription:{host}"


def test_a_notification_is_sent_again_where_its_sender_died(ask: Asked, store: Store) -> None:
    _subscribed(ask, "a")
    ask("POST", "/entities", json=STATION)
    with store.connection() as connection:
        due = ngsi_ld.next_notification(connection, now=NOW)
        assert due is not None
        ngsi_ld.begin_telling(connection, due, at=NOW, until=NOW + sending.lease(due))  # and whoever began is gone
    later = replace(store, clock=lambda: NOW + sending.lease(due))
    network = _Deaf("a")
    with httpx.Client(transport=network) as client:
        assert not sending.send_next(replace(store, clock=lambda: NOW), client)
        assert sending.send_next(later, client)
        assert not sending.send_next(later, client)
    assert network.told == [("a", 80)]


def test_a_subscriber_is_told_in_order_and_one_that_is_away_holds_up_nobody(ask: Asked, store: Store) -> None:
    for host in ("away", "there"):
        _subscribed(ask, host)
    ask("POST", "/entities", json=STATION)
    for value in (81, 82, 83):
        ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": value})
    network = _Deaf("there")
    with httpx.Client(transport=network) as client:
        sent = 0
        while sending.send_next(replace(store, clock=lambda: NOW), client):
            sent += 1
        assert sent == 5  # one try for whoever is away, not one for each notification
        network.answering = ("away", "there")
        while sending.send_next(replace(store, clock=lambda: NOW + sending.pause(0)), client):
            pass
    for host in ("away", "there"):
        assert [value for at, value in network.told if at == host] == [80, 81, 82, 83]


def test_a_paused_subscription_is_told_nothing_and_one_that_goes_on_what_waited(ask: Asked, store: Store) -> None:
    path = _subscribed(ask, "a")
    ask("POST", "/entities", json=STATION)
    assert ask("PATCH", path, json={"isActive": False}).status_code == 204
    assert ask("GET", path).json()["status"] == "paused"
    ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": 81})
    network = _Deaf("a")
    with httpx.Client(transport=network) as client:
        assert not sending.send_next(replace(store, clock=lambda: NOW), client)
        assert ask("PATCH", path, json={"isActive": True}).status_code == 204
        while sending.send_next(replace(store, clock=lambda: NOW), client):
            pass
    assert network.told == [("a", 80)]


def test_what_is_kept_for_an_endpoint_that_is_dead_has_an_end_and_is_counted(ask: Asked, store: Store) -> None:
    dead, alive = _subscribed(ask, "dead"), _subscribed(ask, "alive")
    ask("POST", "/entities", json=STATION)
    for value in range(81, 90):
        ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": value})
    network, now = _Deaf("alive"), replace(store, clock=lambda: NOW)
    with httpx.Client(transport=network) as client:
        while sending.send_next(now, client):
            pass
    assert sending.let_go(now, Kept(most=10)) == 0
    assert sending.let_go(now, Kept(most=3)) == 7
    assert sending.let_go(now, Kept(most=3)) == 0
    shown = ask("GET", dead).json()["notification"]
    assert (shown["status"], shown["timesFailed"], shown["lastFailureReason"]) == ("failed", 1, "ConnectError")
    assert (shown["waiting"], shown["timesDropped"], shown["lastDropped"]) == (3, 7, "2026-03-02T01:00:00Z")
    assert not {"waiting", "timesDropped", "lastDropped"} & ask("GET", alive).json()["notification"].keys()
    network.answering = ("alive", "dead")
    with httpx.Client(transport=network) as client:
        while sending.send_next(replace(store, clock=lambda: NOW + sending.pause(0)), client):
            pass
    assert [value for host, value in network.told if host == "dead"] == [87, 88, 89]  # the newest, in order
    assert [value for host, value in network.told if host == "alive"] == list(range(80, 90))


def test_what_waits_too_long_is_let_go_also_of_a_paused_subscription(ask: Asked, store: Store) -> None:
    path = _subscribed(ask, "a")
    ask("POST", "/entities", json=STATION)
    assert ask("PATCH", path, json={"isActive": False}).status_code == 204
    kept = Kept(age=timedelta(days=7))
    assert sending.let_go(replace(store, clock=lambda: NOW + timedelta(days=7)), kept) == 0
    assert ask("GET", path).json()["notification"]["waiting"] == 1
    assert sending.let_go(replace(store, clock=lambda: NOW + timedelta(days=7, seconds=1)), kept) == 1
    assert ask("GET", path).json()["notification"]["timesDropped"] == 1


def test_what_is_on_its_way_is_not_let_go(ask: Asked, store: Store) -> None:
    path = _subscribed(ask, "a")
    ask("POST", "/entities", json=STATION)
    for value in (81, 82):
        ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": value})
    with store.connection() as connection:
        due = ngsi_ld.next_notification(connection, now=NOW)
        assert due is not None
        ngsi_ld.begin_telling(connection, due, at=NOW, until=NOW + sending.lease(due))
    assert sending.let_go(replace(store, clock=lambda: NOW), Kept(most=1)) == 1  # 81: neither the newest nor on its way
    with store.connection() as connection:
        ngsi_ld.note_told(connection, due, at=NOW)
    shown = ask("GET", path).json()["notification"]
    assert (shown["waiting"], shown["timesDropped"], shown["status"]) == (1, 1, "ok")


def test_throttled_is_told_of_one_change_of_several(ask: Asked, store: Store) -> None:
    _subscribed(ask, "a", throttling=60)
    ask("POST", "/entities", json=STATION)
    ask("PATCH", f"/entities/{URN}/attrs/pm25", json={"value": 81})
    network = _Deaf("a")
    with httpx.Client(transport=network) as client:
        while sending.send_next(replace(store, clock=lambda: NOW), client):
            pass
    assert network.told == [("a", 80)]


def test_a_subscription_is_updated_member_by_member_and_shown_as_it_was_given(ask: Asked) -> None:
    path = _subscribed(ask, "a", unheard="x", status="expired")
    made = ask("GET", path).json()
    assert "unheard" not in made
    assert "isActive" not in made
    assert (made["status"], made["notificationTrigger"]) == ("active", ["attributeCreated", "attributeUpdated"])
    whole = ask("PATCH", path, json={"notification": {"format": "keyValues"}})
    assert whole.status_code == 400  # a member is replaced as a whole, and this one has no endpoint
    assert ask("PATCH", path, json={"expiresAt": "2026-03-02T00:59:00Z"}).status_code == 400
    assert ask("PATCH", path, json={"q": None, "throttling": 5}).status_code == 204
    changed = ask("GET", path, headers={"prefer": 'respond-async, ngsi-ld="1.6"'})
    assert ("q" in changed.json(), changed.json()["throttling"]) == (False, 5)
    assert changed.headers["preference-applied"] == "ngsi-ld=1.6"


@pytest.mark.parametrize("more", [
    {"expiresAt": "2026-03-01T00:00:00Z"}, {"csf": "(("}, {"notificationTrigger": ["entityChanged"]},
    {"notification": {"endpoint": {"uri": "http://a/", "receiverInfo": [{"key": "k", "value": 4}]}}},
    {"notification": {"endpoint": {"uri": "http://a/"}, "format": "simplified", "showChanges": True}},
    {"notification": {"endpoint": {"uri": "http://a/"}, "join": ["flat"]}}, {"throttling": 1e300}, {"scopeQ": "(("},
    {"notification": {"endpoint": {"uri": "http://a/", "cooldown": -1}}}, {"jsonldContext": "none"},
])  # fmt: skip
def test_what_no_subscription_can_ask_is_refused(ask: Asked, more: dict[str, Any]) -> None:
    answer = ask("POST", "/subscriptions", json={**SUBSCRIPTION, **more})
    assert (answer.status_code, answer.json()["title"]) == (400, "BadRequestData")


def test_contexts_are_kept_and_served(ask: Asked) -> None:
    kept = ask("POST", "/jsonldContexts", json={"@context": {"AirStation": "https://example.org/AirStation"}})
    assert kept.status_code == 201
    (url,) = ask("GET", "/jsonldContexts").json()
    link = {"link": f'<{url}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}
    assert ask("POST", "/entities", json=STATION, headers=link).status_code == 201
    assert ask("GET", f"/entities/{URN}", headers=link).json()["type"] == "AirStation"
    assert ask("GET", f"/entities/{URN}").json()["type"] == "https://example.org/AirStation"
    assert ask("DELETE", kept.headers["location"].removeprefix(BASE)).status_code == 204


def test_types_and_attributes_are_told(ask: Asked) -> None:
    ask("POST", "/entities", json=STATION)
    assert ask("GET", "/types").json()["typeList"] == ["AirStation"]
    assert ask("GET", "/types/AirStation").json()["entityCount"] == 1
    assert ask("GET", "/attributes/location").json()["attributeTypes"] == ["GeoProperty"]


def test_linked_entities_come_along(ask: Asked) -> None:
    ask("POST", "/entities", json=STATION | {"runBy": {"object": "urn:ngsi-ld:Bureau:1"}})
    ask("POST", "/entities", json={"id": "urn:ngsi-ld:Bureau:1", "type": "Bureau", "label": "生态环境局"})
    asked = "type=AirStation&options=keyValues&pick=id,runBy{label}"
    (inside,) = ask("GET", f"/entities?{asked}&join=inline").json()
    assert inside == {"id": URN, "runBy": {"label": "生态环境局"}}
    after = ask("GET", f"/entities?{asked}&join=flat").json()
    assert after == [{"id": URN, "runBy": "urn:ngsi-ld:Bureau:1"}, {"label": "生态环境局"}]
    assert [one["id"] for one in ask("GET", f"/entities/{URN}?join=flat").json()] == [URN, "urn:ngsi-ld:Bureau:1"]
    refused = ask("GET", f"/entities?{asked}")
    assert refused.status_code == 400
    assert "join" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("q", "status"),
    [('runBy{label}=="a"&join=inline', 200), ('runBy{label}=="a"', 400), ("runBy{x{y}}&join=flat&joinLevel=1", 400)],
)
def test_a_query_asks_of_linked_entities_where_they_are_retrieved(ask: Asked, q: str, status: int) -> None:
    for name in "ab":
        ask("POST", "/entities", json={"id": f"urn:ngsi-ld:Bureau:{name}", "type": "Bureau", "label": name})
        run_by = {"object": f"urn:ngsi-ld:Bureau:{name}"}
        ask("POST", "/entities", json=STATION | {"id": f"urn:ngsi-ld:AirStation:{name}", "runBy": run_by})
    answer = ask("GET", f"/entities?type=AirStation&q={q}")
    assert answer.status_code == status
    if status == 200:
        assert [one["id"] for one in answer.json()] == ["urn:ngsi-ld:AirStation:a"]


SHAPES: list[dict[str, Any]] = [
    {"x": 5}, {"x": 5.0, "y": "a"}, {"x": "5"}, {"x": True}, {"x": [1, 5]}, {"x": {"value": [[5]]}}, {"y": 'a"b'},
    {"x": {"valueList": [4, 5]}}, {"x": {"object": "urn:x:5"}}, {"x": {"objectList": ["urn:x:5"]}}, {"x": {"vocab": "five"}},
    {"x": {"languageMap": {"zh": "五", "en": ["five", "V"]}}}, {"x": {"json": {"a": 5}}}, {"x": {"value": {"a": {"b": 5}}}},
    {"x": [{"value": 4}, {"value": 6, "datasetId": "urn:d:1"}]}, {"x": {"value": 1, "y": {"value": 5}}}, {"name": "5"},
    {"x": {"value": {"@type": "DateTime", "@value": "2026-03-01T00:00:00Z"}}}, {"location": STATION["location"]},
]  # fmt: skip
QUERIES = [
    "x", "!x", "x==5", "x!=5", "x>4", "x>=5", "x<5", "x==4..5", 'x=="5"', "x==true", "x==5,6", 'x=="urn:x:5"', 'x=="V"',
    'x[zh]=="五"', "x[a]==5", "x[a.b]==5", "x.y==5", "x.y", "x~=.*", 'y=="a\\"b"', "x==5;y", "x==6|y", "(x==5|!y);x", "x>1e999",
    'name=="5"', "location", "x>=2026-01-01T00:00:00Z", "createdAt>2020-01-01T00:00:00Z", 'x>"4"', "x[en]", "x==urn:x:5",
]  # fmt: skip


def test_a_query_finds_what_it_holds_of(ask: Asked) -> None:
    for number, shape in enumerate(SHAPES):
        made = ask("POST", "/entities", json={"id": f"urn:x:e{number}", "type": "Shape", **shape})
        assert made.status_code == 201, shape
    whole = ask("GET", "/entities?type=Shape&limit=100&options=sysAttrs").json()
    documents = [read_entity(one, CORE, at=NOW) for one in whole]
    found = {}
    for q in QUERIES:
        answer = ask("GET", "/entities", params={"type": "Shape", "limit": 100, "q": q})
        assert answer.status_code == 200, q
        found[q] = [one["id"] for one in answer.json()]
        assert found[q] == [one.id for one in documents if read_query(q, CORE).holds(one)], q
    assert len({tuple(ids) for ids in found.values()}) > 15, "the queries tell the entities apart"


def test_entities_come_in_the_order_asked_for(ask: Asked) -> None:
    for number in (2, 1, 3):
        station = STATION | {"id": f"urn:ngsi-ld:AirStation:{number}", "pm25": number * 10}
        ask("POST", "/entities", json=station)
    first = ask("GET", "/entities?type=AirStation&orderBy=pm25;desc&limit=2&count=true&pick=id")
    assert [one["id"][-1] for one in first.json()] == ["3", "2"]
    assert first.headers["NGSILD-Results-Count"] == "3"
    query = {"type": "Query", "entities": [{"type": "AirStation"}], "ordering": {"orderBy": ["id"]}, "pick": ["id"]}
    assert [one["id"][-1] for one in ask("POST", "/entityOperations/query", json=query).json()] == ["1", "2", "3"]
