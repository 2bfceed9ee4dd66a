"""PyPSA's network folders: a CSV file a kind of component, and one for each attribute that varies by snapshot."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.attributes import ATTRIBUTES
from bihuan.plan.network import Components, Floats, Network

WEIGHTINGS = ("objective", "stores", "generators")


def read_pypsa_folder(folder: Path) -> Network:
    """Read a network that PyPSA's `export_to_csv_folder` wrote.

    Raises:
        InputError: the folder has no buses, a file does not fit the others, or the network uses something that is not
            modelled yet; the message names the file.
    """
    if not (folder / "buses.csv").is_file():
        raise InputError("is no network folder: buses.csv is missing", where=str(folder))
    if (folder / "investment_periods.csv").is_file() and _table(folder / "investment_periods.csv")[1]:
        raise InputError("networks with investment periods are not modelled yet", where=str(folder))
    snapshots, weightings = _snapshots(folder)
    tables = {kind: _components(folder, kind, len(snapshots)) for kind in ATTRIBUTES}
    name = (_table(folder / "network.csv")[1] or [{}])[0].get("name", "") if (folder / "network.csv").is_file() else ""
    return Network(name or folder.name, snapshots, weightings, tables)


def _table(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            rows = [{key: value or "" for key, value in row.items() if key is not None} for row in reader]
            return list(reader.fieldnames or []), rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read as CSV: {error}", where=str(path)) from error


def _snapshots(folder: Path) -> tuple[tuple[str, ...], dict[str, Floats]]:
    path = folder / "snapshots.csv"
    if not path.is_file():
        return ("now",), {name: np.ones(1) for name in WEIGHTINGS}
    names, rows = _table(path)
    label = "snapshot" if "snapshot" in names else "name" if "name" in names else names[0]
    if not rows:
        raise InputError("has no snapshot", where=str(path))
    hours = {name: _weighting(path, rows, name) for name in WEIGHTINGS}
    return tuple(row[label] for row in rows), hours


def _weighting(path: Path, rows: list[dict[str, str]], name: str) -> Floats:
    """PyPSA up to 0.17 wrote one column, `weightings`, for all three."""
    texts = [row.get(name) or row.get("weightings") or "1" for row in rows]
    try:
        return np.array([float(text) for text in texts])
    except ValueError as error:
        raise InputError(f"{name}: {error}", where=str(path)) from error


def _components(folder: Path, kind: str, snapshots: int) -> Components:
    path = folder / f"{kind}.csv"
    if not path.is_file():
        return Components(kind, ())
    attributes, rows = _table(path)
    names = tuple(row[attributes[0]] for row in rows)
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise InputError(f"names stand twice: {', '.join(twice[:10])}", where=str(path))
    columns = {attribute: [row[attribute] for row in rows] for attribute in attributes[1:]}
    varying = {
        file.stem.removeprefix(f"{kind}-"): _varying(file, names, snapshots)
        for file in sorted(folder.glob(f"{kind}-*.csv"))
    }
    return Components(kind, names, columns, varying)


def _varying(path: Path, names: tuple[str, ...], snapshots: int) -> dict[int, Floats]:
    """Read one attribute's table: a row a snapshot, a column a component, an index in front."""
    import polars as pl

    try:
        table = pl.read_csv(path, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"cannot be read as CSV: {error}", where=str(path)) from error
    if table.height != snapshots:
        raise InputError(f"has {table.height} rows; {snapshots} snapshots were expected", where=str(path))
    row_of = {name: row for row, name in enumerate(names)}
    unknown = [name for name in table.columns[1:] if name not in row_of]
    if unknown:
        raise InputError(f"names components that do not exist: {', '.join(unknown[:10])}", where=str(path))
    series = {row_of[name]: table[name] for name in table.columns[1:]}
    return {row: _floats(path, names[row], column) for row, column in series.items()}


def _floats(path: Path, name: str, column: object) -> Floats:
    import polars as pl

    assert isinstance(column, pl.Series)
    try:
        return column.cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(np.float64)
    except pl.exceptions.InvalidOperationError as error:
        raise InputError(f"column {name!r} holds something that is no number", where=str(path)) from error
