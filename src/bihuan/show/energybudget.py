"""Energy users against their year's budget: what a meter has counted, and where that leads by the end of the year."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bihuan.show.cityview import Standpoint
from bihuan.show.wording import BEIJING
from bihuan.store import rollups
from bihuan.store.connect import Connection

UnitOf = Callable[[str, str | None], str]


@dataclass(frozen=True, slots=True)
class Budget:
    """One user's year."""

    budget: float
    unit: str
    used: float
    """Metered here this year."""
    since: datetime
    """When metering here began."""
    projected: float
    """What the year comes to at the pace metered so far."""

    @property
    def share_percent(self) -> float:
        """Return the projected use as a share of the budget."""
        return 100 * self.projected / self.budget

    @property
    def is_over(self) -> bool:
        """Return whether the year is on course to exceed its budget."""
        return self.projected > self.budget


def budgets(connection: Connection, city: Iterable[Standpoint], unit: UnitOf, now: datetime) -> dict[int, Budget]:
    """Return the budgets of entities that have one and have been metered, by number.

    `year_budget` and `budget_attribute`, the counter it is of, stand in the registry. `unit` tells what an attribute is
    counted in, from its name and what its message said.
    """
    found: dict[int, Budget] = {}
    by_counter: dict[str, list[Standpoint]] = {}
    for point in city:
        counter = point.entity.attributes.get("budget_attribute")
        if isinstance(counter, str) and isinstance(point.entity.attributes.get("year_budget"), int | float):
            by_counter.setdefault(counter, []).append(point)
    start, length = _year(now)
    for counter, points in by_counter.items():
        grown = rollups.grown(connection, [point.number for point in points], counter, start, now)
        for point in points:
            if point.number in grown:
                found[point.number] = _budget(point, counter, unit, *grown[point.number], length)
    return found


def _budget(
    point: Standpoint, counter: str, unit: UnitOf, used: float, first: datetime, last: datetime, length: timedelta
) -> Budget:  # fmt: skip
    metered = last - first + timedelta(hours=1)
    reading = point.state.get(counter)
    budget = float(point.entity.attributes["year_budget"])
    return Budget(budget, unit(counter, reading.unit if reading else None), used, first, used * (length / metered))


def _year(now: datetime) -> tuple[datetime, timedelta]:
    """Return the begin and the length of the Chinese year."""
    start = now.astimezone(BEIJING).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, start.replace(year=start.year + 1) - start
