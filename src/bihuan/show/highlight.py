"""A text cut at its marked spans, so that a template can write it out piece by piece, escaped."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup, escape


class Mark(NamedTuple):
    """A span of a text that belongs to a row of the ledger."""

    row: str
    """Key of the row, `s12` for a statement, `c7` for a commitment."""
    start: int
    end: int
    """One past the last character."""
    css: str
    """Classes that tell its colour: `statement target`."""


class Piece(NamedTuple):
    """A stretch of text under the same marks."""

    text: str
    marks: tuple[Mark, ...]
    """Marks over this stretch, the widest first; empty for plain text."""
    opens: tuple[str, ...]
    """Rows whose mark begins here: where their anchor goes."""


def cut(text: str, marks: Sequence[Mark], offset: int = 0) -> list[Piece]:
    """Return `text` in pieces; joined they are the text again.

    Args:
        text: of one passage.
        marks: with offsets counted where `text` begins at `offset`; what lies outside the text is left out.
        offset: of the first character of `text`.
    """
    begin, end = offset, offset + len(text)
    inside = [mark for mark in marks if mark.end > begin and mark.start < end and mark.start < mark.end]
    if not inside:
        return [Piece(text, (), ())] if text else []
    inside.sort(key=_widest_first)
    edges = {begin, end}
    for mark in inside:
        edges.add(max(mark.start, begin))
        edges.add(min(mark.end, end))
    return [_piece(text[a - offset : b - offset], inside, a, b, offset) for a, b in pairwise(sorted(edges))]


def _widest_first(mark: Mark) -> int:
    return mark.start - mark.end


def _piece(text: str, marks: Sequence[Mark], a: int, b: int, begin: int) -> Piece:
    over = tuple([mark for mark in marks if mark.start <= a and mark.end >= b])
    return Piece(text, over, tuple([mark.row for mark in over if max(mark.start, begin) == a]))


def html(pieces: Sequence[Piece], *, anchored: bool) -> Markup:
    """Return pieces as a page shows them: marked ones lead to their row, the rest is plain text, all of it escaped.

    In Python, not in the template: a document has thousands of pieces.

    Args:
        pieces: of one passage, in order.
        anchored: whether this side of the page carries the anchors that rows jump to.
    """
    return Markup("".join(_marked(piece, anchored) if piece.marks else escape(piece.text) for piece in pieces))  # noqa: S704


def _marked(piece: Piece, anchored: bool) -> str:
    css = " ".join(mark.css for mark in piece.marks)
    rows = " ".join(mark.row for mark in piece.marks)
    anchor = f' id="{piece.opens[-1]}"' if anchored and piece.opens else ""
    attributes = f'class="mk {css}" data-mark="{rows}" href="#row-{piece.marks[-1].row}"{anchor} tabindex="-1"'
    return f"<a {attributes}>{escape(piece.text)}</a>"
