"""An outline -> every quantified claim or promise in it.

Sentences give figures (`figures`), tables too (`tables`); the place of each in the document tells the rest: whether it
is done or promised, and for when (`context`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from bihuan.core.period import Period
from bihuan.core.records.statement import Kind, Statement
from bihuan.read.grammar.context import Context
from bihuan.read.grammar.figures import Figure, FigureReader
from bihuan.read.grammar.nouns import strip_time
from bihuan.read.grammar.numbers import Number
from bihuan.read.grammar.tables import TableFigure, read_table, tables_of, text_cells
from bihuan.read.grammar.ways import began
from bihuan.read.outline import Outline, Sentence

_HINT = re.compile(r"[0-9０-９]|分之|成|倍|番|第|前|[百千万亿两]")
_PLANNED_SIZE = re.compile(
    "(?:总投资|(?<!合同)投资额|概算投资|计划投资|装机|装机容量|建设规模|设计产能|年产能|境内投资|估算投资|占地面积|建筑面积)"
)
_UNDER_WAY = re.compile("项目|工程|电站|基地|园区|铁路|高速|机场")
_FINISHED = re.compile("(?:建成|投产|投运|竣工|通车|完工|投用)(?!后|达效后)|完成投资|已完成")
_YEARLY = re.compile("年均|规划期|五年|累计(?=下降|降低|减少|增长)")

_CAPTION_CHARS = 80
_OF_A_TABLE = 0.9
"""Confidence in a table's figure: head, label and unit are told, kind and city are inherited."""


def read_statements(outline: Outline, pack: Any | None = None) -> list[Statement]:
    """Return the statements of a document in the order of their numbers, none overlapping.

    Args:
        outline: the document.
        pack: a city's pack; only the names of its districts are used. Everything works without one.
    """
    return _Reader(outline, pack).read()


class _Reader:
    """Reads one document."""

    def __init__(self, outline: Outline, pack: Any | None) -> None:
        self._outline = outline
        self._context = Context.of(outline, pack)
        self._figures = FigureReader(self._context, outline.city)

    def read(self) -> list[Statement]:
        statements = [
            self._statement(sentence, figure)
            for sentence in self._sentences()
            if _HINT.search(sentence.text)
            for figure in self._figures.read(sentence)
        ]
        cells = [self._of_cell(figure) for figure in self._tables()]
        return sorted([*statements, *cells], key=lambda statement: statement.start) if cells else statements

    def _sentences(self) -> Iterator[Sentence]:
        """Yield the sentences; of a table's row each cell of words is one."""
        for sentence in self._outline.sentences:
            if self._outline.passages[sentence.passage].role == "table":
                yield from text_cells(sentence)
            else:
                yield sentence

    def _tables(self) -> Iterator[TableFigure]:
        """Yield the figures of the document's tables; a table's caption is what stands above it."""
        passages = self._outline.passages
        for rows in tables_of(self._outline):
            first = rows[0].passage
            above = (p.text for p in passages[max(0, first - 2) : first] if len(p.text) <= _CAPTION_CHARS)
            caption = " ".join((self._outline.title or "", *passages[first].section, *above))
            yield from read_table(rows, caption, self._outline.year)

    def _of_cell(self, figure: TableFigure) -> Statement:
        """Return the statement of a table's figure; what the table does not tell, its place in the document does."""
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
            section=self._section(figure.row.passage),
            sentence=figure.row.text,
            confidence=_OF_A_TABLE,
            locator=self._locator(first),
        )

    def _section(self, passage: int) -> str | None:
        return " / ".join(self._outline.passages[passage].section) or None

    def _statement(self, sentence: Sentence, figure: Figure) -> Statement:
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
            section=self._section(sentence.passage),
            sentence=sentence.text,
            confidence=_confidence(figure, period, self._context.frame(start).kind is not None),
            locator=self._locator(first),
        )

    def _kind_and_period(self, sentence: Sentence, figure: Figure, start: int, end: int) -> tuple[Kind, str | None]:
        text = sentence.text
        kind = self._context.kind(start, end)
        period = self._context.period(start, end)
        since = began(text[: figure.number.start], self._outline.year)
        if figure.of_way:
            led_to = sentence.start + figure.of_way.end
            reached = self._context.period(led_to - 1, led_to)
            return "result", since or _previous(reached)
        if since:
            return "result", since
        if _is_planned_size(figure.indicator, text, figure.number):
            told = self._context.frame(start).period or self._context.dated_here(start, end)
            return "target", period if told else None
        return kind, self._of_plan(figure, period)

    def _of_plan(self, figure: Figure, period: str | None) -> str | None:
        """Tell the years a plan runs from the year it ends in: 年均增长 is of all five."""
        if not period:
            return period
        if len(period) != 4 or not _YEARLY.search(figure.words):
            return period
        last, now = int(period), self._outline.year
        if last % 5 == 0:
            return str(Period.of_years(last - 4, last))
        return str(Period.of_years(now + 1, last)) if now and 2 <= last - now <= 5 else period

    def _locator(self, raw_start: int) -> str | None:
        locators = self._outline.locators
        at = bisect_right(locators, (raw_start, "\U0010ffff")) - 1
        return locators[at][1] if at >= 0 else None


def _previous(period: str | None) -> str | None:
    return str(Period.parse(period).previous()) if period else None


def _is_planned_size(indicator: str, text: str, number: Number) -> bool:
    clause_start = max(text.rfind(mark, 0, number.start) for mark in "，。；,;") + 1
    clause = re.split("[；;。]", text[clause_start : number.end + 30])[0]
    return bool(
        _PLANNED_SIZE.search(indicator)
        and (_UNDER_WAY.search(indicator) or "总投资" in indicator)
        and not _FINISHED.search(clause)
        and number.unit in ("元", "千瓦", "平方米", "亩", "美元")
    )


def _confidence(figure: Figure, period: str | None, kind_is_known: bool) -> float:
    """Return how much rests on a rule: head named here, words that tell the measure, period and kind told."""
    told = (
        figure.own_head and bool(figure.indicator),
        figure.reading.measure != "level" or bool(figure.indicator),
        period is not None,
        kind_is_known,
    )
    return round(0.4 + 0.15 * sum(told), 2)
