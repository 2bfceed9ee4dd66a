"""Who changes documents, rows and runs of the plan: whoever sits at the machine, and from elsewhere an account."""

from __future__ import annotations

import re

import pytest
from httpx import Response
from tests.show.browsing import Client
from tests.show.casework import NOW, Browser
from tests.store.readings import Draft, keep

from bihuan.act import accounts
from bihuan.act.accounts import NewAccount
from bihuan.act.engine import Engine
from bihuan.store import events, ledger
from bihuan.store.connect import Store

ELSEWHERE = "10.1.2.3"
PASSWORD = "a password of the tests"


@pytest.fixture
def row(store: Store, casework: Client) -> str:
    """The address of the one row of the ledger."""
    keep(store, Draft("a.txt").says("造林", "3万亩", 3, unit="万亩", period="2023"))
    with store.connection() as connection:
        document = ledger.documents(connection)[0]
        return f"/rows/{ledger.document_entries(connection, document.id)[0].id}"


CHIEF = NewAccount("chief", "督查员", "government-office", ("supervisor",), "city")
HANDLER = NewAccount("handler", "经办", "city-management", ("handler",), "own")


def _from_elsewhere(casework: Client, store: Store, new: NewAccount | None = None) -> Browser:
    """A browser on another machine, signed in with a new account where one is given."""
    browser = Browser(casework.another(ELSEWHERE))
    if new is not None:
        engine: Engine = casework.app.state.engine
        roles = accounts.known_roles(engine.types)
        with store.connection() as connection:
            accounts.create(connection, new, engine.units, roles, actor="t", now=NOW, password=PASSWORD)
        assert browser.post("/sign-in", login=new.login, password=PASSWORD, next="/cases").status_code == 303
    return browser


def _changes(browser: Browser, row: str) -> list[Response]:
    """What the answers are to all that can be changed in the open rooms."""
    file: dict[str, object] = {"files": ("b.txt", "今年，全市造林4万亩。".encode(), "text/plain")}
    return [
        browser.post(row, act="confirm"),
        browser.post("/documents", files=file),
        browser.post("/documents/1/read"),
        browser.post("/documents/1/remove"),
    ]


def _actors(store: Store) -> set[str]:
    with store.connection() as connection:
        return {event.actor for event in events.latest(connection) if event.type == "entry.confirmed"}


def test_from_elsewhere_nobody_changes_anything_without_an_account(casework: Client, store: Store, row: str) -> None:
    stranger = _from_elsewhere(casework, store)
    before = casework.get("/api/events").json()
    for answer in (*_changes(stranger, row), stranger.post("/energy/runs", scenario="base", hours="168")):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")
    assert casework.get("/api/events").json() == before


@pytest.mark.parametrize("path", ["/documents", "/energy"])
def test_who_may_change_nothing_reads_and_is_told_the_way(casework: Client, store: Store, path: str) -> None:
    page = _from_elsewhere(casework, store).get(path)
    assert page.status_code == 200
    assert not re.search(r'<form[^>]*method="post" action="/(documents|energy)', page.text)
    assert f'href="/sign-in?next={path}"' in page.text
    assert re.search(
        r'<form[^>]*(action="/documents" method="post"|method="post" action="/energy)', casework.get(path).text
    )


def test_a_row_is_read_from_elsewhere_and_corrected_after_signing_in(casework: Client, store: Store, row: str) -> None:
    page = _from_elsewhere(casework, store).get(row).text
    assert f'href="/sign-in?next={row}"' in page
    assert 'name="act"' not in page


def test_an_account_of_one_unit_changes_no_ledger_of_the_city(casework: Client, store: Store, row: str) -> None:
    handler = _from_elsewhere(casework, store, HANDLER)
    assert [answer.status_code for answer in _changes(handler, row)] == [403] * 4
    assert 'name="act"' not in handler.get(row).text


def test_who_sees_the_whole_city_changes_the_ledger_in_his_own_name(casework: Client, store: Store, row: str) -> None:
    chief = _from_elsewhere(casework, store, CHIEF)
    assert 'name="act"' in chief.get(row).text
    assert chief.post(row, act="confirm").status_code == 303
    (actor,) = _actors(store)
    assert actor.startswith("account:")


def test_at_the_machine_itself_no_account_is_asked_for(casework: Client, store: Store, row: str) -> None:
    assert Browser(casework).post(row, act="confirm").status_code == 303
    assert _actors(store) == {"local"}


def test_after_signing_in_the_reader_is_back_where_he_was(casework: Client, store: Store, row: str) -> None:
    stranger = casework.another(ELSEWHERE)
    answer = stranger.post(row, data={"act": "confirm"}, headers={"referer": "http://localhost/documents/1"})
    assert answer.headers["location"] == "/sign-in?next=%2Fdocuments%2F1"


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(casework: Client, row: str) -> None:
    answer = casework.another(ELSEWHERE).post(row, data={"act": "confirm"}, headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/sign-in?next=%2Fcases")
