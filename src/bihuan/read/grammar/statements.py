"""An outline -> every quantified claim or promise in it.

The walk: sentence by sentence, number by number; each number gets the words around it (`phrases`), what they measure
(`measures`), what is measured (`heads`), and what the place inherits: kind, period and subject (`context`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from bihuan.core.period import Period, find_periods
from bihuan.core.records.statement import Bound, Kind, Statement
from bihuan.read.grammar.context import CLAUSE_END, Context
from bihuan.read.grammar.heads import Memory, indicators, is_bare, strip_time, with_rate
from bihuan.read.grammar.measures import Reading, bound_of, measure_of
from bihuan.read.grammar.numbers import Number, find_numbers, runs
from bihuan.read.grammar.phrases import Phrase, phrase_of
from bihuan.read.outline import Outline, Sentence

_HINT = re.compile(r"[0-9０-９]|分之|成|倍|番|第|前|[百千万亿两]")
_WAY = re.compile(r"(?:由|从)(?P<when>[^，。；]{0,12}?)的?$")
_WAY_TO = re.compile(
    r"^[^，。；]{0,8}?(?:提高|提升|增加|增长|上升|降低|下降|降|升|跃升|缩小|扩大|压缩|压减|缩短|调整|减少|发展|变|增|恢复|回升|优化|改)[为到至成]"
)
_PLANNED_SIZE = re.compile(
    "(?:总投资|投资额|概算投资|计划投资|装机|装机容量|建设规模|设计产能|年产能|境内投资|估算投资|占地面积|建筑面积)"
)
_UNDER_WAY = re.compile("项目|工程|电站|基地|园区|铁路|高速|机场")
_FINISHED = re.compile("建成|投产|投运|竣工|通车|完工|投用|完成投资|已完成")
_YEARLY = re.compile("年均|五年累计|五年来|五年年均|规划期")


def read_statements(outline: Outline, pack: Any | None = None) -> list[Statement]:
    """Return the statements of a document in the order of their numbers, none overlapping.

    Args:
        outline: the document.
        pack: a city's pack; only the names of its districts are used. Everything works without one.
    """
    return _Reader(outline, pack).read()


@dataclass(frozen=True, slots=True)
class _Figure:
    """A number understood, before its place in the document is looked at."""

    number: Number
    indicator: str
    reading: Reading
    bound: Bound
    reference: str | None
    own_head: bool
    """Whether the words around it name the indicator, or it was carried over."""
    of_way: Number | None = None
    """For the A of 由A提高到B, the number it led to."""


class _Reader:
    """Reads one document; keeps what earlier numbers of a paragraph were said of."""

    def __init__(self, outline: Outline, pack: Any | None) -> None:
        self._outline = outline
        self._context = Context.of(outline, pack)
        self._memory = Memory()
        self._passage = -1
        self._city = re.compile(
            f"^(?:{re.escape(outline.city)}|{re.escape(outline.city[:-1])})(?![港湖江])" if outline.city else "(?!)"
        )

    def read(self) -> list[Statement]:
        statements: list[Statement] = []
        for sentence in self._outline.sentences:
            if sentence.passage != self._passage:
                self._passage = sentence.passage
                self._memory = Memory()
            if _HINT.search(sentence.text):
                statements.extend(self._sentence(sentence))
        return statements

    def _sentence(self, sentence: Sentence) -> list[Statement]:
        numbers = find_numbers(sentence.text)
        if not numbers:
            return []
        statements = []
        for figure in self._figures(sentence.text, numbers):
            statements.append(self._statement(sentence, figure))
        return statements

    def _figures(self, text: str, numbers: list[Number]) -> list[_Figure]:
        figures: list[_Figure] = []
        at = 0
        for run in runs(numbers, text):
            before = numbers[at - 1] if at else None
            at += len(run)
            after = numbers[at] if at < len(numbers) else None
            phrase = phrase_of(text, run, before, after)
            figures.extend(self._run(text, run, phrase, numbers[at:]))
        return _ways(figures, text)

    def _run(self, text: str, run: list[Number], phrase: Phrase, later: list[Number]) -> list[_Figure]:
        phrase = _on_a_way(phrase)
        readings = [measure_of(number, phrase) for number in run]
        own = not is_bare(phrase.head)
        heads = indicators(run, phrase, self._memory, _noun_after(text, run[-1], later))
        if is_bare(phrase.head) and not any(heads):
            heads = [_topic(text[: run[0].start])] * len(run)
        heads = [self._city.sub("", head) for head in heads]
        grew = self._memory.grows
        self._memory.remember([_base(head) for head in heads], readings[-1].measure)
        return [
            _Figure(
                number,
                _named(head, reading, phrase, grew and not own),
                reading,
                bound_of(run, number, phrase),
                phrase.reference if reading.measure in ("gap", "rank") else None,
                own,
            )
            for number, head, reading in zip(run, heads, readings, strict=True)
        ]

    def _statement(self, sentence: Sentence, figure: _Figure) -> Statement:
        number = figure.number
        start, end = sentence.start + number.start, sentence.start + number.end
        first, last = self._outline.text.raw_span(start, end)
        subject = self._context.subject(start, end)
        kind, period = self._kind_and_period(sentence, figure, start, end)
        indicator = figure.indicator
        if subject and indicator.startswith(subject):
            indicator = indicator[len(subject) :] or indicator
        return Statement(
            doc=self._outline.name,
            quote=self._outline.text.raw[first:last],
            start=first,
            indicator=strip_time(indicator),
            value=figure.reading.value,
            unit=figure.reading.unit,
            measure=figure.reading.measure,
            direction=figure.reading.direction,
            bound=figure.bound,
            kind=kind,
            period=period,
            subject=subject,
            reference=figure.reference,
            section=" / ".join(self._outline.passages[sentence.passage].section) or None,
            sentence=sentence.text,
            confidence=_confidence(figure, period, self._context.frame(start).kind is not None),
            locator=self._locator(first),
        )

    def _kind_and_period(self, sentence: Sentence, figure: _Figure, start: int, end: int) -> tuple[Kind, str | None]:
        text = sentence.text
        kind = self._context.kind(start, end)
        period = self._context.period(start, end)
        if figure.of_way:
            led_to = sentence.start + figure.of_way.end
            reached = self._context.period(led_to - 1, led_to)
            return "result", self._before(text[: figure.number.start], reached)
        if _is_planned_size(figure.indicator, text, figure.number):
            framed = self._context.frame(start).period
            return "target", period if framed else None
        if (
            period
            and period[-1] in "05"
            and len(period) == 4
            and _YEARLY.search(text[max(0, figure.number.start - 24) : figure.number.start])
        ):
            period = str(Period.of_years(int(period) - 4, int(period)))
        return kind, period

    def _before(self, words: str, reached: str | None) -> str | None:
        """Return the period of the A in 由A提高到B: dated by its own words, else the one before B's."""
        clause = CLAUSE_END.split(words)[-1]
        year = self._outline.year
        if year:
            for mention in find_periods(clause, year):
                if (
                    mention.role == "from"
                    and mention.period
                    and not re.match("[由从自]?上年", clause[mention.start : mention.end])
                ):
                    return mention.period
        return str(Period.parse(reached).previous()) if reached else None

    def _locator(self, raw_start: int) -> str | None:
        locators = self._outline.locators
        at = bisect_right(locators, (raw_start, "\U0010ffff")) - 1
        return locators[at][1] if at >= 0 else None


def _ways(figures: list[_Figure], text: str) -> list[_Figure]:
    """Mark the A of 由A提高到B, and give it B's measure."""
    marked = list(figures)
    for i, (first, second) in enumerate(pairwise(figures)):
        between = text[first.number.end : second.number.start]
        if _WAY.search(text[: first.number.start]) and _WAY_TO.match(between):
            reading = replace(second.reading, value=first.reading.value, direction=None)
            marked[i] = replace(first, reading=reading, of_way=second.number)
    return marked


def _on_a_way(phrase: Phrase) -> Phrase:
    """Take 由上年的 off the head of an A, and know B by 提高到 alone."""
    way = re.search(
        "(?:由|从)(?:上年|去年|前年|20\\d\\d年|五年前|年初|“?十[一二三四]五”?)?(?:同期|年?[末底初])?的?$", phrase.head
    )
    return replace(phrase, head=phrase.head[: way.start()]) if way else phrase


def _noun_after(text: str, last: Number, later: list[Number]) -> str:
    """Return the clause's words behind a number, attributive amounts between left out."""
    border = CLAUSE_END.search(text, last.end)
    end = border.start() if border else len(text)
    pieces, at = [], last.end
    for number in later:
        if number.start >= end:
            break
        between = text[at : number.start]
        if number.counts or re.search("[、和与及]", between):
            cut = re.search("[、]|和|与|及", between)
            pieces.append(between[: cut.start()] if cut else between)
            return "".join(pieces)
        pieces.append(between)
        at = number.end
    pieces.append(text[at:end])
    return "".join(pieces)


def _topic(before: str) -> str:
    """Return the measured noun of an earlier clause (城镇化率比较高，达到69%), empty where there is none."""
    found = _MEASURED.findall(before)
    return re.split("[，。；：、,;:]", found[-1])[-1] if found else ""


_MEASURED = re.compile("[^，。；：,;:]{0,14}(?:率|收入|总额|增加值|产量|产值|投资|规模|数量|浓度|面积|里程|人口)")


def _base(head: str) -> str:
    return re.sub("(?:平均)?(?:增速|增幅|涨幅)$", "", head) or head


def _named(head: str, reading: Reading, phrase: Phrase, of_growth: bool) -> str:
    """Return the indicator as its measure names it: gaps and ranks of a growth rate end in 增速."""
    rate = re.search("增速|增幅|涨幅|降幅", phrase.tail + (phrase.head[-4:]))
    if (
        reading.measure in ("gap", "rank", "change")
        and (rate or (of_growth and reading.measure != "change"))
        and reading.unit in ("百分点", "位", "%")
    ):
        return with_rate(_base(head))
    if reading.measure == "growth" and len(_base(head)) > 2:
        return _base(head)
    return head


def _is_planned_size(indicator: str, text: str, number: Number) -> bool:
    clause_start = max(text.rfind(mark, 0, number.start) for mark in "，。；,;") + 1
    clause = text[clause_start : number.end + 30]
    return bool(
        _PLANNED_SIZE.search(indicator)
        and (_UNDER_WAY.search(indicator) or "总投资" in indicator)
        and not _FINISHED.search(clause)
        and number.unit in ("元", "千瓦", "平方米", "亩", "美元")
    )


def _confidence(figure: _Figure, period: str | None, kind_is_known: bool) -> float:
    """Return how much rests on a rule: head named here, words that tell the measure, period and kind told."""
    told = (
        figure.own_head and bool(figure.indicator),
        figure.reading.measure != "level" or bool(figure.indicator),
        period is not None,
        kind_is_known,
    )
    return round(0.4 + 0.15 * sum(told), 2)
