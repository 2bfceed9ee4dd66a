from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest

from bihuan.core.errors import PackError
from bihuan.store.calendar import load_calendar

DAYS = [date(2018, 1, 1) + timedelta(days=n) for n in range((date(2026, 12, 31) - date(2018, 1, 1)).days + 1)]


def test_every_day_agrees_with_an_independent_calendar() -> None:
    calendar = load_calendar()
    assert (calendar.first_day, calendar.last_day) == (DAYS[0], DAYS[-1])
    assert [day for day in DAYS if calendar.is_workday(day) != chinese_calendar.is_workday(day)] == []


def test_a_day_of_encouraged_leave_is_a_working_day() -> None:
    assert load_calendar().is_workday(date(2024, 2, 9))


def test_makeup_days_are_weekend_days() -> None:
    assert all(day.weekday() >= 5 for day in load_calendar().makeup_days)


@pytest.mark.parametrize(
    "line",
    ["holidays: [2030-13-01]", "holidays: [2031-01-01]", "holidays: [2030-01-02/2030-01-01]", "holidays: 2030-01-01"],
)
def test_a_wrong_day_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(f"- year: 2030\n  notice: 通知\n  {line}\n  makeup_days: []\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"calendar.yaml:\d: holidays"):
        load_calendar(path)


def test_a_calendar_without_a_year_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(PackError, match="holds no year"):
        load_calendar(path)
