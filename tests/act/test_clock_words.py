"""Every word of the clock vocabulary against a second, plain way of counting, over 2024 to 2026.

The plain way lists days or minutes one by one; it shares nothing with `bihuan.act.clock` but the calendar's data.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.clock import CHINA, OFFICE_HOURS, Rule, due
from bihuan.core.errors import InputError
from bihuan.store.calendar import load_calendar

CALENDAR = load_calendar()
LAST = date(2026, 12, 31)
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(3 * 365 + 1)]
WORKING = [d for d in DAYS if d in CALENDAR.makeup_days or (d.weekday() < 5 and d not in CALENDAR.holidays)]

first, last = datetime(2024, 1, 1), datetime(2026, 12, 31, 23, 59)  # noqa: DTZ001  # hypothesis adds the zone
instants = st.datetimes(first, last, timezones=st.sampled_from([CHINA, UTC])).filter(
    lambda at: date(2024, 1, 1) <= at.astimezone(CHINA).date() <= LAST
)
spans = st.tuples(st.sampled_from(DAYS), st.integers(0, 40)).map(lambda s: (s[0], s[0] + timedelta(days=s[1])))


def day_end(day: date | None, end: time | None = time(18)) -> datetime | None:
    if day is None:
        return None
    if end is None:
        return datetime.combine(day + timedelta(days=1), time(0), CHINA)
    return datetime.combine(day, end, CHINA)


def nth(days: list[date], n: int) -> date | None:
    return days[n - 1] if n <= len(days) else None


@given(instants, st.integers(1, 300), st.lists(spans, max_size=3), st.integers(0, 10))
def test_working_days_are_counted_one_by_one(at: datetime, n: int, stopped: list[tuple[date, date]], more: int) -> None:
    received = at.astimezone(CHINA).date()
    counting = [d for d in WORKING if d > received and not any(a < d <= b for a, b in stopped)]
    rule = Rule("working_day", n, suspended=tuple(stopped), extend=more)
    assert due(at, rule, CALENDAR).at == day_end(nth(counting, n + more))


@given(
    instants, st.integers(0, 200), st.sampled_from(["forward", "none"]), st.sampled_from([time(18), time(17, 30), None])
)
def test_calendar_days_and_their_roll(at: datetime, n: int, roll: str, end: time | None) -> None:
    day: date | None = at.astimezone(CHINA).date() + timedelta(days=n)
    if roll == "forward":
        day = next((d for d in WORKING if day is not None and d >= day), None)
    got = due(at, Rule("calendar_day", n, roll, end), CALENDAR)  # type: ignore[arg-type]
    assert got.at == day_end(day, end)
    assert got.status == ("final" if day else "provisional")


@given(instants, st.integers(0, 30))
def test_calendar_months_keep_the_day_number_or_take_the_last(at: datetime, n: int) -> None:
    received = at.astimezone(CHINA).date()
    month = received.replace(day=1)
    for _ in range(n):
        month = (month + timedelta(days=32)).replace(day=1)
    following = (month + timedelta(days=32)).replace(day=1)
    day = min(month + timedelta(days=received.day - 1), following - timedelta(days=1))
    assert due(at, Rule("calendar_month", n, "none"), CALENDAR).at == day_end(day)


@given(instants, st.integers(0, 40))
def test_working_hours_are_counted_minute_by_minute(at: datetime, n: int) -> None:
    at = at.replace(second=0, microsecond=0)
    now, left = at.astimezone(CHINA), n * 60
    working = set(WORKING)
    expected: datetime | None = None
    while now.date() <= LAST:
        inside = now.date() in working and any(a <= now.time() < b for a, b in OFFICE_HOURS)
        if inside and left == 0 and n == 0:
            expected = now
            break
        now += timedelta(minutes=1)
        if inside:
            left -= 1
            if left == 0:
                expected = now
                break
        elif now.date() not in working:
            now = datetime.combine(now.date() + timedelta(days=1), time(0), CHINA)
    assert due(at, Rule("working_hour", n), CALENDAR).at == expected


@given(instants, st.integers(0, 10_000))
def test_clock_hours_need_no_calendar(at: datetime, n: int) -> None:
    got = due(at, Rule("clock_hour", n), CALENDAR)
    assert got.at == at + timedelta(hours=n)
    assert got.status == "final"


@given(instants, st.integers(0, 60), st.sampled_from(["working_day", "calendar_day", "calendar_month"]))
def test_one_instant_in_two_zones_is_due_at_one_time(at: datetime, n: int, unit: str) -> None:
    rule = Rule(unit, n)  # type: ignore[arg-type]
    assert due(at.astimezone(UTC), rule, CALENDAR) == due(at.astimezone(CHINA), rule, CALENDAR)


@given(instants, spans, st.integers(1, 20))
def test_days_and_hours_that_do_not_count_working_days_take_neither_word(
    at: datetime, span: tuple[date, date], more: int
) -> None:
    for unit in ("calendar_day", "calendar_month", "clock_hour", "working_hour"):
        for extra in ({"suspended": (span,)}, {"extend": more}):
            with pytest.raises(InputError, match="goes with working_day only"):
                Rule(unit, 1, **extra)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("received", "rule", "expected"),
    [
        # make-up days of 2025: Sunday 26 January and Saturday 8 February around the Spring Festival
        ("2025-01-24T10:00", Rule("working_day", 1), "2025-01-26T18:00"),
        ("2025-01-26T10:00", Rule("working_day", 1), "2025-01-27T18:00"),
        ("2025-01-27T10:00", Rule("working_day", 1), "2025-02-05T18:00"),
        ("2025-02-07T10:00", Rule("working_day", 1), "2025-02-08T18:00"),
        ("2025-09-28T10:00", Rule("working_day", 3), "2025-10-09T18:00"),
        # 2026: Sunday 4 January and Sunday 20 September are worked, so nothing rolls over them
        ("2026-01-01T10:00", Rule("calendar_day", 3), "2026-01-04T18:00"),
        ("2026-09-19T10:00", Rule("calendar_day", 1), "2026-09-20T18:00"),
        ("2026-09-24T10:00", Rule("calendar_day", 1), "2026-09-28T18:00"),
        # the day of suspension counts, the day of resuming does not
        ("2026-03-02T10:00", Rule("working_day", 2, suspended=((date(2026, 3, 3), date(2026, 3, 5)),)), "2026-03-06T18:00"),
        # an hour used up exactly at the noon closing ends there; one second later it ends in the afternoon
        ("2026-03-02T08:00", Rule("working_hour", 4), "2026-03-02T12:00"),
        ("2026-03-02T18:00", Rule("working_hour", 1), "2026-03-03T09:00"),
        ("2026-03-02T12:00", Rule("working_hour", 4), "2026-03-02T18:00"),
        ("2026-03-02T07:00", Rule("working_hour", 8), "2026-03-02T18:00"),
        ("2026-02-14T16:00", Rule("working_hour", 4), "2026-02-24T10:00"),
        ("2026-03-02T10:00", Rule("working_hour", 2, office_hours=((time(9), time(11)), (time(13), time(17)))), "2026-03-02T14:00"),
        ("2024-12-31T10:00", Rule("calendar_month", 2, "none"), "2025-02-28T18:00"),
        ("2024-02-29T10:00", Rule("calendar_month", 12, "none"), "2025-02-28T18:00"),
        ("2026-03-07T10:00", Rule("calendar_day", 0, "none", None), "2026-03-08T00:00"),
        ("2026-03-07T10:00", Rule("calendar_day", 0), "2026-03-09T18:00"),
        ("2026-12-31T10:00", Rule("working_day", 1), None),
        ("2026-12-31T10:00", Rule("calendar_month", 1), None),
        ("2026-12-31T17:00", Rule("working_hour", 1), "2026-12-31T18:00"),
        ("2026-12-31T17:30", Rule("working_hour", 1), None),
        ("2026-12-30T10:00", Rule("calendar_day", 1), "2026-12-31T18:00"),
        ("2026-12-31T23:00", Rule("clock_hour", 9), "2027-01-01T08:00"),
    ],
)  # fmt: skip
def test_dates_an_official_can_look_up(received: str, rule: Rule, expected: str | None) -> None:
    got = due(datetime.fromisoformat(received).replace(tzinfo=CHINA), rule, CALENDAR)
    assert (got.at.strftime("%Y-%m-%dT%H:%M") if got.at else None) == expected
    assert got.status == ("final" if expected else "provisional")
