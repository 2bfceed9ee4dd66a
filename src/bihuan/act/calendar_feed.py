"""The due times of a unit's open cases as an iCalendar feed (RFC 5545), for any calendar program."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from bihuan.act.engine import Engine
from bihuan.act.messages import LIGHT_WORDS
from bihuan.core.records.principal import Principal
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_lists import CaseRow, everything
from bihuan.store.connect import Connection


def feed(connection: Connection, engine: Engine, unit: str, now: datetime) -> bytes:
    """Return the feed of a unit: one entry an open case, at its nearest due time, with an alarm the day before.

    Whether somebody may read it is the caller's affair; it holds list rows, hence no personal data.
    """
    rows = everything(connection, CaseFilter(units=(unit,)), sort="oldest")
    return calendar_of(engine, engine.units.name(unit), (row for row in rows if row.next_due), now)


def may_read(who: Principal, unit: str, engine: Engine) -> bool:
    """Return whether somebody sees all of a unit's cases."""
    from bihuan.act.access import units_seen

    seen = units_seen(who, engine.units)
    return seen is None or unit in seen


def calendar_of(engine: Engine, name: str, rows: Iterable[CaseRow], now: datetime) -> bytes:
    """Return an iCalendar object of rows that have a due time."""
    calendar = Calendar()
    calendar.add("prodid", "-//bihuan//act//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{name} 时限")
    for row in rows:
        calendar.add_component(_event(engine, row, now))
    return bytes(calendar.to_ical())


def _event(engine: Engine, row: CaseRow, now: datetime) -> Event:
    assert row.next_due is not None
    case_type = engine.types.get(row.type)
    event = Event()
    event.add("uid", f"{row.number}@bihuan")
    event.add("dtstamp", now)
    event.add("sequence", row.version)
    event.add("dtstart", row.next_due - timedelta(minutes=30))
    event.add("dtend", row.next_due)
    event.add("summary", f"{row.number} {row.title}")
    step = case_type.steps[row.step].name if case_type and row.step in case_type.steps else row.step
    event.add("description", f"{case_type.name if case_type else row.type}，{step}，{LIGHT_WORDS[row.light_name]}")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", row.title)
    alarm.add("trigger", timedelta(days=-1))
    event.add_component(alarm)
    return event
