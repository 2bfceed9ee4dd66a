"""Periods: what span of time a statement speaks of, as ISO 8601 text and as Chinese reports name it.

A period is whole months: `2023`, `2023-09`, `2023-01/2023-11`, `2021/2023`. `find_periods` reads 今年, 前三季度,
“十四五”, 8月底前 and their like, given the year that 今年 means; it knows no document and no clock. The conventions are
those of the labelled data: 去年以来 runs from last year to this one, 近三年 has no period, 年内 is due in December.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from bihuan.core.errors import InputError
from bihuan.core.numerals import DIGIT, parse_number

PeriodRole = Literal["at", "due", "since", "base", "from", "span"]
FIRST_PLAN_YEAR = {"十一": 2006, "十二": 2011, "十三": 2016, "十四": 2021, "十五": 2026, "十六": 2031}
"""First year of each five-year plan (五年规划); each runs five years."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of whole months, both ends included; ordered by its beginning, then its end."""

    first: int
    """First month, counted as 12 × year + month − 1."""
    last: int
    """Last month, counted likewise; never before `first`."""

    @classmethod
    def of_years(cls, first: int, last: int | None = None) -> Period:
        """Return the whole year, or the years from `first` to `last`."""
        return cls(12 * first, 12 * (first if last is None else last) + 11)

    @classmethod
    def of_months(cls, year: int, first: int, last: int | None = None) -> Period:
        """Return the month of `year`, or its months from `first` to `last`."""
        return cls(12 * year + first - 1, 12 * year + (first if last is None else last) - 1)

    @classmethod
    def parse(cls, text: str) -> Period:
        """Return the period that ISO 8601 text writes.

        Raises:
            InputError: the text is no period of whole years or months, or ends before it begins.
        """
        return _parse(text)

    def __str__(self) -> str:
        whole_years = self.first % 12 == 0 and self.last % 12 == 11
        ends = [_iso(self.first, whole_years), _iso(self.last, whole_years)]
        return ends[0] if ends[0] == ends[1] else "/".join(ends)

    @property
    def year(self) -> int:
        """Return the year it ends in."""
        return self.last // 12

    @property
    def start_day(self) -> date:
        """Return its first day."""
        return date(self.first // 12, self.first % 12 + 1, 1)

    @property
    def end_day(self) -> date:
        """Return its last day."""
        return _last_day(self.last // 12, self.last % 12 + 1)

    @property
    def months(self) -> int:
        """Return its length in months."""
        return self.last - self.first + 1

    def contains(self, other: Period) -> bool:
        """Return whether `other` lies wholly within this period."""
        return self.first <= other.first and other.last <= self.last

    def overlaps(self, other: Period) -> bool:
        """Return whether the two share a month."""
        return self.first <= other.last and other.first <= self.last

    def previous(self) -> Period:
        """Return what it is compared with: the same months a year before, or the years before of the same number."""
        back = 12 * -(-self.months // 12)
        return Period(self.first - back, self.last - back)


@dataclass(frozen=True, slots=True)
class PeriodMention:
    """One expression of time in a sentence."""

    start: int
    end: int
    """Its place in the text that was searched, the end excluded."""
    period: str | None
    """None for a span without an anchor (近三年), and where it rests on an unknown year."""
    role: PeriodRole
    """`at`: when; `due`: by when; `since`: from then until the year given; `base`: what is compared with (比上年,
    年初); `from`: where a change began (由2020年的); `span`: a number of years."""
    due: str | None = None
    """Last month or day the words allow, `2023-08`, where they name one (年内, 8月底前, 上半年)."""
    years: int | None = None
    """Length of a span (近三年)."""
    named_year: bool = True
    """False where only months are named and the year was taken from `default_year`."""


def due_day(due: str) -> date:
    """Return the last day that a `due` of a commitment allows: `2023-08` is 2023-08-31.

    Raises:
        InputError: it is neither a day, a month nor a year.
    """
    parts = due.split("-")
    try:
        if len(parts) == 3:
            return date.fromisoformat(due)
        return Period.parse(due).end_day
    except ValueError:
        raise InputError(f"'{due}' is no day; write 2023, 2023-08 or 2023-08-31") from None


def find_periods(text: str, year: int | None, default_year: int | None = None) -> list[PeriodMention]:
    """Return the expressions of time in a sentence of restored text, in order, not overlapping.

    Args:
        text: one sentence or clause.
        year: what 今年 means in the document; None where it is not known, and what rests on it has no period.
        default_year: the year of months named without one (1—11月, 上半年, 全年); `year` where None. A report's
            review of last year passes last year.
    """
    if not _HINT.search(text):
        return []
    this_year = _UNKNOWN if year is None else year
    months_of = this_year if default_year is None else default_year
    found = (_read(match, this_year, months_of) for match in _EXPRESSION.finditer(text))
    return [mention for mention in found if mention is not None]


_UNKNOWN = 0  # reckoned with like a year; no result below _EARLIEST is ever told
_EARLIEST = 1000
_HINT = re.compile('年|月|季度|五[”"]?[时期末以初]')

_WORDS = {"大前年": -3, "前年": -2, "去年": -1, "上年": -1, "上一年": -1, "本年": 0, "今年": 0, "明年": 1, "来年": 1}
_WORD = "大前年|(?<![之以目提])前年|(?<!过)去年|(?<!以)上一?年|(?<![基本])本年|今年|明年|(?<!年)来年"
_SPACE = "[ \u00a0\u3000]?"  # typeset texts part figures from 年 and 月
_YEAR = rf"(?<!\d)(?:(?:[1\uff11][9\uff19]|[2\uff12][0\uff10])\d\d|[一二][{DIGIT}]{{3}}){_SPACE}"
_NUMBER = rf"(?<![\d.{DIGIT}十百])(?:\d{{1,2}}|[{DIGIT}十]{{1,3}}){_SPACE}"
_DASH = f"(?:[-—–－~～‐]{{1,2}}|至|到){_SPACE}"
_LEAD = "比|较|由|从|自|截至|截止到?|到|至|与|同"
_TAIL = "年?[底末](?:之?前|以前)?|[之以]前|前(?![后列期沿])|以来|同期|[内初](?!步)|期间"


def _within(suffix: str) -> str:
    """Return the pattern of months within a year; group names carry `suffix`, so that it can be used twice."""
    return (
        rf"{_SPACE}(?:(?P<m1{suffix}>{_NUMBER})月?份?{_DASH}(?P<m2{suffix}>{_NUMBER})月份?"
        rf"|前(?P<firstm{suffix}>{_NUMBER})个月"
        rf"|(?P<half{suffix}>[上下])半年"
        rf"|前(?P<firstq{suffix}>[两二三23])个?季度(?!假)"
        rf"|第?(?P<q{suffix}>[一二三四首1-4])季度(?!假)"
        rf"|(?P<m{suffix}>{_NUMBER})月(?:份|{_SPACE}(?P<d{suffix}>{_NUMBER})[日号])?"
        rf"|(?P<whole{suffix}>(?<![安健保])全年))"
    )


# Every expression begins with one of these; looking first makes the search twice as fast.
_FIRST = rf"(?=[\d“\"{DIGIT}十比较由从自截到至与同大前上去本今明来下第首全近过最连未再用年])"
_EXPRESSION = re.compile(
    rf"{_FIRST}(?:(?P<plan>[到至]?[“\"]?(?P<plann>十[一二三四五六])五[”\"]?(?P<plantail>时期|期间|以来|年?末|初)年?)"
    rf"|(?P<years>(?P<y1>{_YEAR})年?{_DASH}(?P<y2>{_YEAR})年)"
    rf"|(?P<dated>(?P<lead>{_LEAD})?(?:(?P<y>{_YEAR})年|(?P<w>{_WORD}))度?(?:{_within('')})?(?P<tail>{_TAIL})?)"
    rf"|(?P<undated>(?P<lead_>{_LEAD})?{_within('_')}(?P<tail_>{_TAIL})?)"
    rf"|(?P<span>(?P<spanlead>近|过去|最近|连续|未来|今后|再?用)?(?P<spann>{_NUMBER})年"
    r"(?P<spantail>左右?的?时间|时间|之?内|以?来|之?前|间)?(?![级制期生]|规划|计划|行动|任务|攻坚|以上))"
    r"|(?P<edge>(?P<edgelead>比|较)?年(?P<edgetail>内|[底末](?:之?前|以前)?|初)(?!步)))"
)


def _read(match: re.Match[str], year: int, default_year: int) -> PeriodMention | None:
    """Return what one match of the expression means, None where its numbers make no sense."""
    kind = match.lastgroup
    if kind == "plan":
        return _read_plan(match, year)
    if kind == "years":
        first, last = int(parse_number(match["y1"])), int(parse_number(match["y2"]))
        return _mention(match, Period.of_years(first, last), "at") if first <= last else None
    if kind == "span":
        return _read_span(match, year)
    if kind == "edge":
        return _read_edge(match, default_year)
    return _read_date(match, year, default_year)


def _mention(
    match: re.Match[str],
    period: Period | None,
    role: PeriodRole,
    due: str | None = None,
    years: int | None = None,
    named_year: bool = True,
) -> PeriodMention:
    """Return a mention at the match's place; an unknown year leaves it without a period."""
    known = period is not None and period.first >= 12 * _EARLIEST
    text, last = (str(period), due) if known else (None, None)
    return PeriodMention(match.start(), match.end(), text, role, last, years, named_year)


def _read_plan(match: re.Match[str], year: int) -> PeriodMention:
    first = FIRST_PLAN_YEAR[match["plann"]]
    tail = match["plantail"]
    if tail == "以来":
        return _mention(match, Period.of_years(first, max(first, year)), "since")
    if tail.endswith("末"):
        return _mention(match, Period.of_years(first + 4), "at", f"{first + 4}-12")
    return _mention(match, Period.of_years(first) if tail == "初" else Period.of_years(first, first + 4), "at")


def _read_span(match: re.Match[str], year: int) -> PeriodMention | None:
    """Read a number of years: ahead (三年内, 用三年时间) it begins with this year, looking back it has no anchor."""
    try:
        years = int(parse_number(match["spann"]))
    except InputError:  # 十四五年: no number of years, whatever was meant
        return None
    lead, tail = match["spanlead"] or "", match["spantail"] or ""
    if not 2 <= years <= 50:
        return None
    ahead = lead in ("未来", "今后", "用", "再用") or (not lead and tail.endswith(("内", "时间")))
    period = Period.of_years(year, year + years - 1) if ahead else None
    due = f"{year + years - 1}-12" if ahead and tail.endswith("内") else None
    role: PeriodRole = "from" if tail.endswith("前") else "span"
    return _mention(match, period, role, due, years)


def _read_edge(match: re.Match[str], year: int) -> PeriodMention:
    """Read 年内, 年底前, 年末, 年初 without a year before them."""
    tail = match["edgetail"]
    if tail == "初" or match["edgelead"]:
        return _mention(match, Period.of_years(year), "base", named_year=False)
    role: PeriodRole = "due" if tail == "内" or tail.endswith("前") else "at"
    return _mention(match, Period.of_years(year), role, f"{year}-12", named_year=False)


def _read_date(match: re.Match[str], year: int, default_year: int) -> PeriodMention | None:
    """Read a year, months of a year, or months alone, with what stands before and behind."""
    suffix = "_" if match.lastgroup == "undated" else ""
    named = default_year if suffix else _named_year(match, year)
    period = _months(match, suffix, named)
    if period is None:
        return None
    lead, tail = match["lead" + suffix] or "", match["tail" + suffix] or ""
    role = _role(match, lead, tail)
    if role == "since":
        period = Period(period.first, max(period.last, 12 * year + 11))
    due = _due(match, suffix, period, tail) if role in ("at", "due") else None
    if role == "due":
        period = Period.of_years(period.year)
    return _mention(match, period, role, due, named_year=not suffix)


def _named_year(match: re.Match[str], year: int) -> int:
    word = match["w"]
    return year + _WORDS[word] if word else int(parse_number(match["y"]))


def _months(match: re.Match[str], suffix: str, year: int) -> Period | None:
    """Return the months of `year` that the match names, the whole year where it names none."""
    group = {name: match[name + suffix] for name in ("m1", "m2", "firstm", "half", "firstq", "q", "m", "d")}
    if group["half"]:
        return Period.of_months(year, 1, 6) if group["half"] == "上" else Period.of_months(year, 7, 12)
    if group["q"] or group["firstq"]:
        last = 3 * int(parse_number((group["q"] or group["firstq"]).replace("首", "一")))
        return Period.of_months(year, last - 2 if group["q"] else 1, last)
    if not (group["m"] or group["m1"] or group["firstm"]):
        return Period.of_years(year)
    last = int(parse_number(group["m"] or group["m2"] or group["firstm"]))
    first = last if group["m"] else int(parse_number(group["m1"] or "1"))
    return Period.of_months(year, first, last) if 1 <= first <= last <= 12 else None


def _role(match: re.Match[str], lead: str, tail: str) -> PeriodRole:
    after = match.string[match.end() : match.end() + 4]
    if tail == "以来" or (lead in ("从", "自") and after.startswith(("起", "开始", "以来"))):
        return "since"
    if lead in ("比", "较") or tail == "同期" or (lead in ("与", "同") and after.startswith(_COMPARED)):
        return "base"
    if lead in ("由", "从", "自"):
        return "from"
    return "due" if tail == "内" or tail.endswith("前") else "at"


_COMPARED = ("相比", "持平", "基本持平", "相当")


def _due(match: re.Match[str], suffix: str, period: Period, tail: str) -> str | None:
    """Return the last day or month the words allow; 前 counts its own period, as official deadlines are kept."""
    day = match["d" + suffix]
    if day:
        return _day(period.year, period.last % 12 + 1, int(parse_number(day)))
    if period.months == 12 and not tail.endswith(("内", "底", "末", "前")):
        return None
    return _iso(period.last, whole_years=False)


def _day(year: int, month: int, day: int) -> str | None:
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= day <= monthrange(max(year, 1), month)[1] else None


def _iso(month: int, whole_years: bool) -> str:
    return f"{month // 12:04d}" if whole_years else f"{month // 12:04d}-{month % 12 + 1:02d}"


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


_ISO = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?(?:/(\d{4})(?:-(0[1-9]|1[0-2]))?)?")


@lru_cache(maxsize=4096)
def _parse(text: str) -> Period:
    found = _ISO.fullmatch(text)
    if not found:
        raise InputError(f"'{text}' is no period; write 2023, 2023-09, 2023-01/2023-11 or 2021/2023")
    year, month, last_year, last_month = found.groups()
    first = Period.of_months(int(year), int(month)) if month else Period.of_years(int(year))
    if last_year is None:
        return first
    last = Period.of_months(int(last_year), int(last_month)) if last_month else Period.of_years(int(last_year))
    if last.last < first.first or (month is None) != (last_month is None):
        raise InputError(
            f"'{text}' is no period: both ends are years or both are months, and the second is not earlier"
        )
    return Period(first.first, last.last)
