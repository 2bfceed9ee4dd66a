"""A request goes round its whole loop through the pages: asked, dispatched, handled, verified, rated. No script needed."""

from __future__ import annotations

import re

import pytest
from tests.show.browsing import Client
from tests.show.casework import Browser, signed_in

from bihuan.act import demo_accounts
from bihuan.store import events
from bihuan.store.connect import Store

PHONE = "13812345678"


@pytest.fixture
def client(casework: Client) -> Client:
    return casework


def asked(client: Client) -> tuple[str, str]:
    """Ask as a citizen; return number and code."""
    form = {"f.title": "暖气不热", "f.description": f"家里不热，电话{PHONE}", "f.phone": PHONE, "f.kind": "help"}
    answer = Browser(client).post("/ask/hotline", **form, **{"f.topic": "other"})
    number, code = (re.search(rf'id="{name}">([^<]+)<', answer.text) for name in ("number", "code"))
    assert number is not None
    assert code is not None
    return number[1], code[1]


def test_from_asking_to_rating(client: Client, store: Store) -> None:
    number, code = asked(client)
    dispatcher, housing = signed_in(client, "demo-dispatcher"), signed_in(client, "demo-housing")
    assert number in dispatcher.get("/cases").text
    assert number not in housing.get("/cases").text
    dispatcher.get(f"/cases/{number}")
    assert dispatcher.post(f"/cases/{number}", action="dispatch", lead="housing").status_code == 303
    housing.get(f"/cases/{number}")
    assert housing.post(f"/cases/{number}", action="contact", note="已联系").status_code == 303
    housing.get(f"/cases/{number}")
    photograph = {"files": ("现场.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64)}
    done = housing.post(f"/cases/{number}", photograph, action="apply", **{"f.reply": "已修复阀门"})
    assert done.status_code == 303
    assert "现场.png" in housing.get(f"/cases/{number}").text
    dispatcher.get(f"/cases/{number}")
    closed = dispatcher.post(f"/cases/{number}", action="close", **{"f.verified": "solved"})
    assert closed.status_code == 303
    citizen = Browser(client)
    assert "已修复阀门" in citizen.post("/follow", number=number, code=code).text
    rated = citizen.post("/follow", number=number, code=code, rating="5")
    assert rated.status_code == 200
    assert "★★★★★" in dispatcher.get(f"/cases/{number}").text
    with store.connection() as connection:
        assert events.verify(connection).broken is None


def test_personal_fields_are_whole_for_the_handler_and_masked_for_others(client: Client) -> None:
    number, _ = asked(client)
    assert PHONE in signed_in(client, "demo-dispatcher").get(f"/cases/{number}").text
    assert PHONE not in signed_in(client, "demo-admin").get(f"/cases/{number}").text
    assert PHONE not in signed_in(client, "demo-dispatcher").get("/cases").text


def test_who_has_not_signed_in_sees_no_case_and_does_nothing(client: Client) -> None:
    number, _ = asked(client)
    stranger = Browser(client)
    for path in ("/cases", f"/cases/{number}", "/cases.xlsx", "/cases/new/13710"):
        assert stranger.get(path).headers["location"].startswith("/sign-in")
    assert stranger.post(f"/cases/{number}", action="dispatch", lead="housing").status_code == 303


def test_a_form_of_another_session_is_refused(client: Client) -> None:
    number, _ = asked(client)
    dispatcher = signed_in(client, "demo-dispatcher")
    dispatcher.get(f"/cases/{number}")
    assert dispatcher.post(f"/cases/{number}", csrf="forged", action="dispatch", lead="housing").status_code == 403


def test_the_slower_of_two_is_told_and_nothing_is_lost(client: Client) -> None:
    number, _ = asked(client)
    first, second = signed_in(client, "demo-dispatcher"), signed_in(client, "demo-dispatcher")
    first.get(f"/cases/{number}")
    second.get(f"/cases/{number}")
    assert first.post(f"/cases/{number}", action="dispatch", lead="housing").status_code == 303
    late = second.post(f"/cases/{number}", action="dispatch", lead="water")
    assert late.status_code == 422
    assert "有人先办了一步" in late.text
    assert "改动了环节、时限、牵头单位" in late.text


def test_a_wrong_code_a_wrong_password_and_a_missing_reply_are_said(client: Client) -> None:
    number, _ = asked(client)
    assert Browser(client).post("/follow", number=number, code="0000000000").status_code == 403
    assert Browser(client).post("/sign-in", login="demo-chief", password="wrong-password").status_code == 403
    dispatcher = signed_in(client, "demo-dispatcher")
    dispatcher.get(f"/cases/{number}")
    assert dispatcher.post(f"/cases/{number}", action="dispatch").status_code == 422


def test_a_new_case_is_opened_by_its_office_and_exported(client: Client) -> None:
    chief = signed_in(client, "demo-chief")
    assert "13710" in chief.get("/cases").text
    chief.get("/cases/new/promise")
    made = chief.post("/cases/new/promise", **{"f.title": "建成示例公园", "f.due": "2026-12-31"})
    assert made.status_code == 303
    assert "建成示例公园" in chief.get(made.headers["location"]).text
    sheet = chief.get("/cases.xlsx")
    assert (sheet.status_code, sheet.content[:2]) == (200, b"PK")


@pytest.mark.parametrize(
    ("path", "goes_to"),
    [("//evil.example/", "/cases"), ("https://evil.example/", "/cases"), ("/events", "/events")],
)
def test_signing_in_leads_nowhere_else(client: Client, path: str, goes_to: str) -> None:
    answer = Browser(client).post("/sign-in", login="demo-chief", password=demo_accounts.PASSWORD, next=path)
    assert answer.headers["location"] == goes_to


def test_the_demonstration_names_the_accounts_it_has(client: Client) -> None:
    page = client.get("/sign-in").text
    assert re.findall(r"<code>([\w-]+)</code> <span lang=\"zh-CN\">(\w+)</span>", page)[1:3] == [
        ("demo-approval", "演示政务办"),
        ("demo-chief", "演示督查员"),
    ]
    assert demo_accounts.PASSWORD in page
