from datetime import date
from io import BytesIO

import pytest
import xlsxwriter

from bihuan.core.errors import FormatError
from bihuan.read.formats import load

ROWS = [["指标", "单位", "2022年", "2023年"], ["粮食总产量", "万吨", 50.8, 52.4], ["幼儿园", "所", 140, 152]]
LINES = ["指标 | 单位 | 2022年 | 2023年", "粮食总产量 | 万吨 | 50.8 | 52.4", "幼儿园 | 所 | 140 | 152"]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_rows_become_lines_with_a_place_for_every_cell(make, kind: str) -> None:
    data = make.xlsx(ROWS, "农业") if kind == "xlsx" else make.xls(ROWS, "农业")
    source = load(data, f"table.{kind}")
    assert source.text.splitlines() == [*LINES, ""]
    at = source.text.index("52.4")
    assert dict(source.locators)[at] == "农业!D2"


def sheet(fill) -> list[str]:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        fill(book, book.add_worksheet())
    return load(out.getvalue(), "a.xlsx").text.rstrip().splitlines()


def test_percent_and_dates_are_written_as_shown() -> None:
    def fill(book, page) -> None:
        page.write(0, 0, 0.056, book.add_format({"num_format": "0.0%"}))
        page.write(0, 1, date(2023, 2, 1), book.add_format({"num_format": 'yyyy"年"m"月"'}))
        page.write(0, 2, 0.1 + 0.2)
        page.write(0, 3, 12300000000)

    assert sheet(fill) == ["5.6% | 2023-02-01 | 0.3 | 12300000000"]


def test_merged_headers_stand_over_each_of_their_columns() -> None:
    def fill(book, page) -> None:
        page.merge_range("A1:C1", "主要指标")
        page.merge_range("A2:A3", "指标")
        page.merge_range("B2:C2", "2023年")
        page.write_row("B3", ["绝对量", "增长"])
        page.write_row("A4", ["粮食", 52.4, 3.1])

    assert sheet(fill) == ["主要指标", "指标 | 2023年 | 2023年", "指标 | 绝对量 | 增长", "粮食 | 52.4 | 3.1"]


def test_empty_columns_go_and_empty_cells_stay() -> None:
    def fill(book, page) -> None:
        page.write_row("C1", ["指标", "单位", "数值"])
        page.write("C2", "粮食")
        page.write("E2", 52.4)

    assert sheet(fill) == ["指标 | 单位 | 数值", "粮食 |  | 52.4"]


def test_two_cells_at_the_ends_of_a_sheet_cost_nothing() -> None:
    def fill(book, page) -> None:
        page.write("A1", "左上")
        page.write("XFD1048576", "右下")

    assert sheet(fill) == ["左上", " | 右下"]


def test_an_empty_workbook_is_refused(make) -> None:
    with pytest.raises(FormatError, match="no filled cell"):
        load(make.xlsx([]), "empty.xlsx")


def test_a_damaged_old_workbook_is_refused(make) -> None:
    with pytest.raises(FormatError, match="cut short or damaged"):
        load(make.ole({"Workbook": b"\x09\x08\xff\xff" + b"\xaa" * 5000}), "broken.xls")
