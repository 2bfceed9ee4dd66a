"""When something is due: `due(received, rule, calendar)`, pure and total.

The words are those of `docs/reference/act-due.md`. Counting starts after the day of receipt (Civil Code, art. 201); a
last day that is no working day moves to the next one (art. 203) unless the rule says otherwise. Past the end of the
loaded calendar the answer is provisional, never a guess.
"""

from __future__ import annotations

import calendar as months
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from bihuan.core.errors import InputError
from bihuan.core.workdays import Calendar

CHINA = ZoneInfo("Asia/Shanghai")
Unit = Literal["working_day", "calendar_day", "calendar_month", "clock_hour", "working_hour"]
Roll = Literal["forward", "none"]
OfficeHours = tuple[tuple[time, time], ...]
Span = tuple[date, date]
"""(a, b): days x with a < x <= b do not count."""

UNITS: tuple[Unit, ...] = get_args(Unit)
ROLLS: tuple[Roll, ...] = get_args(Roll)
OFFICE_HOURS: OfficeHours = ((time(8), time(12)), (time(14), time(18)))
END_OF_OFFICE = time(18)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """How long something may take.

    Raises:
        InputError: the parts contradict one another; the message names the part.
    """

    unit: Unit
    n: int
    roll: Roll = "forward"
    """What becomes of a last day that is no working day; for day and month units."""
    day_end: time | None = END_OF_OFFICE
    """Local time at which the last day ends; None for 24:00."""
    suspended: tuple[Span, ...] = ()
    extend: int = 0
    """Further working days after the original last day."""
    office_hours: OfficeHours = OFFICE_HOURS

    def __post_init__(self) -> None:
        if self.n < 0 or self.extend < 0:
            raise InputError("n and extend are whole numbers of at least 0", where="n" if self.n < 0 else "extend")
        if self.unit != "working_day":
            self._refuse_what_needs_working_days()
        if any(a > b for a, b in self.suspended):
            raise InputError("the suspension ends before it begins", where="suspended")
        edges = [edge for span in self.office_hours for edge in span]
        if not edges or any(a >= b for a, b in itertools.pairwise(edges)):
            raise InputError("office hours are spans in order, each ending after it begins", where="office_hours")

    def _refuse_what_needs_working_days(self) -> None:
        for name, given in (("suspended", bool(self.suspended)), ("extend", self.extend > 0)):
            if given:
                raise InputError(f"goes with working_day only, not with {self.unit}", where=name)


@dataclass(frozen=True, slots=True)
class Due:
    """The answer: `at` in Chinese time, None where it lies past the end of the loaded calendar."""

    at: datetime | None

    @property
    def status(self) -> Literal["final", "provisional"]:
        """Say whether the loaded calendar reaches as far as the answer."""
        return "provisional" if self.at is None else "final"


class _PastCalendar(Exception):
    """A day was asked of whose year no holiday notice is loaded."""


def due(received: datetime, rule: Rule, calendar: Calendar) -> Due:
    """Return when something received at `received` is due.

    Args:
        received: an instant with its offset; its date in China is the day of receipt, which never counts.
        rule: how long it may take.
        calendar: the working days; not needed for clock hours and for days that do not roll.

    Raises:
        InputError: `received` has no offset.
        CalendarError: a day before the loaded calendar is asked for.

    Source: Civil Code of the PRC, art. 200–204; State Council notices on the arrangement of holidays.
    """
    if received.tzinfo is None:
        raise InputError("an instant needs its offset, such as +08:00", where="received")
    try:
        local = received.astimezone(CHINA)
        if rule.unit == "clock_hour":
            return Due((received + timedelta(hours=rule.n)).astimezone(CHINA))
        if rule.unit == "working_hour":
            return Due(_after_working_hours(local, rule, calendar))
        return Due(_end_of(_last_day(local.date(), rule, calendar), rule.day_end))
    except _PastCalendar:
        return Due(None)
    except OverflowError:
        raise InputError("lies outside the years 1 to 9999", where="due") from None


def _last_day(receipt: date, rule: Rule, calendar: Calendar) -> date:
    if rule.unit == "working_day":
        last = _count(receipt, rule.n, rule.suspended, calendar)
        return _count(_rolled(last, rule.roll, calendar, rule.suspended), rule.extend, rule.suspended, calendar)
    if rule.unit == "calendar_day":
        return _rolled(receipt + rule.n * _ONE_DAY, rule.roll, calendar)
    return _rolled(_months_on(receipt, rule.n), rule.roll, calendar)


def _count(day: date, n: int, suspended: tuple[Span, ...], calendar: Calendar) -> date:
    """Return the n-th working day strictly after `day`, leaving out the suspended days; `day` itself for 0."""
    while n > 0:
        day += _ONE_DAY
        n -= _counts(day, suspended, calendar)
    return day


def _rolled(day: date, roll: Roll, calendar: Calendar, suspended: tuple[Span, ...] = ()) -> date:
    while roll == "forward" and not _counts(day, suspended, calendar):
        day += _ONE_DAY
    return day


def _counts(day: date, suspended: tuple[Span, ...], calendar: Calendar) -> bool:
    return not any(a < day <= b for a, b in suspended) and _works(day, calendar)


def _works(day: date, calendar: Calendar) -> bool:
    if day > calendar.last_day:
        raise _PastCalendar
    return calendar.is_workday(day)


def _months_on(day: date, n: int) -> date:
    """The same day number n months on, or that month's last day."""
    years, month = divmod(day.month - 1 + n, 12)
    year = day.year + years
    if year > date.max.year:
        raise OverflowError
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _end_of(day: date, day_end: time | None) -> datetime:
    if day_end is None:
        return datetime.combine(day + _ONE_DAY, time(0), CHINA)
    return datetime.combine(day, day_end, CHINA)


def _after_working_hours(local: datetime, rule: Rule, calendar: Calendar) -> datetime:
    """Use up the hours inside the office hours of working days; used up at a closing time, it ends there."""
    left = timedelta(hours=rule.n)
    for opening, closing in _office_spans(local, rule.office_hours, calendar):
        if left <= closing - opening:
            return opening + left
        left -= closing - opening
    raise _PastCalendar


def _office_spans(local: datetime, hours: OfficeHours, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Spans of office time from `local` on, the first cut to begin there."""
    day = local.date()
    while True:
        if _works(day, calendar):
            for opens, closes in hours:
                opening = max(datetime.combine(day, opens, CHINA), local)
                closing = datetime.combine(day, closes, CHINA)
                if opening < closing:
                    yield opening, closing
        day += _ONE_DAY
