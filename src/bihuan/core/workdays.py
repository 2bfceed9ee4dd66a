"""Working days as the State Council sets them: Monday to Friday, less its holidays, plus its make-up days (调休).

The calendar is handed in, so that a new notice is new data and a clock can be computed anew. Outside the years it
covers nothing is known and nothing is guessed. The data lie in `packs/calendar.yaml`; `store.calendar` loads them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from bihuan.core.errors import CalendarError, InputError
from bihuan.core.messages import N_, Message

_SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The working days of some years."""

    holidays: frozenset[date]
    """Days off by notice; weekend days among them make no difference."""
    makeup_days: frozenset[date]
    """Weekend days that are worked."""
    covered_years: tuple[int, ...]
    """Consecutive years whose notices are known, ascending."""

    def __post_init__(self) -> None:
        years = self.covered_years
        if not years or list(years) != list(range(years[0], years[-1] + 1)):
            raise InputError(f"a calendar covers consecutive years, these do not follow one another: {years}")
        both = sorted(self.holidays & self.makeup_days)
        if both:
            raise InputError(f"{both[0]} is both a holiday and a make-up day; correct the calendar")

    @property
    def first_day(self) -> date:
        """Return the first day it knows."""
        return date(self.covered_years[0], 1, 1)

    @property
    def last_day(self) -> date:
        """Return the last day it knows."""
        return date(self.covered_years[-1], 12, 31)

    def is_workday(self, day: date) -> bool:
        """Return whether `day` is worked.

        Raises:
            CalendarError: the day lies outside the covered years.
        """
        self._require(day)
        return day in self.makeup_days or (day.weekday() < _SATURDAY and day not in self.holidays)

    def add_workdays(self, day: date, count: int) -> date:
        """Return the `count`-th working day strictly after `day`; the day itself for 0.

        Raises:
            CalendarError: the answer, or `day`, lies outside the covered years.
            InputError: `count` is negative.
        """
        self._require(day)
        if count < 0:
            raise InputError(f"{count} working days cannot be added; the number is 0 or more")
        if count == 0:
            return day
        at = bisect_right(self._workdays, day) + count - 1
        if at >= len(self._workdays):
            raise self._outside(Message(N_("{count} working days after {day}"), {"count": count, "day": day}))
        return self._workdays[at]

    @cached_property
    def _workdays(self) -> list[date]:
        return [day for day in _days(self.first_day, self.last_day) if self.is_workday(day)]

    def _require(self, day: date) -> None:
        if not self.first_day <= day <= self.last_day:
            raise self._outside(day)

    def _outside(self, what: date | Message) -> CalendarError:
        first, last = self.covered_years[0], self.covered_years[-1]
        return CalendarError(
            N_(
                "{what} lies outside the calendar of working days, which knows {first} to {last}; "
                "add the State Council's notice of the year to packs/calendar.yaml"
            ),
            key="calendar_outside",
            what=what,
            first=first,
            last=last,
        )


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
