"""`bihuan backup` and `bihuan restore`: database and sealed days in one file, and back."""

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
    without_lake: Annotated[
        bool, typer.Option("--without-lake", help="Leave sealed days of device history out; copy them by other means.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the database and the sealed days of device history to one file, as they are at this moment.

    The server may go on working. The key file of personal data (BIHUAN_KEY_FILE) is not in it: without that file the
    data stays sealed, so keep it apart.

    Example: bihuan backup /backups/2026-11-24.bihuan
    """
    from bihuan.store.backup import backup as write
    from bihuan.store.connect import open_store
    from bihuan.store.lake import default_lake

    with open_store() as store:
        manifest = write(store, file, None if without_lake else default_lake())
    _tell(f"{file}: written", manifest, as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="File that `bihuan backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace all that a store holds that is not empty.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Put what a backup holds into the database and the lake: all of it, or on any failure nothing.

    A store that is not empty is left alone unless --force is given. `bihuan audit verify` proves the history after.

    Example: bihuan restore /backups/2026-11-24.bihuan
    """
    from bihuan.store.backup import restore as put_back
    from bihuan.store.connect import open_store
    from bihuan.store.lake import default_lake

    with open_store() as store:
        manifest = put_back(store, file, default_lake(), force=force)
    _tell(f"{file}: restored", manifest, as_json)


def _tell(what: str, manifest: Manifest, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(manifest)))
        return
    rows = manifest.rows
    kept = ", ".join(f"{rows.get(table, 0)} {name}" for table, name in _TOLD.items())
    print(f"{what}, as of {manifest.taken_at}: {kept}, {len(manifest.sealed)} sealed days", file=sys.stderr)
    if manifest.left_out:
        print(f"bihuan: {len(manifest.left_out)} sealed days are not in it; copy the folder lake", file=sys.stderr)


_TOLD = {"document": "documents", "entry": "rows", "review": "decisions", "event": "events"}
