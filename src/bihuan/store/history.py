"""History: what an entity's attributes were, over any span. Nobody needs to know where a day lies.

    series = history(connection, lake, urn, ["pm25"], start, end)["pm25"]
    for one in series.observations(): ...

Recent days come from PostgreSQL, sealed ones from the lake; a day that has both is read from both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bihuan.core.records.observation import PERIODS, Layout, Observation, Period
from bihuan.store.connect import Connection
from bihuan.store.entities import numbers_of
from bihuan.store.lake import Lake, sealed_files
from bihuan.store.rows import Layouts, from_microseconds, to_microseconds
from bihuan.store.sql import statements

_SQL = statements("observations.sql")
_CHINA = timezone(timedelta(hours=8))
_LAYOUTS = Layouts()
_SEALED = """
    select attribute, epoch_us(time) as time, value, other, quality, unit from read_parquet(?)
    where entity = ? and period = ? and list_contains(?, attribute) and time >= ?::timestamptz and time < ?::timestamptz
    order by attribute, time"""
_SEALED_ONE = _SEALED.replace("list_contains(?, attribute)", "attribute = ?")


@dataclass(frozen=True, slots=True)
class Series:
    """One attribute of one entity over time, oldest first."""

    entity: str
    attribute: str
    period: Period
    unit: str | None
    """Of the newest value."""
    times_us: NDArray[np.int64]
    """Unix time in microseconds."""
    values: NDArray[np.float64]
    """NaN where there was no number."""
    others: dict[int, Any]
    """Values that are no numbers, by position."""
    quality: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.times_us)

    def value(self, at: int) -> Any:
        """Return the value at a position; None where there was none."""
        if at in self.others:
            return self.others[at]
        number = float(self.values[at])
        return None if number != number else number

    def observations(self) -> Iterator[Observation]:
        """Yield the observations."""
        for at, time in enumerate(self.times_us.tolist()):
            yield Observation(self.entity, self.attribute, from_microseconds(time), self.value(at), self.unit,
                              self.period, int(self.quality[at]))  # fmt: skip


@dataclass(slots=True)
class _Column:
    """A series being put together."""

    times: list[NDArray[np.int64]]
    values: list[NDArray[np.float64]]
    quality: list[NDArray[np.uint16]]
    others: dict[int, Any]
    unit: str | None = None
    count: int = 0


def history(
    connection: Connection,
    lake: Lake,
    urn: str,
    attributes: Sequence[str],
    start: datetime,
    end: datetime,
    *,
    period: Period = "now",
) -> dict[str, Series]:
    """Return the observations of attributes of one entity from `start` to before `end`, by attribute.

    Args:
        connection: an open transaction.
        lake: where sealed days lie.
        urn: of the entity; an unknown one has no history.
        attributes: those asked for; empty for all that recent days have.
        start: first moment.
        end: first moment after.
        period: which statistic.
    """
    columns: dict[str, _Column] = {}
    number = numbers_of(connection, [urn]).get(urn)
    if number is not None:
        days = (start.astimezone(_CHINA).date(), (end - timedelta(microseconds=1)).astimezone(_CHINA).date())
        files = [str(lake.file(name)) for name in sealed_files(connection, *days)]
        if files:
            _read_sealed(columns, lake, files, urn, list(attributes), start, end, period)
        _read_recent(columns, connection, number, set(attributes), start, end, period)
    wanted = attributes or sorted(columns)
    return {name: _series(urn, name, period, columns.get(name)) for name in wanted}


def _read_recent(
    columns: dict[str, _Column],
    connection: Connection,
    number: int,
    attributes: set[str],
    start: datetime,
    end: datetime,
    period: Period,
) -> None:
    wanted = {"entity": number, "period": PERIODS.index(period), "start": start, "end": end}
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(_SQL["span"], wanted).fetchall()
    layouts = _LAYOUTS.of(connection, {row[0] for row in rows})
    by_layout: dict[int, list[Any]] = {}
    for row in rows:
        by_layout.setdefault(row[0], []).append(row)
    for layout, same in by_layout.items():
        _unfold(columns, layouts[layout], same, attributes)


def _unfold(columns: dict[str, _Column], layout: Layout, rows: list[Any], attributes: set[str]) -> None:
    """Add the wanted columns of rows of one layout."""
    width = len(layout.attributes)
    times = np.array([to_microseconds(row[1]) for row in rows], np.int64)
    values = np.frombuffer(b"".join(row[3] for row in rows), "<f8").reshape(-1, width)
    none = bytes(2 * width)
    quality = np.frombuffer(b"".join(row[5] or none for row in rows), "<u2").reshape(-1, width)
    for position, name in enumerate(layout.attributes):
        if attributes and name not in attributes:
            continue
        key = str(position)
        others = {at: row[4][key] for at, row in enumerate(rows) if row[4] and key in row[4]}
        _add(columns, name, layout.units[position], times, values[:, position], quality[:, position], others)


def _read_sealed(
    columns: dict[str, _Column],
    lake: Lake,
    files: list[str],
    urn: str,
    attributes: list[str],
    start: datetime,
    end: datetime,
    period: Period,
) -> None:
    span = [start.isoformat(), end.isoformat()]
    if len(attributes) == 1:
        found = lake.table(_SEALED_ONE, [files, urn, PERIODS.index(period), attributes[0], *span])
    else:
        named = attributes or _attributes_in(lake, files, urn)
        found = lake.table(_SEALED, [files, urn, PERIODS.index(period), named, *span])
    names = found.column("attribute").to_pylist()
    first = 0
    for name, count in Counter(names).items():  # in order: the query sorts by attribute
        piece = found.slice(first, count)
        first += count
        said = {at: msgspec.json.decode(text) for at, text in enumerate(piece.column("other").to_pylist()) if text}
        values = piece.column("value").to_numpy().astype(np.float64)  # a null is NaN
        times, quality = piece.column("time").to_numpy(), piece.column("quality").to_numpy()
        _add(columns, name, piece.column("unit")[count - 1].as_py(), times, values, quality, said)


def _attributes_in(lake: Lake, files: list[str], urn: str) -> list[str]:
    rows = lake.query("select distinct attribute from read_parquet(?) where entity = ?", [files, urn])
    return [name for (name,) in rows]


def _add(
    columns: dict[str, _Column],
    name: str,
    unit: str | None,
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    quality: NDArray[np.uint16],
    others: dict[int, Any],
) -> None:
    column = columns.setdefault(name, _Column([], [], [], {}))
    column.others.update({column.count + at: value for at, value in others.items()})
    column.times.append(times)
    column.values.append(values)
    column.quality.append(quality)
    column.unit = unit or column.unit
    column.count += len(times)


def _series(urn: str, name: str, period: Period, column: _Column | None) -> Series:
    """Return the parts in order of time, each observation once."""
    if column is None:
        return Series(urn, name, period, None, np.array([], np.int64), np.array([]), {}, np.array([], np.uint16))
    times, values = np.concatenate(column.times), np.concatenate(column.values)
    quality = np.concatenate(column.quality)
    order = np.argsort(times, kind="stable")
    if len(column.times) > 1:
        order = _once(order, times, values, column.others)
    places = {int(before): after for after, before in enumerate(order)} if column.others else {}
    others = {places[at]: value for at, value in column.others.items() if at in places}
    return Series(urn, name, period, column.unit, times[order], values[order], others, quality[order])


def _once(
    order: NDArray[np.intp], times: NDArray[np.int64], values: NDArray[np.float64], others: dict[int, Any]
) -> NDArray[np.intp]:
    """Leave out what says the same of the same time: a message sent again after its day was sealed."""
    seen: set[tuple[int, str]] = set()
    kept = []
    for at in order.tolist():
        said = (int(times[at]), repr(others.get(at, float(values[at]))))
        if said not in seen:
            seen.add(said)
            kept.append(at)
    return np.array(kept, np.intp)
