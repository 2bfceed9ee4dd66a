"""由A提高到B: two figures of one thing, the first of an earlier time."""

from __future__ import annotations

import re
from dataclasses import replace

from bihuan.core.period import find_periods
from bihuan.core.records.statement import Direction
from bihuan.read.grammar.context import CLAUSE_END
from bihuan.read.grammar.measures import Reading
from bihuan.read.grammar.numbers import Number
from bihuan.read.grammar.phrases import Phrase

_WAY = re.compile(r"(?:由|从)(?P<when>[^，。；]{0,12}?)的?$")
_WAY_TO = re.compile(
    r"^[^，。；]{0,8}?(?:提高|提升|增加|增长|上升|降低|下降|降|升|跃升|缩小|扩大|压缩|压减|缩短|调整|减少|发展|变|增|恢复|回升|优化|改|转|提标|猛增|激增|收窄|拓展|扩展|延长|壮大|改善|攀升|回落)(?:[为到至成]|$)"
)
# What stands between a head and an A: 由上年的, 从2015年的, 由每人每年.
_WAY_FROM = re.compile(
    "(?:要|将|已)?(?:由|从)(?:上年|去年|前年|20\\d\\d年|[一二三四五六七八九十]+年前|年初|“?十[一二三四]五”?|改革前|每人|前?[一二三四]季度|上半年|\\d+月份?|一季度)?"
    "(?:每[年月]|同期|年?[末底初])?的?[-－−]?$"
)
_YEAR_BEFORE = re.compile("[由从自]上年[^，。；]{0,4}$")


def leads_to(text: str, first: Number, second: Number) -> bool:
    """Return whether two numbers of a sentence are the A and B of 由A提高到B."""
    return bool(_WAY.search(text[: first.start]) and _WAY_TO.match(text[first.end : second.start]))


def without_way(phrase: Phrase) -> Phrase:
    """Return the words around an A with 由上年的 taken off the head."""
    way = _WAY_FROM.search(phrase.head)
    return replace(phrase, head=phrase.head[: way.start()]) if way else phrase


def as_reached(reading: Reading, number: Number, reached: Reading) -> Reading:
    """Return the reading of an A: measured as B is; a growth keeps its own sign (由-3.2%转为增长5.1%)."""
    grew = reached.measure == "growth"
    direction: Direction | None = ("-" if number.negative else "+") if grew else None
    return replace(reached, value=reading.value, direction=direction)


def began(words: str, year: int | None) -> str | None:
    """Return the time that dates the A of 由2015年的A提高到B; 由上年的 counts from B's own time and tells none.

    Args:
        words: the sentence up to A.
        year: what 今年 means.
    """
    if not _WAY.search(words):
        return None
    clause = CLAUSE_END.split(words)[-1]
    ends = len(clause.rstrip("的"))
    dated = (m.period for m in find_periods(clause, year) if m.role == "from" and m.end == ends)
    return None if _YEAR_BEFORE.search(clause) else next(filter(None, dated), None)
