"""The shell of roll-ups: which hours changed, what is kept of them, and what is computed again.

Nothing is ever added up in place: an hour is computed from all that is kept of it, a day from its hours. So what comes
late, twice or after a crash ends in the same figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

import numpy as np

from bihuan.sense import rollups
from bihuan.sense.rollups import ANY, Counter, Level, Practice, Readings, Rollup
from bihuan.store import entities as entity_store
from bihuan.store import outbox
from bihuan.store import rollups as kept
from bihuan.store.connect import Connection, Store
from bihuan.store.history import Series, history
from bihuan.store.lake import Lake

READER = "rollups"
_LOOK_BACK = timedelta(days=1)
"""How far before an hour a counter's last reading is looked for, and how far behind it the next one."""


@dataclass(frozen=True, slots=True)
class Rolling:
    """How a city rolls up."""

    counters: Mapping[str, Counter] = field(default_factory=dict)
    """By attribute."""
    practices: Mapping[str, Practice] = field(default_factory=dict)
    """By type of entity; others need nothing in particular."""
    kept_since: datetime | None = None
    """Readings of before are deleted by retention: what was rolled up of them stays; None: all are kept."""


def mark_new(store: Store) -> int:
    """Note which hours have got new values; return how many messages told of some."""
    with store.connection() as connection:
        rows = outbox.take(connection, READER, batches=500)
        hours = {(row.entity, rollups.begin(row.time, "hour")) for row in rows if row.period == 0}
        kept.mark(connection, hours, at=store.clock())
    return len(rows)


def roll(store: Store, lake: Lake, rolling: Rolling, *, limit: int = 20, settle: timedelta | None = None) -> int:
    """Roll up hours that changed, and their days and months, in one transaction; return how many hours.

    Few at a time: readers of the outbox wait behind a transaction that is open.
    """
    with store.connection() as connection:
        wait = timedelta(minutes=5) if settle is None else settle
        taken = kept.take(connection, now=store.clock(), settle=wait, limit=limit)
        if not taken:
            return 0
        numbers = sorted({entity for entity, _ in taken})
        known = entity_store.listed(connection, numbers=numbers)
        expected = kept.expected_seconds(connection, numbers)
        for number in numbers:
            if number in known:
                entity = known[number]
                work = _Work(connection, lake, rolling, number, entity.urn,
                             rolling.practices.get(entity.type, ANY), expected.get(number))  # fmt: skip
                work.roll({hour for entity_number, hour in taken if entity_number == number})
    return len(taken)


@dataclass(frozen=True, slots=True)
class _Work:
    """Rolling up one entity."""

    connection: Connection
    lake: Lake
    rolling: Rolling
    number: int
    urn: str
    practice: Practice
    expected_seconds: int | None

    def roll(self, hours: set[datetime]) -> None:
        hours = {rollups.begin(hour, "hour") for hour in hours}
        for hour in sorted(hours):
            self._hour(hour)
        following = self._behind_counters(hours) - hours
        for hour in sorted(following):
            self._hour(hour)
        days = {rollups.begin(hour, "day") for hour in hours | following}
        for day in sorted(days):
            self._combined("hour", "day", day, self.practice.hours_of_day)
        for month in sorted({rollups.begin(day, "month") for day in days}):
            self._combined("day", "month", month, rollups.needed_of_month(self.practice, month))

    def _behind_counters(self, hours: set[datetime]) -> set[datetime]:
        """The next hour with readings: a counter grew into it from the last reading of the one that changed."""
        counters = list(self.rolling.counters)
        if not counters:
            return set()
        return {
            rollups.begin(found, "hour")
            for hour in hours
            for found in kept.next_hours(self.connection, self.number, counters, hour, hour + _LOOK_BACK)
        }

    def _hour(self, start: datetime) -> None:
        if self._is_final(start):
            return
        found = history(self.connection, self.lake, self.urn, [], start, rollups.end(start, "hour"))
        needed = rollups.needed_of_hour(self.practice, self.expected_seconds)
        before = self._before(start, [name for name in found if name in self.rolling.counters])
        computed = {
            attribute: rollups.hour(
                readings, before=before.get(attribute), counter=self.rolling.counters.get(attribute), needed=needed
            )
            for attribute, series in found.items()
            if len(readings := _readings(series))
        }
        self._keep("hour", start, computed)

    def _is_final(self, start: datetime) -> bool:
        """Return whether an hour was rolled up from readings that may be gone."""
        since = self.rolling.kept_since
        if since is None or start >= since:
            return False
        return bool(kept.span(self.connection, self.number, "hour", start, rollups.end(start, "hour")))

    def _before(self, start: datetime, counters: list[str]) -> dict[str, float]:
        """Return the last valid reading of each counter before an hour."""
        if not counters:
            return {}
        found = history(self.connection, self.lake, self.urn, counters, start - _LOOK_BACK, start)
        return {name: valid[-1] for name, series in found.items() if (valid := _readings(series).valid())}

    def _combined(self, below: Level, level: Level, start: datetime, needed: int) -> None:
        parts = kept.span(self.connection, self.number, below, start, rollups.end(start, level))
        computed = {
            attribute: rollups.combine([Rollup(**fields) for _, fields in rows], needed)
            for attribute, rows in parts.items()
        }
        self._keep(level, start, computed)

    def _keep(self, level: Level, start: datetime, computed: Mapping[str, Rollup]) -> None:
        fields = {attribute: asdict(rollup) for attribute, rollup in computed.items()}
        kept.keep(self.connection, self.number, level, start, fields)


def _readings(series: Series) -> Readings:
    """Return the numbers of a series."""
    numbers = ~np.isnan(series.values)
    return Readings(series.times_us[numbers], series.values[numbers], series.quality[numbers])
