"""The lake: sealed days of history as compressed Parquet, one file a day, queried with DuckDB.

A day is sealed when little more is expected of it. Its rows are unfolded into one observation a row, sorted by entity,
attribute and time, and its partition goes in the transaction that names the file. What comes late makes the partition
anew and is merged into the file the next time the day is sealed; queries read both.
"""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import duckdb
import msgspec
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from bihuan.core.errors import FormatError
from bihuan.core.records.observation import Layout
from bihuan.store.connect import Connection
from bihuan.store.embedded import default_home
from bihuan.store.observations import day_bounds, partition_of
from bihuan.store.rows import Layouts
from bihuan.store.sql import statements

_SQL = statements("observations.sql")
SCHEMA = pa.schema(
    [
        ("entity", pa.string()),
        ("attribute", pa.string()),
        ("period", pa.int8()),
        ("time", pa.timestamp("us", tz="UTC")),
        ("value", pa.float64()),
        ("other", pa.string()),  # JSON of what is no number
        ("quality", pa.uint16()),
        ("unit", pa.string()),
    ]
)
"""Columns of a day's file."""
LOCK = 0x7365616C
"""Advisory lock of those who replace or delete files; a backup holds it shared, for its files must stay."""
_ORDER = [("entity", "ascending"), ("attribute", "ascending"), ("period", "ascending"), ("time", "ascending")]
_ROWS_A_GROUP = 120_000


@dataclass(frozen=True, slots=True)
class Sealed:
    """What sealing a day came to."""

    day: date
    file: Path
    rows: int
    """Messages that were merged in."""
    observations: int
    """In the file altogether."""
    bytes: int


class Lake:
    """The folder of sealed days.

    Args:
        folder: where they lie; made if missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._local = threading.local()

    def file(self, name: str) -> Path:
        """Return the path of a day's file by the name the store knows it by."""
        return self.folder / name

    def take_in(self, name: str, source: IO[bytes]) -> None:
        """Keep a day's file as another lake had it, under its name there.

        Raises:
            FormatError: the name leads out of the folder.
        """
        path = self.file(name)
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise FormatError("is no name of a file in the lake", where=name)
        with _whole(path) as fresh, fresh.open("wb") as target:
            shutil.copyfileobj(source, target)

    def query(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a query in DuckDB."""
        return self._duck().execute(sql, parameters).fetchall()

    def table(self, sql: str, parameters: Sequence[Any]) -> pa.Table:
        """Return the result of a query in DuckDB as an Arrow table."""
        return self._duck().sql(sql, params=list(parameters)).to_arrow_table()

    def _duck(self) -> duckdb.DuckDBPyConnection:
        if not hasattr(self._local, "duck"):
            self._local.duck = duckdb.connect(config={"threads": 2, "autoinstall_known_extensions": False})
            self._local.duck.execute("set timezone = 'UTC'")
        duck: duckdb.DuckDBPyConnection = self._local.duck
        return duck


def default_lake() -> Lake:
    """Return the lake under the data folder."""
    return Lake(default_home() / "lake")


def may_change(connection: Connection) -> bool:
    """Return whether this session may seal and drop days; it then keeps others out until it is closed."""
    found = connection.execute("select pg_try_advisory_lock(%s)", [LOCK]).fetchone()
    return bool(found and found[0])


def seal(connection: Connection, lake: Lake, day: date, *, at: datetime) -> Sealed | None:
    """Move a day into the lake and commit; None where there is nothing of it to be moved.

    The session is one that `may_change`. Writers of this one day wait meanwhile. Killed at any moment, the day is whole in one place or the other.
    """
    partition = psycopg.sql.Identifier(partition_of(day))
    if not _exists(connection, partition_of(day)):
        connection.rollback()
        return None
    connection.execute(psycopg.sql.SQL("lock table {} in exclusive mode").format(partition))
    old = connection.execute("select file from sealed_day where day = %s", [day]).fetchone()
    table, rows = _unfolded(connection, day)
    if old is not None:
        table = _merged(pq.read_table(lake.file(old[0])), table)
    name = f"{day:%Y/%m}/{day.isoformat()}-{uuid.uuid4().hex[:8]}.parquet"
    size = _write(lake.file(name), table)
    connection.execute(
        "insert into sealed_day values (%s, %s, %s, %s, %s, %s) on conflict (day) do update set file = excluded.file,"
        " rows = sealed_day.rows + excluded.rows, observations = excluded.observations, bytes = excluded.bytes,"
        " sealed_at = excluded.sealed_at",
        [day, name, rows, table.num_rows, size, at],
    )
    connection.execute(psycopg.sql.SQL("drop table {}").format(partition))
    connection.commit()
    if old is not None:
        lake.file(old[0]).unlink(missing_ok=True)
    return Sealed(day, lake.file(name), rows, table.num_rows, size)


def sealed_files(connection: Connection, first: date, last: date) -> list[str]:
    """Return the files of the sealed days from `first` to `last`."""
    query = "select file from sealed_day where day between %s and %s order by day"
    return [file for (file,) in connection.execute(query, [first, last]).fetchall()]


def sealed_totals(connection: Connection) -> tuple[int, int, int]:
    """Return how many days are sealed, with how many observations in how many bytes."""
    found = connection.execute(
        "select count(*), coalesce(sum(observations), 0)::bigint, coalesce(sum(bytes), 0)::bigint from sealed_day"
    ).fetchone()
    assert found is not None
    return int(found[0]), int(found[1]), int(found[2])


def drop_before(connection: Connection, lake: Lake, day: date) -> int:
    """Delete the sealed days before one, as the pack's retention asks; return how many.

    The session is one that `may_change`.
    """
    gone = connection.execute("delete from sealed_day where day < %s returning file", [day]).fetchall()
    connection.commit()
    for (file,) in gone:
        lake.file(file).unlink(missing_ok=True)
    return len(gone)


def _exists(connection: Connection, table: str) -> bool:
    found = connection.execute("select to_regclass(%s)", [table]).fetchone()
    return found is not None and found[0] is not None


def _unfolded(connection: Connection, day: date) -> tuple[pa.Table, int]:
    """Return a day's observations, sorted, and of how many messages they are."""
    start, end = day_bounds(day)
    urns: dict[int, str] = dict(connection.execute("select id, urn from entity").fetchall())
    layouts, tables, count = Layouts(), [], 0
    with connection.cursor("day", row_factory=psycopg.rows.tuple_row) as cursor:
        cursor.itersize = 20_000
        cursor.execute(_SQL["day"], {"start": start, "end": end})
        while rows := cursor.fetchmany(100_000):
            count += len(rows)
            tables.append((rows, {row[2] for row in rows}))
    known = layouts.of(connection, {number for _, numbers in tables for number in numbers})
    pieces = [piece for rows, _ in tables for piece in _pieces(rows, known, urns)]
    table = pa.concat_tables(pieces) if pieces else SCHEMA.empty_table()
    return table.sort_by(_ORDER), count


def _pieces(rows: list[Any], layouts: dict[int, Layout], urns: dict[int, str]) -> Iterable[pa.Table]:
    """Yield a table of the observations of each layout."""
    by_layout: dict[int, list[Any]] = {}
    for row in rows:
        by_layout.setdefault(row[2], []).append(row)
    for number, same in by_layout.items():
        yield _table(same, layouts[number], urns)


def _table(rows: list[Any], layout: Layout, urns: dict[int, str]) -> pa.Table:
    count, width = len(rows), len(layout.attributes)
    values = np.frombuffer(b"".join(bytes(row[5]) for row in rows), "<f8")
    none = bytes(2 * width)
    quality = np.frombuffer(b"".join(none if row[7] is None else bytes(row[7]) for row in rows), "<u2")
    others = [None] * (count * width)
    for at, row in enumerate(rows):
        for position, value in (row[6] or {}).items():
            others[at * width + int(position)] = msgspec.json.encode(value).decode()  # type: ignore[call-overload]
    times = np.array([row[3].timestamp() for row in rows])
    repeated = {"entity": [urns[row[0]] for row in rows], "period": [row[1] for row in rows]}
    return pa.table(
        {
            "entity": pa.array(np.repeat(np.array(repeated["entity"], object), width), pa.string()),
            "attribute": pa.array(np.tile(np.array(layout.attributes, object), count), pa.string()),
            "period": pa.array(np.repeat(np.array(repeated["period"], np.int8), width)),
            "time": pa.array(np.repeat(np.round(times * 1e6).astype("int64"), width)).cast(SCHEMA.field("time").type),
            "value": pa.array(values, mask=np.isnan(values)),
            "other": pa.array(others, pa.string()),
            "quality": pa.array(quality),
            "unit": pa.array(np.tile(np.array(layout.units, object), count), pa.string()),
        },
        schema=SCHEMA,
    )


def _merged(old: pa.Table, late: pa.Table) -> pa.Table:
    """Both, each observation once: what was sent again after its day was sealed is there already."""
    both = pa.concat_tables([old, late])
    return both.group_by(both.column_names, use_threads=False).aggregate([]).select(both.column_names).sort_by(_ORDER)


def _write(path: Path, table: pa.Table) -> int:
    """Write a day's file; return its size."""
    with _whole(path) as fresh:
        pq.write_table(
            table,
            fresh,
            compression="zstd",
            compression_level=9,
            row_group_size=_ROWS_A_GROUP,
            use_dictionary=["entity", "attribute", "period", "value", "other", "quality", "unit"],
            column_encoding={"time": "DELTA_BINARY_PACKED"},
            write_page_index=True,
        )
    return path.stat().st_size


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a path beside one to write to; it becomes that one, and stays so if the power fails then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    yield fresh
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
