"""An outline -> every quantified claim or promise in it.

The walk: sentence by sentence, number by number; each number gets the words around it (`phrases`), what they measure
(`measures`), what is measured (`heads`), and what the place inherits: kind, period and subject (`context`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from bihuan.core.period import Period, find_periods
from bihuan.core.records.statement import Bound, Direction, Kind, Statement
from bihuan.read.grammar.completion import Memory
from bihuan.read.grammar.context import CLAUSE_END, Context
from bihuan.read.grammar.heads import Place, indicators, is_bare, with_rate, without_holder
from bihuan.read.grammar.lists import places_of
from bihuan.read.grammar.measures import Reading, bound_of, cleaner, measure_of
from bihuan.read.grammar.nouns import lead, strip_time
from bihuan.read.grammar.numbers import Number, find_numbers, runs
from bihuan.read.grammar.phrases import Phrase, phrase_of
from bihuan.read.grammar.tables import Figure, read_table, tables_of
from bihuan.read.outline import Outline, Sentence

_HINT = re.compile(r"[0-9０-９]|分之|成|倍|番|第|前|[百千万亿两]")
_WAY = re.compile(r"(?:由|从)(?P<when>[^，。；]{0,12}?)的?$")
_WAY_TO = re.compile(
    r"^[^，。；]{0,8}?(?:提高|提升|增加|增长|上升|降低|下降|降|升|跃升|缩小|扩大|压缩|压减|缩短|调整|减少|发展|变|增|恢复|回升|优化|改|转|提标|猛增|激增|收窄|拓展|扩展|延长|壮大|改善|攀升|回落)(?:[为到至成]|$)"
)
_PLANNED_SIZE = re.compile(
    "(?:总投资|投资额|概算投资|计划投资|装机|装机容量|建设规模|设计产能|年产能|境内投资|估算投资|占地面积|建筑面积)"
)
_UNDER_WAY = re.compile("项目|工程|电站|基地|园区|铁路|高速|机场")
_FINISHED = re.compile("(?:建成|投产|投运|竣工|通车|完工|投用)(?!后|达效后)|完成投资|已完成")
_CAPTION_CHARS = 80
_OF_A_TABLE = 0.9
"""Confidence in a table's figure: head, label and unit are told, kind and city are inherited."""
_YEARLY = re.compile("年均|规划期|五年|累计(?=下降|降低|减少|增长)")


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
    subject: str | None
    own_head: bool
    """Whether the words around it name the indicator, or it was carried over."""
    words: str = ""
    """The words between the number before and this one."""
    of_way: Number | None = None
    """For the A of 由A提高到B, the number it led to."""


class _Reader:
    """Reads one document; keeps what earlier numbers of a paragraph were said of."""

    def __init__(self, outline: Outline, pack: Any | None) -> None:
        self._outline = outline
        self._context = Context.of(outline, pack)
        self._memory = Memory()
        self._passage = -1

    def read(self) -> list[Statement]:
        figures = list(self._tables())
        rows = {figure.row.start for figure in figures}
        statements = [self._of_table(figure) for figure in figures]
        for sentence in self._outline.sentences:
            if sentence.start in rows:
                continue
            if sentence.passage != self._passage:
                self._passage = sentence.passage
                self._memory = Memory(opening=self._memory.opening or self._memory.recent[:1])
            if _HINT.search(sentence.text):
                statements.extend(self._sentence(sentence))
        return sorted(statements, key=lambda statement: statement.start) if figures else statements

    def _tables(self) -> Iterator[Figure]:
        """Yield the figures of the document's tables; a table's caption is what stands above it."""
        passages = self._outline.passages
        for rows in tables_of(self._outline):
            first = rows[0].passage
            above = (
                passage.text for passage in passages[max(0, first - 2) : first] if len(passage.text) <= _CAPTION_CHARS
            )
            caption = " ".join((self._outline.title or "", *passages[first].section, *above))
            yield from read_table(rows, caption, self._outline.year)

    def _of_table(self, figure: Figure) -> Statement:
        first, last = self._outline.text.raw_span(figure.start, figure.end)
        return Statement(
            doc=self._outline.name,
            quote=self._outline.text.raw[first:last],
            start=first,
            indicator=figure.indicator,
            value=figure.value,
            unit=figure.unit,
            measure=figure.measure,
            direction=figure.direction,
            bound="exact",
            kind=figure.kind or self._context.kind(figure.start, figure.end),
            period=figure.period or self._context.period(figure.start, figure.end),
            subject=figure.subject,
            section=" / ".join(self._outline.passages[figure.row.passage].section) or None,
            sentence=figure.row.text,
            confidence=_OF_A_TABLE,
            locator=self._locator(first),
        )

    def _sentence(self, sentence: Sentence) -> list[Statement]:
        numbers = find_numbers(sentence.text)
        if not numbers:
            return []
        statements = []
        for figure in self._figures(sentence, numbers):
            statements.append(self._statement(sentence, figure))
        return statements

    def _figures(self, sentence: Sentence, numbers: list[Number]) -> list[_Figure]:
        text = sentence.text
        figures: list[_Figure] = []
        at = 0
        self._memory.whole = ""
        for run in runs(numbers, text):
            before = numbers[at - 1] if at else None
            at += len(run)
            after = numbers[at] if at < len(numbers) else None
            self._memory.enter(text[before.end if before else 0 : run[0].start])
            phrase = _on_a_way(phrase_of(text, run, before, after))
            if before and _leads_to(text, before, run[0]):
                phrase = replace(phrase, head="", tail=phrase.head + phrase.tail)
            figures.extend(self._run(sentence, run, phrase, figures, numbers[at:]))
        return _ways(figures, text)

    def _run(
        self, sentence: Sentence, run: list[Number], phrase: Phrase, figures: list[_Figure], later: list[Number]
    ) -> list[_Figure]:
        text, memory = sentence.text, self._memory
        before = figures[-1].number if figures else None
        subject = self._context.subject(sentence.start + run[0].start, sentence.start + run[-1].end)
        holder = _holder(self._outline.city, subject)
        if run[0].form == "lasting":
            return [self._lasting(run[0], phrase, subject, holder)]
        places, head = places_of(lead(phrase.head), len(run))
        phrase = replace(phrase, head=head) if places else phrase
        own = not is_bare(phrase.head, holder)
        if figures and not lead(phrase.head) and not _OWN_CITY.search(phrase.head):
            subject = subject or figures[-1].subject
        readings = [measure_of(number, phrase, None if own else memory.measure) for number in run]
        place = Place(
            noun_after=_noun_after(text, run[-1], later),
            before=text[: run[0].start],
            since=_since(text, before, run[0], phrase),
            holder=holder,
            number_follows=_goes_on(phrase, run, later, text),
        )
        heads = indicators(run, phrase, readings[-1].measure, memory, place)
        if not own and not any(heads) and subject:
            heads = list(memory.opening) * len(run)
        readings = [cleaner(reading, head, phrase) for reading, head in zip(readings, heads, strict=True)]
        grew = memory.grows
        memory.remember([_base(head) for head in heads], readings[-1].measure, readings[-1].unit)
        memory.grows = memory.grows and not _AMOUNT_ITSELF.search(phrase.head)
        subjects: list[str | None] = [*places] or [subject] * len(run)
        return [
            _Figure(
                number=number,
                indicator=_named(head, reading, phrase, grew and not own),
                reading=reading,
                bound=bound_of(run, number, phrase),
                reference=phrase.reference if reading.measure in ("gap", "rank") else None,
                subject=whose,
                own_head=own,
                words=phrase.head + phrase.tail,
            )
            for number, head, reading, whose in zip(run, heads, readings, subjects, strict=True)
        ]

    def _lasting(self, number: Number, phrase: Phrase, subject: str | None, holder: re.Pattern[str]) -> _Figure:
        """Return the figure of how long something has lasted; what lasts stands around it: 连续151个月杜绝重特大事故."""
        head = without_holder(phrase.head, holder)
        if head:
            self._memory.remember([head], "level", number.unit)
        name = f"{head}连续{phrase.behind[:_LASTING_CHARS].strip()}时间"
        reading = Reading("level", None, number.value, number.unit)
        return _Figure(number, name, reading, "exact", None, subject, own_head=True)

    def _statement(self, sentence: Sentence, figure: _Figure) -> Statement:
        number = figure.number
        start, end = sentence.start + number.start, sentence.start + number.end
        first, last = self._outline.text.raw_span(start, end)
        subject = figure.subject
        kind, period = self._kind_and_period(sentence, figure, start, end)
        period = None if number.form == "lasting" else period
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
            return "result", self._from(text[: figure.number.start]) or _previous(reached)
        began = self._from(text[: figure.number.start])
        if began:
            return "result", began
        if _is_planned_size(figure.indicator, text, figure.number):
            told = self._context.frame(start).period or self._context.dated_here(start, end)
            return "target", period if told else None
        return kind, self._of_plan(figure, period)

    def _of_plan(self, figure: _Figure, period: str | None) -> str | None:
        """Tell the years a plan runs from the year it ends in: 年均增长 is of all five."""
        if not period:
            return period
        if len(period) != 4 or not _YEARLY.search(figure.words):
            return period
        last, now = int(period), self._outline.year
        if last % 5 == 0:
            return str(Period.of_years(last - 4, last))
        return str(Period.of_years(now + 1, last)) if now and 2 <= last - now <= 5 else period

    def _from(self, words: str) -> str | None:
        """Return the time that dates the A of 由2015年的A提高到B; 由上年的 counts from B's own time and tells none."""
        if not _WAY.search(words):
            return None
        clause = CLAUSE_END.split(words)[-1]
        mentions = find_periods(clause, self._outline.year)
        ends = len(clause.rstrip("的"))
        dated = (m.period for m in mentions if m.role == "from" and m.end == ends)
        return None if _YEAR_BEFORE.search(clause) else next(filter(None, dated), None)

    def _locator(self, raw_start: int) -> str | None:
        locators = self._outline.locators
        at = bisect_right(locators, (raw_start, "\U0010ffff")) - 1
        return locators[at][1] if at >= 0 else None


_YEAR_BEFORE = re.compile("[由从自]上年[^，。；]{0,4}$")


def _previous(period: str | None) -> str | None:
    return str(Period.parse(period).previous()) if period else None


def _ways(figures: list[_Figure], text: str) -> list[_Figure]:
    """Mark the A of 由A提高到B, and give it B's measure."""
    marked = list(figures)
    for i, (first, second) in enumerate(pairwise(figures)):
        if _leads_to(text, first.number, second.number):
            marked[i] = replace(first, reading=_way_reading(first, second.reading), of_way=second.number)
    return marked


_LASTING_CHARS = 16


def _leads_to(text: str, first: Number, second: Number) -> bool:
    """Return whether two numbers are the A and B of 由A提高到B."""
    return bool(_WAY.search(text[: first.start]) and _WAY_TO.match(text[first.end : second.start]))


def _way_reading(first: _Figure, reached: Reading) -> Reading:
    """Return the reading of an A: measured as B is; a growth keeps its own sign (由-3.2%转为增长5.1%)."""
    grew = reached.measure == "growth"
    direction: Direction | None = ("-" if first.number.negative else "+") if grew else None
    return replace(reached, value=first.reading.value, direction=direction)


@lru_cache(maxsize=256)
def _holder(city: str | None, subject: str | None) -> re.Pattern[str]:
    """Return the pattern of the names at the front of a head that say whose the figure is, not what it measures."""
    names = [name for full in (subject, city) if full for name in (full, full[:-1]) if len(name) > 1]
    return re.compile(f"(?:{'|'.join(map(re.escape, names))})(?![港湖江河山湾])的?" if names else "(?!)")


def _goes_on(phrase: Phrase, run: list[Number], later: list[Number], text: str) -> bool:
    """Return whether the words behind a count lead on to another number: 137个项目完成投资186.3亿元."""
    return bool(later and len(phrase.behind) > 1 and later[0].start == run[-1].end + len(phrase.behind))


def _on_a_way(phrase: Phrase) -> Phrase:
    """Take 由上年的 off the head of an A, and know B by 提高到 alone."""
    way = _WAY_FROM.search(phrase.head)
    return replace(phrase, head=phrase.head[: way.start()]) if way else phrase


_WAY_FROM = re.compile(
    "(?:要|将|已)?(?:由|从)(?:上年|去年|前年|20\\d\\d年|[一二三四五六七八九十]+年前|年初|“?十[一二三四]五”?|改革前|每人|前?[一二三四]季度|上半年|\\d+月份?|一季度)?"
    "(?:每年|同期|年?[末底初])?的?[-－−]?$"
)


def _noun_after(text: str, last: Number, later: list[Number]) -> str:
    """Return the clause's words behind a number, attributive amounts between left out."""
    border = CLAUSE_END.search(text, last.end)
    end = border.start() if border else len(text)
    pieces, at = [], last.end
    for number in later:
        if number.start >= end:
            break
        between = text[at : number.start]
        if (number.counts and lead(between)) or re.search("[、和与及]", between):
            cut = re.search("[、]|和|与|及", between)
            pieces.append(between[: cut.start()] if cut else between)
            return "".join(pieces)
        pieces.append(between)
        at = number.end
    pieces.append(text[at:end])
    return "".join(pieces)


def _since(text: str, before: Number | None, number: Number, phrase: Phrase) -> str:
    """Return the whole clauses between a number and the clause of the next one."""
    border = CLAUSE_END.search(text, before.end) if before else None
    start = border.end() if border else len(text) if before else 0
    return text[start : max(start, number.start - len(phrase.clause))]


def _base(head: str) -> str:
    return re.sub("(?:平均)?(?:增速|增幅|涨幅)$", "", head) or head


def _named(head: str, reading: Reading, phrase: Phrase, of_growth: bool) -> str:
    """Return the indicator as its measure names it: gaps and ranks of a growth rate end in 增速."""
    rate = _RATE_WORD.search(phrase.tail + phrase.head[-4:])
    base = _base(head)
    if reading.measure in ("gap", "rank", "change") and reading.unit in ("百分点", "位", "%") and (rate or of_growth):
        return base + "降幅" if rate and rate[0] == "降幅" else with_rate(base)
    if reading.measure == "change" and "拉动" in head and (grown := _GROWN.match(phrase.tail)):
        return head + grown[0]
    if reading.measure == "growth":
        return base if len(base) > _SHORT_NAME or not rate else with_rate(base)
    return head


_OWN_CITY = re.compile("全市|我市|全县|全省")
_AMOUNT_ITSELF = re.compile("(?:总量|规模|总额)$")
_RATE_WORD = re.compile("增速|增幅|涨幅|降幅")
_GROWN = re.compile("增长")
_SHORT_NAME = 2
"""A name of so few characters needs 增速 to say anything: 经济增速."""


def _is_planned_size(indicator: str, text: str, number: Number) -> bool:
    clause_start = max(text.rfind(mark, 0, number.start) for mark in "，。；,;") + 1
    clause = re.split("[；;。]", text[clause_start : number.end + 30])[0]
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
