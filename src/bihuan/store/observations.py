"""Keeping observations: one transaction a batch holds the history, the latest state, the raw frames and the outbox.

    writer = ObservationWriter(connection)
    writer.write(batch, at=now, door="hj212")     # committed when it returns; only now may a device be acknowledged

A message that was kept before changes nothing, so a batch may be written again after a crash.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import psycopg

from bihuan.core.records.observation import PERIODS, Incoming, Layout
from bihuan.store import devices, outbox
from bihuan.store.connect import Connection
from bihuan.store.rows import Row, to_microseconds
from bihuan.store.sql import statements

_SQL = statements("observations.sql")
_CHINA = timezone(timedelta(hours=8))
_POSTGRES_EPOCH_US = 946_684_800_000_000  # 2000-01-01 in Unix time
_COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"
_FIXED = struct.Struct(">h iI ih iq iq iI iq iq")
"""Number of fields, then each with its length: entity, period, time, key, layout, received, batch."""
_LENGTH = struct.Struct(">i")
_NULL = _LENGTH.pack(-1)
_PERIOD_NUMBER = {period: number for number, period in enumerate(PERIODS)}
_NAN = float("nan")
_RAW_LEVEL = 1
_PARTITION_LOCK = 0x7061727469


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch."""

    new: int
    """Messages kept."""
    repeated: int
    """Messages that had been kept before."""


class ObservationWriter:
    """Writes batches over one connection; knows the layouts and partitions that are there.

    Args:
        connection: no transaction open; the writer commits. Not shared between threads.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._layouts: dict[Layout, int] = {}
        self._days: set[date] = set()
        connection.execute(_SQL["make_incoming"])
        self._days.update(_days_of_partitions(connection))
        connection.commit()

    def write(self, batch: Sequence[Incoming], *, at: datetime, door: str) -> Written:
        """Keep a batch and commit.

        Args:
            batch: messages in the order they came.
            at: when they came, by the platform's clock.
            door: by which they came in.

        Raises:
            psycopg.Error: nothing of the batch was kept.
        """
        if not batch:
            return Written(0, 0)
        try:
            return self._commit(batch, at, door)
        except psycopg.errors.CheckViolation:  # a day was sealed meanwhile, and its partition went
            self._days = set(_days_of_partitions(self._connection))
            return self._commit(batch, at, door)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _commit(self, batch: Sequence[Incoming], at: datetime, door: str) -> Written:
        try:
            self._make_partitions({_day(message.time) for message in batch})
            written = self._write(batch, at, door)
            self._connection.commit()
        except BaseException:
            self._layouts.clear()
            if not self._connection.closed:
                self._connection.rollback()
            raise
        return written

    def _write(self, batch: Sequence[Incoming], at: datetime, door: str) -> Written:
        connection = self._connection
        raw = self._keep_raw(batch, at, door)
        rows = [self._row(message) for message in batch]
        with connection.cursor() as cursor:
            with cursor.copy(_SQL["copy_incoming"]) as copy:
                copy.write(_copied(batch, rows, to_microseconds(at), raw))
            kept = cursor.execute(_SQL["keep"]).fetchall()
            cursor.execute(_SQL["keep_latest"])
        devices.note_seen(connection, Counter(message.device for message in batch if message.device), at=at)
        outbox.put(connection, _new_rows(batch, rows, kept), at=at)
        return Written(len(kept), len(batch) - len(kept))

    def _row(self, message: Incoming) -> Row:
        numbers, others = _split(message.values)
        quality = None
        if message.quality is not None and any(message.quality):
            quality = struct.pack(f"<{len(message.quality)}H", *message.quality)
        layout = self._layouts.get(message.layout) or self._layout(message.layout)
        period = _PERIOD_NUMBER[message.period]
        return Row(message.entity, period, layout, to_microseconds(message.time), numbers, others, quality)

    def _layout(self, layout: Layout) -> int:
        text = msgspec.json.encode([layout.attributes, layout.units])
        values = {"digest": hashlib.sha256(text).digest(), "attributes": list(layout.attributes)}
        found = self._connection.execute(_SQL["find_layout"], values).fetchone()
        if found is None:
            values["units"] = list(layout.units)
            self._connection.execute(_SQL["keep_layout"], values)
            found = self._connection.execute(_SQL["find_layout"], values).fetchone()
        assert found is not None
        self._layouts[layout] = int(found[0])
        return int(found[0])

    def _keep_raw(self, batch: Sequence[Incoming], at: datetime, door: str) -> int:
        frames = [(message.device, message.raw) for message in batch if message.raw is not None]
        if not frames:
            return 0
        packed = zlib.compress(msgspec.msgpack.encode(frames), _RAW_LEVEL)
        found = self._connection.execute(_SQL["keep_raw"], {"at": at, "door": door, "frames": packed}).fetchone()
        assert found is not None
        return int(found[0])

    def _make_partitions(self, days: set[date]) -> None:
        """Make what is missing in a transaction of its own, so that the batch never waits with locks in hand."""
        missing = days - self._days
        if not missing:
            return
        self._connection.execute("select pg_advisory_xact_lock(%s)", [_PARTITION_LOCK])
        for day in sorted(missing - set(_days_of_partitions(self._connection))):
            start, end = day_bounds(day)
            self._connection.execute(
                psycopg.sql.SQL("create table {} partition of observation for values from ({}) to ({})").format(
                    psycopg.sql.Identifier(partition_of(day)), start.isoformat(), end.isoformat()
                )
            )
        self._connection.commit()
        self._days |= missing


def partition_of(day: date) -> str:
    """Return the name of the partition that holds a Chinese day."""
    return f"observation_{day:%Y%m%d}"


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return when a Chinese day begins and ends."""
    start = datetime(day.year, day.month, day.day, tzinfo=_CHINA)
    return start, start + timedelta(days=1)


def days_kept(connection: Connection) -> list[date]:
    """Return the Chinese days that have a partition, oldest first."""
    return sorted(_days_of_partitions(connection))


def _days_of_partitions(connection: Connection) -> Iterable[date]:
    for (name,) in connection.execute(_SQL["partitions"]).fetchall():
        yield datetime.strptime(name.rsplit("_", 1)[-1], "%Y%m%d").replace(tzinfo=UTC).date()


def _day(time: datetime) -> date:
    return time.astimezone(_CHINA).date()


def _split(values: Sequence[Any]) -> tuple[bytes, dict[str, Any] | None]:
    """Return the numbers packed, and what is none by its position; a value that is null is in neither."""
    try:
        return struct.pack(f"<{len(values)}d", *values), None
    except struct.error:
        pass
    are_numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in values]
    numbers = [value if is_number else _NAN for value, is_number in zip(values, are_numbers, strict=True)]
    others = {
        str(at): value
        for at, (value, is_number) in enumerate(zip(values, are_numbers, strict=True))
        if not is_number and value is not None
    }
    return struct.pack(f"<{len(values)}d", *numbers), others or None


def _copied(batch: Sequence[Incoming], rows: Sequence[Row], received_us: int, raw: int) -> bytes:
    """Return the batch in PostgreSQL's binary COPY format."""
    received = received_us - _POSTGRES_EPOCH_US
    pieces = [_COPY_HEAD]
    pack, length = _FIXED.pack, _LENGTH.pack
    for message, row in zip(batch, rows, strict=True):
        pieces.append(pack(10, 4, row.entity, 2, row.period, 8, row.time_us - _POSTGRES_EPOCH_US, 8, message.key,
                           4, row.layout, 8, received, 8, raw))  # fmt: skip
        pieces += (length(len(row.numbers)), row.numbers)
        if row.others is None:
            pieces.append(_NULL)
        else:
            others = b"\x01" + msgspec.json.encode(row.others)  # version 1 of jsonb's binary form
            pieces += (length(len(others)), others)
        pieces += (_NULL,) if row.quality is None else (length(len(row.quality)), row.quality)
    pieces.append(_COPY_END)
    return b"".join(pieces)


def _new_rows(batch: Sequence[Incoming], rows: list[Row], kept: list[Any]) -> list[Row]:
    """Return the rows that were not there before; the first of a message that stands in the batch twice."""
    if len(kept) == len(rows):
        return rows
    left = {(entity, period, to_microseconds(time), key) for entity, period, time, key in kept}
    new = []
    for message, row in zip(batch, rows, strict=True):
        place = (row.entity, row.period, row.time_us, message.key)
        if place in left:
            left.discard(place)
            new.append(row)
    return new
