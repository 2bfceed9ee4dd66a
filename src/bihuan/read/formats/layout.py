"""Lines of type on pages -> paragraphs: what PDF and OFD have in common, for neither knows what a paragraph is.

All lengths are in the unit of the page, tops counted downwards.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from bihuan.read.formats.extraction import Piece
from bihuan.read.formats.rows import CELL

_NUMBERED = re.compile(
    r"(?:第[一二三四五六七八九十]+[章节部分条]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|\d{1,2}[.．、](?!\d))"
)
_PAGE_NUMBER = re.compile(
    r"[-—–－·~\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/\uff0f,，]?\s*共?\s*\d{1,4}\s*页?)?[-—–－·~\s]*"
)
_DIGITS = re.compile(r"\d+")
_MARGIN_LINES = 2
_WORD = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character or run of characters where it stands."""

    text: str
    left: float
    right: float
    top: float
    size: float


@dataclass(frozen=True, slots=True)
class TypeLine:
    """One line of type; `cells` has more than one part where wide gaps stand in it."""

    cells: tuple[str, ...]
    left: float
    right: float
    top: float
    size: float

    @property
    def text(self) -> str:
        """The line as it is read."""
        return " ".join(self.cells)


Page = Sequence[TypeLine]


def line_of(glyphs: Sequence[Glyph]) -> TypeLine | None:
    """Return one line made of its glyphs from left to right; None where nothing is to be read.

    A gap of more than two characters' width parts cells; a smaller one between Latin words is a space.
    """
    cells: list[str] = []
    size = max((glyph.size for glyph in glyphs), default=0.0)
    end: float | None = None
    for glyph in glyphs:
        gap = 0.0 if end is None else glyph.left - end
        if not cells or gap > 2 * size:
            cells.append(glyph.text)
        else:
            cells[-1] += (" " if gap > 0.4 * size and _WORD.match(cells[-1][-1:]) else "") + glyph.text
        end = glyph.right
    cells = [tidy for cell in cells if (tidy := " ".join(cell.split()))]
    if not cells:
        return None
    visible = [glyph for glyph in glyphs if glyph.text.strip()]
    top = min(glyph.top for glyph in visible)
    return TypeLine(tuple(cells), visible[0].left, visible[-1].right, top, size)


def paragraphs(pages: Sequence[Page]) -> Iterator[Piece]:
    """Yield paragraphs with the page each begins on: lines joined, page numbers and repeated heads and feet left out.

    A head or foot that stands on several pages is kept once, where it stands first; a page's number is its place.
    """
    cleaned = _without_furniture(pages)
    paragraph = ""
    label: str | None = None
    before: TypeLine | None = None
    for number, page in enumerate(cleaned, 1):
        edges = _edges(page)
        grid = _table_lines(page)
        for at, line in enumerate(page):
            if before is not None and at not in grid and _goes_on(before, line, edges):
                paragraph = _joined(paragraph, line.text)
            else:
                if paragraph:
                    yield paragraph, label
                paragraph, label = (CELL.join(line.cells) if at in grid else line.text), f"page {number}"
            before = None if at in grid else replace(line, right=line.right - edges[1])
    if paragraph:
        yield paragraph, label


def _edges(page: Page) -> tuple[float, float]:
    """Return the left and right edge of the page's column of text: where most of its long lines begin and end."""
    if not page:
        return 0.0, 0.0
    right = max(line.right for line in page)
    width = right - min(line.left for line in page)
    long_ = [line for line in page if line.right - line.left > 0.6 * width] or list(page)
    lefts = Counter(round(line.left, 0) for line in long_)
    most = max(lefts.values())
    left = min(edge for edge, times in lefts.items() if times * 3 >= most)
    rights = sorted(line.right for line in long_)
    return left, rights[len(rights) // 2]


def _goes_on(before: TypeLine, line: TypeLine, edges: tuple[float, float]) -> bool:
    """Tell whether a line continues the one before it, which ended `before.right` beyond its own page's right edge."""
    full = before.right > -1.6 * before.size
    indented = line.left > edges[0] + 1.2 * line.size
    same_type = 0.8 < line.size / (before.size or 1.0) < 1.25
    return full and not indented and same_type and not _NUMBERED.match(line.text)


def _joined(paragraph: str, text: str) -> str:
    latin = bool(_WORD.match(paragraph[-1:]) and _WORD.match(text[:1])) and not (
        paragraph[-1:].isdigit() and text[:1].isdigit()
    )
    return f"{paragraph} {text}" if latin else paragraph + text


def _table_lines(page: Page) -> frozenset[int]:
    """Return which lines are rows of a table: neighbours of three cells or more, and of nearly as many each."""
    found: set[int] = set()
    for at in range(len(page) - 1):
        a, b = len(page[at].cells), len(page[at + 1].cells)
        if min(a, b) >= 3 and abs(a - b) <= 1:
            found |= {at, at + 1}
    return frozenset(found)


def _without_furniture(pages: Sequence[Page]) -> list[list[TypeLine]]:
    marginal = [_marginal(page) for page in pages]
    times = Counter(key for page in marginal for key in {_key(line) for line in page})
    running = {key for key, count in times.items() if count >= 3 or (count == 2 == len(pages))}
    seen: set[str] = set()
    return [list(_kept(page, set(margin), running, seen)) for page, margin in zip(pages, marginal, strict=True)]


def _kept(page: Page, margin: set[TypeLine], running: set[str], seen: set[str]) -> Iterator[TypeLine]:
    for line in page:
        key = _key(line)
        if line in margin and _PAGE_NUMBER.fullmatch(line.text):
            continue
        if line in margin and key in running:
            if key in seen:
                continue
            seen.add(key)
        yield line


def _marginal(page: Page) -> list[TypeLine]:
    """Return the lines at the page's upper and lower edge that stand off from the text, by distance or size of type.

    Source: own; a text's first and last lines keep its pitch and size, a head or foot does not.
    """
    ordered = sorted(page, key=lambda line: line.top)
    if len(ordered) < 2:
        return ordered
    pitch = median(b.top - a.top for a, b in pairwise(ordered))
    size = median(line.size for line in ordered)
    return [*_standing_off(ordered, pitch, size), *_standing_off(ordered[::-1], pitch, size)]


def _standing_off(ordered: Sequence[TypeLine], pitch: float, size: float) -> Sequence[TypeLine]:
    """Return the first lines up to the last one, of the first few, that differs from the text in distance or size."""
    last = 0
    for at, (line, inner) in enumerate(pairwise(ordered[: _MARGIN_LINES + 1]), 1):
        if abs(inner.top - line.top) > 1.4 * pitch or abs(line.size - size) > 0.08 * size:
            last = at
    return ordered[:last]


def _key(line: TypeLine) -> str:
    return _DIGITS.sub("#", "".join(line.text.split()))
