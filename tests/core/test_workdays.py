from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.errors import CalendarError, InputError
from bihuan.core.workdays import Calendar

# Two invented years: a spring holiday from a Monday to a Sunday, and the Saturday before it worked.
HOLIDAYS = frozenset(date(2030, 2, 4) + timedelta(days=n) for n in range(7)) | {date(2030, 1, 1), date(2031, 1, 1)}
MAKEUP = frozenset({date(2030, 2, 2), date(2030, 2, 16)})
CALENDAR = Calendar(frozenset(HOLIDAYS), MAKEUP, (2030, 2031))
days = st.dates(CALENDAR.first_day, date(2031, 6, 30))
few = st.integers(0, 60)


def test_weekends_holidays_and_makeup_days() -> None:
    friday, makeup_saturday, sunday, holiday = (date(2030, 2, day) for day in (1, 2, 3, 4))
    assert [CALENDAR.is_workday(day) for day in (friday, makeup_saturday, sunday, holiday)] == [
        True,
        True,
        False,
        False,
    ]


def test_adding_steps_over_the_holiday() -> None:
    assert CALENDAR.add_workdays(date(2030, 2, 1), 1) == date(2030, 2, 2)
    assert CALENDAR.add_workdays(date(2030, 2, 1), 2) == date(2030, 2, 11)


@given(days, few, few)
def test_adding_in_two_steps_equals_adding_in_one(day: date, a: int, b: int) -> None:
    assert CALENDAR.add_workdays(CALENDAR.add_workdays(day, a), b) == CALENDAR.add_workdays(day, a + b)


@given(days, st.integers(1, 60))
def test_what_is_added_is_what_looking_at_every_day_counts(day: date, count: int) -> None:
    end = CALENDAR.add_workdays(day, count)
    assert CALENDAR.is_workday(end)
    assert sum(CALENDAR.is_workday(day + timedelta(days=n)) for n in range(1, (end - day).days + 1)) == count


@pytest.mark.parametrize("day", [date(2029, 12, 31), date(2032, 1, 1)])
def test_nothing_is_guessed_outside_the_covered_years(day: date) -> None:
    for ask in (CALENDAR.is_workday, lambda day: CALENDAR.add_workdays(day, 1)):
        with pytest.raises(CalendarError, match="knows 2030 to 2031"):
            ask(day)


def test_an_answer_beyond_the_calendar_is_an_error_not_a_weekday() -> None:
    with pytest.raises(CalendarError, match="5 working days after 2031-12-30"):
        CALENDAR.add_workdays(date(2031, 12, 30), 5)


def test_a_contradictory_calendar_is_refused() -> None:
    with pytest.raises(InputError, match="both"):
        Calendar(frozenset({date(2030, 1, 1)}), frozenset({date(2030, 1, 1)}), (2030,))
    with pytest.raises(InputError, match="consecutive"):
        Calendar(frozenset(), frozenset(), (2030, 2032))
    with pytest.raises(InputError, match="0 or more"):
        CALENDAR.add_workdays(date(2030, 5, 6), -1)
