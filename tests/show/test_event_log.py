"""The event log: that something happened is there for everybody, what it was about for those who may know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.show.browsing import Client
from tests.show.casework import NOW, cockpit, signed_in

from bihuan.act.command import Command, Opening
from bihuan.act.engine import Engine
from bihuan.core.records.principal import Principal
from bihuan.store import events
from bihuan.store.connect import Store
from bihuan.store.packs import load_pack


@pytest.fixture
def client(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    with cockpit(store, tmp_path) as opened:
        yield opened


@pytest.fixture
def number(client: Client, store: Store) -> str:
    """A case that was opened by the office and reported on by its unit."""
    engine = Engine.of(load_pack("yangquan"))
    chief = Principal("account:2", "督查员", "government-office", frozenset({"supervisor"}), "city")
    clerk = Principal("account:6", "经办", "ecology", frozenset({"handler"}), "own")
    opening = Opening("13710", {"title": "河道排口整治", "requirement": "查清并封堵"}, lead="ecology")
    with store.connection() as connection:
        case = engine.open(connection, chief, opening, NOW).case
        case = engine.act(connection, clerk, case.number, Command("accept", case.version), NOW)
        engine.act(connection, clerk, case.number, Command("report", case.version, note="内部进展"), NOW)
    return case.number


def test_what_a_case_holds_is_not_for_everybody(client: Client, number: str) -> None:
    page = client.get("/events").text
    assert f'href="/cases/{number}"' in page
    assert "内部进展" not in page
    assert "河道排口整治" not in client.get("/api/events?limit=1000").text
    told = [one for one in client.get("/api/events?limit=1000").json() if one["stream"] == f"case:{number}"]
    assert [one["type"] for one in told] == ["case.opened", "case.accept", "case.report"]
    assert [one["body"] for one in told] == [None, None, None]
    assert all(len(one["hash"]) == 64 for one in told)


def test_a_unit_reads_its_own_cases_but_not_the_log_of_all(client: Client, number: str) -> None:
    clerk, chief = signed_in(client, "demo-housing"), signed_in(client, "demo-chief")
    assert "内部进展" not in clerk.get("/events").text
    assert "内部进展" in chief.get("/events").text
    assert "河道排口整治" not in clerk.get("/api/events?limit=1000").text
    assert "河道排口整治" in chief.get("/api/events?limit=1000").text


def test_a_key_that_does_not_hold_is_refused(client: Client) -> None:
    assert client.get("/api/events", headers={"authorization": "Bearer bhk_none"}).status_code == 401


def test_events_are_told_in_the_readers_words(client: Client, store: Store, number: str) -> None:
    with store.connection() as connection:
        tick = events.NewEvent("case.timer", {}, "system")
        events.append(connection, f"case:{number}", [tick], at=NOW)
    open_page, own_page = client.get("/events").text, signed_in(client, "demo-chief").get("/events").text
    for page in (open_page, own_page):
        assert all(word in page for word in ("立项", "签收", "时限已到", "自动"))
        rows = page.partition("<tbody>")[2]
        assert [word for word in ("case.", "account:", "case:", "跟随系统") if word in rows] == []
    assert "演示督查员" in own_page
    assert "演示督查员" not in open_page
    english = client.get("/events", headers={"accept-language": "en"}).text
    assert all(word in english for word in ("Case opened", "Accept", "An account", "By itself"))
