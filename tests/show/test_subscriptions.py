"""Subscriptions in the cockpit: how each fares, what waits, what was let go; pausing and going on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.show.browsing import Client
from tests.show.casework import NOW, cockpit, signed_in

from bihuan.sense.ngsi_ld import sending
from bihuan.sense.ngsi_ld.sending import Kept
from bihuan.store import events
from bihuan.store.connect import Store

ID = "urn:ngsi-ld:Subscription:exchange"
API = f"/ngsi-ld/v1/subscriptions/{ID}"
STATION = {"id": "urn:ngsi-ld:AirStation:yq-01", "type": "AirStation", "pm25": {"type": "Property", "value": 80}}


@pytest.fixture
def client(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path))
    with cockpit(store, tmp_path) as opened:
        yield opened


def _notification(client: Client) -> dict[str, Any]:
    told: dict[str, Any] = client.get(API).json()["notification"]
    return told


def _subscribe(client: Client) -> None:
    body = {
        "id": ID,
        "type": "Subscription",
        "subscriptionName": "省平台",
        "entities": [{"type": "AirStation"}],
        "notification": {"endpoint": {"uri": "mqtt://exchange:word@192.0.2.1:1883/bihuan"}},
    }
    assert client.post("/ngsi-ld/v1/subscriptions", json=body).status_code == 201
    assert client.post("/ngsi-ld/v1/entities", json=STATION).status_code == 201


def test_what_waits_and_what_was_let_go_is_shown_to_everybody_without_passwords(client: Client, store: Store) -> None:
    assert "尚无订阅" in client.get("/subscriptions").text
    _subscribe(client)
    for value in (81, 82):
        changed = {"pm25": {"type": "Property", "value": value}}
        client.post(f"/ngsi-ld/v1/entities/{STATION['id']}/attrs", json=changed)
    sending.let_go(replace(store, clock=lambda: NOW), Kept(most=2))
    page = client.get("/subscriptions").text
    assert "省平台" in page
    assert "mqtt://192.0.2.1:1883/bihuan" in page
    assert "exchange:word" not in page
    assert ">2</td>" in page
    assert "<b>1</b>" in page
    told = _notification(client)
    assert (told["waiting"], told["timesDropped"]) == (2, 1)


def test_a_subscription_is_paused_and_goes_on_by_whoever_may_and_it_is_noted(client: Client, store: Store) -> None:
    _subscribe(client)
    assert client.post("/subscriptions", data={"id": ID, "act": "pause"}).headers["location"].startswith("/sign-in")
    handler = signed_in(client, "demo-ecology")
    handler.get("/subscriptions")
    assert handler.post("/subscriptions", id=ID, act="pause").status_code == 403
    keeper = signed_in(client, "demo-operator")
    assert keeper.client.post("/subscriptions", data={"id": ID, "act": "pause"}).status_code == 403  # not its form
    keeper.get("/subscriptions")
    assert keeper.post("/subscriptions", id=ID, act="pause").status_code == 303
    assert client.get(API).json()["status"] == "paused"
    keeper.get("/subscriptions")
    assert 'value="resume"' in keeper.page
    assert keeper.post("/subscriptions", id=ID, act="resume").status_code == 303
    assert client.get(API).json()["status"] == "active"
    assert _notification(client)["waiting"] == 1
    keeper.get("/subscriptions")
    assert keeper.post("/subscriptions", id="urn:ngsi-ld:Subscription:none", act="pause").status_code == 404
    with store.connection() as connection:
        told = events.latest(connection, stream=f"subscription:{ID}")
    assert [one.type for one in told] == ["subscription.resumed", "subscription.paused"]
    assert all(one.actor.startswith("account:") for one in told)
    assert "订阅已恢复" in client.get("/events").text


def test_one_that_rests_after_failing_is_tried_at_once(
    client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _subscribe(client)
    now = replace(store, clock=lambda: NOW)
    monkeypatch.setattr(sending, "publish", lambda *_, **__: "nobody is there")
    with httpx.Client() as http:
        assert sending.send_next(now, http)
        assert not sending.send_next(now, http)
        keeper = signed_in(client, "demo-operator")
        keeper.get("/subscriptions")
        assert "nobody is there" in keeper.page
        assert keeper.post("/subscriptions", id=ID, act="resume").status_code == 303
        assert sending.send_next(now, http)
    assert _notification(client)["timesFailed"] == 2
