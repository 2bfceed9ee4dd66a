"""OFD, the fixed-layout format of Chinese public offices. Source: GB/T 33190-2016, 7 (document), 11 (text)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lxml import etree

from bihuan.core.errors import FormatError
from bihuan.read.formats.container import Container, damaged, scan
from bihuan.read.formats.extraction import Extraction
from bihuan.read.formats.layout import Glyph, TypeLine, line_of, paragraphs
from bihuan.read.formats.limits import Limits


def extract(data: bytes, name: str, limits: Limits) -> Extraction:
    """Return the text of an OFD, its lines joined to paragraphs; a place is `page 3`.

    Raises:
        FormatError: damaged, encrypted, too long, or a scan.
    """
    parts = Container(data, name, limits)
    paths = list(_page_paths(parts, name))
    if len(paths) > limits.max_pages:
        message = f"the file has {len(paths):,} pages, more than {limits.max_pages:,}. Split it."
        raise FormatError(message, where=name, key="read.too-large")
    pages: list[list[TypeLine]] = []
    pictures = 0
    for path in paths:
        root = parts.xml(path)
        pages.append(list(_lines(root)))
        pictures += not pages[-1] and next(_named(root, "ImageObject"), None) is not None
    if not any(pages):
        raise scan(name) if pictures else FormatError("the file holds no text.", where=name, key="read.empty")
    return Extraction.of_lines(paragraphs(pages))


def _named(root: etree._Element, tag: str) -> Iterator[etree._Element]:
    return root.iter(f"{{*}}{tag}")


def _page_paths(parts: Container, name: str) -> Iterator[str]:
    """Yield the pages' content files of all documents in the container, in order."""
    for root in _named(parts.xml("OFD.xml"), "DocRoot"):
        path = (root.text or "").strip().lstrip("/")
        document = parts.xml(path)
        for page in _named(document, "Page"):
            location = page.get("BaseLoc", "")
            if not location:
                raise damaged(name, "a page of the OFD names no content")
            yield _beside(path, location)


def _beside(path: str, location: str) -> str:
    """Return a location relative to the file that names it; one that begins with / counts from the root."""
    if location.startswith("/"):
        return location.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), location))


def _lines(page: etree._Element) -> Iterator[TypeLine]:
    """Yield the page's lines from top to bottom, each put together from the pieces that share a base line."""
    pieces = [piece for text in _named(page, "TextObject") for piece in _pieces(text)]
    pieces.sort(key=lambda glyph: (glyph.top, glyph.left))
    row: list[Glyph] = []
    for piece in pieces:
        if row and piece.top - row[0].top > 0.5 * min(piece.size, row[0].size):
            yield from _line(row)
            row = []
        row.append(piece)
    yield from _line(row)


def _line(row: list[Glyph]) -> Iterator[TypeLine]:
    line = line_of(sorted(row, key=lambda glyph: glyph.left))
    if line is not None:
        yield line


def _pieces(text: etree._Element) -> Iterator[Glyph]:
    """Yield the runs of one text object at their places on the page [mm]."""
    left, top, width, _ = ([*_numbers(text.get("Boundary", "")), 0.0, 0.0, 0.0, 0.0])[:4]
    scale_x, scale_y, shift_x, shift_y = _matrix(_numbers(text.get("CTM", "")))
    size = next(iter(_numbers(text.get("Size", ""))), 4.0)
    x = y = 0.0
    for code in _named(text, "TextCode"):
        x = next(iter(_numbers(code.get("X", ""))), x)
        y = next(iter(_numbers(code.get("Y", ""))), y)
        said = "".join(str(part) for part in code.itertext()).strip("\r\n")
        if said.strip():
            start = left + x * scale_x + shift_x
            reach = _reach(said, _deltas(code.get("DeltaX", "")), size) * scale_x
            end = max(start + reach, start) if reach else left + width
            yield Glyph(said, start, end, top + y * scale_y + shift_y, size * scale_y)


def _reach(said: str, deltas: list[float], size: float) -> float:
    """Return how far a run goes: the steps between its characters and the width of the last."""
    last = size if said[-1] > "\x7f" else size / 2
    return sum(deltas[: len(said) - 1]) + last if deltas else sum(size if c > "\x7f" else size / 2 for c in said)


def _matrix(ctm: list[float]) -> tuple[float, float, float, float]:
    """Return scale and shift of a transformation; turned text keeps its size only."""
    if len(ctm) != 6:
        return 1.0, 1.0, 0.0, 0.0
    a, b, c, d, e, f = ctm
    return abs(a) or abs(b) or 1.0, abs(d) or abs(c) or 1.0, e, f


def _deltas(text: str) -> list[float]:
    """Return the steps of a run; `g 5 3.2` stands for five steps of 3.2."""
    words = text.split()
    steps: list[float] = []
    while words:
        word = words.pop(0)
        if word == "g" and len(words) >= 2:
            times, step = _numbers(f"{words.pop(0)} {words.pop(0)}") or (0.0, 0.0)
            steps += [step] * min(int(times), 10_000)
        else:
            steps += _numbers(word)
    return steps


def _numbers(text: str) -> list[float]:
    numbers = []
    for word in text.replace(",", " ").split():
        try:
            number = float(word)
        except ValueError:
            return []
        numbers.append(number if abs(number) < 1e6 else 0.0)
    return numbers
