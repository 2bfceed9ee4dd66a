"""The reviewer's day: upload, watch, click to the evidence, correct, read again, export."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from python_calamine import CalamineWorkbook


def _upload(page: Page, files: list[Path]) -> None:
    page.goto("/documents")
    page.set_input_files("#files", files)
    expect(page.locator(".upload.good")).to_have_count(len(files))


@pytest.fixture
def read(page: Page, reports: list[Path]) -> Page:
    """A page of a cockpit that has read both reports; a second upload of the same bytes changes nothing."""
    _upload(page, reports)
    return page


def _open_newer(page: Page) -> None:
    page.goto("/documents")
    page.get_by_role("link", name="2024年政府工作报告").click()
    expect(page.locator("h1")).to_have_text("2024年政府工作报告")


def _row(page: Page, name: str, value: str) -> Locator:
    return page.locator("#panel-statements li").filter(has_text=name).filter(has_text=value)


def _light(page: Page, name: str) -> Locator:
    page.goto("/promises/2023")
    return page.locator("article").filter(has=page.get_by_role("heading", name=name, exact=True)).locator("> .light")


def test_an_upload_shows_its_progress_and_its_result(page: Page, reports: list[Path]) -> None:
    held: list[Route] = []
    page.goto("/documents")
    expect(page.get_by_text("还没有文件")).to_be_visible()
    page.route(
        "**/documents", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    page.set_input_files("#files", reports)
    expect(page.locator("#uploads progress")).to_have_count(2)
    expect(page.locator("#uploads li").nth(1)).to_contain_text("等待中")
    held.pop().continue_()
    expect(page.locator(".upload.good")).to_have_count(1)
    expect(page.locator("#uploads progress")).to_have_count(1)
    held.pop().continue_()
    expect(page.locator(".upload.good")).to_have_count(2)
    expect(page.locator("#documents tbody tr")).to_have_count(2)
    expect(page.locator(".upload.good").first).to_contain_text("7 条表述")


def test_the_same_file_twice_is_one_document(read: Page, reports: list[Path]) -> None:
    _upload(read, reports[:1])
    expect(read.locator(".upload")).to_contain_text("早已入库")
    expect(read.locator("#documents tbody tr")).to_have_count(2)


def test_a_row_leads_to_its_sentence_and_back(read: Page) -> None:
    _open_newer(read)
    row = _row(read, "城镇新增就业", "1.92 万人")
    row.get_by_role("link", name="城镇新增就业", exact=True).click()
    raw, clean = read.locator(".raw .mk.at"), read.locator(".clean .mk.at")
    expect(raw).to_have_text("1.92萬(wàn)人")
    expect(clean).to_have_text("1.92万人")
    expect(clean).to_be_in_viewport()
    read.locator(".clean .mk", has_text="6.3%").click()
    expect(_row(read, "地区生产总值", "+6.3 %")).to_have_class("unreviewed at")
    expect(read.locator("a.jump:focus")).to_have_text("地区生产总值")


def test_an_address_opens_at_its_row(read: Page) -> None:
    read.goto("/ledger?q=城镇新增就业&kind=result")
    read.locator("tbody .jump").click()
    expect(read.locator(".clean .mk.at")).to_have_text("1.92万人")


def test_a_correction_moves_the_light_survives_a_new_reading_and_can_be_undone(read: Page) -> None:
    expect(_light(read, "地区生产总值")).to_have_text("●已兑现")
    _open_newer(read)
    _row(read, "地区生产总值", "+6.3 %").get_by_role("link", name="更正").click()
    editor = read.locator("#editor")
    editor.get_by_label("数值", exact=True).fill("很多")
    editor.get_by_role("button", name="保存更正").click()
    expect(editor.locator("[aria-invalid=true]")).to_be_focused()
    editor.get_by_label("数值", exact=True).fill("5.8")
    editor.get_by_label("理由").fill("统计公报为准")
    editor.get_by_role("button", name="保存更正").click()
    expect(read.locator("#said")).to_contain_text("已保存")
    expect(_row(read, "地区生产总值", "+5.8 %")).to_contain_text("已更正")
    expect(_light(read, "地区生产总值")).to_have_text("■未兑现")

    _open_newer(read)
    read.get_by_text("更多").click()
    read.get_by_role("button", name="重新读取").click()
    expect(read.locator(".note.good")).to_contain_text("更正仍然有效")
    expect(_row(read, "地区生产总值", "+5.8 %")).to_contain_text("已更正")

    read.goto("/events")
    told = read.locator("tr", has_text="更正条目")
    expect(told).to_contain_text("数值：6.3 → 5.8")
    expect(told).to_contain_text("统计公报为准")
    expect(read.locator("tr", has_text="重新读取文件")).to_have_count(1)
    expect(read.locator(".note.good")).to_contain_text("记录链完整")

    told.get_by_role("link").click()
    _row(read, "地区生产总值", "+5.8 %").get_by_role("link", name="更正").click()
    editor.get_by_role("button", name="撤销").click()
    expect(_row(read, "地区生产总值", "+6.3 %")).to_have_class(re.compile("unreviewed"))
    expect(_light(read, "地区生产总值")).to_have_text("●已兑现")


def test_a_rejected_row_counts_no_more_until_it_is_taken_back(read: Page) -> None:
    _open_newer(read)
    _row(read, "一般公共预算收入", "3.1").get_by_role("link", name="更正").click()
    read.locator("#editor").get_by_role("button", name="剔除该行").click()
    expect(_row(read, "一般公共预算收入", "3.1")).to_contain_text("已剔除")
    expect(_light(read, "一般公共预算收入")).to_have_text("◌尚未报告")
    _open_newer(read)
    _row(read, "一般公共预算收入", "3.1").get_by_role("link", name="更正").click()
    read.locator("#editor").get_by_role("button", name="撤销").click()
    expect(_row(read, "一般公共预算收入", "3.1")).not_to_contain_text("已剔除")


def test_what_is_filtered_is_what_is_exported(read: Page) -> None:
    read.goto("/ledger")
    total = read.locator(".pager [role=status]")
    expect(total).to_contain_text("共 11 条")
    read.get_by_role("searchbox", name="检索词").fill("今年 生产总值")
    read.keyboard.press("Enter")
    expect(total).to_contain_text("共 4 条")
    read.locator(".facets label", has_text="地区生产总值").click()
    expect(total).to_contain_text("共 2 条")
    year = read.locator("fieldset", has=read.get_by_text("年度", exact=True)).locator("label", has_text="2024")
    expect(year.locator(".count")).to_have_text("1")
    expect(read.locator(".chip")).to_have_count(2)
    read.get_by_role("link", name="期间").click()
    expect(read.locator("th[aria-sort=ascending]")).to_contain_text("期间")
    with read.expect_download() as download:
        read.get_by_role("link", name="Excel").click()
    sheet = CalamineWorkbook.from_path(download.value.path()).get_sheet_by_index(0).to_python()
    head, *rows = sheet
    table = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(row["指标"], row["数字"], row["类别"], row["年度"]) for row in table] == [
        ("地区生产总值", 6, "目标", 2023),
        ("地区生产总值", 5.5, "目标", 2024),
    ]
    assert table[0]["数值"] == "+6 %"
    assert table[0]["文件"] == "2023年报告.txt"


def test_promises_of_a_year_are_exported_with_their_lights(read: Page) -> None:
    read.goto("/promises/2023")
    with read.expect_download() as download:
        read.get_by_role("link", name="Excel").click()
    head, *rows = CalamineWorkbook.from_path(download.value.path()).get_sheet_by_index(0).to_python()
    lights = {row[head.index("名称")]: row[head.index("判定")] for row in rows}
    assert lights == {
        "一般公共预算收入": "未兑现", "地区生产总值": "已兑现", "城镇新增就业": "已兑现",
        "云泉湖大桥": "已兑现", "北环快速路": "已兑现",
    }  # fmt: skip


def test_a_removed_document_leaves_the_ledger_and_stays_in_the_log(read: Page, tmp_path: Path) -> None:
    slip = tmp_path / "误传.txt"
    slip.write_text("误传的文件\n2023年，进出口总额增长8.8%。\n", encoding="utf-8")
    _upload(read, [slip])
    read.locator(".upload a").click()
    read.get_by_text("更多").click()
    read.locator(".menu").get_by_role("button", name="移除").click()
    read.locator("#remove").get_by_role("button", name="移除").click()
    expect(read.locator("#documents tbody tr")).to_have_count(2)
    read.goto("/ledger?q=进出口总额")
    expect(read.get_by_text("没有符合条件的条目")).to_be_visible()
    read.goto("/events")
    expect(read.locator("tr", has_text="移除文件")).to_contain_text("误传.txt")
