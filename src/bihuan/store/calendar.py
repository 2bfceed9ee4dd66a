"""The State Council's working-day calendar, from `packs/calendar.yaml`. Needs no database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import yaml

from bihuan.core.errors import PackError
from bihuan.core.workdays import Calendar
from bihuan.store.packs import SHIPPED
from bihuan.store.yaml_records import Faults, Field, Record, compose, read_record

CALENDAR_FILE = SHIPPED / "calendar.yaml"
"""The calendar that comes with bihuan."""
_YEAR = (Field("year"), Field("notice"), Field("holidays", "texts"), Field("makeup_days", "texts"))


@lru_cache(maxsize=8)
def load_calendar(path: Path = CALENDAR_FILE) -> Calendar:
    """Return the calendar that a file of yearly records holds.

    Raises:
        PackError: the file cannot be read, or a record is wrong; the message lists every fault.
    """
    faults = Faults()
    root = compose(path, faults)
    items = root.value if isinstance(root, yaml.SequenceNode) else []
    records = [record for item in items if (record := read_record(path, item, _YEAR, faults)) is not None]
    days = {name: frozenset(_days_of(path, records, name, faults)) for name in ("holidays", "makeup_days")}
    years = tuple(int(record.text("year")) for record in records if _is_year(path, record, faults))
    if faults.found or not years:
        raise PackError(faults.report() if faults.found else "holds no year", where=str(path))
    return Calendar(days["holidays"], days["makeup_days"], years)


def _is_year(path: Path, record: Record, faults: Faults) -> bool:
    fine = len(record.text("year")) == 4 and record.text("year").isdecimal()
    if not fine:
        faults.add(path, record.line, "year", f"'{record.text('year')}' is no year")
    return fine


def _days_of(path: Path, records: Iterable[Record], name: str, faults: Faults) -> Iterable[date]:
    """Yield the days of all years; a day belongs to the year of its record."""
    for record in records:
        for text in record.texts(name):
            try:
                days = _span(text)
            except ValueError:
                days = []
            if not days or any(str(day.year) != record.text("year") for day in days):
                faults.add(path, record.line, name, f"'{text}' is no day or span first/last of this year")
            yield from days


def _span(text: str) -> list[date]:
    first, _, last = text.partition("/")
    start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]
