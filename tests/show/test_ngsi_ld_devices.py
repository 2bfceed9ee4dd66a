"""What devices say over their own protocols, heard by NGSI-LD subscribers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.sense.devices import NOW, register, talk, upload, uploads
from tests.show.test_ngsi_ld import Asked

from bihuan.act.personal import new_key_file
from bihuan.sense.gateway.gate import Gate
from bihuan.sense.ngsi_ld import broker, sending
from bihuan.sense.ngsi_ld.hearing import READER, Hearing, follow
from bihuan.sense.protocols import PROTOCOLS
from bihuan.show.app import create_app
from bihuan.show.settings import Settings
from bihuan.store import outbox
from bihuan.store.connect import Store
from bihuan.store.packs import load_pack

STATION = "urn:ngsi-ld:AirStation:1"


@pytest.fixture
def here(store: Store) -> Store:
    return replace(store, clock=lambda: NOW + timedelta(minutes=1))


@pytest.fixture
def ask(here: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    new_key_file(tmp_path / "personal.key")
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path))
    return Asked(create_app(here, Settings(allowed_hosts=("testserver",)), load_pack("yangquan")))


@pytest.fixture
def subscriber() -> Iterator[tuple[str, list[Any]]]:
    """An address that answers, and what came there."""
    told: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(msgspec.json.decode(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", told
        server.shutdown()
        thread.join()


def subscribe(ask: Asked, uri: str = "http://127.0.0.1:9/", *, id: str = "1", **more: Any) -> None:
    body = {"id": f"urn:ngsi-ld:Subscription:{id}", "type": "Subscription", "entities": [{"type": "AirStation"}],
            "notification": {"format": "keyValues", "endpoint": {"uri": uri}}, **more}  # fmt: skip
    assert ask("POST", "/subscriptions", json=body).status_code == 201


def frames(store: Store, *sent: bytes) -> None:
    """Have devices send frames to a gateway over one socket, and wait for its answers."""

    async def run() -> None:
        async with Gate(PROTOCOLS["hj212"], store).open("127.0.0.1", 0) as port:
            assert len(await talk(port, sent, len(sent))) == len(sent)

    asyncio.run(run())


def waiting(store: Store) -> list[Any]:
    with store.connection() as connection:
        rows = connection.execute("select body -> 'data' from ngsi_notification order by id").fetchall()
    return [data for (data,) in rows]


def test_a_frame_reaches_a_subscriber_and_one_that_does_not_match_reaches_nobody(
    ask: Asked, here: Store, subscriber: tuple[str, list[Any]]
) -> None:
    register(here, 2)
    uri, told = subscriber
    subscribe(ask, uri, watchedAttributes=["pm25"], q="pm25>75")
    frames(here, upload("A1", NOW, 60), upload("A1", NOW + timedelta(seconds=1), 90), upload("A2", NOW, 10))
    assert Hearing(here).hear() == 3
    with httpx.Client() as client:
        while sending.send_next(here, client):
            pass
    (notification,) = told
    (data,) = notification["data"]
    assert (data["id"], data["pm25"], data["pm10"]) == (STATION, 90, 180)


def test_each_message_is_told_in_order_with_what_was_before(ask: Asked, here: Store) -> None:
    register(here, 1)
    frames(here, upload("A1", NOW, 1))  # before anybody asked
    subscribe(ask, notification={"showChanges": True, "attributes": ["pm25"], "endpoint": {"uri": "http://a/"}})
    later = replace(here, clock=lambda: NOW + timedelta(minutes=2))
    frames(later, upload("A1", NOW + timedelta(seconds=9), 2), upload("A1", NOW + timedelta(seconds=5), 3))
    frames(later, upload("A1", NOW + timedelta(seconds=10), 4))
    hearing = Hearing(later)
    while hearing.hear():
        pass
    changes = [data[0]["pm25"] for data in waiting(here)]
    assert [(one["value"], one["previousValue"]) for one in changes] == [(2, 1), (4, 2)]  # 3 came late: nothing changed


def test_what_was_heard_is_told_though_the_process_died(
    ask: Asked, here: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(here, 1)
    subscribe(ask)
    frames(here, *uploads("A1", 3))

    def die(*arguments: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(broker, "put_down", die)
        with pytest.raises(KeyboardInterrupt):
            Hearing(here).hear()
    assert waiting(here) == []
    assert Hearing(here).hear() == 3
    assert [data[0]["pm25"] for data in waiting(here)] == [0, 1, 2]
    assert Hearing(here).hear() == 0


def test_many_entities_stand_in_one_notification_and_throttled_are_told_once(ask: Asked, here: Store) -> None:
    register(here, 3)
    subscribe(ask)
    subscribe(ask, id="2", throttling=60, watchedAttributes=["pm10"])
    subscribe(ask, id="3", entities=[{"type": "Vehicle"}])
    subscribe(ask, id="4", timeInterval=60)
    frames(here, *(upload(f"A{n}", NOW, n) for n in (1, 2, 3)), upload("A2", NOW + timedelta(seconds=1), 9))
    Hearing(here).hear()
    assert [[one["pm25"] for one in data] for data in waiting(here)] == [[1, 2, 3], [9], [1, 2, 3]]


def test_the_outbox_is_kept_for_subscribers_only_while_there_are_some(ask: Asked, here: Store) -> None:
    register(here, 1)
    frames(here, upload("A1", NOW, 1))
    assert Hearing(here).hear() == 0
    subscribe(ask)
    frames(here, upload("A1", NOW + timedelta(seconds=1), 2))
    assert ask("DELETE", "/subscriptions/urn:ngsi-ld:Subscription:1").status_code == 204
    with here.connection() as connection:
        follow(connection)
        assert outbox.take(connection, READER) == []
        outbox.clear(connection, before=NOW)
        assert connection.execute("select count(*) from outbox").fetchone() == (0,)
