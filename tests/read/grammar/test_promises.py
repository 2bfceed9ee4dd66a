"""Clause to commitment: verb, object, stage, kind, due and subject, on sentences written for the purpose."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.core.records.document import Passage
from bihuan.core.records.statement import Commitment
from bihuan.core.text import TracedText
from bihuan.read.formats import load
from bihuan.read.grammar.actions import CLOSES_CLAUSE, TAKES_OBJECT, VERB
from bihuan.read.grammar.due import due_in
from bihuan.read.grammar.promises import read_commitments
from bihuan.read.outline import Outline, Sentence, take_apart
from bihuan.read.restore import restore

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("promises.yaml").read_text(encoding="utf-8"))
SECTIONS = {"review": "一、2024年工作回顾", "plan": "二、2025年工作安排"}


def outline_of(text: str, section: str = "plan") -> Outline:
    """One paragraph under one heading, in a report of 2025."""
    passage = Passage(0, "body", 1, (SECTIONS[section],), 0, len(text), text)
    sentences, at = [], 0
    for piece in text.replace("。", "。\n").splitlines():
        sentences.append(Sentence(piece, at, 0))
        at += len(piece)
    title = "江州市2025年政府工作报告"
    day = date(2025, 1, 10)
    return Outline("a.txt", TracedText.of(text), title, "江州市", None, day, 2025, (passage,), tuple(sentences))


def read(text: str, section: str = "plan") -> list[Commitment]:
    return read_commitments(outline_of(text, section), None)


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:12] for case in CASES])
def test_acts_of_a_sentence(case: dict[str, Any]) -> None:
    found = read(case["text"], case["in"])
    assert [[c.verb, c.object, c.stage] for c in found] == [act[:3] for act in case["acts"]]
    kind = "result" if case["in"] == "review" else "target"
    for commitment, act in zip(found, case["acts"], strict=True):
        further = {"kind": kind, "due": None} | (act[3] if len(act) > 3 else {})
        assert {name: getattr(commitment, name) for name in further} == further


def test_quote_lies_in_the_raw_text_and_spans_action_and_object() -> None:
    raw = "推動(dòng)江東大橋建設(shè)。"
    clean = TracedText.of(raw).without([(2, 8), (14, 19)], keep_in_quote=True).replaced("推动江东大桥建设。")
    sentence = Sentence(clean.text, 0, 0)
    passage = Passage(0, "body", 1, (SECTIONS["plan"],), 0, len(raw), clean.text)
    found = read_commitments(
        Outline("a.txt", clean, None, None, None, None, 2025, (passage,), (sentence,)),
        None,
    )
    assert [c.quote for c in found] == ["推動(dòng)江東大橋建設(shè)"]
    assert found[0].object == "江东大桥"


def test_the_day_a_piece_was_filed_is_no_period_and_its_programme_is_promised() -> None:
    text = "新华网江州2024年3月7日电（记者 林一）“江州转型的路很长。”江州市委书记说。\n加快建设江州数据产业园，积极争取国家骨干冷链物流基地。"
    source = load(text.encode(), "a.txt")
    found = read_commitments(take_apart(source, restore(source.text)), None)
    assert [(c.object, c.kind, c.period) for c in found] == [
        ("江州数据产业园", "target", None),
        ("国家骨干冷链物流基地", "target", None),
    ]


def test_noise_and_headings_are_not_read() -> None:
    outline = outline_of("开工建设市民文化中心。")
    heading = Passage(0, "heading", 1, (), 0, 12, "开工建设市民文化中心。")
    assert read_commitments(outline, None)
    assert not read_commitments(
        Outline("a", outline.text, None, None, None, None, 2025, (heading,), outline.sentences), None
    )


def test_reading_twice_adds_nothing() -> None:
    text = "开工建设市民文化中心，年内完成主体并投入使用。"
    assert read(text) == read(text)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("8月底前投运", "2025-08"),
        ("年内开工", "2025-12"),
        ("年底前完成", "2025-12"),
        ("上半年竣工", "2025-06"),
        ("三季度前建成", "2025-09"),
        ("10月1日前通车", "2025-10-01"),
        ("2026年底前建成", "2026-12"),
        ("明年6月开学", "2026-06"),
        ("用三年内的时间", None),
        ("加快建设", None),
    ],
)
def test_due(text: str, due: str | None) -> None:
    assert due_in(text, 2025) == due


def test_due_needs_a_year() -> None:
    assert due_in("8月底前投运", None) is None


def test_every_verb_of_the_table_is_found_whole() -> None:
    for word in {*TAKES_OBJECT, *CLOSES_CLAUSE}:
        found = VERB.match(word)
        assert found is not None
        assert found.group() == word


_ALPHABET = "建设成推动项目工程、，。“”《》()（）投产年内月8底前完成的了和并等开工列入获评国家级试点"


@settings(deadline=None)
@given(st.text(alphabet=_ALPHABET, max_size=60))
def test_any_text_gives_valid_quotes(text: str) -> None:
    for commitment in read(text):
        assert text[commitment.start : commitment.start + len(commitment.quote)] == commitment.quote
        assert commitment.object
        assert commitment.quote
