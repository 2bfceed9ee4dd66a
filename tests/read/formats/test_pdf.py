import pytest

from bihuan.core.errors import FormatError
from bihuan.read.formats import load

LONG = (
    "全市新建改建农村公路{n}公里，实施供水工程{n}处，完成营造林面积{n}万亩，"
    "城镇新增就业{n}人，各项民生支出只增不减，群众的获得感和满意度持续提高。"
)


def test_lines_are_joined_to_paragraphs_across_pages(make) -> None:
    paragraphs = [make.title, make.heading, *(f"第{n}年，" + LONG.format(n=100 + n) for n in range(40))]
    source = load(make.pdf(paragraphs, header="清河市人民政府公报"), "report.pdf")
    lines = source.text.splitlines()
    assert lines[0] == "清河市人民政府公报"
    assert lines[1:] == paragraphs
    assert [label for _, label in source.locators][:2] == ["page 1", "page 2"]
    second = {label: at for at, label in source.locators}["page 2"]
    assert source.text[second - 1] == "\n"


def test_a_list_is_not_joined(make) -> None:
    lines = ["（一）粮食稳产", "（二）农民增收", "1.补贴标准提高", "2.保险面扩大"]
    assert load(make.pdf(lines), "a.pdf").text.splitlines() == lines


def test_columns_of_figures_become_cells() -> None:
    from io import BytesIO

    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = BytesIO()
    canvas = Canvas(out)
    canvas.setFont("STSong-Light", 12)
    for y, row in (
        (700, ["指标", "单位", "2023年"]),
        (680, ["粮食总产量", "万吨", "52.4"]),
        (660, ["造林", "万亩", "7.5"]),
    ):
        for x, text in zip((80, 250, 400), row, strict=True):
            canvas.drawString(x, y, text)
    canvas.save()
    lines = load(out.getvalue(), "table.pdf").text.splitlines()
    assert lines == ["指标 | 单位 | 2023年", "粮食总产量 | 万吨 | 52.4", "造林 | 万亩 | 7.5"]


def test_a_scan_is_refused_as_a_scan(make) -> None:
    with pytest.raises(FormatError, match=r"scan\.pdf: the file is a scan"):
        load(make.scanned_pdf(), "scan.pdf")


def test_a_locked_file_is_refused(make) -> None:
    with pytest.raises(FormatError, match="password"):
        load(make.pdf(password="geheim"), "locked.pdf")


def test_a_truncated_file_is_refused(make) -> None:
    data = make.pdf()
    with pytest.raises(FormatError, match="cut short"):
        load(data[: len(data) // 2], "half.pdf")
