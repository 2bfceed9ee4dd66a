"""`bihuan doctor`: what is installed and reachable, and what to do about each thing missing."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

import typer

from bihuan import __version__

ENOUGH_DISK_GB = 2
PORT = 8137


State = Literal["ok", "optional", "missing"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    state: State
    """`optional`: not there, and only some inputs or commands need it; `missing`: bihuan does not run without it."""
    seen: str
    advice: str = ""


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    good = sys.version_info >= (3, 11)
    yield Finding("Python", "ok" if good else "missing", version, "" if good else "bihuan needs Python 3.11 or newer")


def _libraries() -> Iterator[Finding]:
    """Look at everything our own metadata asks for; what belongs to an extra is optional."""
    for requirement in importlib.metadata.requires("bihuan") or ():
        name, _, marker = requirement.partition(";")
        name = re.split(r"[\[<>=!~ ]", name.strip(), maxsplit=1)[0]
        extra = re.search(r"extra == ['\"](\w+)['\"]", marker)
        if extra is None or extra[1] in EXTRAS:
            yield _library(name, extra[1] if extra else None)


EXTRAS = {"ray": "reading a corpus over a cluster", "pandas": "`Ledger.to_pandas()`"}


def _library(name: str, extra: str | None) -> Finding:
    try:
        return Finding(name, "ok", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        if extra is None:
            return Finding(name, "missing", "not installed", "run `make install`")
        return Finding(name, "optional", "not installed", f"needed for {EXTRAS[extra]}: `pip install bihuan[{extra}]`")


def _disk() -> Iterator[Finding]:
    from bihuan.store.embedded import default_home

    home = default_home()
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
            query = "select current_setting('server_version'), (select max(revision) from revision)"
            found = connection.execute(query).fetchone() or ("?", "?")
            yield Finding("PostgreSQL", "ok", f"{found[0]} ({where}), schema at revision {found[1]}")
    except BihuanError as error:
        yield Finding("PostgreSQL", "missing", str(error), "see docs/reference/store.md, or set BIHUAN_DATABASE_URL")


def _pack() -> Iterator[Finding]:
    from bihuan.core.errors import PackError
    from bihuan.store.packs import default_pack

    try:
        pack = default_pack()
    except PackError as error:
        yield Finding("pack", "missing", str(error), "`bihuan pack check DIR` tells every fault; or unset BIHUAN_PACK")
        return
    held = f"{pack.city.name}, {len(pack.indicators)} indicators, {len(pack.projects)} projects"
    yield Finding("pack", "ok", f"{pack.name}: {held}")


def _calendar() -> Iterator[Finding]:
    from bihuan.store.calendar import load_calendar
    from bihuan.store.connect import utc_now

    first, last = load_calendar().covered_years[0], load_calendar().covered_years[-1]
    advice = f"clocks that run past {last} stay provisional: add the State Council's next notice to packs/calendar.yaml"
    state: State = "ok" if utc_now().year < last else "optional"
    yield Finding("working days", state, f"{first} to {last}", "" if state == "ok" else advice)


def _assets() -> Iterator[Finding]:
    from bihuan.show.rendering import STATIC

    there = (STATIC / "vendor/htmx.min.js").is_file()
    seen = "in place" if there else "missing"
    yield Finding("page libraries", "ok" if there else "missing", seen, "" if there else "run `make install`")


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


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _python, _libraries, _disk, _database, _pack, _calendar, _assets, _port, _programs,
)  # fmt: skip


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
