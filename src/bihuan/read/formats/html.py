"""HTML -> lines: a line a block, a table's row in one line, scripts and hidden parts left out.

Navigation and link lists stay as lines of their own; setting them aside is the outline's work, for every format alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from bihuan.core.errors import FormatError
from bihuan.read.formats.container import damaged
from bihuan.read.formats.encoding import decode, decode_as
from bihuan.read.formats.extraction import Extraction
from bihuan.read.formats.rows import Cell, is_data_table, row_line, spread

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_-]+)", re.IGNORECASE)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SILENT = frozenset(
    {"script", "style", "noscript", "template", "head", "svg", "math", "iframe", "object", "embed", "canvas", "audio"}
    | {"video", "select", "option", "button", "textarea", "input", "datalist", "map"}
)
_BLOCK = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div"}
    | {"dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"}
    | {"hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table"}
    | {"tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_PUBLISHED = frozenset(
    {"pubdate", "publishdate", "publish_date", "article:published_time", "date.issued", "dc.date.issued"}
)
_DAY = re.compile(r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})")
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")
# White space that HTML only has because its source was wrapped: none between two characters of Chinese.
_HAN = r"\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u3000-\u303f"
_WRAP = re.compile(rf"(?<=[{_HAN}])[ \t]*[\r\n][ \t\r\n]*(?=[{_HAN}])")


def extract(data: bytes, name: str) -> Extraction:
    """Return the text of a page.

    Raises:
        FormatError: no text in it, or an encoding that cannot be told.
    """
    text, encoding = _decoded(data, name)
    root = _parsed(text, name)
    lines = list(_lines(root))
    if not lines:
        raise FormatError(
            "the page holds no text, only markup or scripts. Save the page from the browser after it has loaded.",
            where=name,
            key="read.empty",
        )
    found = Extraction.of_lines((line, None) for line in lines)
    return Extraction(found.text, encoding=encoding, published=_published(root))


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    """Decode as Unicode where the bytes are that, else as the page says of itself, else by what the bytes show."""
    if not data.startswith(_MARKS) and b"\x00" not in data:
        said = _CHARSET.search(data[:4096])
        encoding = said[1].decode("ascii").lower() if said else ""
        encoding = {"gb2312": "gb18030", "gbk": "gb18030"}.get(encoding, encoding)
        for candidate in ("utf-8", encoding):
            try:
                return decode_as(data, candidate, name), candidate
            except (FormatError, LookupError):
                continue
    return decode(data, name)


def _parsed(text: str, name: str) -> etree._Element:
    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = etree.fromstring(_DECLARATION.sub("", text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged(name, f"the page cannot be parsed ({error})") from error
    if root is None:
        raise damaged(name, "the page holds no markup and no text")
    return root


def _published(root: etree._Element) -> str | None:
    for meta in root.iter("meta"):
        key = (meta.get("name") or meta.get("property") or "").lower()
        day = _DAY.search(meta.get("content") or "") if key in _PUBLISHED else None
        if day:
            return f"{day[1]}-{int(day[2]):02d}-{int(day[3]):02d}"
    return None


def _lines(root: etree._Element) -> Iterator[str]:
    """Yield the page's lines; its <title> first where no main heading says the same."""
    if not any(_said(h) for h in root.iter("h1")):
        title = root.find(".//title")
        if title is not None and (text := _tidy(title.text or "")):
            yield text
    line: list[str] = []
    for mark in _walk(root):
        if mark is not None:
            line.append(mark)
            continue
        yield from _flush(line)
        line.clear()
    yield from _flush(line)


def _said(element: etree._Element) -> str:
    return "".join(part for part in _walk(element) if part is not None).strip()


def _flush(line: list[str]) -> Iterator[str]:
    for part in "".join(line).split("\x00"):
        if text := _tidy(part):
            yield text


def _tidy(text: str) -> str:
    return _SPACE.sub(" ", _WRAP.sub("", text)).strip(" 　")


def _walk(root: etree._Element) -> Iterator[str | None]:
    """Yield the page's text in order, None at each border of a block."""
    skip: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        if event == "start" and skip is None:
            if _is_silent(element):
                skip = element
            elif element.tag == "table" and (rows := _rows(element)) is not None:
                yield None
                for row in rows:
                    yield row
                    yield None
                skip = element
            else:
                yield from _opening(element)
        elif event == "end":
            if skip is None and element.tag in _BLOCK:
                yield None
            if skip is element:
                skip = None
            if skip is None and element.tail:
                yield element.tail


def _opening(element: etree._Element) -> Iterator[str | None]:
    if element.tag in _BLOCK or element.tag == "br":
        yield None
    if element.text:
        # Lines of <pre> are its own; \x00 stands for a newline that is no mere wrapping.
        yield element.text.replace("\n", "\x00") if element.tag == "pre" else element.text


def _is_silent(element: etree._Element) -> bool:
    return (
        element.tag in _SILENT or element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))
    )


def _rows(table: etree._Element) -> list[str] | None:
    """Return a data table's rows, a line each; None for a table that only lays out the page."""
    if table.find(".//table") is not None:
        return None
    rows = [[_cell(cell) for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    if not is_data_table([[cell.text for cell in row] for row in rows]):
        return None
    caption = table.find("caption")
    head = [_tidy(_said(caption))] if caption is not None else []
    return [line for line in head + [row_line(row) for row in spread(rows)] if line]


def _cell(cell: etree._Element) -> Cell:
    text = "".join(" " if part is None else part for part in _walk(cell)).replace("\x00", " ")
    return Cell(_tidy(text), columns=_span(cell, "colspan"), rows=_span(cell, "rowspan"))


def _span(cell: etree._Element, name: str) -> int:
    said = cell.get(name) or "1"
    return max(1, min(int(said), 100)) if said.isascii() and said.isdecimal() and len(said) < 5 else 1
