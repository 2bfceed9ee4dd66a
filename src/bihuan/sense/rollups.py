"""Roll-ups: hours from values, days from hours, months from days; pure, and the same whatever order values came in.

Practice of air, water and emission monitoring (HJ 75-2017, HJ 663-2013): an hour is valid with three quarters of its
values, a day with 20 hours, a month with 27 days (February 25); a day's mean is the mean of its hours' means. Meters
are counters: what they grew by, over wraps and resets, as energy statistics count it.
"""

from __future__ import annotations

import calendar
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bihuan.core.records.observation import INVALID
from bihuan.sense.times import CHINA

Level = Literal["hour", "day", "month"]


@dataclass(frozen=True, slots=True)
class Readings:
    """Numbers of one attribute, in any order; as arrays, for a quick device has thousands an hour."""

    times_us: NDArray[np.int64]
    """Unix time in microseconds."""
    values: NDArray[np.float64]
    quality: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.values)

    def valid(self) -> list[float]:
        """Return the valid values by time; of several at one time the highest stands last."""
        good = (self.quality & INVALID) == 0
        values = self.values[good]
        ordered: list[float] = values[np.lexsort((values, self.times_us[good]))].tolist()
        return ordered


@dataclass(frozen=True, slots=True)
class Counter:
    """How a meter counts."""

    wraps_at: float | None = None
    """Where its register begins again at 0; None: a fall is a reset."""


@dataclass(frozen=True, slots=True)
class Practice:
    """How much of a time must be valid for its mean to stand."""

    share_of_hour: float = 0.0
    """Of the values expected; at least one in any case."""
    hours_of_day: int = 1
    days_of_month: int = 1
    days_of_february: int = 1


ANY = Practice()
"""What there is, counts."""
MONITORING = Practice(0.75, 20, 27, 25)
"""HJ 75-2017, HJ 663-2013."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """One attribute over an hour, a day or a month."""

    count: int
    """Values that came."""
    valid: int
    """Of them those that enter the statistic."""
    mean: float | None
    """None where too little was valid."""
    total: float
    """Sum of the valid values."""
    lowest: float | None
    highest: float | None
    first: float | None
    last: float | None
    growth: float | None
    """Of a counter; None for another."""


def hour(readings: Readings, *, before: float | None = None, counter: Counter | None = None, needed: int = 1) -> Rollup:
    """Return the roll-up of an hour.

    Args:
        readings: of the hour.
        before: the last valid reading before the hour, from which a counter grew into it.
        counter: how it counts; None for what is no counter.
        needed: valid values without which there is no mean.
    """
    values = readings.valid()
    total = math.fsum(values)
    mean = total / len(values) if len(values) >= max(1, needed) else None
    growth = _growth([*(() if before is None else (before,)), *values], counter) if counter else None
    if not values:
        return Rollup(len(readings), 0, None, 0.0, None, None, None, None, growth)
    return Rollup(len(readings), len(values), mean, total, min(values), max(values), values[0], values[-1], growth)


def combine(parts: Sequence[Rollup], needed: int) -> Rollup:
    """Return the roll-up of a day from its hours, or of a month from its days, in order of time.

    Args:
        parts: those there are.
        needed: parts with a mean without which there is none.
    """
    means = [part.mean for part in parts if part.mean is not None]
    growths = [part.growth for part in parts if part.growth is not None]
    firsts = [part.first for part in parts if part.first is not None]
    lasts = [part.last for part in parts if part.last is not None]
    return Rollup(
        sum(part.count for part in parts),
        sum(part.valid for part in parts),
        math.fsum(means) / len(means) if len(means) >= max(1, needed) else None,
        math.fsum(part.total for part in parts),
        min((part.lowest for part in parts if part.lowest is not None), default=None),
        max((part.highest for part in parts if part.highest is not None), default=None),
        firsts[0] if firsts else None,
        lasts[-1] if lasts else None,
        math.fsum(growths) if growths else None,
    )


def needed_of_hour(practice: Practice, expected_seconds: int | None) -> int:
    """Return how many valid values an hour needs; one where it is not known how often the device reports."""
    return math.ceil(practice.share_of_hour * 3600 / expected_seconds) if expected_seconds else 1


def needed_of_month(practice: Practice, month: datetime) -> int:
    """Return how many days a month needs."""
    return practice.days_of_february if month.astimezone(CHINA).month == 2 else practice.days_of_month


def begin(moment: datetime, level: Level) -> datetime:
    """Return when the Chinese hour, day or month of a moment begins."""
    local = moment.astimezone(CHINA)
    if level == "hour":
        return local.replace(minute=0, second=0, microsecond=0)
    return local.replace(day=1 if level == "month" else local.day, hour=0, minute=0, second=0, microsecond=0)


def end(start: datetime, level: Level) -> datetime:
    """Return when an hour, day or month ends."""
    if level == "month":
        return start + timedelta(days=calendar.monthrange(start.year, start.month)[1])
    return start + (timedelta(hours=1) if level == "hour" else timedelta(days=1))


def _growth(values: Sequence[float], counter: Counter) -> float | None:
    """Sum the steps of a meter's readings; a fall is a wrap where the register's end is near, else a reset."""
    if len(values) < 2:
        return None
    grown = []
    for earlier, later in itertools.pairwise(values):
        if later >= earlier:
            grown.append(later - earlier)
        elif counter.wraps_at is not None and earlier - later > counter.wraps_at / 2:
            grown.append(counter.wraps_at - earlier + later)
        else:
            grown.append(later)
    return math.fsum(grown)
