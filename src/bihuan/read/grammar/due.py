"""The last month or day a clause allows: 8月底前, 年内, 上半年, 三季度前."""

from __future__ import annotations

import re

_YEAR = r"(?:(20\d\d)年|(今年|明年|去年|当年))?"
_DUE = re.compile(
    _YEAR + r"(?:(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|(?:底|份|末|初|[上中下]旬)?)(?P<before>之?前|内|底)?"
    r"|(?P<quarter>[一二三四])季度|(?P<half>上半年)|(?P<feast>国庆|五一|七一|元旦)节?(?:假期)?之?前|(?P<year_end>(?<![\d一二三四五两几近])年[内底末]|下半年|(?<=[\d今明当]年)[内底末]))"
)
# A feast's eve: 国庆节前 is the end of September, 元旦前 the end of the year itself.
_FEAST_EVE = {"国庆": 9, "五一": 4, "七一": 6, "元旦": 12}
_QUARTER_END = {"一": 3, "二": 6, "三": 9, "四": 12}


def due_in(text: str, year: int | None) -> str | None:
    """Return `2023-08` or `2023-08-15` for the first term the text sets, None where it sets none or no year is known.

    Args:
        text: a clause of a promise.
        year: the year the promise is for; 明年 adds one, a year in the text wins.
    """
    found = _DUE.search(text)
    if found is None:
        return None
    of_year = int(found.group(1)) if found.group(1) else year
    if of_year is None:
        return None
    of_year += found.group(2) == "明年"
    if found["day"]:
        return f"{of_year}-{int(found['month']):02d}-{int(found['day']):02d}"
    return f"{of_year}-{_month(found):02d}"


def _month(found: re.Match[str]) -> int:
    if found["month"]:
        return min(int(found["month"]), 12)
    if found["quarter"]:
        return _QUARTER_END[found["quarter"]]
    if found["feast"]:
        return _FEAST_EVE[found["feast"]]
    return 6 if found["half"] else 12
