"""What a document and its headings say beforehand about every sentence below them: promised or done, and for when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bihuan.core.period import FIRST_PLAN_YEAR, Period, find_periods
from bihuan.core.records.statement import Kind
from bihuan.read.outline import Outline

DocumentType = Literal["work_report", "communique", "plan", "briefing", "news"]

_TYPES: tuple[tuple[DocumentType, re.Pattern[str]], ...] = (
    ("communique", re.compile("统计公报|运行情况|经济形势|主要(?:经济|统计)?指标|统计月报")),
    ("plan", re.compile("规划(?:纲要|建议|的建议)?(?:$|[（(《》，,])|规划纲要|行动计划|实施方案|行动方案|远景目标")),
    ("briefing", re.compile("发布会|答记者问")),
    ("work_report", re.compile("政府工作报告|工作报告|计划执行情况|各位代表")),
)
_REPORT_OPENING = re.compile("各位代表|向大会报告工作|请予审议")

# What a heading says outright wins over what it hints at, whichever of the headings above a sentence it is.
_TARGET = re.compile(
    "工作安排|主要(?:预期)?目标|预期目标|发展目标|目标任务|重点任务|主要任务|工作打算|下一?步|工作部署|重点抓好|今后|未来"
)
_RESULT = re.compile("回顾|总结|完成情况|执行情况|主要成绩|统计公报|运行情况|重点抓了|过去的?[一三四五]年")
_FULFILLED = re.compile("(?:目标|任务|计划|安排|部署)[^，。、和及]{0,6}(?:完成|执行|实现|落实)情况")
"""What came of what was set, though it names the target."""
_TARGET_HINT = re.compile(
    "安排|目标|任务|打算|重点工作|部署|展望|计划|思路|总体要求|建议|愿景|指导思想|努力方向|自身建设"
)
_RESULT_HINT = re.compile("成就|成效|发展基础|取得|进展|现状|工作情况|成绩|发展回眸")
ASKS_AHEAD = re.compile("打算|下一?步|今后|未来|考虑|目标|安排|规划|接下来")
_LONGEST_HEADING = 40  # characters; a paragraph's first sentence, or a reporter's question, tells nothing
_PAST = re.compile("过去(?:的)?一年|一年来|这一年|过去的?(?P<past>[五三四])年|(?P<came>[五])年来")
_AHEAD = re.compile("今后(?P<years>[五三四])年|未来(?P<more>[五三四])年")
_YEARS = {"三": 3, "四": 4, "五": 5}
_PLAN_NAME = re.compile('[“"]?(十[一二三四五六])(?:五[”"]?|个五年规划)')
_OF_YEAR = re.compile("(20\\d\\d)年[^。\\n]{0,24}(?:公报|运行情况)")
DATELINE = re.compile("(?:电|讯|消息)(?=[（(\\s　:：]|$)")
"""Behind a date: the day a piece was filed (本报洛阳3月7日讯), which is no period of what it tells."""
_UNKNOWN_YEAR = 1


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds in a section unless a sentence says otherwise."""

    kind: Kind | None
    """None where neither the headings nor the document tell."""
    period: str | None


@dataclass(frozen=True, slots=True)
class Sections:
    """The frames of a document's sections."""

    type: DocumentType
    year: int | None
    default: Frame

    @classmethod
    def of(cls, outline: Outline) -> Sections:
        """Return the frames that title and type of the document give."""
        kind_of_text = document_type(outline)
        return cls(kind_of_text, outline.year, _default(kind_of_text, outline))

    def frame(self, headings: tuple[str, ...]) -> Frame:
        """Return what holds under `headings`, outermost first."""
        return _frame(self, headings)


def document_type(outline: Outline) -> DocumentType:
    """Return what sort of text it is, by its title, else by how it opens."""
    title = outline.title or ""
    for name, pattern in _TYPES:
        if pattern.search(title):
            return name
    head = outline.text.text[:1500]
    if _REPORT_OPENING.search(head):
        return "work_report"
    if "发布会" in head:
        return "briefing"
    return "communique" if "统计公报" in head[:300] else "news"


def period_in(text: str, year: int | None) -> str | None:
    """Return the period that a heading or a table's head names, None where it names none."""
    ahead, past = _AHEAD.search(text), _PAST.search(text)
    if year is not None and past:
        years = _YEARS.get(past["past"] or past["came"] or "", 1)
        return str(Period.of_years(year - years, year - 1))
    if year is not None and ahead:
        return str(Period.of_years(year, year - 1 + _YEARS[ahead["years"] or ahead["more"]]))
    for mention in find_periods(text, year or _UNKNOWN_YEAR):
        if DATELINE.match(text, mention.end):
            continue
        if mention.period and mention.period >= "1900" and mention.role in ("at", "since"):
            return mention.period
    plan = _PLAN_NAME.search(text)
    if plan:
        first = FIRST_PLAN_YEAR[plan[1]]
        return str(Period.of_years(first, first + 4))
    return None


def _default(kind_of_text: DocumentType, outline: Outline) -> Frame:
    title = outline.title or ""
    if kind_of_text == "communique":
        named = _OF_YEAR.search(outline.text.text[:400])
        return Frame("result", period_in(title, outline.year) or (named[1] if named else _year(outline.year)))
    if kind_of_text == "plan":
        return Frame("target", period_in(title, outline.year))
    if kind_of_text == "briefing":
        return Frame(None, period_in(title, outline.year) if "运行" in title or "季度" in title else None)
    return Frame(None, None)


@lru_cache(maxsize=1024)
def _frame(sections: Sections, headings: tuple[str, ...]) -> Frame:
    """Read the headings from the innermost outwards: the first that tells a kind, the first that tells a period."""
    kind = _kind_of(headings) or sections.default.kind
    period = next((named for heading in reversed(headings) if (named := period_in(heading, sections.year))), None)
    if period is None and sections.type == "work_report" and sections.year is not None and kind:
        period = str(sections.year - 1 if kind == "result" else sections.year)
    return Frame(kind, period or sections.default.period)


def _kind_of(headings: tuple[str, ...]) -> Kind | None:
    plain = [
        heading for heading in reversed(headings) if len(heading) <= _LONGEST_HEADING and heading[-1:] not in "？?。"
    ]
    for target, result in ((_TARGET, _RESULT), (_TARGET_HINT, _RESULT_HINT)):
        for heading in plain:
            if target.search(heading) and not _FULFILLED.search(heading):
                return "target"
            if result.search(heading) or _FULFILLED.search(heading):
                return "result"
    return None


def _year(year: int | None) -> str | None:
    return None if year is None else str(year)
