"""Word (ISO/IEC 29500 WordprocessingML): a line a paragraph, a line a table row; automatic numbers are written out.

Read straight from the parts of the container, so that text in content controls, insertions and text boxes is there
too; deleted text, field codes and page headers are not.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bihuan.core.errors import FormatError
from bihuan.read.formats.container import Container
from bihuan.read.formats.extraction import Extraction, Piece
from bihuan.read.formats.limits import Limits
from bihuan.read.formats.numbering import Numbering, W
from bihuan.read.formats.rows import Cell, is_data_table, row_line, spread

_SILENT = {f"{W}delText", f"{W}instrText", f"{W}del", f"{W}moveFrom", f"{W}pPr", f"{W}rPr", f"{W}rt"} | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
}
_SIGNS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}softHyphen": ""}


def extract(data: bytes, name: str, limits: Limits) -> Extraction:
    """Return the text of a Word file; a place is `paragraph 7` or `table 2, row 3`.

    Raises:
        FormatError: damaged, or nothing but pictures in it.
    """
    parts = Container(data, name, limits)
    body = parts.xml("word/document.xml").find(f"{W}body")
    numbering = Numbering.of(parts)
    pieces = list(_blocks(body, numbering)) if body is not None else []
    if not any(text for text, _ in pieces):
        raise FormatError(_no_text(parts), where=name, key="read.scan" if _has_pictures(parts) else "read.empty")
    return Extraction.of_lines(pieces)


def _has_pictures(parts: Container) -> bool:
    return any(path.startswith("word/media/") for path in parts.names())


def _no_text(parts: Container) -> str:
    if _has_pictures(parts):
        return "the file is a scan: it holds pictures and no text. Run it through OCR first, or find the original."
    return "the file holds no text."


def _blocks(body: etree._Element, numbering: Numbering) -> Iterator[Piece]:
    paragraphs = tables = 0
    for block in _top_blocks(body):
        if block.tag == f"{W}p":
            paragraphs += 1
            for line in _paragraph(block, numbering):
                yield line, f"paragraph {paragraphs}"
            continue
        tables += 1
        for number, line in enumerate(_table(block, numbering), 1):
            yield line, f"table {tables}, row {number}"


def _top_blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield the paragraphs and tables of a body or cell, content controls and insertions opened."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif isinstance(child.tag, str) and child.tag not in _SILENT:
            yield from _top_blocks(child)


def _paragraph(paragraph: etree._Element, numbering: Numbering) -> Iterator[str]:
    """Yield the lines of a paragraph with its automatic number, then those of text boxes anchored in it."""
    boxes: list[etree._Element] = []
    text = "".join(_inline(paragraph, boxes))
    if text.strip():
        number = numbering.of_paragraph(paragraph)
        for line in (number + text.strip("\n")).split("\n"):
            if line.strip():
                yield line.strip()
    for box in boxes:
        for inner in _top_blocks(box):
            yield from _paragraph(inner, numbering) if inner.tag == f"{W}p" else _table(inner, numbering)


def _inline(element: etree._Element, boxes: list[etree._Element]) -> Iterator[str]:
    for child in element:
        if child.tag in _SILENT or not isinstance(child.tag, str):
            continue
        if child.tag == f"{W}t":
            yield child.text or ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag == f"{W}txbxContent":
            boxes.append(child)
        else:
            yield from _inline(child, boxes)


def _table(table: etree._Element, numbering: Numbering) -> Iterator[str]:
    """Yield a data table's rows, a line each; of a table that only lays out the page, the paragraphs of its cells."""
    rows = [[cell for cell in row.iter(f"{W}tc") if _row_of(cell) is row] for row in table.iter(f"{W}tr")]
    texts = [[" ".join(_cell_lines(cell, numbering)) for cell in row] for row in rows]
    if table.find(f".//{W}tbl") is None and is_data_table(texts):
        grid = spread(
            [[_cell(cell, text) for cell, text in zip(*row, strict=True)] for row in zip(rows, texts, strict=True)]
        )
        yield from filter(None, map(row_line, _with_merged(grid, rows)))
        return
    for row in rows:
        for cell in row:
            if next(cell.iterancestors(f"{W}tbl")) is table:
                yield from _cell_lines(cell, numbering)


def _row_of(cell: etree._Element) -> etree._Element:
    return next(cell.iterancestors(f"{W}tr"))


def _cell_lines(cell: etree._Element, numbering: Numbering) -> Iterator[str]:
    for block in _top_blocks(cell):
        yield from _paragraph(block, numbering) if block.tag == f"{W}p" else _table(block, numbering)


def _cell(cell: etree._Element, text: str) -> Cell:
    said = cell.find(f"{W}tcPr/{W}gridSpan")
    value = said.get(f"{W}val", "1") if said is not None else "1"
    return Cell(text, columns=min(int(value), 100) if value.isascii() and value.isdecimal() and len(value) < 5 else 1)


def _with_merged(grid: list[list[str]], rows: list[list[etree._Element]]) -> Iterator[list[str]]:
    """Give a cell that continues the one above its text, where that is a label."""
    above: list[str] = []
    for line, row in zip(grid, rows, strict=True):
        at = 0
        for cell in row:
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            continues = merge is not None and merge.get(f"{W}val") != "restart"
            if continues and at < len(line) and at < len(above) and not line[at]:
                line[at] = Cell(above[at]).repeated
            at += _cell(cell, "").columns
        above = line
        yield line
