"""A document as it came and as it was restored, passage beside passage, its rows marked on both sides."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bihuan.core.records.document import Passage
from bihuan.core.text import TracedText
from bihuan.show.highlight import Mark, Piece, cut


class Quoted(Protocol):
    """What a mark is made from: a row of the ledger."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def family(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def review(self) -> str: ...  # noqa: D102
    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def quote(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Pair:
    """One passage on both sides."""

    index: int
    role: str
    level: int
    text: str
    """Restored, for the outline."""
    locator: str | None
    raw: list[Piece]
    clean: list[Piece]


def side_by_side(traced: TracedText, passages: Sequence[Passage], rows: Iterable[Quoted]) -> list[Pair]:
    """Return the passages with their text cut at the rows' quotes, on the raw and on the restored side."""
    raw_marks = _Marks([_mark(row) for row in rows])
    clean_marks = _Marks([_moved(mark, traced) for mark in raw_marks.marks])
    return [_pair(traced, passage, raw_marks, clean_marks) for passage in passages]


def _mark(row: Quoted) -> Mark:
    return Mark(f"e{row.id}", row.start, row.start + len(row.quote), f"{row.family} {row.kind} {row.review}")


def _moved(mark: Mark, traced: TracedText) -> Mark:
    start, end = bisect_left(traced.starts, mark.start), bisect_left(traced.starts, mark.end)
    return Mark(mark.row, start, end, mark.css)


class _Marks:
    """Marks that can be asked which of them touch a stretch of the text."""

    def __init__(self, marks: list[Mark]) -> None:
        self.marks = sorted(marks, key=lambda mark: mark.start)
        self._starts = [mark.start for mark in self.marks]
        self._longest = max((mark.end - mark.start for mark in marks), default=0)

    def near(self, start: int, end: int) -> list[Mark]:
        """Return the marks that may touch `start` to `end`."""
        return self.marks[bisect_left(self._starts, start - self._longest) : bisect_left(self._starts, end)]


def _pair(traced: TracedText, passage: Passage, raw_marks: _Marks, clean_marks: _Marks) -> Pair:
    a, b = bisect_left(traced.starts, passage.start), bisect_left(traced.starts, passage.end)
    return Pair(
        index=passage.index,
        role=passage.role,
        level=passage.level,
        text=passage.text.strip(),
        locator=passage.locator,
        raw=cut(
            _line(traced.raw[passage.start : passage.end]), raw_marks.near(passage.start, passage.end), passage.start
        ),
        clean=cut(_line(traced.text[a:b]), clean_marks.near(a, b), a),
    )


def _line(text: str) -> str:
    """Return a passage without the line break that ends it."""
    return text.rstrip("\r\n")
