"""A case page tells how it stands; an office says who leads when it opens; repeats end in the case they repeat."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.show.browsing import Client
from tests.show.casework import NOW, Browser, signed_in
from tests.show.test_casework import asked
from tests.store.readings import Draft, keep

from bihuan.act import post
from bihuan.act.command import Command, Opening
from bihuan.core.records.principal import Principal
from bihuan.show.wording import left_text
from bihuan.store.connect import Store

OPENER = Principal("public:1", "citizen", None, frozenset({"reporter"}), "public")
DISPATCHER = Principal("account:91", "派单", "hotline-centre", frozenset({"dispatcher"}))
HOUSING = Principal("account:92", "住建", "housing", frozenset({"handler"}))


def done(browser: Browser, number: str, files: dict[str, object] | None = None, **form: str) -> None:
    browser.get(f"/cases/{number}")
    answer = browser.post(f"/cases/{number}", files, **form)
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize(
    ("left", "chinese", "english"),
    [
        (timedelta(days=3, hours=4, minutes=9), "3 天 4 小时", "3 d 4 h"),
        (timedelta(hours=2, minutes=10), "2 小时 10 分钟", "2 h 10 min"),
        (timedelta(minutes=5, seconds=59), "5 分钟", "5 min"),
        (timedelta(days=1, minutes=30), "1 天", "1 d"),
        (timedelta(seconds=9), "0 分钟", "0 min"),
    ],
)
def test_time_left_is_said_in_two_units(left: timedelta, chinese: str, english: str) -> None:
    assert (left_text(left, "zh-CN"), left_text(left, "en")) == (chinese, english)


def test_an_office_opens_with_lead_supports_and_the_time_it_came_in(casework: Client) -> None:
    chief = signed_in(casework, "demo-chief")
    assert 'name="supports"' in chief.get("/cases/new/13710").text
    form = {"f.title": "示例督办", "f.requirement": "办好", "lead": "housing", "supports": "water"}
    made = chief.post("/cases/new/13710", received_at="2026-02-28T10:00", **form)
    page = chief.get(made.headers["location"]).text
    assert "市政府办公室 → 市住建局" in page
    assert "市水利局" in page
    assert "2026-03-02 18:00" in page  # the first day after the make-up Saturday, not after today
    chief.get("/cases/new/13710")
    refused = chief.post("/cases/new/13710", received_at="2025-01-01T10:00", **form)
    assert "收到时间：2025-01-01 10:00 早于" in refused.text
    assert 'value="2025-01-01T10:00"' in refused.text
    assert re.search(r'value="water" selected', refused.text)


def test_an_extension_that_is_asked_for_stands_on_the_page_and_time_left_too(casework: Client, store: Store) -> None:
    engine = casework.app.state.engine
    with store.connection() as connection:
        values = {"title": "暖气不热", "description": "家里不热", "topic": "heating"}
        case = engine.open(connection, OPENER, Opening("hotline", values), NOW).case
        case = engine.act(connection, DISPATCHER, case.number, Command("dispatch", 1, lead="housing"), NOW)
        case = engine.act(connection, HOUSING, case.number, Command("accept", case.version), NOW)
    housing, dispatcher = signed_in(casework, "demo-housing"), signed_in(casework, "demo-dispatcher")
    done(housing, case.number, action="request-extension", clock="handle", days="3", note="等待配件")
    page = dispatcher.get(f"/cases/{case.number}").text
    assert "申请将“办理时限”延长 3 个工作日：等待配件" in page
    assert "还剩 1 天 9 小时" in page
    done(dispatcher, case.number, action="grant-extension")
    assert "等待配件" not in dispatcher.get(f"/cases/{case.number}").text.split('id="h-time"')[0]


def test_what_was_claimed_returned_and_verified_stands_on_the_page(casework: Client) -> None:
    number, _ = asked(casework)
    dispatcher, housing = signed_in(casework, "demo-dispatcher"), signed_in(casework, "demo-housing")
    done(dispatcher, number, action="dispatch", lead="housing")
    done(housing, number, action="bounce", note="不属于本单位")
    done(dispatcher, number, action="dispatch", lead="housing")
    done(housing, number, action="contact", note="已联系")
    done(housing, number, action="apply", **{"f.reply": "已修复"})
    done(dispatcher, number, action="return", note="仍不热")
    page = dispatcher.get(f"/cases/{number}").text
    for title in ("退单", "退回"):
        assert re.search(rf"<dt>[^<]*{title}[^<]*</dt><dd>1 次</dd>", page), title
    assert "承办申报办结" not in page
    done(housing, number, action="apply", **{"f.reply": "换了阀门"})
    assert "承办申报办结" in housing.get(f"/cases/{number}").text


def test_a_repeat_ends_in_an_open_case_of_its_type_and_its_citizen_follows_that(casework: Client) -> None:
    first, _ = asked(casework)
    second, code = asked(casework)
    third, _ = asked(casework)
    dispatcher, housing = signed_in(casework, "demo-dispatcher"), signed_in(casework, "demo-housing")
    done(dispatcher, second, action="merge", other=first)
    dispatcher.get(f"/cases/{third}")
    refused = dispatcher.post(f"/cases/{third}", action="merge", other=second)
    assert f"{second} 不是在办的“12345 热线”事项" in refused.text
    done(dispatcher, first, action="dispatch", lead="housing")
    done(housing, first, action="contact", note="已联系")
    page = Browser(casework).post("/follow", number=second, code=code).text
    assert f"与 {first} 并案办理" in page
    assert page.count("首次联系") == 1
    assert "已联系" not in page
    assert "重复" in dispatcher.get(f"/cases/{first}").text


def test_an_administrator_sees_what_did_not_get_through(casework: Client, store: Store) -> None:
    engine = casework.app.state.engine
    chief = Principal("account:90", "督查", "government-office", frozenset({"supervisor"}), "city")
    with store.connection() as connection:
        post.add_channel(connection, engine, chief, "webhook", "http://127.0.0.1:9/secret-hook", NOW)
        opening = Opening("13710", {"title": "甲", "requirement": "乙"}, lead="housing")
        number = engine.open(connection, chief, opening, NOW).case.number
    post.send_waiting(store, engine, NOW)
    page = signed_in(casework, "demo-admin").get("/notices").text
    assert "未送达的消息" in page
    assert number in page
    assert "secret-hook" not in page
    assert "未送达的消息" not in signed_in(casework, "demo-housing").get("/notices").text


def test_the_case_of_a_promise_leads_to_its_row_and_has_its_series_beside_it(casework: Client, store: Store) -> None:
    draft = Draft("报告.txt")
    for year, value in ((2022, 900), (2023, 1000)):
        draft.says("地区生产总值", f"{value}亿元", value * 1e8, period=str(year), canonical="gdp")
    keep(store, draft)
    chief = signed_in(casework, "demo-chief")
    chief.get("/cases/new/promise")
    row = casework.get("/api/statements").json()["items"][0]["id"]
    form = {"f.title": "总量再上台阶", "f.due": "2026-12-31", "f.entry": str(row)}
    made = chief.post("/cases/new/promise", **form)
    page = chief.get(made.headers["location"]).text
    assert 'data-chart="' in page
    assert "地区生产总值" in page
    assert re.search(rf'<a href="/documents/\d+#e{row}">[^<]+ · 900亿元</a>', page)
    chief.get("/cases/new/promise")
    other = chief.post("/cases/new/promise", **{**form, "f.entry": "999999"})
    assert 'data-chart="' not in chief.get(other.headers["location"]).text


def test_a_case_opened_from_the_promises_room_leads_to_its_row(casework: Client, store: Store) -> None:
    keep(store, Draft("报告.txt").says("新建公路", "60公里", 60, unit="公里", kind="target", period="2026"))
    chief = signed_in(casework, "demo-chief")
    chief.get("/promises/2026")
    row = casework.get("/api/statements").json()["items"][0]["id"]
    opened = chief.post("/promises/2026/cases", entry=str(row))
    page = chief.get(opened.headers["location"]).text
    assert re.search(rf'<a href="/documents/\d+#e{row}">[^<]+ · 60公里</a>', page)
    assert ":statement:" not in page
    assert 'data-chart="' in page
