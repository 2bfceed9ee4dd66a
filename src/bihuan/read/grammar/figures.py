"""A sentence -> its figures: each number with what it measures, of what, and whose.

The walk goes number by number: the words around it (`phrases`), what they measure (`measures`), what is measured
(`heads`), with what earlier numbers of the paragraph were said of in mind (`completion.Memory`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from bihuan.core.records.statement import Bound
from bihuan.read.grammar.completion import Memory
from bihuan.read.grammar.context import CLAUSE_END, Context
from bihuan.read.grammar.heads import Place, indicators, is_bare, with_rate, without_holder
from bihuan.read.grammar.lists import places_of
from bihuan.read.grammar.measures import Reading, bound_of, cleaner, measure_of
from bihuan.read.grammar.nouns import lead
from bihuan.read.grammar.numbers import Number, find_numbers, runs
from bihuan.read.grammar.phrases import Phrase, phrase_of
from bihuan.read.grammar.ways import as_reached, leads_to, without_way
from bihuan.read.outline import Sentence

_OWN_CITY = re.compile("全市|我市|全县|全省")
_AMOUNT_ITSELF = re.compile("(?:总量|规模|总额)$")
_RATE_WORD = re.compile("增速|增幅|涨幅|降幅")
_GROWN = re.compile("增长")
_SHORT_NAME = 2
"""A name of so few characters needs 增速 to say anything: 经济增速."""
_LASTING_CHARS = 16


@dataclass(frozen=True, slots=True)
class Figure:
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


class FigureReader:
    """Reads the sentences of one document in order; keeps what earlier numbers of a paragraph were said of."""

    def __init__(self, context: Context, city: str | None) -> None:
        self._context = context
        self._city = city
        self._memory = Memory()
        self._passage = -1

    def read(self, sentence: Sentence) -> list[Figure]:
        """Return the figures of the next sentence, in order."""
        if sentence.passage != self._passage:
            self._passage = sentence.passage
            self._memory = Memory(opening=self._memory.opening or self._memory.recent[:1])
        numbers = find_numbers(sentence.text)
        return self._figures(sentence, numbers) if numbers else []

    def _figures(self, sentence: Sentence, numbers: list[Number]) -> list[Figure]:
        text = sentence.text
        figures: list[Figure] = []
        at = 0
        self._memory.whole = ""
        for run in runs(numbers, text):
            before = numbers[at - 1] if at else None
            at += len(run)
            after = numbers[at] if at < len(numbers) else None
            self._memory.enter(text[before.end if before else 0 : run[0].start])
            phrase = without_way(phrase_of(text, run, before, after))
            if before and leads_to(text, before, run[0]):
                phrase = replace(phrase, head="", tail=phrase.head + phrase.tail)
            figures.extend(self._run(sentence, run, phrase, figures, numbers[at:]))
        return _ways(figures, text)

    def _run(
        self, sentence: Sentence, run: list[Number], phrase: Phrase, figures: list[Figure], later: list[Number]
    ) -> list[Figure]:
        text, memory = sentence.text, self._memory
        before = figures[-1].number if figures else None
        subject = self._context.subject(sentence.start + run[0].start, sentence.start + run[-1].end)
        holder = _holder(self._city, subject)
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
        if not own and not any(heads) and subject and memory.opening:
            heads = [memory.opening[0]] * len(run)
        readings = [cleaner(reading, head, phrase) for reading, head in zip(readings, heads, strict=True)]
        grew = memory.grows
        memory.remember([_base(head) for head in heads], readings[-1].measure, readings[-1].unit)
        memory.grows = memory.grows and not _AMOUNT_ITSELF.search(phrase.head)
        subjects: list[str | None] = [*places] or [subject] * len(run)
        return [
            Figure(
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

    def _lasting(self, number: Number, phrase: Phrase, subject: str | None, holder: re.Pattern[str]) -> Figure:
        """Return the figure of how long something has lasted; what lasts stands around it: 连续151个月杜绝重特大事故."""
        head = without_holder(phrase.head, holder)
        if head:
            self._memory.remember([head], "level", number.unit)
        name = f"{head}连续{phrase.behind[:_LASTING_CHARS].strip()}时间"
        reading = Reading("level", None, number.value, number.unit)
        return Figure(number, name, reading, "exact", None, subject, own_head=True)


def _ways(figures: list[Figure], text: str) -> list[Figure]:
    """Mark the A of 由A提高到B, and give it B's measure; of a composition, all parts."""
    marked = list(figures)
    for i, (first, second) in enumerate(pairwise(figures)):
        if leads_to(text, first.number, second.number):
            reading = as_reached(first.reading, first.number, second.reading)
            marked[i] = replace(first, reading=reading, of_way=second.number)
            for part in range(i - first.number.part, i):
                marked[part] = replace(marked[part], of_way=second.number)
    return marked


@lru_cache(maxsize=256)
def _holder(city: str | None, subject: str | None) -> re.Pattern[str]:
    """Return the pattern of the names at the front of a head that say whose the figure is, not what it measures."""
    names = [name for full in (subject, city) if full for name in (full, full[:-1]) if len(name) > 1]
    return re.compile(f"(?:{'|'.join(map(re.escape, names))})(?![港湖江河山湾])的?" if names else "(?!)")


def _goes_on(phrase: Phrase, run: list[Number], later: list[Number], text: str) -> bool:
    """Return whether the words behind a count lead on to another number: 137个项目完成投资186.3亿元."""
    return bool(later and len(phrase.behind) > 1 and later[0].start == run[-1].end + len(phrase.behind))


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
