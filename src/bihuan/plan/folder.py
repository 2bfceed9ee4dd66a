"""A path that holds an energy system -> a `Network`: PyPSA's CSV folder or netCDF file, or a pack's energy folder."""

from __future__ import annotations

from pathlib import Path

from bihuan.core.errors import InputError
from bihuan.plan.netcdf import read_netcdf
from bihuan.plan.network import Network
from bihuan.plan.pack import is_energy_folder, read_energy_pack
from bihuan.plan.pack.compiling import compile_network
from bihuan.plan.pack.scenario import BASE
from bihuan.plan.pypsa_folder import read_pypsa_folder


def read_network(folder: Path, scenario: str = BASE, *, hours: int | None = None) -> Network:
    """Read a network.

    Args:
        folder: a PyPSA network folder or netCDF file, an energy folder, or a city's pack with one inside.
        scenario: of an energy folder.
        hours: whole weeks that stand for the year of an energy folder; None for every hour.

    Raises:
        InputError: what lies there cannot be used; every fault is named.
    """
    if is_energy_folder(folder):
        return compile_network(read_energy_pack(folder), scenario, hours=hours)
    is_netcdf = folder.is_file() and folder.suffix == ".nc"
    if not is_netcdf and not (folder / "buses.csv").is_file():
        seen = "a file" if folder.is_file() else "a folder" if folder.is_dir() else "nothing"
        raise InputError(
            f"is {seen}; expected a PyPSA folder (buses.csv), a netCDF file ending in .nc, or a pack's energy folder",
            where=str(folder),
        )
    if scenario != BASE or hours is not None:
        raise InputError("is PyPSA's; scenarios and --hours belong to a pack's energy folder", where=str(folder))
    return read_netcdf(folder) if is_netcdf else read_pypsa_folder(folder)
