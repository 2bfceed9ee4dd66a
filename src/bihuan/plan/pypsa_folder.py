"""PyPSA's network folders: a CSV file a kind of component, and one for each attribute that varies by snapshot."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import numpy as np

from bihuan.core.errors import InputError
from bihuan.plan.attributes import ATTRIBUTES
from bihuan.plan.columns import column
from bihuan.plan.faults import Fault, FaultyNetwork
from bihuan.plan.network import WEIGHTINGS, Components, Floats, Network, Periods, Series, attribute_of
from bihuan.plan.standard_types import resolve

_NO_INFLUENCE = {
    "network",
    "snapshots",
    "investment_periods",
    "shapes",
    "sub_networks",
    "shunt_impedances",
    "scenarios",
}
"""Files beside the components', and components that have no say in the optimum."""


def read_pypsa_folder(folder: Path) -> Network:
    """Read a network that PyPSA's `export_to_csv_folder` wrote.

    Raises:
        FaultyNetwork: files that are no CSV, cells that are no numbers, rows that are missing, …; every one is named.
        InputError: the folder has no buses.csv, so it is none.
    """
    if not (folder / "buses.csv").is_file():
        raise InputError("is no network folder: buses.csv is missing", where=str(folder))
    faults: list[Fault] = []
    snapshots, weightings, years = _snapshots(folder, faults)
    tables = {kind: _components(folder, kind, snapshots, faults) for kind in ATTRIBUTES}
    periods = _periods(folder, years, faults)
    about = _table(folder / "network.csv", faults)
    name = str((about.get("name") or [""])[0]) or folder.name
    warnings = [*_unread(folder), *(fault for fault in faults if fault.severity == "warning")]
    network = Network(name, snapshots, weightings, tables, periods, tuple(warnings))
    return finish(network, [fault for fault in faults if fault.severity == "fault"], where=str(folder))


def finish(network: Network, faults: list[Fault], *, where: str) -> Network:
    """Return the network with its standard types resolved; where cells were wrong, raise with all that is wrong.

    Raises:
        FaultyNetwork: there are faults; those that a check of the rest finds stand beside them.
    """
    from bihuan.plan.check import check

    resolved = resolve(network, faults)
    if faults:
        seen = {(fault.table, fault.component, fault.field) for fault in faults}
        found = [f for f in check(resolved) if f.severity == "fault" and (f.table, f.component, f.field) not in seen]
        raise FaultyNetwork([*faults, *found], where=where)
    return resolved


def _table(path: Path, faults: list[Fault]) -> dict[str, list[str]]:
    """Column's name -> cells; the first column comes first. Nothing where there is no file, or no CSV in it.

    What is wrong with a file, and what is odd of the form of a table of components, is written to `faults`.
    """
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.reader(lines) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        faults.append(_no_csv(path, str(error)))
        return {}
    if not rows:
        faults.append(_no_csv(path, "an empty file"))
        return {}
    header, *body = rows
    if path.stem in ATTRIBUTES:
        faults += _misshapen(path.stem, header, body)
    return {name: [row[at] if at < len(row) else "" for row in body] for at, name in enumerate(header)}


def _no_csv(path: Path, got: str) -> Fault:
    kind, _, attribute = path.stem.partition("-")
    return Fault(kind, "", attribute, path.name, got, "a table in CSV (UTF-8) with a header line")


def _misshapen(kind: str, header: list[str], body: list[list[str]]) -> Iterator[Fault]:
    """Columns that stand twice or look misspelt, rows of another length than the header."""
    for name in dict.fromkeys(name for name in header[1:] if name and header.count(name) > 1):
        yield Fault(kind, "", name, "line 1", "the same column twice", "each column once")
    for name in header[1:]:
        alike = [] if attribute_of(kind, name) else get_close_matches(name, ATTRIBUTES[kind], 1, cutoff=0.9)
        if name and alike:
            yield Fault(kind, "", name, "line 1", "a column bihuan does not know", f"{alike[0]} (misspelt?)", "warning")
    for line, row in enumerate(body, 2):
        if len(row) != len(header):
            severity: Literal["fault", "warning"] = "fault" if len(row) > len(header) else "warning"
            got, expected = f"{len(row)} cells", f"{len(header)}, as in the header"
            yield Fault(kind, row[0], "", f"line {line}", got, expected, severity)
        if not row[0]:
            yield Fault(kind, "", "name", f"line {line}", "no name", "a name of its own")


def _snapshots(folder: Path, faults: list[Fault]) -> tuple[tuple[str, ...], dict[str, Floats], list[str]]:
    """Labels, weightings, and the investment period each belongs to (empty without periods)."""
    path = folder / "snapshots.csv"
    if not path.is_file():
        return ("now",), {name: np.ones(1) for name in WEIGHTINGS}, []
    table = _table(path, faults)
    labels = table.get("timestep") or table.get("snapshot") or next(iter(table.values()), [])
    if not labels and table:
        faults.append(Fault("snapshots", "", "", "", "no snapshot", "at least one"))
    hours = {name: _weighting(table, name, labels, faults) for name in WEIGHTINGS}
    return tuple(labels), hours, table.get("period", [])


def _weighting(table: dict[str, list[str]], name: str, labels: Sequence[str], faults: list[Fault]) -> Floats:
    """PyPSA up to 0.17 wrote one column, `weightings`, for all three; what is missing counts one hour."""
    cells = table.get(name) or table.get("weightings") or ["1"] * len(labels)
    values = np.ones(len(labels))
    for row, cell in enumerate(cells):
        try:
            values[row] = float(cell or 1)
        except ValueError:
            faults.append(Fault("snapshots", "", name, labels[row], repr(cell), "a number of hours"))
    return values


def _periods(folder: Path, of_snapshot: list[str], faults: list[Fault]) -> Periods | None:
    kind = "investment_periods"
    table = _table(folder / f"{kind}.csv", faults)
    named = table[next(iter(table))] if table else []
    before = len(faults)
    years = [int(year) for year in _numbers(kind, "period", named or list(dict.fromkeys(of_snapshot)), faults)]
    known = [int(year) for year in _numbers("snapshots", "period", of_snapshot, faults)]
    weight, length = (
        _numbers(kind, name, table.get(name, ["1"] * len(years)), faults) for name in ("objective", "years")
    )
    if not years or len(faults) > before:
        return None
    wrong = next((year for year in known if year not in years), None)
    if wrong is not None or not known:
        got = "snapshots without a period" if wrong is None else f"{wrong}"
        faults.append(Fault("snapshots", "", "period", "", got, f"one of {', '.join(map(str, years))}"))
        return None
    place = np.array([years.index(year) for year in known], dtype=np.int32)
    return Periods(tuple(years), place, weight, length)


def _numbers(kind: str, field: str, cells: Sequence[str], faults: list[Fault]) -> Floats:
    """Cells as numbers, 1 where one is empty; one that is none is a fault and counts 0."""
    values = np.zeros(len(cells))
    for row, cell in enumerate(cells):
        try:
            values[row] = float(cell or 1)
        except ValueError:
            faults.append(Fault(kind, "", field, f"line {row + 2}", repr(cell), "a number"))
    return values


def _components(folder: Path, kind: str, snapshots: tuple[str, ...], faults: list[Fault]) -> Components:
    table = _table(folder / f"{kind}.csv", faults)
    if not table:
        return Components(kind, ())
    names = tuple(table.pop(next(iter(table))))
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        faults += [Fault(kind, name, "name", "", "the same name twice", "a name of its own") for name in twice]
    columns = {name: column(kind, name, names, cells, faults) for name, cells in table.items() if name}
    return Components(kind, names, columns, _all_varying(folder, kind, names, snapshots, faults))


def _all_varying(
    folder: Path, kind: str, names: tuple[str, ...], snapshots: tuple[str, ...], faults: list[Fault]
) -> dict[str, Series]:
    varying = {}
    for path in sorted(folder.glob(f"{kind}-*.csv")):
        attribute = path.stem.removeprefix(f"{kind}-")
        known = attribute_of(kind, attribute)
        if attribute.endswith("-pw"):
            expected = "one value, or one for each snapshot: piecewise curves are not modelled"
            faults.append(Fault(kind, "", attribute.removesuffix("-pw"), path.name, "a piecewise curve", expected))
        elif known is not None and not known.varying:
            faults.append(Fault(kind, "", attribute, path.name, "values by snapshot", "one value for each component"))
        elif snapshots and (known is not None or attribute == "s_set"):
            varying[attribute] = _varying(path, kind, attribute, names, snapshots, faults)
    return varying


def _varying(
    path: Path,
    kind: str,
    attribute: str,
    names: tuple[str, ...],
    snapshots: tuple[str, ...],
    faults: list[Fault],
) -> Series:
    """Read one attribute's table: a row a snapshot, a column a component, an index in front."""
    import polars as pl

    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = next(csv.reader(lines))
        table = pl.read_csv(path, has_header=False, skip_rows=1, infer_schema=False)
    except (StopIteration, UnicodeDecodeError, csv.Error, pl.exceptions.PolarsError, OSError) as error:
        empty = isinstance(error, (StopIteration, pl.exceptions.NoDataError))
        faults.append(_no_csv(path, "an empty file" if empty else " ".join(str(error).split())[:200]))
        return Series(np.zeros(0, np.int32), np.zeros((len(snapshots), 0)))
    row_of = {name: row for row, name in enumerate(names)}
    known = [at for at, name in enumerate(header) if at and name in row_of]
    if table.height != len(snapshots):
        faults.append(_missing_rows(kind, attribute, table.to_series(0).to_list(), snapshots))
        return Series(np.zeros(0, np.int32), np.zeros((len(snapshots), 0)))
    faults += _astray(kind, attribute, path.name, header, names, table.to_series(0).to_list(), snapshots)
    values = np.empty((len(snapshots), len(known)))
    for place, at in enumerate(known):
        values[:, place] = _numbers_of(table.to_series(at), kind, attribute, header[at], snapshots, faults)
    return Series(np.array([row_of[header[at]] for at in known], dtype=np.int32), values)


def _astray(
    kind: str,
    attribute: str,
    file: str,
    header: list[str],
    names: tuple[str, ...],
    labels: list[str],
    snapshots: tuple[str, ...],
) -> Iterator[Fault]:
    """Columns of no component, and rows in another order than the snapshots: both are read as PyPSA does, by place."""
    for name in header[1:]:
        if name not in names:
            alike = get_close_matches(name, names, 1, cutoff=0.8)
            expected = f"the name of a component{f' ({alike[0]!r})' if alike else ''}: it counts for nothing"
            yield Fault(kind, name, attribute, file, "values of no component", expected, "warning")
    if labels != list(snapshots) and set(labels) == set(snapshots):
        first = next(at for at, (ours, theirs) in enumerate(zip(labels, snapshots, strict=True)) if ours != theirs)
        expected = f"{snapshots[first]}, as in snapshots.csv: rows count by their place"
        yield Fault(kind, "", attribute, f"line {first + 2}", labels[first], expected, "warning")


def _missing_rows(kind: str, attribute: str, labels: list[str], snapshots: tuple[str, ...]) -> Fault:
    missing = [label for label in snapshots if label not in set(labels)]
    row = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "") if len(missing) < len(snapshots) else ""
    return Fault(kind, "", attribute, row, f"{len(labels)} rows", f"{len(snapshots)}, one for each snapshot")


def _numbers_of(
    cells: object, kind: str, attribute: str, name: str, snapshots: tuple[str, ...], faults: list[Fault]
) -> Floats:
    """Numbers of a column of texts; an empty cell is NaN."""
    import polars as pl

    assert isinstance(cells, pl.Series)
    numbers = cells.cast(pl.Float64, strict=False)
    wrong = cells.is_not_null() & numbers.is_null() & ~cells.is_in(["", "nan", "NaN"])
    for row in wrong.arg_true().to_list()[:20]:
        faults.append(Fault(kind, name, attribute, snapshots[row], repr(cells[row]), "a number"))
    return numbers.fill_null(float("nan")).to_numpy().astype(np.float64)


def _unread(folder: Path) -> list[Fault]:
    """Files that are neither components' nor known to have no say."""
    kinds = {path.stem.split("-")[0]: path.name for path in sorted(folder.glob("*.csv"))}
    unknown = {stem: name for stem, name in kinds.items() if stem not in ATTRIBUTES and stem not in _NO_INFLUENCE}
    return [
        Fault(stem, "", "", name, "a file bihuan does not know", "a kind of component", "warning")
        for stem, name in unknown.items()
    ]
