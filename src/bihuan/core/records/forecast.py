"""What is expected of an attribute: a plan's or a dispatcher's series, to hold readings against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of one attribute of one entity, in steps of one length."""

    entity: str
    """URN."""
    attribute: str
    start: datetime
    step: timedelta
    values: tuple[float | None, ...]
    """In the attribute's unit, each from its time until the next; None where nothing is expected."""
    source: str
    """Whose it is: `plan:base`, `file:schedule.csv`."""
    is_yearly: bool = False
    """Whether it stands for other years, too, hour by hour of the Chinese year."""

    def at(self, time: datetime) -> float | None:
        """Return what is expected at a moment; None where it tells nothing."""
        place = (time - self.start) // self.step
        if self.is_yearly and not 0 <= place < len(self.values):
            place = (self._in_its_year(time) - self.start) // self.step
        return self.values[place] if 0 <= place < len(self.values) else None

    def _in_its_year(self, time: datetime) -> datetime:
        local, year = time.astimezone(_CHINA), self.start.astimezone(_CHINA).year
        if (local.month, local.day) == (2, 29):
            local = local.replace(day=28)
        return local.replace(year=year)
