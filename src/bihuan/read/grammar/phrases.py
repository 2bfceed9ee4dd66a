"""What stands around a number: the words before it, parted into head and predicate, and the noun behind it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from bihuan.read.grammar.context import CLAUSE_END
from bihuan.read.grammar.numbers import Number
from bihuan.read.grammar.words import COMPARED_TIME, NEVER_TAIL, TAIL

_SEPARATOR = re.compile("[、，,]|以及|(?<!共)和(?!谐)|与(?!会)|(?<!普)及(?!其)|并")
# A word that joins parts two figures right behind the first; further on it stands within a name (单晶硅棒和切片项目).
_PARTS_FIGURES = re.compile("[、，,]|(?:(?<=^)|(?<=^.)|(?<=^..)|(?<=^...))(?:以及|和|与|及|并)")
# The number before counts those that a rank is taken among: 在全国168个重点城市中排名第12位.
_AMONG = re.compile("(?:居|排|列|在|位)(?:全省|全国|全市|全区|中西?部|西部|东北|[\u4e00-\u9fff]{2}地区)?(?:的)?$")
_LISTED = re.compile("(?:以上|左右|以内)?(?:、|和|及)")
_LONGEST_PHRASE = 48  # characters looked at before a number
# What the number is measured against: 高于全省平均水平, 比传统产业快, 超省定目标.
_COMPARED = re.compile(
    r"(?:(?:[高低快慢多少大优好]于|高出|低出|超出|领先|落后于|超(?=[省全国年计预目序进市]))(?<!或好于)(?<!或优于)(?<!或高于)(?!预期目标实现)"
    r"|(?<![占同环对之百一入求养桩师例])[比较](?![重例值率由为达缩扩提下上升好快大]))(?P<reference>[^，。；：,;:]{1,24})$"
)
_OVER_PLAN = re.compile(
    "(?:超出?|超过|快于|高于)(?P<plan>(?:年度|全年|序时|时序|预期|省定|既定|年初)+(?:计划|目标|任务|进度))(?:任务|要求)?$"
)
_TIME_ONLY = re.compile(f"{COMPARED_TIME}$")
# What it is compared with is the same thing at another time: a change, no distance.
_EARLIER = re.compile(
    "(?:上年|去年|前年|年初|20\\d\\d年|上月|上一?[年季月期]|前?[一二三四]个?季度|前\\d+个?月|\\d+[-—]\\d+月|[上下]半年|同期|期初|往年|“?十[一二三四]五|改革前|疫情前|调整前|实施前|规划)"
)
_PLACED = re.compile(
    r"(?:稳居|位居|跃居|高居|雄居|位列|名列|列|排名|排在|排|居(?![民住家])|保持|进入|跻身|挺进|上升(?:到|至)|前移至|跃升至|升至)(?![放查水污车])"
    r"(?P<region>[^，。；：,;:]{0,16})$"
    r"|(?P<area>在?(?:全省|全国|全市|全区|全球|世界|亚洲|国内|我国|中部|西部|中西部|东北|[\u4e00-\u9fff]{2}地区|同类|全省各)[^，。；：,;:]{0,10})$"
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words that belong to one number."""

    head: str
    """Before the number, what is said of it taken off; may still begin with time, place and verbs."""
    tail: str
    """What is said of the head: 分别提高到约."""
    behind: str
    """From the number to the next one or the clause's end."""
    reference: str | None = None
    """What the number is compared with or ranked among, where the words name it."""
    compares: bool = False
    """Whether the words measure a distance to `reference` (高于, 快于, 比…高)."""
    clause: str = ""
    """The clause before the number, other numbers included."""
    listed: bool = False
    """Whether it stands right behind the number before, in one list with it: 3个、孵化器10家."""

    @property
    def reference_is_list(self) -> bool:
        """Return whether several are compared with in turn: 高于全国、全省2.1、1.7个百分点."""
        return self.reference is not None and re.search("[、和与及]", self.reference) is not None


def phrase_of(text: str, run: list[Number], before: Number | None, after: Number | None) -> Phrase:
    """Return the words around a run of numbers.

    Args:
        text: the sentence.
        run: numbers next to each other, which share their words.
        before: the number that precedes the run in the sentence.
        after: the number that follows it.
    """
    first, last = run[0], run[-1]
    clause_start, clause_end = _clause(text, first.start, last.end)
    ranked = first.form in ("rank", "top")
    limit = max(clause_start, first.start - _LONGEST_PHRASE)
    among = ranked and before is not None and before.counts and _AMONG.search(text, limit, before.start)
    left = text[limit : first.start] if among else _left(text, limit, first.start, before)
    behind = _behind(text, last, clause_end, after)
    head, reference, compares = _part(left, ranked)
    listed = before is not None and _LISTED.match(text, before.end) is not None
    return Phrase(head, left[len(head) :], behind, reference, compares, text[clause_start : first.start], listed)


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    begins, ends = _borders(text)
    before, behind = bisect_right(ends, start), bisect_left(begins, end)
    return (ends[before - 1] if before else 0), (begins[behind] if behind < len(begins) else len(text))


@lru_cache(maxsize=8)
def _borders(text: str) -> tuple[list[int], list[int]]:
    """Return where the marks between clauses of a sentence begin and end; its numbers ask one after the other."""
    marks = [mark.span() for mark in CLAUSE_END.finditer(text)]
    return [begin for begin, _ in marks], [end for _, end in marks]


def _left(text: str, limit: int, end: int, before: Number | None) -> str:
    """Return the words before a number, from the clause's start or from the separator behind the number before."""
    if before is None or before.end <= limit:
        return text[limit:end]
    between = text[before.end : end]
    found = _PARTS_FIGURES.search(between)
    return between[found.end() :] if found else between


def _behind(text: str, last: Number, clause_end: int, after: Number | None) -> str:
    """Return the words behind a number, up to the separator before the next one."""
    if after is None or after.start >= clause_end:
        return text[last.end : clause_end]
    between = text[last.end : after.start]
    found = _SEPARATOR.search(between)
    return between[: found.start()] if found else between


def _part(left: str, ranked: bool) -> tuple[str, str | None, bool]:
    """Part the words before a number into the head and what is said of it, from the number backwards."""
    head, reference, compares = left, None, False
    planned = _OVER_PLAN.search(left)
    if planned:
        return left[: planned.start()], planned["plan"], True
    while head:
        shorter = _without_tail(head)
        placed = _PLACED.search(shorter) if ranked and reference is None else None
        if placed:
            reference = (placed["region"] or placed["area"] or "").strip("的在中第") or None
            shorter = shorter[: placed.start()]
        elif not compares and (found := _COMPARED.search(shorter)):
            if not _TIME_ONLY.search(found[0]) and not _EARLIER.match(found["reference"]):
                reference, compares = left[found.start("reference") : _reference_end(left, found.end())], True
            shorter = shorter[: found.start()]
        if shorter == head:
            break
        head = shorter
    return head, _named(reference), compares


def _reference_end(left: str, end: int) -> int:
    """Keep 增速, 目标 and their like with the reference, though they look like words said of the head."""
    found = re.compile("增速|涨幅|增幅").match(left, end)
    return found.end() if found else end


def _without_tail(head: str) -> str:
    backwards = head[::-1]
    at = 0
    while (found := TAIL.match(backwards, at)) and not NEVER_TAIL.search(head[: len(head) - at]):
        at = found.end()
    shorter = head[: len(head) - at]
    compared = _TIME_ONLY.search(shorter)
    return _without_tail(shorter[: compared.start()]) if compared else shorter


def _named(reference: str | None) -> str | None:
    if reference is None:
        return None
    plain = re.sub("^(?:于|出)|(?:分别|约|近|高出|低|高|快|慢|多|少|出)+$", "", reference.strip(" 、"))
    return plain or None
