"""The rooms over HTTP, without a browser: empty ones say the way on, forms work without script, the API tells the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from tests.show.browsing import Client, browsing
from tests.store.readings import Draft, keep

from bihuan.read import load_pack
from bihuan.show.app import ROOMS, create_app
from bihuan.show.paging import PAGE_SIZE
from bihuan.show.settings import Settings
from bihuan.store.connect import Store

TEXT = "2023年政府工作报告\n一、2023年重点工作\n今年，全市造林3万亩，开工建设云泉湖大桥。\n"


SETTINGS = Settings(max_files=3, max_file_bytes=10_000)


@pytest.fixture
def client(store: Store) -> Iterator[Client]:
    with browsing(create_app(store, SETTINGS, load_pack(None))) as opened:
        yield opened


@pytest.fixture
def reading_client(store: Store) -> Iterator[Client]:
    with browsing(create_app(store, SETTINGS, load_pack(None)), reads=True) as opened:
        yield opened


def _upload(client: Client, *files: tuple[str, str]) -> str:
    sent = [("files", (name, text.encode(), "text/plain")) for name, text in files]
    answer = client.post("/documents", files=sent)
    assert answer.status_code == 200
    return answer.text


def test_an_empty_room_says_the_way_on(client: Client) -> None:
    for path in ("/", "/ledger", "/promises", "/indicators", "/events"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        empty = answer.text.split('<div class="empty">')[1]
        assert 'href="/documents"' in empty, path
    assert client.get("/promises/2023").status_code == 200
    assert client.get("/indicators/gdp").status_code == 200


def test_an_indicator_has_all_its_sources_a_page_at_a_time(client: Client, store: Store) -> None:
    draft = Draft("长.txt")
    for number in range(PAGE_SIZE + 1):
        draft.says("地区生产总值", f"{number}元", number, unit="元", period=f"{1950 + number}", canonical="gdp")
    keep(store, draft)
    first, second = client.get("/indicators/gdp").text, client.get("/indicators/gdp?page=2").text
    assert (first.count("<tr data-row="), second.count("<tr data-row=")) == (PAGE_SIZE, 1)
    assert 'rel="next" href="?page=2"' in first
    assert first.count("<figure") == 1, "the whole series on every page"


def test_a_promise_leads_to_the_chart_of_its_own_measure(client: Client, store: Store) -> None:
    draft = Draft("承诺.txt", year=2023)
    draft.says("地区生产总值", "8%", 8, unit="%", measure="growth", kind="target", period="2023", canonical="gdp")
    draft.says("地区生产总值", "900亿元", 9e10, unit="元", period="2022", canonical="gdp")
    keep(store, draft)
    opened = re.search(r'<details hx-get="([^"]+)"', client.get("/promises/2023").text)[1]
    assert opened == "/indicators/gdp/chart?measure=growth"
    chart = client.get(opened).text
    assert "8 %" in chart
    assert "亿元" not in chart
    assert client.get("/indicators/gdp/chart?measure=rank").status_code == 404


def test_the_way_through_without_script(reading_client: Client) -> None:
    client = reading_client
    listed = _upload(client, ("好.txt", TEXT), ("坏.txt", ""), ("大.txt", "长" * 9000))
    assert listed.count("upload sheet good") == 1
    assert listed.count("upload sheet bad") == 2
    assert "文件过大" in listed
    document = re.search(r'href="(/documents/\d+)"', listed.split("upload sheet good")[1])[1]
    row = re.search(r'href="(/rows/\d+)"', client.get(document).text)[1]
    form = dict(re.findall(r'<input type="text" name="(\w+)" value="([^"]*)"', client.get(row).text))
    form |= {"measure": "level", "bound": "exact", "kind": "target", "direction": "", "value": "4万"}
    answer = client.post(row, data=form)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(document)
    assert client.get("/api/statements").json()["items"][0]["value"] == 40_000
    again = client.post(f"{document}/read")
    assert again.headers["location"] == f"{document}?said=read"
    (corrected,) = client.get("/api/statements").json()["items"]
    assert (corrected["value"], corrected["review"]) == (40_000, "corrected")
    old = client.post(row, data={"act": "confirm"})
    assert old.status_code == 404, "the row has another number after a new reading"


def test_too_many_files_at_once_are_refused(client: Client) -> None:
    sent = [("files", (f"{n}.txt", TEXT.encode(), "text/plain")) for n in range(4)]
    answer = client.post("/documents", files=sent)
    assert answer.status_code == 413
    assert "一次最多上传 3 个文件" in answer.text
    assert client.get("/api/documents").json()["total"] == 0


@pytest.mark.parametrize(
    "address", ["/documents?page=x", "/ledger?page=99999999999&year=zz&sort=nonsense", "/events?before=-1"]
)
def test_nonsense_in_an_address_is_passed_over(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


def test_a_choice_is_kept_and_leads_nowhere_else(client: Client) -> None:
    answer = client.post("/preferences", data={"language": "en", "theme": "pink", "back": "//evil.example/"})
    assert answer.headers["location"] == "/"
    assert [cookie.split("=")[0] for cookie in answer.headers.get_list("set-cookie")] == ["bihuan_language"]
    assert "Overview" in client.get("/").text


def test_a_missing_page_is_told_in_the_reader_s_way(client: Client) -> None:
    assert client.get("/documents/77").status_code == 404
    assert "html" in client.get("/documents/77").headers["content-type"]
    problem = client.get("/api/documents/77")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["status"] == 404


def test_the_database_s_absence_is_told(client: Client, store: Store) -> None:
    store.pool.close()
    assert client.get("/healthz").status_code == 200
    for path in ("/readyz", "/ledger"):
        assert client.get(path).status_code == 503, path


def test_the_reference_names_every_setting_and_every_room() -> None:
    text = (Path(__file__).parents[2] / "docs/reference/cockpit.md").read_text(encoding="utf-8")
    assert [one.name for one in fields(Settings) if f"`{one.name}`" not in text] == []
    assert [
        room.PLACE.address for room in ROOMS if hasattr(room, "PLACE") and f"`{room.PLACE.address}" not in text
    ] == []
