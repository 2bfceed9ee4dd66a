"""`bihuan backup` and `bihuan restore`: the whole database in one file, and back."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bihuan.store.backup import Manifest

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def backup(
    file: Annotated[Path, typer.Argument(help="File to write, e.g. city.bihuan.")],
    as_json: JsonOption = False,
) -> None:
    """Write the whole database to one file, as it is at this moment; the server may go on working.

    Two things lie outside the database and are copied by other means: sealed days of device history (the folder `lake`
    under BIHUAN_HOME) and the key file of personal data (BIHUAN_KEY_FILE), without which that data stays sealed.

    Example: bihuan backup /backups/2026-11-24.bihuan
    """
    from bihuan.store.backup import backup as write
    from bihuan.store.connect import open_store

    with open_store() as store:
        manifest = write(store, file)
    _tell(f"{file}: written", manifest, as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="File that `bihuan backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace all that a store holds that is not empty.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Put what a backup holds into the database: all of it, or on any failure nothing.

    A store that is not empty is left alone unless --force is given. `bihuan audit verify` proves the history after.

    Example: bihuan restore /backups/2026-11-24.bihuan
    """
    from bihuan.store.backup import restore as put_back
    from bihuan.store.connect import open_store

    with open_store() as store:
        manifest = put_back(store, file, force=force)
    _tell(f"{file}: restored", manifest, as_json)


def _tell(what: str, manifest: Manifest, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(manifest)))
        return
    rows = manifest.rows
    kept = ", ".join(f"{rows.get(table, 0)} {name}" for table, name in _TOLD.items())
    print(f"{what}, as of {manifest.taken_at}: {kept}", file=sys.stderr)


_TOLD = {"document": "documents", "entry": "rows", "review": "decisions", "event": "events"}
