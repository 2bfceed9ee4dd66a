"""`bihuan audit`: is the history what was written?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import typer

app = typer.Typer(help="The event log.", no_args_is_help=True)


@app.callback()
def _family() -> None: ...


@app.command()
def verify(as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout.")) -> None:
    """Follow every hash chain of the event log from its first event to its last.

    Exit code 1, and the first broken event named, where an event was changed, taken out or put in.

    Example: bihuan audit verify
    """
    from bihuan.store import events
    from bihuan.store.connect import open_store

    with open_store() as store, store.connection() as connection:
        audit = events.verify(connection)
    if as_json:
        print(json.dumps(asdict(audit), ensure_ascii=False))
    elif audit.broken is None:
        print(f"verified: {audit.events} events in {audit.streams} streams")
    if audit.broken is not None:
        print(f"bihuan: the event log is broken at {audit.broken}", file=sys.stderr)
        raise typer.Exit(1)
