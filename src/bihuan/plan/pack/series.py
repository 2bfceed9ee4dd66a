"""Hourly series of a pack: every CSV or Parquet file under `series/`, a row a snapshot, the first column its label."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bihuan.plan.network import Floats
from bihuan.store.yaml_records import Faults

if TYPE_CHECKING:
    import polars as pl


def read_series(folder: Path, faults: Faults) -> tuple[tuple[str, ...], dict[str, Floats]]:
    """Return the snapshots and name -> values. All files must have the same snapshots, each an hour after the last."""
    snapshots: tuple[str, ...] = ()
    series: dict[str, Floats] = {}
    files = sorted(path for path in folder.glob("*") if path.suffix in (".csv", ".parquet"))
    for path in files:
        table = _table(path, faults)
        if table is None:
            continue
        labels = tuple(str(value) for value in table.to_series(0))
        if snapshots and labels != snapshots:
            faults.add(
                path, None, table.columns[0], f"other snapshots than {files[0].name}: {_difference(snapshots, labels)}"
            )
            continue
        if not snapshots:
            _check_hours(path, labels, faults)
            snapshots = labels
        for name in table.columns[1:]:
            _take(path, name, table, series, faults)
    if not files:
        faults.add(folder, None, "", "holds no series (.csv or .parquet), so there is no snapshot")
    return snapshots, series


def _table(path: Path, faults: Faults) -> pl.DataFrame | None:
    import polars as pl

    try:
        read = pl.read_parquet if path.suffix == ".parquet" else pl.read_csv
        table = read(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        faults.add(path, None, "", f"cannot be read: {' '.join(str(error).split())[:200]}")
        return None
    if table.height == 0 or table.width < 2:
        faults.add(path, None, "", "has no snapshot" if table.height == 0 else "has no series beside its snapshots")
        return None
    return table


def _take(path: Path, name: str, table: pl.DataFrame, series: dict[str, Floats], faults: Faults) -> None:
    import polars as pl

    if name in series:
        faults.add(path, None, name, "stands in another file, too")
        return
    values = table[name].cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy().astype(np.float64)
    missing = np.flatnonzero(~np.isfinite(values))
    if missing.size:
        first = table.to_series(0)[int(missing[0])]
        faults.add(path, int(missing[0]) + 2, name, f"{missing.size} values missing or no number, the first at {first}")
    series[name] = values


def _check_hours(path: Path, labels: tuple[str, ...], faults: Faults) -> None:
    """Labels are `YYYY-MM-DD HH:MM` and follow hour by hour."""
    try:
        times = [datetime.fromisoformat(label) for label in labels]
    except ValueError as error:
        faults.add(path, None, "snapshot", f"{error}; YYYY-MM-DD HH:MM was expected")
        return
    gaps = [
        (row, before, after)
        for row, (before, after) in enumerate(pairwise(times))
        if after - before != timedelta(hours=1)
    ]
    for row, before, after in gaps[:10]:
        faults.add(path, row + 3, "snapshot", f"{after} follows {before}; {before + timedelta(hours=1)} was expected")


def _difference(expected: tuple[str, ...], got: tuple[str, ...]) -> str:
    if len(expected) != len(got):
        return f"{len(got)} rows, {len(expected)} expected"
    at = next(row for row, (a, b) in enumerate(zip(expected, got, strict=True)) if a != b)
    return f"row {at + 2} is {got[at]}, {expected[at]} expected"
