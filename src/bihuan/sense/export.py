"""History out: Parquet, Excel or CSV, a row an observation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from bihuan.core.errors import InputError
from bihuan.sense.times import CHINA
from bihuan.store.history import Series

EXCEL_ROWS = 1_048_575
"""Of one sheet, beside its heading."""


def table_of(series: Iterable[Series]) -> pl.DataFrame:
    """Return observations as a table; time in UTC, a value that is no number as text in `other`."""
    tables = [_table(one) for one in series]
    return pl.concat(tables) if tables else pl.DataFrame(schema=_SCHEMA)


def write(series: Iterable[Series], path: Path) -> int:
    """Write observations to a file whose ending says how; return how many.

    Raises:
        InputError: the ending is none of `.parquet`, `.xlsx`, `.csv`, or there are too many for a sheet.
    """
    table = table_of(series)
    if path.suffix == ".parquet":
        table.write_parquet(path)
    elif path.suffix == ".csv":
        table.write_csv(path)
    elif path.suffix == ".xlsx":
        _write_excel(table, path)
    else:
        raise InputError(f"'{path.suffix}' is no format here; name the file .parquet, .xlsx or .csv", where=str(path))
    return table.height


_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "entity": pl.String,
    "attribute": pl.String,
    "period": pl.String,
    "time": pl.Datetime("us", "UTC"),
    "value": pl.Float64,
    "other": pl.String,
    "unit": pl.String,
    "quality": pl.UInt16,
}


def _table(series: Series) -> pl.DataFrame:
    others = [None if at not in series.others else str(series.others[at]) for at in range(len(series))]
    values = pl.Series("value", series.values).fill_nan(None)
    return pl.DataFrame(
        {"time": pl.Series(series.times_us).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"), "value": values,
         "other": pl.Series(others, dtype=pl.String), "quality": pl.Series(series.quality, dtype=pl.UInt16)}
    ).select(
        pl.lit(series.entity).alias("entity"),
        pl.lit(series.attribute).alias("attribute"),
        pl.lit(series.period).alias("period"),
        "time",
        "value",
        "other",
        pl.lit(series.unit, dtype=pl.String).alias("unit"),
        "quality",
    )  # fmt: skip


def _write_excel(table: pl.DataFrame, path: Path) -> None:
    """Excel knows no zone: its times are Chinese."""
    if table.height > EXCEL_ROWS:
        raise InputError(
            f"{table.height:,} rows do not fit on a sheet of {EXCEL_ROWS:,}; write .parquet", where=str(path)
        )
    local = table.with_columns(pl.col("time").dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None))
    local.rename({"time": f"time ({CHINA})"}).write_excel(path, worksheet="observations", autofit=True)
