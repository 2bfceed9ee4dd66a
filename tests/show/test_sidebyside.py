"""Both sides of a document show the same rows at the right characters."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.core.records.document import Passage
from bihuan.core.text import TracedText
from bihuan.show.sidebyside import side_by_side


@dataclass(frozen=True)
class Row:
    id: int
    start: int
    quote: str
    family: str = "statement"
    kind: str = "result"
    review: str = "unreviewed"


RAW = "一、工業(ye)\n利潤增長(zhang)25.6%,新建(jian)泵站。\n"
FIRST = RAW.index("\n") + 1


def _document() -> tuple[TracedText, list[Passage]]:
    traced = TracedText.of(RAW)
    readings = [(RAW.index(r), RAW.index(r) + len(r)) for r in ("(ye)", "(zhang)", "(jian)")]
    traced = traced.without(readings, keep_in_quote=True)
    passages = [
        Passage(0, "heading", 1, (), 0, FIRST, "一、工業"),
        Passage(1, "body", 1, ("工業",), FIRST, len(RAW), "利潤增長25.6%,新建泵站。"),
    ]
    return traced, passages


def test_a_row_is_marked_on_both_sides() -> None:
    traced, passages = _document()
    rows = [Row(7, RAW.index("25.6%"), "25.6%"), Row(8, RAW.index("新建"), "新建(jian)泵站", "commitment")]
    heading, body = side_by_side(traced, passages, rows)
    assert "".join(piece.text for piece in body.clean) == "利潤增長25.6%,新建泵站。"
    assert {m.row: p.text for p in body.clean for m in p.marks} == {"e7": "25.6%", "e8": "新建泵站"}
    assert {m.row: p.text for p in body.raw for m in p.marks} == {"e7": "25.6%", "e8": "新建(jian)泵站"}
    assert not any(piece.marks for piece in heading.raw + heading.clean)


def test_all_of_the_raw_text_is_shown() -> None:
    traced, passages = _document()
    pairs = side_by_side(traced, passages, [])
    assert "\n".join("".join(piece.text for piece in pair.raw) for pair in pairs) + "\n" == RAW
