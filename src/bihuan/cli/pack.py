"""`bihuan pack new|check`: a city's folder of data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="A city's folder of data.", no_args_is_help=True)


@app.command()
def new(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet.")]) -> None:
    """Write a city's folder to start from: what is the city's own to fill in, what most cities share ready to use.

    Example: bihuan pack new my-city
    """
    from bihuan.store.packs import new_pack

    new_pack(folder)
    print(f"{folder}: written; fill in city.yaml first, then run `bihuan pack check {folder}`", file=sys.stderr)


@app.command()
def check(folder: Annotated[str, typer.Argument(metavar="DIR", help="A folder, or a shipped pack's name.")]) -> None:
    """Read every part of a city's folder: tell what it holds, and every fault with file, line and field.

    Exit code 1 where a part has a fault, 2 where the city itself cannot be read.

    Example: bihuan pack check my-city
    """
    from bihuan.cli.pack_parts import look
    from bihuan.store.packs import load_pack

    pack = load_pack(folder)
    print(f"{pack.name}: {pack.city.name}")
    is_sound = True
    for part in look(pack):
        is_sound = is_sound and not part.faults
        print(f"  {part.name:<16} {'has faults' if part.faults else part.holds}", flush=True)
        for fault in part.faults:
            print(f"{part.name}: {fault}", file=sys.stderr)
    raise typer.Exit(0 if is_sound else 1)
