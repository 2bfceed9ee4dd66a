"""`bihuan pack new|check`: a city's folder of data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="A city's folder of data.", no_args_is_help=True)


@app.command()
def new(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet.")]) -> None:
    """Write a commented skeleton of a city's folder.

    Example: bihuan pack new my-city
    """
    from bihuan.store.packs import new_pack

    new_pack(folder)
    print(f"{folder}: written; fill in city.yaml first, then run `bihuan pack check {folder}`", file=sys.stderr)


@app.command()
def check(folder: Annotated[str, typer.Argument(metavar="DIR", help="A folder, or a shipped pack's name.")]) -> None:
    """Tell every fault of a city's folder with file, line and field, or what it holds.

    Example: bihuan pack check my-city
    """
    from bihuan.store.packs import load_pack

    pack = load_pack(folder)
    print(
        f"{pack.name}: {pack.city.name}, {len(pack.city.places)} places, {len(pack.organisations)} organisations, "
        f"{len(pack.indicators)} indicators, {len(pack.projects)} projects, {len(pack.documents)} documents"
    )
