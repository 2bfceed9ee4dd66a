"""A text is cut at its marks, and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bihuan.show.highlight import Mark, cut, html

spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6)


@given(st.text(max_size=30), spans, st.integers(0, 8))
def test_pieces_join_to_the_text_and_lie_wholly_in_or_out(text: str, ends: list[tuple[int, int]], offset: int) -> None:
    marks = [Mark(f"s{i}", min(a, b), max(a, b), "statement") for i, (a, b) in enumerate(ends)]
    pieces = cut(text, marks, offset)
    assert "".join(piece.text for piece in pieces) == text
    at = offset
    for piece in pieces:
        covering = {mark.row for mark in marks if mark.start <= at and at + len(piece.text) <= mark.end}
        assert {mark.row for mark in piece.marks} == covering
        at += len(piece.text)


def test_each_mark_opens_once() -> None:
    marks = [Mark("c1", 0, 9, "commitment"), Mark("s1", 3, 5, "statement")]
    pieces = cut("开工改造42个小区完", marks)
    assert [row for piece in pieces for row in piece.opens] == ["c1", "s1"]
    inner = next(piece for piece in pieces if len(piece.marks) == 2)
    assert [mark.row for mark in inner.marks] == ["c1", "s1"], "the widest first"


def test_a_mark_over_a_passage_border_is_shown_in_both() -> None:
    mark = Mark("s1", 3, 8, "statement")
    assert cut("abcde", [mark])[-1].text == "de"
    assert cut("fghij", [mark], offset=5)[0].text == "fgh"


def test_pieces_are_written_escaped_and_lead_to_their_rows() -> None:
    pieces = cut("a<b>1&2", [Mark("e7", 4, 7, "statement target")])
    assert html(pieces, anchored=True) == (
        'a&lt;b&gt;<a class="mk statement target" data-mark="e7" href="#row-e7" id="e7" tabindex="-1">1&amp;2</a>'
    )
    assert 'id="' not in html(pieces, anchored=False)
