"""Official documents as Word in the layout of GB/T 9704-2012 and as HTML: one content, two forms.

A4, text 156 mm × 225 mm with 37 mm above and 28 mm at the left; title in 小标宋 size 2, body in 仿宋 size 3 (16 pt) at
28 pt a line, first headings in 黑体, the issuing office in red above a red line, page numbers in size 4 between dashes.
Fonts are named, not embedded; where a machine lacks them, Word takes its own.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

TITLE, BODY, HEADING = "方正小标宋简体", "仿宋_GB2312", "黑体"
RED = RGBColor(0xE6, 0x00, 0x12)


@dataclass(frozen=True, slots=True)
class Paper:
    """The content of an official document."""

    office: str
    """Issuing office, in red at the head（发文机关标志）."""
    title: str
    to: str
    """Whom it is sent to（主送机关）; empty for a circular."""
    blocks: Sequence[Block]
    day: date
    number: str = ""
    """Of the document（发文字号）."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, or a table."""

    heading: str = ""
    text: str = ""
    rows: Sequence[Sequence[str]] = field(default=())
    """The first row is the head."""


def to_html(paper: Paper) -> str:
    """Return a whole page that prints like the Word file; every text is escaped."""
    parts = [f"<p class=office>{escape(paper.office)}</p>", f"<p class=number>{escape(paper.number)}</p><hr>"]
    parts.append(f"<h1>{escape(paper.title)}</h1>")
    if paper.to:
        parts.append(f"<p class=to>{escape(paper.to)}：</p>")
    parts += [_block_html(block) for block in paper.blocks]
    parts.append(f"<p class=sign>{escape(paper.office)}<br>{_chinese_day(paper.day)}</p>")
    body = "\n".join(parts)
    return f'<!doctype html>\n<html lang="zh-CN"><meta charset="utf-8"><title>{escape(paper.title)}</title>\n<style>{STYLE}</style>\n{body}\n</html>\n'


STYLE = (
    "@page{size:A4;margin:37mm 26mm 35mm 28mm}body{font:16pt/28pt 仿宋,FangSong,serif;max-width:156mm;margin:2em auto}"
    "h1{font:22pt/32pt 宋体,SimSun,serif;text-align:center}h2{font:16pt/28pt 黑体,SimHei,sans-serif}"
    ".office{color:#e60012;font-size:28pt;text-align:center;margin:1em 0 0}.number{text-align:center;margin:.5em 0}"
    "hr{border:0;border-top:2px solid #e60012}p{text-indent:2em;margin:0}.office,.number,.to,.sign{text-indent:0}"
    ".sign{text-align:right;margin-top:2em}table{border-collapse:collapse;width:100%;font-size:12pt;line-height:18pt}"
    "td,th{border:1px solid #000;padding:2px 6px;text-align:left}"
)
"""The style sheet that the page carries; a server names its digest in the Content-Security-Policy."""


def _block_html(block: Block) -> str:
    parts = [f"<h2>{escape(block.heading)}</h2>"] if block.heading else []
    parts += [f"<p>{escape(line)}</p>" for line in block.text.splitlines()]
    for number, row in enumerate(block.rows):
        cell = "td" if number else "th"
        cells = "".join(f"<{cell}>{escape(text)}</{cell}>" for text in row)
        parts.append(("" if number else "<table>") + f"<tr>{cells}</tr>")
    return "\n".join(parts) + ("</table>" if block.rows else "")


def to_docx(paper: Paper) -> bytes:
    """Return the Word file."""
    document = Document()
    _lay_out(document)
    _line(document, paper.office, TITLE, 28, WD_ALIGN_PARAGRAPH.CENTER, color=RED)
    _red_rule(_line(document, paper.number, BODY, 16, WD_ALIGN_PARAGRAPH.CENTER))
    _line(document, paper.title, TITLE, 22, WD_ALIGN_PARAGRAPH.CENTER, spacing=32)
    if paper.to:
        _line(document, f"{paper.to}：", BODY, 16)
    for block in paper.blocks:
        _block_docx(document, block)
    for text in (paper.office, _chinese_day(paper.day)):
        _line(document, text, BODY, 16, WD_ALIGN_PARAGRAPH.RIGHT)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _lay_out(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("text", "— "), ("begin", ""), ("code", " PAGE "), ("end", ""), ("text", " —")):
        run = footer.add_run(text if kind == "text" else "")
        run.font.size = Pt(14)
        if kind in ("begin", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif kind == "code":
            code = OxmlElement("w:instrText")
            code.text = text
            run._r.append(code)


def _line(
    document: Any,
    text: str,
    font: str,
    size: float,
    align: Any = WD_ALIGN_PARAGRAPH.JUSTIFY,
    *,
    indent: bool = False,
    spacing: float = 28,
    color: RGBColor | None = None,
) -> Any:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(max(spacing, size + 4))
    form.first_line_indent = Pt(2 * size) if indent else None
    _write(paragraph, text, font, size, color)
    return paragraph


def _write(paragraph: Any, text: str, font: str, size: float, color: RGBColor | None = None) -> None:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    if color is not None:
        run.font.color.rgb = color


def _red_rule(paragraph: Any) -> None:
    borders = OxmlElement("w:pBdr")
    rule = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", "E60012")):
        rule.set(qn(f"w:{name}"), value)
    borders.append(rule)
    paragraph._p.get_or_add_pPr().append(borders)


def _block_docx(document: Any, block: Block) -> None:
    if block.heading:
        _line(document, block.heading, HEADING, 16, indent=True)
    for line in block.text.splitlines():
        _line(document, line, BODY, 16, indent=True)
    if not block.rows:
        return
    table = document.add_table(rows=0, cols=len(block.rows[0]))
    table.style = "Table Grid"
    for number, row in enumerate(block.rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            _write(cell.paragraphs[0], text, HEADING if number == 0 else BODY, 12)


def _chinese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
