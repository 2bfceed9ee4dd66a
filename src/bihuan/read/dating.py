"""The day a text names as its own, and the year that 今年 means in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

_DAY = re.compile(
    r"((?:20|19)\d\d)\s*(?:年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日|[-/.](\d{1,2})[-/.](\d{1,2})(?![\d月年]))"
)
_MONTH_ONLY = re.compile(r"^[(（]?\s*((?:20|19)\d\d)\s*(?:年\s*\d{1,2}\s*月|年)\s*[)）]?$")
_MONTH_DAY = re.compile(r"(?<![\d年])(\d{1,2})月(\d{1,2})日(?=\s*(?:电|讯|上午|下午|晚|凌晨|，|,|[(（]|至))")
# A bulletin's 今年 is the year it reports on; a press conference on it speaks from its own day.
_REPORTS_A_PERIOD = re.compile("^(?!.*(?:发布会|答记者问)).*(?:公报|运行情况|完成情况)")
_NUMERALS = "一二三四五六七八九十"
# What a year is called on its occasion. Source: the plans' own periods, the days of congresses and anniversaries.
_OCCASIONS = (
    (2017, re.compile("(?:迎接|喜迎)党的十九大")),
    (2018, re.compile("改革开放(?:40|四十)周年")),
    (2019, re.compile("新中国成立(?:70|七十)(?:周年|年来)|全面建成小康社会的?关键之年")),
    (2020, re.compile("(?:十三五.{0,6}|全面建成小康社会.{0,8})(?:收官|决胜)之年")),
    (2021, re.compile("十四五.{0,6}(?<!精神的)开局之年|(?:建党|中国共产党成立)(?:100|一百)周年|党的百年华诞")),
    (2022, re.compile("(?:迎接|喜迎)党的二十大|党的二十大召开之年")),
    (2023, re.compile("党的二十大精神的?开局之年")),
    (2024, re.compile("新中国成立(?:75|七十五)周年")),
    (2025, re.compile("十四五.{0,6}收官之年")),
    (2026, re.compile("十五五.{0,6}开局之年")),
)
_SESSION = re.compile(f"十([三四])届全国人大([{_NUMERALS}])次会议")
_PLANNED = re.compile(
    r"(20\d\d)年(?:经济社会|国民经济|全市|主要|重点|政府|经济|发展|总体|预期)*(?:工作|目标|任务|计划)*"
    r"(?:安排|目标|任务|工作重点|重点工作|主要预期|预期目标|总体要求|打算|计划)"
    r"|(?:站在|迈入|步入|迎来|踏上|展望)(20\d\d)年?(?:的起跑线)?"
    r"|(?<![到至])(20\d\d)年[，,]?[\u4e00-\u9fff]{0,6}(?:将|要继续|力争|计划|我们要)"
)
_REVIEWED = re.compile(r"(?:回顾|总结|过去的|刚刚过去的)(20\d\d)年?|(20\d\d)年(?:的)?(?:工作)?(?:回顾|总结)")
_PART = re.compile(r"(20\d\d)年(?:\d{1,2}[-—–至到]\d{1,2}月|上半年|前三季度|一季度|第[一二三]季度|\d{1,2}月)")
_SPAN = re.compile(r"(20[0-3]\d)年?\s*[-—–－~～至]+\s*20[0-3]\d年")
"""The years that a plan runs (2024—2026年): it is made for the first of them."""
_YEAR = re.compile(r"(?<![\d到至])(20[0-3]\d)年(?!前|远景|愿景)")


def day_in(text: str) -> date | None:
    """Return the first full day written in `text`, None where there is none."""
    for match in _DAY.finditer(text):
        day = _date(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5]))
        if day:
            return day
    return None


def month_and_day_in(text: str) -> tuple[int, int] | None:
    """Return (month, day) of a news date line without a year (`人民网太原3月7日电`), None where there is none."""
    match = _MONTH_DAY.search(text)
    return (int(match[1]), int(match[2])) if match and 1 <= int(match[1]) <= 12 else None


def date_of(title: str, datelines: Sequence[str], main: str, file_day: str | None) -> tuple[date | None, int | None]:
    """Return (the day a text names as its own, the year 今年 means in it), each None where it does not tell.

    The text's own day wins over the file's; a day without a year takes the year the text speaks from.
    """
    day = _own_day(datelines, main)
    month_day = None if day else next(filter(None, map(month_and_day_in, (*datelines, main[:300]))), None)
    of_period = _YEAR.search(title) if _REPORTS_A_PERIOD.search(title) else None
    dated = day.year if day else next((int(m[1]) for m in map(_MONTH_ONLY.match, datelines) if m), None)
    year = int(of_period[1]) if of_period else dated or year_of(title, main, month_day and month_day[0])
    if day is None and month_day and year:
        day = _date(year, *month_day)
    if day is None and file_day:
        day = date.fromisoformat(file_day[:10])
    return day, year or (day.year if day else None)


def _own_day(datelines: Sequence[str], main: str) -> date | None:
    """The day of the date line (—— and brackets before a page's own), of the first words, or of a last line."""
    datelines = sorted(datelines, key=lambda line: not line.startswith(("—", "-", "（", "(")))
    last = main.rstrip().rsplit("\n", 1)[-1]
    places = (*datelines, main[:80], last if len(last) < 20 else "")
    return next(filter(None, map(day_in, places)), None)


def year_of(title: str, body: str, month: int | None) -> int | None:
    """Return the year that 今年 means, from what the text says of itself; None where it does not tell.

    Args:
        title: the title, empty where there is none.
        body: the main text.
        month: of the date line, where there is one.
    """
    span = _SPAN.search(title)
    if span:
        return int(span[1])
    named = _YEAR.findall(title)
    if named:
        return max(map(int, named))
    for judge in (_planned_year, _occasion_year, _session_year):
        year = judge(body)
        if year:
            return year
    return _year_after_reviewed(body, month)


def _planned_year(body: str) -> int | None:
    years = [int(year) for groups in _PLANNED.findall(body) for year in groups if year]
    return min(years) if years else None


def _occasion_year(body: str) -> int | None:
    return next((year for year, pattern in _OCCASIONS if pattern.search(body)), None)


def _session_year(body: str) -> int | None:
    match = _SESSION.search(body)
    return {"三": 2017, "四": 2022}[match[1]] + _NUMERALS.index(match[2]) + 1 if match else None


def _year_after_reviewed(body: str, month: int | None) -> int | None:
    """A look back on a whole year is of the next year; on a part of it, of the same but in January and February."""
    reviewed = [int(year) for groups in _REVIEWED.findall(body) for year in groups if year]
    if reviewed:
        return max(reviewed) + 1
    years = list(map(int, _YEAR.findall(body)))
    if not years:
        return None
    last = max(years)
    parts = [int(year) for year in _PART.findall(body)]
    if last in parts and (month is None or month > 2):
        return last
    return last + 1


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
