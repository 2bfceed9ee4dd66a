"""The indicator: the noun phrase a number measures, before it, behind it, or carried over from an earlier number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bihuan.core.records.statement import Measure
from bihuan.read.grammar.completion import (
    Memory,
    antecedent,
    carried,
    completed,
    is_part,
    owner_of,
    relative,
    topic_of,
    with_verb,
    without_relation,
)
from bihuan.read.grammar.lists import distributed
from bihuan.read.grammar.nouns import lead, own_noun, until_verb
from bihuan.read.grammar.numbers import Number
from bihuan.read.grammar.phrases import Phrase

_RATE = re.compile("(?:同比|平均|年均|名义|实际)?(?:增速|增幅|涨幅|降幅|跌幅|增长率|增长速度)$")
_NAMED_SHARE = re.compile("(?:比重|比例|份额|占比|[率度])[由从]?$")
_MULTIPLE_OF = re.compile("(?:分别|约)*(?:是|为|相当于|达到?)[^，。；]{1,14}的$")
_SECTORS = re.compile("三次产业|产业结构|一二三产业|三产")
_BOTH = re.compile("合计|共|均|都")
_APART = re.compile("分别|各")


@dataclass(frozen=True, slots=True)
class Place:
    """What a run of numbers needs to know of its place to be named."""

    noun_after: str
    """The clause's words behind the run with later numbers left out."""
    before: str
    """The sentence up to the run."""
    since: str
    """The clauses between the number before and the clause of the run: they hold no number."""
    holder: re.Pattern[str]
    """The names of the city and of whom the figure belongs to, which are no part of the indicator."""
    number_follows: bool
    """Whether a later number of the clause goes on with the words behind the run."""


def indicators(run: list[Number], phrase: Phrase, measure: Measure, memory: Memory, place: Place) -> list[str]:
    """Return the indicator of each number of a run, without what its measure adds (增速)."""
    apart = len(run) > 1 and _APART.search(phrase.head + phrase.tail) is not None
    words = phrase.head + phrase.tail
    if measure == "share" and not _NAMED_SHARE.search(phrase.head):
        named = relative(words.strip("，, ")) or relative(_lead(words, place))
        if named:
            return _of_wholes(run, named, phrase, memory, apart)
    if run[0].form == "times" and _MULTIPLE_OF.match(words):
        return carried(len(run), phrase.tail, memory, apart=apart)
    if run[0].form == "part":
        return (
            [f"第{'一二三'[part.part]}产业占比" for part in run]
            if _SECTORS.search(phrase.head or place.before) and len(run) == 3
            else ([_lead(phrase.head, place)] * len(run))
        )
    own = _own(run, phrase, place, memory)
    if not own and (topic := _lead(topic_of(place.since), place)):
        own = topic
    if not own:
        heads = carried(len(run), phrase.tail, memory, apart=apart and not phrase.reference_is_list)
        return heads if run[-1].unit in ("%", "百分点") else [without_relation(head) for head in heads]
    items = distributed(own, len(run)) if apart or _lists_as_many(own, run, phrase) else []
    if len(items) == len(run):
        return [_of_total(item, memory.last) for item in items]
    return [_resolved(own, run[-1], phrase, measure, memory, place)] * len(run)


def _lists_as_many(own: str, run: list[Number], phrase: Phrase) -> bool:
    """Return whether a head without 分别 lists a name for each number: 事故起数、死亡人数下降12.5%、20%."""
    return (
        len(run) > 1
        and run[0].unit == run[-1].unit
        and own.count("、") == len(run) - 1
        and not _BOTH.search(phrase.tail)
    )


def _of_total(item: str, last: str) -> str:
    """Return what 总量 and 增速 stand for behind the thing they are of: 总量和增速分别居全省第二、第三."""
    if item in ("总量", "规模", "总额") and last:
        return last
    return with_rate(last) if last and _RATE.fullmatch(item) else item


def is_bare(head: str, holder: re.Pattern[str]) -> bool:
    """Return whether the words before a number name nothing to measure."""
    return not without_holder(head, holder)


def with_rate(head: str) -> str:
    """Return the name of a growth rate: gaps and ranks of one end in 增速."""
    return head if _RATE.search(head) else head + "增速"


def _lead(head: str, place: Place) -> str:
    return without_holder(head, place.holder)


def without_holder(head: str, holder: re.Pattern[str]) -> str:
    """Return the words before a number without what only leads up to the name, and without whose figure it is."""
    plain = lead(head)
    found = holder.match(plain)
    return lead(plain[found.end() :]) if found else plain


def _own(run: list[Number], phrase: Phrase, place: Place, memory: Memory) -> str:
    number, head = run[-1], _lead(phrase.head, place)
    noun_after = place.noun_after
    if number.counts and place.number_follows:
        noun_after = until_verb(phrase.behind)
    own = own_noun(number, head, phrase, noun_after)
    found = place.holder.match(own)
    return own[found.end() :] or own if found else own


def _resolved(own: str, number: Number, phrase: Phrase, measure: Measure, memory: Memory, place: Place) -> str:
    own = antecedent(own, place.before.removesuffix(phrase.clause))
    if phrase.listed and (number.counts or number.unit == memory.unit):
        own = with_verb(own, memory.last)
    if is_part(own) and (owner := _lead(owner_of(place.since), place)):
        return owner + own
    whose = lead(phrase.head)
    return own if place.holder.match(whose) and own != whose else completed(own, number.unit, measure, memory)


def _of_wholes(run: list[Number], named: tuple[str, str], phrase: Phrase, memory: Memory, apart: bool) -> list[str]:
    """Return the names of shares; where the clause names no part, earlier heads are the parts."""
    part, against = named
    parts = [part] * len(run) if part else carried(len(run), phrase.tail, memory, apart=apart)
    if not against and memory.whole:
        against = f"占{memory.whole}比重"
    against = against or "占比"
    return [name + against for name in parts]
