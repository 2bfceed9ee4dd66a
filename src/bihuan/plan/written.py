"""What is written of a plan: the network it was asked of, and its results beside it, as PyPSA names them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bihuan.plan.network import Column, Network
from bihuan.plan.results import Plan, Table

if TYPE_CHECKING:
    import polars as pl

PYPSA_VERSION = "1.4.0"
"""The release whose folders these are."""


def static_of(plan: Plan, kind: str) -> dict[str, Column]:
    """Return the columns of a table: as given, with `p_nom_opt` and the like of the plan."""
    table = plan.network[kind]
    columns = dict(table.columns)
    row_of = {name: row for row, name in enumerate(table.names)}
    for (of_kind, attribute), values in plan.static.items():
        if of_kind == kind:
            filled = np.zeros(len(table))
            for name, value in values.items():
                filled[row_of[name]] = value
            columns[attribute] = filled
    return columns


def series_of(plan: Plan, kind: str) -> dict[str, Table]:
    """Return what a table holds by snapshot: as given, and the plan's results."""
    table = plan.network[kind]
    given = {
        attribute: Table(tuple(table.names[row] for row in series.rows), series.values)
        for attribute, series in table.varying.items()
    }
    found = {attribute: values for (of_kind, attribute), values in plan.series.items() if of_kind == kind}
    return {**given, **found}


def write_pypsa_folder(plan: Plan, folder: Path) -> None:
    """Write a network folder that PyPSA's `import_from_csv_folder` reads, with results where it keeps its own."""
    import polars as pl

    folder.mkdir(parents=True, exist_ok=True)
    network = plan.network
    about = {"name": [network.name], "_objective": [plan.objective], "_objective_constant": [0.0]}
    pl.DataFrame({**about, "pypsa_version": [PYPSA_VERSION]}).write_csv(folder / "network.csv")
    _snapshots(plan).write_csv(folder / "snapshots.csv")
    if network.periods is not None:
        periods = network.periods
        weights = {"objective": periods.cost_weight, "years": periods.length}
        pl.DataFrame({"period": list(periods.years), **weights}).write_csv(folder / "investment_periods.csv")
    for kind, table in network.tables.items():
        if len(table):
            columns = {name: list(values) for name, values in static_of(plan, kind).items()}
            pl.DataFrame({"name": list(table.names), **columns}).write_csv(folder / f"{kind}.csv")
            for attribute, series in series_of(plan, kind).items():
                _by_snapshot(series).write_csv(folder / f"{kind}-{attribute}.csv")


def _snapshots(plan: Plan) -> pl.DataFrame:
    """In front a number for each snapshot, as PyPSA writes it."""
    import polars as pl

    network, number = plan.network, list(range(len(plan.network.snapshots)))
    weights = {name: values.tolist() for name, values in network.weightings.items()}
    if network.periods is None:
        return pl.DataFrame({"": number, "snapshot": list(network.snapshots), **weights})
    years = [network.periods.years[at] for at in network.periods.of_snapshot]
    return pl.DataFrame({"": number, "period": years, "timestep": list(network.snapshots), **weights})


def _by_snapshot(table: Table) -> pl.DataFrame:
    import polars as pl

    values = {name: table.values[:, at] for at, name in enumerate(table.names)}
    return pl.DataFrame({"": list(range(table.values.shape[0])), **values})


def write_parquet(plan: Plan, folder: Path) -> None:
    """Write one Parquet file a result: `generators-p.parquet` with a column a component, `snapshot` in front."""
    import polars as pl

    write_series(plan.series, plan.network.snapshots, folder)
    for (kind, attribute), values in plan.static.items():
        frame = pl.DataFrame({"name": list(values), attribute: list(values.values())})
        frame.write_parquet(folder / f"{kind}-{attribute}.parquet")


def write_series(series: dict[tuple[str, str], Table], snapshots: tuple[str, ...], folder: Path) -> None:
    """Write results by snapshot, one Parquet file each; they may end before the last snapshot."""
    import polars as pl

    folder.mkdir(parents=True, exist_ok=True)
    for (kind, attribute), table in series.items():
        columns = {name: table.values[:, at] for at, name in enumerate(table.names)}
        frame = pl.DataFrame({"snapshot": list(snapshots[: len(table.values)]), **columns})
        frame.write_parquet(folder / f"{kind}-{attribute}.parquet")


def write_network(network: Network, folder: Path) -> None:
    """Write a network without results as a network folder."""
    unsolved = Plan(network, "unknown", float("nan"), float("nan"), {}, {}, 0, 0, 0, 0)
    write_pypsa_folder(unsolved, folder)
