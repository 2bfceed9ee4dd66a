"""Forecasts from CSV or Parquet: a dispatcher's schedule, a load forecast of somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from bihuan.core.errors import FormatError, UnitError
from bihuan.core.records.forecast import Forecast
from bihuan.sense.backfill import number_in, read_table, time_of

_MOST_STEPS = 100_000


def read_forecasts(path: Path, units: Mapping[str, str | None], *, is_yearly: bool = False) -> list[Forecast]:
    """Return the forecasts of a file, with the columns that `bihuan sense import` reads: one for each attribute.

    Args:
        path: `.csv` or `.parquet`; times of one attribute lie a whole number of steps apart, the shortest is the step.
        units: canonical unit by attribute.
        is_yearly: whether it stands for other years, too.

    Raises:
        FormatError: the file cannot be read, lacks a column, or a row is wrong; the message says which.
    """
    points: dict[tuple[str, str], dict[datetime, float]] = {}
    for row in read_table(path).iter_rows(named=True):
        attribute = str(row["attribute"])
        try:
            value = number_in(row["value"], row.get("unit"), units.get(attribute))
            if not isinstance(value, float):
                raise ValueError(f"'{value}' is no number")
            points.setdefault((str(row["entity"]), attribute), {})[time_of(row["time"])] = value
        except (ValueError, UnitError) as error:
            raise FormatError(f"row {row['row']}: {error}", where=str(path)) from error
    return [_forecast(*place, values, path, is_yearly) for place, values in points.items()]


def _forecast(entity: str, attribute: str, points: Mapping[datetime, float], path: Path, is_yearly: bool) -> Forecast:
    times = sorted(points)
    gaps = {later - earlier for earlier, later in pairwise(times)}
    step = min(gaps, default=timedelta(hours=1))
    uneven = next((gap for gap in gaps if gap % step), None)
    count = (times[-1] - times[0]) // step + 1
    if uneven is not None or count > _MOST_STEPS:
        found = f"{uneven} beside {step}" if uneven else f"{count:,} steps of {step}"
        raise FormatError(f"{entity}, {attribute}: times must lie a whole number of steps apart, not {found}",
                          where=str(path))  # fmt: skip
    values = tuple(points.get(times[0] + step * n) for n in range(count))
    return Forecast(entity, attribute, times[0], step, values, f"file:{path.name}", is_yearly)
