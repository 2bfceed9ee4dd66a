"""What is expected of entities: written by who plans, read by rules; the newest for each attribute stands."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime, timedelta

from bihuan.core.records.forecast import Forecast
from bihuan.store.connect import Connection
from bihuan.store.entities import numbers_of
from bihuan.store.sql import statements

_SQL = statements("forecasts.sql")
_NAN = float("nan")


def keep(connection: Connection, forecasts: Sequence[Forecast], *, at: datetime) -> list[str]:
    """Keep forecasts in place of those that were; return the URNs that no entity has, whose forecasts are left out."""
    numbers = numbers_of(connection, sorted({one.entity for one in forecasts}))
    for one in forecasts:
        if one.entity in numbers:
            values = [_NAN if value is None else value for value in one.values]
            row = {"entity": numbers[one.entity], "attribute": one.attribute, "start": one.start, "at": at,
                   "step_seconds": round(one.step.total_seconds()), "source": one.source, "yearly": one.is_yearly,
                   "numbers": struct.pack(f"<{len(values)}d", *values)}  # fmt: skip
            connection.execute(_SQL["keep"], row)
    return sorted({one.entity for one in forecasts} - numbers.keys())


def of_entities(connection: Connection, entities: Sequence[int]) -> dict[int, list[Forecast]]:
    """Return what is expected of entities, by their numbers; those of which nothing is are left out."""
    found: dict[int, list[Forecast]] = {}
    for number, urn, attribute, start, seconds, packed, source, yearly in connection.execute(
        _SQL["of_entities"], {"entities": list(entities)}
    ).fetchall():
        numbers = struct.unpack(f"<{len(packed) // 8}d", packed)
        values = tuple(None if value != value else value for value in numbers)
        one = Forecast(urn, attribute, start, timedelta(seconds=seconds), values, source, yearly)
        found.setdefault(number, []).append(one)
    return found
