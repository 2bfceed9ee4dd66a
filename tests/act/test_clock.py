"""Clocks: the vocabulary of casework, checked on dates an official can look up."""

import json
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bihuan.act.clock import CHINA, Due, Rule, due
from bihuan.cli import app
from bihuan.core.errors import InputError
from bihuan.store.calendar import load_calendar

CALENDAR = load_calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def answer(received: str, **rule: object) -> str | None:
    got = due(at(received), Rule(**rule), CALENDAR)  # type: ignore[arg-type]
    return got.at.strftime("%Y-%m-%d %H:%M") if got.at else None


@pytest.mark.parametrize(
    ("received", "rule", "expected"),
    [
        # the Spring Festival of 2026 runs from 15 to 23 February; the 14th and the 28th are make-up days
        ("2026-02-13T10:00", {"unit": "working_day", "n": 1}, "2026-02-14 18:00"),
        ("2026-02-13T10:00", {"unit": "working_day", "n": 3}, "2026-02-25 18:00"),
        ("2026-02-13T10:00", {"unit": "calendar_day", "n": 3}, "2026-02-24 18:00"),
        ("2026-02-13T10:00", {"unit": "calendar_day", "n": 3, "roll": "none"}, "2026-02-16 18:00"),
        # the eve of 2024's Spring Festival is a working day: the notice only encourages leave
        ("2024-02-08T10:00", {"unit": "working_day", "n": 1}, "2024-02-09 18:00"),
        # a make-up Sunday does not roll on
        ("2024-02-01T10:00", {"unit": "calendar_day", "n": 3}, "2024-02-04 18:00"),
        ("2024-01-31T10:00", {"unit": "calendar_month", "n": 1, "roll": "none"}, "2024-02-29 18:00"),
        ("2025-11-30T10:00", {"unit": "calendar_month", "n": 1}, "2025-12-30 18:00"),
        ("2024-03-01T10:00", {"unit": "calendar_day", "n": 0, "roll": "none", "day_end": None}, "2024-03-02 00:00"),
        ("2024-03-01T23:30", {"unit": "clock_hour", "n": 2}, "2024-03-02 01:30"),
        ("2024-03-01T17:00", {"unit": "working_hour", "n": 1}, "2024-03-01 18:00"),
        ("2024-03-01T17:00", {"unit": "working_hour", "n": 2}, "2024-03-04 09:00"),
        ("2024-03-01T12:30", {"unit": "working_hour", "n": 4}, "2024-03-01 18:00"),
        ("2024-03-02T09:00", {"unit": "working_hour", "n": 8}, "2024-03-04 18:00"),
        ("2024-03-04T09:00", {"unit": "working_day", "n": 3, "extend": 2}, "2024-03-11 18:00"),
        (
            "2024-03-04T09:00",
            {"unit": "working_day", "n": 3, "suspended": ((date(2024, 3, 5), date(2024, 3, 8)),)},
            "2024-03-12 18:00",
        ),
        # past the end of the loaded notices nothing is guessed
        ("2026-12-30T09:00", {"unit": "working_day", "n": 5}, None),
        ("2026-12-30T09:00", {"unit": "calendar_day", "n": 5}, None),
        ("2026-12-30T09:00", {"unit": "calendar_day", "n": 5, "roll": "none"}, "2027-01-04 18:00"),
    ],
)
def test_due(received: str, rule: dict[str, object], expected: str | None) -> None:
    assert answer(received, **rule) == expected


def test_the_day_of_receipt_is_the_chinese_one() -> None:
    received = datetime.fromisoformat("2024-03-03T17:00:00+00:00")  # already Monday the 4th in China
    assert due(received, Rule("working_day", 1), CALENDAR).at == at("2024-03-05T18:00")


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"unit": "calendar_day", "n": 1, "extend": 1}, "extend"),
        ({"unit": "clock_hour", "n": 1, "suspended": ((date(2024, 1, 1), date(2024, 1, 2)),)}, "suspended"),
        ({"unit": "working_day", "n": 1, "suspended": ((date(2024, 1, 2), date(2024, 1, 1)),)}, "suspended"),
        ({"unit": "working_day", "n": -1}, "n"),
        ({"unit": "working_hour", "n": 1, "office_hours": ((time(9), time(8)),)}, "office_hours"),
    ],
)
def test_contradictions_are_refused_by_name(rule: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as refused:
        Rule(**rule)  # type: ignore[arg-type]
    assert refused.value.where == field


first, last = (at(day).replace(tzinfo=None) for day in ("2024-01-01", "2025-12-31"))
instants = st.datetimes(first, last, timezones=st.just(CHINA))
units = st.sampled_from(["working_day", "calendar_day", "calendar_month", "clock_hour", "working_hour"])


def moment(answered: Due) -> datetime:
    return answered.at or datetime.max.replace(tzinfo=CHINA)


@given(instants, units, st.integers(0, 200))
def test_more_time_is_never_due_earlier(received: datetime, unit: str, n: int) -> None:
    shorter, longer = (due(received, Rule(unit, k), CALENDAR) for k in (n, n + 1))  # type: ignore[arg-type]
    assert moment(shorter) <= moment(longer)


@given(instants, st.integers(1, 60), st.integers(0, 20))
def test_an_extension_counts_on_from_the_last_day(received: datetime, n: int, more: int) -> None:
    assert due(received, Rule("working_day", n, extend=more), CALENDAR) == due(
        received, Rule("working_day", n + more), CALENDAR
    )


@given(instants, st.integers(1, 30), st.integers(0, 20), st.integers(0, 30))
def test_a_suspension_never_shortens(received: datetime, n: int, after: int, length: int) -> None:
    first = received.date() + timedelta(days=after)
    rule = Rule("working_day", n, suspended=((first, first + timedelta(days=length)),))
    assert moment(due(received, rule, CALENDAR)) >= moment(due(received, Rule("working_day", n), CALENDAR))


def test_the_command_answers_line_by_line_and_names_what_it_refuses() -> None:
    lines = [
        {"id": 1, "key": "a", "received_at": "2024-03-01T09:00:00+08:00", "unit": "working_day", "n": 1},
        {"id": 2, "key": "b", "received_at": "2024-03-01T09:00:00+08:00", "unit": "fortnight", "n": 1},
        {"id": 3, "key": "c", "received_at": "2026-12-31T09:00:00+08:00", "unit": "working_day", "n": 1},
        {
            "id": 4,
            "key": "d",
            "received_at": "2024-03-01T01:00:00Z",
            "unit": "working_hour",
            "n": 4,
            "office_hours": [["09:00", "12:00"], ["13:00", "17:00"]],
        },
    ]
    result = CliRunner().invoke(app, ["act", "due"], input="\n".join(map(json.dumps, lines)))
    assert result.exit_code == 1
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"id": 1, "key": "a", "due_at": "2024-03-04T18:00:00+08:00", "status": "final"},
        {"id": 3, "key": "c", "due_at": None, "status": "provisional"},
        {"id": 4, "key": "d", "due_at": "2024-03-01T14:00:00+08:00", "status": "final"},
    ]
    assert "line 2: unit: 'fortnight'" in result.stderr


@pytest.mark.parametrize(
    "changed",
    [
        {"received_at": "9999-12-31T23:00:00Z"},
        {"received_at": "0001-01-01T00:00:00+14:00"},
        {"unit": "calendar_day", "n": 10**8},
        {"unit": "calendar_month", "n": 10**12},
        {"suspended": ["9999-12-31T23:00:00Z", "9999-12-31"]},
    ],
)
def test_times_outside_the_years_are_refused_and_the_rest_is_answered(changed: dict[str, object]) -> None:
    sound = {"id": "a", "received_at": "2024-03-01T09:00:00+08:00", "unit": "working_day", "n": 1}
    lines = [{**sound, **changed}, sound]
    result = CliRunner().invoke(app, ["act", "due"], input="\n".join(map(json.dumps, lines)))
    assert result.exit_code == 1
    assert result.stderr.startswith("bihuan: line 1: ")
    assert [json.loads(line)["due_at"] for line in result.stdout.splitlines()] == ["2024-03-04T18:00:00+08:00"]
