"""History of before, from CSV or Parquet: a row an observation, taken in like what a device sends, any number of times.

Columns: `entity` (URN), `attribute`, `time` (ISO 8601; without a zone it is Chinese time), `value`, and where there are
`unit` (converted to the canonical one) and `period` (`now`, `hour`, …).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from bihuan.core.errors import FormatError, UnitError
from bihuan.core.quantity import convert
from bihuan.core.records.observation import PERIODS, Incoming, Layout
from bihuan.sense.protocols.plugin import key_of
from bihuan.sense.quality import Judge
from bihuan.sense.times import CHINA
from bihuan.store import entities
from bihuan.store.connect import Store
from bihuan.store.observations import ObservationWriter

NEEDED = ("entity", "attribute", "time", "value")
_BATCH = 1000
_MOST_FAULTS = 100


@dataclass(slots=True)
class Filled:
    """What came of a file."""

    new: int = 0
    """Messages kept: one for all attributes of an entity at a time."""
    repeated: int = 0
    refused: list[str] = field(default_factory=list)
    """Rows that were not taken, with what is wrong; the first hundred."""
    refused_rows: int = 0

    def refuse(self, row: int, why: str) -> None:
        """Note a row (counted from 1, the heading not) that was not taken."""
        self.refused_rows += 1
        if len(self.refused) < _MOST_FAULTS:
            self.refused.append(f"row {row}: {why}")


def fill(store: Store, path: Path, units: Mapping[str, str | None], judge: Judge | None = None) -> Filled:
    """Take in a file; a file that was taken in before changes nothing.

    Args:
        store: where it is kept.
        path: `.csv` or `.parquet`.
        units: canonical unit by attribute.
        judge: of values; None for no judgement.

    Raises:
        FormatError: the file cannot be read, or lacks a column.
    """
    table = read_table(path)
    filled = Filled()
    with store.connection() as connection:
        known = entities.numbers_of(connection, table.get_column("entity").cast(pl.String).unique().to_list())
    writer = ObservationWriter(store.connect())
    try:
        batch: list[Incoming] = []
        for message in _messages(table, known, units, judge, filled):
            batch.append(message)
            if len(batch) == _BATCH:
                _write(writer, batch, store, filled)
                batch = []
        _write(writer, batch, store, filled)
    finally:
        writer.close()
    return filled


def _write(writer: ObservationWriter, batch: list[Incoming], store: Store, filled: Filled) -> None:
    written = writer.write(batch, at=store.clock(), door="file")
    filled.new += written.new
    filled.repeated += written.repeated


def read_table(path: Path) -> pl.DataFrame:
    """Return the rows of a file with their numbers, from 1, in a column `row`.

    Raises:
        FormatError: it cannot be read, or lacks a column.
    """
    try:
        table = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise FormatError(f"cannot be read as {path.suffix or 'a table'}: {error}", where=str(path)) from error
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        raise FormatError(
            f"lacks the column {', '.join(missing)}; there are {', '.join(table.columns)}", where=str(path)
        )
    return table.with_row_index("row", offset=1)


def _messages(
    table: pl.DataFrame, known: Mapping[str, int], units: Mapping[str, str | None], judge: Judge | None, filled: Filled
) -> Iterator[Incoming]:
    """Yield a message for what stands together: rows of one entity, time and period that follow one another."""
    group: list[tuple[str, str | None, Any]] = []
    place: tuple[str, datetime, str] | None = None
    for row in table.iter_rows(named=True):
        value = _row(row, known, units, filled)
        if value is None:
            continue
        here = (str(row["entity"]), value[0], str(row.get("period") or "now"))
        if place is not None and (here != place or any(name == value[1] for name, _, _ in group)):
            yield _message(place, group, known, judge)
            group = []
        place = here
        group.append(value[1:])
    if place is not None:
        yield _message(place, group, known, judge)


def _row(
    row: Mapping[str, Any], known: Mapping[str, int], units: Mapping[str, str | None], filled: Filled
) -> tuple[datetime, str, str | None, Any] | None:
    """Return time, attribute, unit and value of a row, None (and a word why) where it cannot be taken."""
    attribute = str(row["attribute"] or "")
    canonical = units.get(attribute)
    try:
        if row["entity"] not in known:
            raise ValueError(f"no entity {row['entity']}; make it first")
        if (row.get("period") or "now") not in PERIODS:
            raise ValueError(f"'{row['period']}' is no period; there are {', '.join(PERIODS)}")
        if not attribute:
            raise ValueError("names no attribute")
        return time_of(row["time"]), attribute, canonical, number_in(row["value"], row.get("unit"), canonical)
    except (ValueError, UnitError) as error:
        filled.refuse(row["row"], str(error))
        return None


def time_of(value: Any) -> datetime:
    """Return a time of a table, UTC; without a zone it is Chinese. Raises ValueError where it is none."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return (moment if moment.tzinfo else moment.replace(tzinfo=CHINA)).astimezone(UTC)


def number_in(value: Any, unit: str | None, canonical: str | None) -> Any:
    """Return a value in the canonical unit; what is no number as it is, None where there is none."""
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return value
    return convert(number, unit, canonical) if unit and canonical and unit != canonical else number


def _message(
    place: tuple[str, datetime, str],
    group: list[tuple[str, str | None, Any]],
    known: Mapping[str, int],
    judge: Judge | None,
) -> Incoming:
    urn, time, period = place
    layout = Layout(tuple(name for name, _, _ in group), tuple(unit for _, unit, _ in group))
    values = [value for _, _, value in group]
    quality = judge.judge(known[urn], layout, time, values, None) if judge else None
    key = key_of("file", urn, time.isoformat(), period, *layout.attributes)
    return Incoming(known[urn], time, period, key, layout, values, quality)  # type: ignore[arg-type]
