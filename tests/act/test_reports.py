"""Scorecards, bulletins and orders, Excel in and out."""

import io
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from docx import Document
from docx.shared import Pt
from python_calamine import CalamineWorkbook
from tests.act.conftest import CHIEF, CITIZEN, CLERK, HOTLINE, HOUSING, Office, at

from bihuan.act import sheets, sheets_out, timers
from bihuan.act.bulletin import bulletin, order
from bihuan.act.command import Command, Opening
from bihuan.act.official import to_docx, to_html
from bihuan.act.scorecard import Card, Formula, cards, months, read_formula, seal
from bihuan.core.errors import BihuanError, InputError, PackError
from bihuan.core.records.case import Case
from bihuan.core.records.principal import Principal
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_lists import everything
from bihuan.store.packs import default_pack

FORMULA = read_formula(default_pack().folder)
SPAN = (date(2026, 3, 1), date(2026, 3, 31))


def one_late_one_good(office: Office) -> Case:
    """One matter reported in time and one late; a hotline request closed in two days and rated 4."""
    good, bad = office.matter(), office.matter()
    office.act(CLERK, good.number, Command("report", 1, note="已部署"), "2026-03-03T09:00")
    timers.tick(office.store, office.engine, at("2026-03-04T09:00"))
    office.act(CLERK, bad.number, Command("report", 3, note="补报"), "2026-03-04T10:00")
    values = {"title": "暖气不热", "description": "不热", "topic": "heating"}
    asked = office.open(CITIZEN, Opening("hotline", values)).case
    office.act(HOTLINE, asked.number, Command("dispatch", 1), "2026-03-02T09:30")
    office.act(HOUSING, asked.number, Command("contact", 2, note="已联系"), "2026-03-02T10:30")
    office.act(HOUSING, asked.number, Command("apply", 3, values={"reply": "已修"}), "2026-03-03T10:00")
    office.act(HOTLINE, asked.number, Command("close", 4, values={"verified": "solved"}), "2026-03-04T09:00")
    office.act(CITIZEN, asked.number, Command("rate", 5, rating=4), "2026-03-05T09:00")
    return bad


def test_a_card_counts_what_happened_and_explains_its_score(office: Office) -> None:
    one_late_one_good(office)
    with office.store.connection() as connection:
        made = {card.unit: card for card in cards(connection, FORMULA, *SPAN)}
    ecology, housing = made["ecology"], made["housing"]
    assert (ecology.counts.on_time, ecology.counts.late, ecology.counts.red) == (1, 1, 1)
    assert (ecology.on_time_rate, ecology.average_days) == (0.5, None)
    assert (ecology.score, dict(ecology.because)) == (97, {"late": -1, "red": -2})
    assert (housing.counts.closed, housing.average_days, housing.satisfaction) == (1, 2.0, 4.0)


def sealed_days(office: Office) -> list[date]:
    with office.store.connection() as connection:
        return [day for (day,) in connection.execute("select day from act_score_sealed order by day")]


def test_cards_out_of_sealed_days_are_those_out_of_events(office: Office) -> None:
    one_late_one_good(office)
    spans = [SPAN, (date(2026, 3, 2), date(2026, 3, 3)), (date(2026, 3, 3), date(2026, 3, 3)), (SPAN[1], SPAN[1])]

    def made() -> list[list[Card]]:
        with office.store.connection() as connection:
            return [cards(connection, FORMULA, *span, by_type=True) for span in spans]

    before = made()
    assert seal(office.store, at("2026-03-03T23:00")) == 0
    assert seal(office.store, at("2026-03-05T23:00")) == 2  # the day before is left to the events
    assert sealed_days(office) == [date(2026, 3, 2), date(2026, 3, 3)]
    assert made() == before
    assert seal(office.store, at("2026-03-30T09:00")) == 25
    assert made() == before
    with office.store.connection() as connection:
        connection.execute("delete from act_score_day where day > '2026-03-02'")
    assert made() != before


def test_an_event_dated_back_opens_sealed_days_again(office: Office) -> None:
    one_late_one_good(office)
    seal(office.store, at("2026-03-30T09:00"))
    office.matter("2026-03-04T11:00")
    assert sealed_days(office)[-1] == date(2026, 3, 3)
    with office.store.connection() as connection:
        opened = {card.unit: card.counts.opened for card in cards(connection, FORMULA, *SPAN)}
    assert opened["ecology"] == 3
    seal(office.store, at("2026-03-30T09:00"))
    with office.store.connection() as connection:
        assert {card.unit: card.counts.opened for card in cards(connection, FORMULA, *SPAN)} == opened


def test_a_card_of_a_past_day_stays_what_it_was(office: Office) -> None:
    bad = one_late_one_good(office)
    past = (date(2026, 3, 1), date(2026, 3, 3))
    with office.store.connection() as connection:
        before = cards(connection, FORMULA, *past)
    office.act(CLERK, bad.number, Command("report", 4, note="第三日"), "2026-03-05T10:00")
    timers.tick(office.store, office.engine, at("2026-03-30T09:00"))
    with office.store.connection() as connection:
        assert cards(connection, FORMULA, *past) == before
        assert cards(connection, FORMULA, *SPAN) != before
        with pytest.raises(InputError):
            cards(connection, FORMULA, SPAN[1], SPAN[0])


def test_a_formula_names_measures_only(tmp_path: Path) -> None:
    assert read_formula(tmp_path) == Formula()
    (tmp_path / "scores.yaml").write_text("points: {smiles: 3}", encoding="utf-8")
    with pytest.raises(PackError, match="'smiles' is no measure"):
        read_formula(tmp_path)
    (tmp_path / "scores.yaml").write_text("points: {late: many}", encoding="utf-8")
    with pytest.raises(PackError, match="is no formula"):
        read_formula(tmp_path)


def test_a_trend_is_of_whole_months() -> None:
    assert months(date(2026, 2, 10), 3) == [
        (date(2025, 12, 1), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
    ]


def test_the_bulletin_is_laid_out_as_the_standard_asks(office: Office) -> None:
    bad = one_late_one_good(office)
    with office.store.connection() as connection:
        paper = bulletin(
            connection,
            office.engine,
            FORMULA,
            "government-office",
            date(2026, 3, 2),
            date(2026, 3, 8),
            at("2026-03-06T09:00"),
        )
    document = Document(io.BytesIO(to_docx(paper)))
    section = document.sections[0]
    edges = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert [round(edge.mm) for edge in edges if edge] == [210, 297, 37, 28]
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0] == "市政府办公室"
    assert "督查通报（2026年3月2日至3月8日）" in texts
    body = next(paragraph for paragraph in document.paragraphs if "本期新立3件，办结1件" in paragraph.text)
    assert (body.runs[0].font.size, body.paragraph_format.line_spacing) == (Pt(16), Pt(28))
    assert "仿宋" in str(body.runs[0].font.name)
    late = document.tables[0]
    assert bad.number in [row.cells[0].text for row in late.rows]
    page = to_html(paper)
    assert "2026年3月8日" in page
    assert f"<td>{bad.number}</td>" in page
    assert "<script" not in page


def test_an_order_writes_money_shares_and_choices_as_papers_do(office: Office) -> None:
    values = {"title": "储能电站", "total_yuan": 620_000_000, "planned": 52.5}
    project = Principal("account:9", "项目办", "development-reform", frozenset({"supervisor"}))
    case = office.open(project, Opening("project", values, lead="energy")).case
    page = to_html(order(office.engine, case, "督办单", date(2026, 3, 2)))
    for written in ("6.2亿元", "52.5%", "市能源局"):
        assert written in page


def test_an_order_says_what_is_asked_and_nothing_personal(office: Office) -> None:
    values = {"title": "暖气不热", "description": "电话13800138000", "topic": "heating", "phone": "13800138000"}
    case = office.open(CITIZEN, Opening("hotline", values)).case
    page = to_html(order(office.engine, case, "交办单", date(2026, 3, 2)))
    assert "暖气不热" in page
    assert "<td>供热</td>" in page
    assert "13800138000" not in page


def book(rows: list[list[object]], **more: object) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as made:
        sheet = made.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(number, column, cell)
        if more.get("merged"):
            sheet.merge_range("A1:B1", "事项")
        made.add_format()
    return buffer.getvalue()


HEAD: list[object] = ["事项", "工作要求", "牵头单位", "配合单位", "类别", "收到时间"]
FINE: list[object] = ["甲", "整治", "市生态环境局", "市水利局、市住建局", "一般事项", "2026-03-01"]


def look(office: Office, content: bytes) -> sheets.Preview:
    with office.store.connection() as connection:
        return sheets.preview(connection, content, office.engine, "13710", CHIEF, at("2026-03-02T09:00"))


def test_rows_are_opened_all_or_none(office: Office) -> None:
    checked = look(
        office, book([HEAD, FINE, [], ["乙", "整治", "能源局", "", "", ""], ["丙", "整治", "市能源局", "", "难", ""]])
    )
    assert [fault.row for fault in checked.faults] == [4, 5]
    with pytest.raises(InputError, match="nothing was opened"), office.store.connection() as connection:
        sheets.take(connection, office.engine, CHIEF, checked, at("2026-03-02T09:00"))
    checked = look(office, book([HEAD, FINE, ["乙", "整治", "市能源局", "", "", ""]]))
    assert checked.faults == ()
    with office.store.connection() as connection:
        opened = sheets.take(connection, office.engine, CHIEF, checked, at("2026-03-02T09:00"))
    assert [each.case.lead for each in opened] == ["ecology", "energy"]
    assert opened[0].case.supports == ("water", "housing")
    assert opened[0].case.received_at == at("2026-03-01T00:00")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (book([HEAD, ["=1+1", *FINE[1:]]]), "holds a formula"),
        (book([HEAD, FINE], merged=True), "merged cells"),
        (book([["事项", "事由"], ["甲", "乙"]]), "column 2 is headed '事由'"),
        (book([["事项", "事项"], ["甲", "乙"]]), "two columns"),
        (book([HEAD]), "no rows"),
        (b"PK\x03\x04", "no Excel file"),
        (b"a,b\n1,2", "no Excel file"),
    ],
)
def test_a_file_that_misleads_is_refused(office: Office, content: bytes, message: str) -> None:
    with pytest.raises(BihuanError, match=message):
        look(office, content)


def test_the_list_goes_out_as_text_only(office: Office) -> None:
    office.matter(title="=HYPERLINK(1)")
    with office.store.connection() as connection:
        content = sheets_out.workbook(office.engine, everything(connection, CaseFilter()))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1][2] == "=HYPERLINK(1)"
    assert (rows[1][4], rows[1][5]) == ("绿灯", "市生态环境局")
    sheets._refuse_what_misleads(content)
