"""PyPSA's netCDF files, in and out. Needs the extra `netcdf` (xarray and netCDF4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bihuan.core.errors import InputError, OutsideError
from bihuan.plan.attributes import ATTRIBUTES
from bihuan.plan.faults import Fault
from bihuan.plan.network import WEIGHTINGS, Components, Floats, Network, Periods
from bihuan.plan.pypsa_folder import finish
from bihuan.plan.results import Plan
from bihuan.plan.tables import components
from bihuan.plan.written import PYPSA_VERSION, series_of, static_of

if TYPE_CHECKING:
    import xarray as xr


def read_netcdf(path: Path) -> Network:
    """Read a network that PyPSA's `export_to_netcdf` wrote.

    Raises:
        FaultyNetwork: values that cannot be used; every one is named.
        InputError: the file is no netCDF, has no buses, or has scenarios.
        OutsideError: the extra `netcdf` is not installed.
    """
    xarray = _xarray()
    try:
        data = xarray.load_dataset(path)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read as netCDF: {error}", where=str(path)) from error
    if "buses_i" not in data.coords:
        raise InputError("is no PyPSA network: it has no buses", where=str(path))
    if "scenario" in data.coords:
        raise InputError("has scenarios, which are not modelled here; solve each on its own", where=str(path))
    faults: list[Fault] = []
    weightings = {name: _weighting(data, name) for name in WEIGHTINGS}
    tables = {kind: _components(data, kind, faults) for kind in ATTRIBUTES}
    name = str(data.attrs.get("network_name") or path.stem)
    network = Network(name, _labels(data), weightings, tables, _periods(data))
    return finish(network, faults, where=str(path))


def _xarray() -> Any:
    try:
        import xarray
    except ImportError as error:
        raise OutsideError("netCDF needs xarray and netCDF4: pip install 'bihuan[netcdf]'") from error
    return xarray


def _weighting(data: xr.Dataset, name: str) -> Floats:
    given = data.get(f"snapshots_{name}")
    return np.ones(data.sizes["snapshots"]) if given is None else np.asarray(given.values, dtype=np.float64)


def _labels(data: xr.Dataset) -> tuple[str, ...]:
    for name in ("snapshots_timestep", "snapshots_snapshot", "snapshots"):
        if name in data:
            values = data[name].values
            is_time = np.issubdtype(values.dtype, np.datetime64)
            texts = [str(v).replace("T", " ")[:19] if is_time else str(v) for v in values]
            return tuple(texts)
    return ("now",)


def _periods(data: xr.Dataset) -> Periods | None:
    if not data.sizes.get("investment_periods"):
        return None
    years = [int(year) for year in data["investment_periods"].values]
    of_snapshot = np.array([years.index(int(year)) for year in data["snapshots_period"].values], dtype=np.int32)
    cost, length = (
        np.asarray(data[f"investment_periods_{name}"].values, dtype=np.float64) for name in ("objective", "years")
    )
    return Periods(tuple(years), of_snapshot, cost, length)


def _components(data: xr.Dataset, kind: str, faults: list[Fault]) -> Components:
    if f"{kind}_i" not in data.coords:
        return Components(kind, ())
    names = [str(name) for name in data[f"{kind}_i"].values]
    static, by_snapshot = f"{kind}_", f"{kind}_t_"
    cells = {
        str(name).removeprefix(static): data[name].values.tolist()
        for name in data.data_vars
        if str(name).startswith(static) and data[name].dims == (f"{kind}_i",)
    }
    varying = {
        str(name).removeprefix(by_snapshot): (
            [str(component) for component in data[f"{name}_i"].values],
            np.asarray(data[name].values, dtype=np.float64),
        )
        for name in data.data_vars
        if str(name).startswith(by_snapshot) and "snapshots" in data[name].dims
    }
    if any(str(name).startswith(f"{kind}_pw_") for name in data.data_vars):
        faults.append(Fault(kind, "", "", "", "a piecewise curve", "one value, or one for each snapshot"))
    return components(kind, names, cells, varying, faults)


def write_netcdf(plan: Plan, path: Path) -> None:
    """Write the network with its plan as PyPSA's `import_from_netcdf` reads it."""
    xarray = _xarray()
    network = plan.network
    variables: dict[str, Any] = {}
    coords: dict[str, Any] = {"snapshots": np.arange(len(network.snapshots))}
    for name, values in _snapshot_columns(network):
        variables[f"snapshots_{name}"] = ("snapshots", values)
    if network.periods is not None:
        coords["investment_periods"] = np.array(network.periods.years)
        variables["investment_periods_objective"] = ("investment_periods", network.periods.cost_weight)
        variables["investment_periods_years"] = ("investment_periods", network.periods.length)
    for kind in network.tables:
        for at, values in _columns_of(plan, kind, coords):
            variables[at] = values
    attributes = {
        "network_name": network.name,
        "network_pypsa_version": PYPSA_VERSION,
        "network__objective": plan.objective,
        "network__objective_constant": 0.0,
        "meta": "{}",
        "crs": "{}",
    }
    xarray.Dataset(variables, coords, attributes).to_netcdf(path)


def _snapshot_columns(network: Network) -> Iterator[tuple[str, Any]]:
    label = "snapshot" if network.periods is None else "timestep"
    yield label, np.array(network.snapshots, dtype=str)
    if network.periods is not None:
        yield "period", np.array(network.periods.years)[network.periods.of_snapshot]
    yield from network.weightings.items()


def _columns_of(plan: Plan, kind: str, coords: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    table = plan.network[kind]
    if not len(table):
        return
    coords[f"{kind}_i"] = np.array(table.names, dtype=str)
    for attribute, values in static_of(plan, kind).items():
        plain = values.astype(str) if values.dtype == object else values
        yield f"{kind}_{attribute}", (f"{kind}_i", plain)
    for attribute, series in series_of(plan, kind).items():
        at = f"{kind}_t_{attribute}"
        coords[f"{at}_i"] = np.array(series.names, dtype=str)
        yield at, (("snapshots", f"{at}_i"), series.values)
