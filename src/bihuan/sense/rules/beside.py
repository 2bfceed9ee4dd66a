"""What rules of the clock see beside an entity's values: how old each is, and a year's use against its budget."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bihuan.core.records.entity import Entity
from bihuan.sense import rollups
from bihuan.sense.rules.expression import Context


def ages(times: Mapping[str, datetime], now: datetime) -> Context:
    """Return `age`: seconds since each attribute was told."""
    return {"age": {name: (now - at).total_seconds() for name, at in times.items()}}


def budget_of(entity: Entity) -> tuple[str, float] | None:
    """Return the counter of an entity that has a year's budget, and the budget; None for one without."""
    budget, counter = entity.attributes.get("year_budget"), entity.attributes.get("budget_attribute")
    return (counter, float(budget)) if isinstance(budget, int | float) and isinstance(counter, str) else None


def year_begin(now: datetime) -> datetime:
    """Return when the Chinese year of a moment began."""
    return rollups.begin(now, "month").replace(month=1)


def pace(used: float, budget: float, now: datetime) -> Context:
    """Return `used`, `budget` and `elapsed`, the share of the year gone."""
    year = year_begin(now)
    return {"used": used, "budget": budget, "elapsed": (now - year) / (year.replace(year=year.year + 1) - year)}
