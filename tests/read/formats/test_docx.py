import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from bihuan.core.errors import FormatError
from bihuan.read.formats import load


def test_paragraphs_and_rows_become_lines_with_their_places(make) -> None:
    rows = [["指标", "单位", "2023年"], ["粮食总产量", "万吨", "52.4"]]
    source = load(make.docx(rows=rows), "report.docx")
    assert source.text.splitlines() == [*make.lines, "指标 | 单位 | 2023年", "粮食总产量 | 万吨 | 52.4"]
    places = {label: source.text[at:].split("\n", 1)[0] for at, label in source.locators}
    assert places["paragraph 3"] == make.first
    assert places["table 1, row 2"] == "粮食总产量 | 万吨 | 52.4"


def test_merged_cells_repeat_their_label(make) -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    for at, texts in enumerate([["指标", "2023年", ""], ["", "绝对量", "增长%"], ["粮食", "52.4", "3.1"]]):
        for column, text in enumerate(texts):
            table.cell(at, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    lines = load(make.saved(document), "a.docx").text.splitlines()
    assert lines == ["指标 | 2023年 | 2023年", "指标 | 绝对量 | 增长%", "粮食 | 52.4 | 3.1"]


def test_a_layout_table_gives_its_paragraphs(make) -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = make.heading
    cell.add_paragraph(make.first)
    assert load(make.saved(document), "a.docx").text.splitlines() == [make.heading, make.first]


def test_automatic_numbers_are_written_out(make) -> None:
    document = docx.Document()
    for text in ("甲项", "乙项"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("丙项", style="List Bullet")
    numbering = document.part.numbering_part.element
    for level in numbering.iter(qn("w:lvl")):
        level.find(qn("w:numFmt")).set(qn("w:val"), "chineseCountingThousand")
        level.find(qn("w:lvlText")).set(qn("w:val"), "（%1）")
    assert load(make.saved(document), "a.docx").text.splitlines()[:2] == ["（一）甲项", "（二）乙项"]


def test_deleted_text_is_gone_and_inserted_text_is_there(make) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("总产量")
    for tag, inner, text in (("w:ins", "w:t", "52.4"), ("w:del", "w:delText", "48.0")):
        change, run, content = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(inner)
        content.text = text
        run.append(content)
        change.append(run)
        paragraph._p.append(change)
    assert load(make.saved(document), "a.docx").text == "总产量52.4\n"


def test_pictures_alone_are_a_scan(make) -> None:
    from io import BytesIO

    from PIL import Image

    picture = BytesIO()
    Image.new("L", (8, 8)).save(picture, "PNG")
    document = docx.Document()
    document.add_picture(BytesIO(picture.getvalue()))
    with pytest.raises(FormatError, match="is a scan"):
        load(make.saved(document), "scan.docx")
