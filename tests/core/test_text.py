import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.text import TracedText

RAW = "推動(dòng)產(chǎn)業(yè)發(fā)展"


def spans(length: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Ascending spans that do not overlap, some of them empty."""
    return (
        st.lists(st.integers(0, length), max_size=8)
        .map(sorted)
        .map(lambda cuts: list(zip(cuts[::2], cuts[1::2], strict=False)))
    )


@st.composite
def transformed(draw: st.DrawFn) -> TracedText:
    """A text after a few steps of any kind."""
    text = TracedText.of(draw(st.text(max_size=40)))
    for _ in range(draw(st.integers(0, 4))):
        step = draw(st.sampled_from(["without", "readings", "replaced", "part"]))
        if step == "replaced":
            text = text.replaced("".join(chr(0x4E00 + ord(c) % 100) for c in text.text))
        elif step == "part":
            a, b = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
            text = text.part(a, b)
        else:
            text = text.without(draw(spans(len(text))), keep_in_quote=step == "readings")
    return text


def test_a_reading_stays_in_the_quote_of_its_character() -> None:
    readings = [(2, 8), (9, 15), (16, 20), (21, 25)]
    clean = TracedText.of(RAW).without(readings, keep_in_quote=True)
    assert clean.text == "推動產業發展"
    assert clean.quote(0, 2) == "推動(dòng)"
    assert clean.quote(2, 4) == "產(chǎn)業(yè)"
    assert clean.quote(5, 6) == "展"


def test_noise_does_not_stay_in_the_quote() -> None:
    clean = TracedText.of("甲廣告乙").without([(1, 3)])
    assert (clean.text, clean.quote(0, 1), clean.quote(1, 2), clean.quote(0, 2)) == ("甲乙", "甲", "乙", "甲廣告乙")


def test_replacing_keeps_every_place() -> None:
    text = TracedText.of("發電量").replaced("发电量")
    assert (text.text, text.quote(0, 2), text.raw_span(0, 2)) == ("发电量", "發電", (0, 2))


def test_replacing_by_another_length_is_a_defect() -> None:
    with pytest.raises(ValueError, match="cannot stand for"):
        TracedText.of("甲乙").replaced("甲")


@pytest.mark.parametrize("span", [(-1, 0), (0, 3), (2, 1)])
def test_a_span_outside_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(IndexError):
        TracedText.of("甲乙").raw_span(*span)


@given(transformed())
def test_whatever_was_done_every_character_knows_its_place(text: TracedText) -> None:
    assert len(text) == len(text.starts) == len(text.ends) == len(text.text)
    at = 0
    for start, end in zip(text.starts, text.ends, strict=True):
        assert at <= start < end <= len(text.raw)
        at = end


@given(transformed(), st.data())
def test_quotes_are_the_raw_text_at_their_span_and_join_up(text: TracedText, data: st.DataObject) -> None:
    a, b, c = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 3)))
    start, end = text.raw_span(a, c)
    assert text.quote(a, c) == text.raw[start:end]
    if a < b < c:
        assert text.quote(a, c).startswith(text.quote(a, b))
        assert text.quote(a, c).endswith(text.quote(b, c))


@given(transformed(), st.data())
def test_a_part_quotes_what_the_whole_quotes(text: TracedText, data: st.DataObject) -> None:
    a, b = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    part = text.part(a, b)
    assert part.text == text.text[a:b]
    if a < b:
        assert part.quote(0, b - a) == text.quote(a, b)
        assert part.raw_span(0, b - a) == text.raw_span(a, b)


@given(st.text(max_size=40), st.data())
def test_removing_in_two_steps_equals_removing_in_one(raw: str, data: st.DataObject) -> None:
    cuts = data.draw(spans(len(raw)))
    keep = data.draw(st.booleans())
    once = TracedText.of(raw).without(cuts, keep_in_quote=keep)
    later, removed = TracedText.of(raw), 0
    for a, b in cuts:
        later = later.without([(a - removed, b - removed)], keep_in_quote=keep)
        removed += b - a
    assert later.text == once.text
    assert list(later.starts) == list(once.starts)
    assert list(later.ends) == list(once.ends)
