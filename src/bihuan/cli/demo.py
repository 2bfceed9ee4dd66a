"""`bihuan demo`: a city's documents read, a made-up city alive, one address to open; `--check` verifies and exits."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bihuan.cli.options import PackOption, resolve_pack
from bihuan.cli.progress import shown
from bihuan.cli.serve import DEFAULT_PORT, address, stop_in_order
from bihuan.cli.tables import print_table

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bihuan.read.intake import Taken
    from bihuan.show.server import Stop
    from bihuan.show.settings import Settings
    from bihuan.store.connect import Connection, Store
    from bihuan.store.packs import Pack

HOST = "127.0.0.1"


def demo(
    check: Annotated[bool, typer.Option("--check", help="Verify everything and exit, 0 or 1, instead of serving.")] = (
        False
    ),
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on; 8137 or the next free.")] = (
        None
    ),
    pack: PackOption = None,
) -> None:
    """Start everything on the sample city: database, documents, cockpit. A second run is quick and changes nothing.

    Data lie under BIHUAN_HOME (default ~/.local/share/bihuan); --check without BIHUAN_HOME uses a folder of its own
    and removes it.

    Example: bihuan demo
    """
    from bihuan.show.app import create_app
    from bihuan.show.server import check_port, free_port
    from bihuan.show.settings import Settings
    from bihuan.store.connect import open_store

    city = resolve_pack(pack)
    settings = Settings(host=HOST, port=port or free_port(HOST, DEFAULT_PORT), demo=True)
    check_port(HOST, settings.port)
    stop_in_order()
    print(
        f"bihuan: starting PostgreSQL and reading {len(city.documents)} documents of {city.city.name}", file=sys.stderr
    )
    with _home(check) as home, open_store(home=home) as store:
        _read_all(store, city)
        _print_found(store)
        _desk(store, city, home)
        with _small_city(store, city, home):
            app = create_app(store, settings, city)
            if check:
                _check(store, app, settings, len(city.documents))
            else:
                _serve(store, app, settings)


@contextlib.contextmanager
def _home(check: bool) -> Iterator[Path]:
    from bihuan.store.embedded import default_home

    if check and not os.environ.get("BIHUAN_HOME"):
        with tempfile.TemporaryDirectory(prefix="bihuan-check-") as folder:
            yield Path(folder)
    else:
        yield default_home()


# -- reading -------------------------------------------------------------------------------------------------------


def _read_all(store: Store, city: Pack) -> None:
    from bihuan.read.corpus import Refusal
    from bihuan.read.intake import take_in
    from bihuan.read.shelf import relink

    files = [str(path) for path in city.documents]
    found = list(shown(take_in(store, files, city, actor="demo"), len(files), "reading"))
    relink(store, city)
    _print_documents([one for one in found if not isinstance(one, Refusal)])
    for one in found:
        if isinstance(one, Refusal):
            print(f"bihuan: {one.error}", file=sys.stderr)


def _desk(store: Store, city: Pack, home: Path) -> None:
    """Make the demo accounts, a key that seals personal data where none is named, and made-up cases on a new desk."""
    from bihuan.act import demo_accounts, demo_desk
    from bihuan.act.engine import Engine
    from bihuan.act.personal import load_keys, new_key_file

    key_file = home / "demo-personal.key"
    if not os.environ.get("BIHUAN_KEY_FILE"):
        if not key_file.exists():
            new_key_file(key_file)
        os.environ["BIHUAN_KEY_FILE"] = str(key_file)
    engine, now = Engine.of(city, load_keys()), store.clock()
    with store.connection() as connection:
        demo_accounts.make(connection, engine, now)
        count = demo_desk.lay_out(connection, engine, city, now)
    if count:
        print(f"bihuan: {count} made-up cases", file=sys.stderr)


@contextlib.contextmanager
def _small_city(store: Store, city: Pack, home: Path) -> Iterator[None]:
    """Have a small made-up city live while inside."""
    from bihuan.sense.simulation.city import Ground
    from bihuan.sense.simulation.small_city import SmallCity
    from bihuan.store.lake import Lake

    small = SmallCity(store, city.folder, Lake(home / "lake"), ground=Ground.of(city))
    count = small.fill()
    print(f"bihuan: {len(small.city)} made-up devices, {count:,} messages of the last hours", file=sys.stderr)
    small.start()
    try:
        yield
    finally:
        small.close()


def _print_documents(taken: Sequence[Taken]) -> None:
    heads = ("document", "", "statements", "commitments")
    print_table(heads, [(t.name, t.change, str(t.statements), str(t.commitments)) for t in taken], ruled=True)


def _print_found(store: Store) -> None:
    """Print how much there is, and what came of the promises of each year."""
    from bihuan.store.ledger import LIGHTS
    from bihuan.store.overview import totals

    with store.connection() as connection:
        counts = totals(connection)
        years = _years(connection)
    found = (("documents", counts.documents), ("statements", counts.statements), ("commitments", counts.commitments))
    print_table(("found", ""), [(name, str(number)) for name, number in found], ruled=True)
    sums = [str(sum(row[n] for _, row in years)) for n in range(len(LIGHTS))]
    rows = [(str(year), *map(str, row)) for year, row in years]
    print_table(("promises of", *LIGHTS), [*rows, ("all years", *sums)], ruled=True)


def _years(connection: Connection) -> list[tuple[int, list[int]]]:
    from bihuan.store import ledger

    counted = [(year, ledger.compare(connection, year, size=1).counts) for year in ledger.years(connection)]
    return [(year, [counts[light] for light in ledger.LIGHTS]) for year, counts in counted]


# -- serving -------------------------------------------------------------------------------------------------------


def _serve(store: Store, app: FastAPI, settings: Settings) -> None:
    from bihuan.show.server import serve

    text = "\n".join(_signposts(store, address(settings.host, settings.port)))
    serve(app, settings, lambda stop: print(text, flush=True))


def _signposts(store: Store, base: str) -> Iterator[str]:
    from bihuan.store import ledger

    with store.connection() as connection:
        judged = [year for year, row in _years(connection) if any(row[:3])]
        documents = ledger.documents(connection)
    damaged = next((one for one in documents if "受损" in one.name), None)
    yield f"\n  {base}\n"
    if judged:
        yield f"  {base}{f'promises/{judged[0]}':<14} what {judged[0]} promised, and what came of it"
    if damaged:
        yield f"  {base}{f'documents/{damaged.id}':<14} a damaged text beside the restored one, each number marked"
    yield f"  {base}{'ledger':<14} every promise and result: search, filter, correct, export to Excel"
    yield f"  {base}{'operations':<14} a made-up city now: lights, signals, map, devices, rules (all synthetic)"
    yield f"  {base}{'events':<14} who changed what, hash-chained\n"
    yield "  Ctrl-C stops everything it started."


# -- checking ------------------------------------------------------------------------------------------------------


def _check(store: Store, app: FastAPI, settings: Settings, documents: int) -> None:
    """Serve just long enough to ask the cockpit everything; exit code 1 where an answer is not as it should be."""
    from bihuan.show import selfcheck
    from bihuan.show.server import serve

    checks: list[selfcheck.Check] = []

    def ask(stop: Stop) -> None:
        try:
            get = selfcheck.getter(address(settings.host, settings.port))
            checks.extend(selfcheck.check(store, app.state.places, get, documents))
        finally:
            stop()

    asking: list[threading.Thread] = []

    def begin(stop: Stop) -> None:
        asking.append(threading.Thread(target=ask, args=(stop,), name="self-check"))
        asking[0].start()

    serve(app, settings, begin)
    for thread in asking:
        thread.join()
    print_table(
        ("check", "", "seen"), [(one.name, "ok" if one.ok else "FAILED", one.seen) for one in checks], ruled=True
    )
    faults = [one.name for one in checks if not one.ok] or ([] if checks else ["the cockpit did not answer"])
    print(
        f"bihuan: {len(checks)} checks, " + (f"failed: {', '.join(faults)}" if faults else "all passed"),
        file=sys.stderr,
    )
    if faults:
        raise typer.Exit(1)
