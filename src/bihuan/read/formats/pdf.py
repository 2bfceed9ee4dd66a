"""PDF with a text layer, by PDFium."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from bihuan.core.errors import FormatError
from bihuan.read.formats.container import damaged, locked, scan
from bihuan.read.formats.extraction import Extraction
from bihuan.read.formats.layout import Glyph, TypeLine, line_of, paragraphs
from bihuan.read.formats.limits import Limits

_LEAST_CHARS = 10
"""A page with fewer visible characters and a picture on it is a scanned page (a stamp or number may be type)."""
_UNREADABLE = re.compile(r"[\x00\ufffd\ue000-\uf8ff]")


def extract(data: bytes, name: str, limits: Limits) -> Extraction:
    """Return the text of a PDF, its lines joined to paragraphs; a place is `page 3`.

    Raises:
        FormatError: damaged, locked, too long, a scan, or a text layer that names no characters.
    """
    document = _opened(data, name)
    try:
        count = len(document)
        if count > limits.max_pages:
            raise FormatError(
                f"the file has {count:,} pages, more than {limits.max_pages:,}. Split it.",
                where=name,
                key="read.too-large",
            )
        pages, scanned = _pages(document, name)
    finally:
        document.close()
    if scanned * 2 > count or not any(pages):
        raise scan(name)
    found = Extraction.of_lines(paragraphs(pages))
    if len(_UNREADABLE.findall(found.text)) * 5 > len(found.text):
        raise FormatError(
            "the text layer names no characters (its fonts carry no Unicode map). Treat the file as a scan: run it "
            "through OCR, or find the original.",
            where=name,
            key="read.scan",
        )
    return found


def _opened(data: bytes, name: str) -> pypdfium2.PdfDocument:
    if b"%%EOF" not in data[-4096:]:
        raise damaged(name, "the PDF is cut short: its end mark is missing")
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD or "assword" in str(error):
            raise locked(name) from error
        raise damaged(name, "the PDF is damaged and cannot be opened") from error


def _pages(document: pypdfium2.PdfDocument, name: str) -> tuple[list[list[TypeLine]], int]:
    """Return the lines of all pages, and how many of the pages are pictures without text."""
    pages: list[list[TypeLine]] = []
    scanned = 0
    for index in range(len(document)):
        try:
            page = document[index]
        except pypdfium2.PdfiumError as error:
            raise damaged(name, f"page {index + 1} of the PDF cannot be read") from error
        lines = list(_lines(page))
        chars = sum(len(line.text) for line in lines)
        scanned += chars < _LEAST_CHARS and _has_picture(page)
        pages.append(lines)
        page.close()
    return pages, scanned


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=4))


def _lines(page: pypdfium2.PdfPage) -> Iterator[TypeLine]:
    glyphs: list[Glyph] = []
    for glyph in _glyphs(page):
        if glyph is not None:
            glyphs.append(glyph)
            continue
        if line := line_of(glyphs):
            yield line
        glyphs = []
    if line := line_of(glyphs):
        yield line


def _glyphs(page: pypdfium2.PdfPage) -> Iterator[Glyph | None]:
    """Yield the page's characters in order, None at each end of a line."""
    height = page.get_height()
    text = page.get_textpage()
    raw = text.raw
    box = pdfium.FS_RECTF()
    try:
        for index in range(text.count_chars()):
            code = pdfium.FPDFText_GetUnicode(raw, index)
            if code in (10, 13):
                yield None
                continue
            if code < 32 or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF):
                continue  # control characters, halves of pairs, and the mark of a hyphen that only parts a line
            if pdfium.FPDFText_IsGenerated(raw, index) == 1:
                continue  # a space that PDFium guesses; gaps are measured here
            if pdfium.FPDFText_GetLooseCharBox(raw, index, box):
                yield Glyph(chr(code), box.left, box.right, height - box.top, abs(box.top - box.bottom))
    finally:
        text.close()
