"""Scores, bulletin, orders, notices, Excel and the board, through the pages."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from tests.show.browsing import Client
from tests.show.casework import NOW, Browser, signed_in

from bihuan.act import accounts
from bihuan.act.command import Command, Opening
from bihuan.core.records.principal import Principal
from bihuan.store import case_lists
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.connect import Store

CHIEF = Principal("account:99", "督查员", "government-office", frozenset({"supervisor"}), "city")
CLERK = Principal("account:98", "经办", "ecology", frozenset({"handler"}))


@pytest.fixture
def number(casework: Client, store: Store) -> str:
    """A 13710 matter led by the ecology bureau, opened the month before and accepted the day after."""
    engine, then = casework.app.state.engine, NOW - timedelta(days=20)
    opening = Opening("13710", {"title": "河道排口整治", "requirement": "查清并封堵"}, lead="ecology")
    with store.connection() as connection:
        case = engine.open(connection, CHIEF, opening, then).case
        engine.act(connection, CLERK, case.number, Command("accept", case.version), then + timedelta(days=1))
    return str(case.number)


def words_of(word: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()


def test_scores_of_a_month_with_trend_and_excel(casework: Client, number: str) -> None:
    chief = signed_in(casework, "demo-chief")
    assert "/scores/ecology?month=2026-02" in chief.get("/scores?month=2026-02").text
    trend = chief.get("/scores/ecology?month=2026-03").text
    chart = re.search(r'data-chart="([^"]+)"', trend)
    assert chart is not None
    assert "2026年2月" in chart[1]
    assert "<table" in trend
    assert chief.get("/scores.xlsx?month=2026-02").content[:2] == b"PK"
    assert chief.get("/scores?month=2026-13").status_code == 422


def test_a_unit_sees_its_own_card_only(casework: Client, number: str) -> None:
    housing = signed_in(casework, "demo-housing")
    assert "ecology" not in housing.get("/scores?month=2026-02").text
    assert housing.get("/scores/ecology").status_code == 404
    assert "/scores/ecology" in signed_in(casework, "demo-ecology").get("/scores?month=2026-02").text


def test_the_bulletin_prints_under_a_strict_policy(casework: Client, number: str) -> None:
    chief, span = signed_in(casework, "demo-chief"), "from=2026-02-09&to=2026-02-15"
    word = chief.get(f"/scores/bulletin.docx?{span}")
    assert "督查通报" in words_of(word.content)
    html = chief.get(f"/scores/bulletin.html?{span}")
    assert number in html.text
    assert "sha256-" in html.headers["content-security-policy"]
    assert "unsafe" not in html.headers["content-security-policy"]
    assert chief.get("/scores/bulletin.html?from=2026-02-15&to=2026-02-09").status_code == 422
    assert chief.get("/scores/bulletin.pdf?" + span).status_code == 422
    assert signed_in(casework, "demo-housing").get(f"/scores/bulletin.html?{span}").status_code == 403


def test_orders_of_a_case_for_those_who_see_it(casework: Client, number: str) -> None:
    chief = signed_in(casework, "demo-chief")
    assert f"/cases/{number}/supervision.docx" in chief.get(f"/cases/{number}").text
    assert "交办单" in words_of(chief.get(f"/cases/{number}/assignment.docx").content)
    assert "督办单" in chief.get(f"/cases/{number}/supervision.html").text
    assert signed_in(casework, "demo-housing").get(f"/cases/{number}/supervision.html").status_code == 404


def test_notices_are_read_once_and_by_the_unit(casework: Client, number: str) -> None:
    ecology, housing = signed_in(casework, "demo-ecology"), signed_in(casework, "demo-housing")
    assert number in ecology.get("/notices").text
    newest = re.search(r'name="up_to" value="(\d+)"', ecology.page)
    assert newest is not None
    assert ecology.post("/notices/read", up_to=newest[1]).status_code == 303
    assert 'name="up_to"' not in ecology.get("/notices").text
    assert number in ecology.page
    assert number not in housing.get("/notices").text
    assert ecology.post("/notices/read", csrf="forged", up_to=newest[1]).status_code == 403


def test_the_calendar_of_a_unit_by_session_or_key(casework: Client, store: Store, number: str) -> None:
    ecology = signed_in(casework, "demo-ecology")
    assert number in ecology.get("/calendar/ecology.ics").text
    assert ecology.get("/calendar/housing.ics").status_code == 404
    with store.connection() as connection:
        key = accounts.create_key(
            connection, "calendar", "ecology", ["handler"], "own", ["read"], casework.app.state.engine.units,
            actor="account:1", now=NOW,
        )  # fmt: skip
    assert casework.get(f"/calendar/ecology.ics?api_key={key}").headers["content-type"].startswith("text/calendar")
    assert casework.get("/calendar/ecology.ics?api_key=bhk_wrong").status_code == 403


def test_the_board_has_a_column_a_step(casework: Client, number: str) -> None:
    page = signed_in(casework, "demo-chief").get("/cases/board?type=13710").text
    steps = [step for step in casework.app.state.engine.types["13710"].steps.values() if not step.end]
    assert page.count('id="step-') == len(steps)
    assert f'href="/cases/{number}"' in page
    assert f'href="/cases/{number}"' not in signed_in(casework, "demo-housing").get("/cases/board?type=13710").text
    assert signed_in(casework, "demo-chief").get("/cases/board?type=nothing").status_code == 404


def sheet(client: Client, *rows: list[str]) -> dict[str, object]:
    """An Excel file whose header is the type's own."""
    fields = client.app.state.engine.types["13710"].fields
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        for place, row in enumerate([[fields["title"].name, fields["requirement"].name, "牵头单位"], *rows]):
            page.write_row(place, 0, row)
    return {"files": ("清单.xlsx", buffer.getvalue())}


def cases_of(store: Store) -> int:
    with store.connection() as connection:
        return len(case_lists.listed(connection, CaseFilter()).rows)


def confirm(browser: Browser) -> int:
    hidden = dict(re.findall(r'type="hidden" name="(key|checked)" value="([^"]*)"', browser.page))
    return browser.post("/cases/import/13710", {"none": ("", b"")}, **hidden).status_code


def test_rows_of_a_sheet_are_shown_then_opened_once(casework: Client, store: Store) -> None:
    chief = signed_in(casework, "demo-chief")
    assert chief.get("/cases/import/13710/empty.xlsx").content[:2] == b"PK"
    chief.get("/cases/import/13710")
    rows = (["河道排口整治", "查清并封堵", "ecology"], ["供热管网改造", "完成改造", "housing"])
    shown = chief.post("/cases/import/13710", sheet(casework, *rows))
    assert shown.status_code == 200
    assert "供热管网改造" in shown.text
    assert cases_of(store) == 0
    checked = chief.page
    assert confirm(chief) == 303
    chief.page = checked
    assert confirm(chief) == 303
    assert cases_of(store) == 2


def test_one_faulty_row_opens_nothing(casework: Client, store: Store) -> None:
    chief = signed_in(casework, "demo-chief")
    chief.get("/cases/import/13710")
    refused = chief.post("/cases/import/13710", sheet(casework, ["甲", "乙", "ecology"], ["丙", "丁", "no-such-unit"]))
    assert refused.status_code == 422
    assert "第 3 行" in refused.text
    assert 'name="checked"' not in refused.text
    chief.get("/cases/import/13710")
    assert chief.post("/cases/import/13710", {"files": ("a.xlsx", b"no")}).status_code == 422
    assert cases_of(store) == 0


def test_a_list_goes_out_and_comes_back(casework: Client) -> None:
    """Through the pages: unchanged there is nothing to do, changed the case is edited."""
    chief = signed_in(casework, "demo-chief")
    chief.get("/cases/new/project")
    made = chief.post("/cases/new/project", **{"f.title": "示例产业园", "f.place": "平定县"})
    number = made.headers["location"].rpartition("/")[2]
    address = "/cases/import/project"
    assert f"{address}/cases.xlsx" in chief.get("/cases?type=project").text
    content = chief.get(f"{address}/cases.xlsx?q={number}").content
    assert chief.get(f"{address}/cases.xlsx?q=nothing").content != content
    chief.get(address)
    assert "1 行与事项现状一致" in chief.post(address, {"files": ("a.xlsx", content)}).text
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    rows[1][rows[0].index("建设地点")] = "盂县北部"
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(rows):
            sheet.write_row(row, 0, cells)
    chief.get(address)
    checked = chief.post(address, {"files": ("a.xlsx", buffer.getvalue())})
    assert "盂县北部" in checked.text
    kept = re.search(r'name="checked" value="([^"]*)"', checked.text)
    assert kept is not None
    assert chief.post(address, checked=kept[1]).status_code == 303
    assert "盂县北部" in chief.get(f"/cases/{number}").text


def test_scores_by_type_have_a_card_for_each(casework: Client, number: str) -> None:
    chief = signed_in(casework, "demo-chief")
    page = chief.get("/scores?month=2026-02&by=type").text
    assert ">13710 督办</span>" in page
    assert "by=type" in page.split('class="exports"')[1].split("</div>")[0]
    content = chief.get("/scores.xlsx?month=2026-02&by=type").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][:3] == ["单位", "类型", "得分"]
    assert rows[1][1] == "13710 督办"
    assert ">13710 督办</span>" not in chief.get("/scores?month=2026-02").text
