"""A message as it is kept, and its values taken apart again."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bihuan.core.records.observation import Layout
from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("observations.sql")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """A message as it is kept."""

    entity: int
    period: int
    """Index into `PERIODS`."""
    layout: int
    time_us: int
    """Unix time in microseconds."""
    numbers: bytes
    """float64, little endian, one an attribute; NaN where it is none."""
    others: dict[str, Any] | None
    """Values that are no numbers, by position."""
    quality: bytes | None
    """uint16, little endian, one an attribute; None where all are good."""

    @property
    def time(self) -> datetime:
        """Return when the values held."""
        return from_microseconds(self.time_us)

    def values(self) -> list[Any]:
        """Return the values in the order of the layout; None where there was none."""
        count = len(self.numbers) // 8
        values: list[Any] = [None if n != n else n for n in struct.unpack(f"<{count}d", self.numbers)]
        for at, value in (self.others or {}).items():
            values[int(at)] = value
        return values

    def qualities(self) -> tuple[int, ...]:
        """Return the quality of each value."""
        count = len(self.numbers) // 8
        return struct.unpack(f"<{count}H", self.quality) if self.quality else (0,) * count


class Layouts:
    """Layouts by their number, looked up once; a number means something else in another database."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, str], dict[int, Layout]] = {}

    def of(self, connection: Connection, numbers: set[int]) -> dict[int, Layout]:
        """Return the layouts of these numbers."""
        info = connection.info
        known = self._known.setdefault((info.host, info.port, info.dbname), {})
        missing = numbers - known.keys()
        if missing:
            for number, attributes, units in connection.execute(_SQL["layouts"], {"ids": list(missing)}).fetchall():
                known[number] = Layout(tuple(attributes), tuple(units))
        return {number: known[number] for number in numbers}


def unfolded(row: Row, layout: Layout) -> Iterator[tuple[str, str | None, Any, int]]:
    """Yield (attribute, unit, value, quality) of each value of a row."""
    return zip(layout.attributes, layout.units, row.values(), row.qualities(), strict=True)


def to_microseconds(time: datetime) -> int:
    """Return Unix time in microseconds."""
    return round(time.timestamp() * 1_000_000)


def from_microseconds(time_us: int) -> datetime:
    """Return the time, UTC."""
    return _EPOCH + timedelta(microseconds=time_us)
