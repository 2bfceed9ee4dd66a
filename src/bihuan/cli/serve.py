"""`bihuan up`: the cockpit, the gateways for devices or both, with everything they need, until it is interrupted."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bihuan.cli import sense
from bihuan.cli.options import PackOption, resolve_pack

if TYPE_CHECKING:
    from bihuan.store.connect import Store
    from bihuan.store.packs import Pack

DEFAULT_PORT = 8137


class Role(StrEnum):
    """What of the city a process serves."""

    show = "show"
    sense = "sense"
    all = "all"


def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = DEFAULT_PORT,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on. From other machines everybody may read; whoever changes something signs in."
        ),
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A further name this server may be called by (repeat for more).")
    ] = None,
    role: Annotated[
        Role,
        typer.Option(help="show: the cockpit; sense: the gateways for devices, as `bihuan sense serve`; all: both."),
    ] = Role.show,
    hj212_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Gateway for HJ 212 devices (sense, all); 0 for any free port.")
    ] = 8212,
    gb32960_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Gateway for GB/T 32960 vehicles (sense, all).")
    ] = 8960,
    ngsi_ld_instances: Annotated[
        int,
        typer.Option(min=1, help="NGSI-LD: instances of an attribute in one answer; longer histories come in parts."),
    ] = 1000,
    ngsi_ld_kept: Annotated[
        int,
        typer.Option(
            min=1, help="NGSI-LD: notifications kept for a subscriber that does not answer; of more the oldest go."
        ),
    ] = 10_000,
    ngsi_ld_kept_days: Annotated[
        int,
        typer.Option(min=1, help="NGSI-LD: days that a notification is kept for a subscriber that does not answer."),
    ] = 7,
    pack: PackOption = None,
) -> None:
    """Start the store and the cockpit, and serve until Ctrl-C; everything that was started is stopped again.

    Ready when GET /healthz answers 200 (not with --role sense, which has no pages); /readyz asks the database too;
    /metrics is for Prometheus. Several processes of any role may share one database (BIHUAN_DATABASE_URL).

    Example: bihuan up --port 8200
    """
    if role is Role.sense:
        sense.serve(hj212_port, gb32960_port, host=host, pack=pack)
        return
    options = {"host": host, "hj212-port": hj212_port, "gb32960-port": gb32960_port, "pack": pack}
    with _gateways(options) if role is Role.all else contextlib.nullcontext():
        _cockpit(
            pack,
            host=host,
            port=port,
            names=allow_host or [],
            ngsi_ld_instances=ngsi_ld_instances,
            ngsi_ld_kept=ngsi_ld_kept,
            ngsi_ld_kept_days=ngsi_ld_kept_days,
        )


def _cockpit(pack: str | None, *, host: str, port: int, names: list[str], **more: Any) -> None:
    from bihuan.show.app import create_app
    from bihuan.show.server import check_port, serve
    from bihuan.show.settings import LOCAL_NAMES, Settings
    from bihuan.store.connect import open_store

    settings = Settings(host=host, port=port, allowed_hosts=(*LOCAL_NAMES, host, *names), **more)
    city = resolve_pack(pack)
    check_port(host, port)
    stop_in_order()
    with open_store() as store:
        _first_password(store, city)
        ready = f"bihuan: {address(host, port)} (Ctrl-C stops it)"
        serve(create_app(store, settings, city), settings, lambda stop: print(ready, file=sys.stderr))


def _first_password(store: Store, city: Pack) -> None:
    """Make the first account where there is none, and tell its password: once, and only here."""
    from bihuan.act import accounts
    from bihuan.act.units import Units

    with store.connection() as connection:
        password = accounts.first_administrator(connection, Units(city.organisations), store.clock())
    if password is not None:
        told = "change it at the first sign-in; `bihuan account add` makes further accounts"
        print(f"bihuan: account admin, one-time password {password} ({told})", file=sys.stderr)


@contextlib.contextmanager
def _gateways(options: Mapping[str, object]) -> Iterator[None]:
    """Have the gateways run in a process of their own while inside; should they end, so does this process."""
    given = [word for name, value in options.items() if value is not None for word in (f"--{name}", str(value))]
    process = subprocess.Popen([sys.executable, "-m", "bihuan", "sense", "serve", *given])
    leaving = threading.Event()
    watch = threading.Thread(target=_end_with, args=(process, leaving), daemon=True)
    watch.start()
    try:
        yield
    finally:
        leaving.set()
        process.terminate()
        process.wait()
        watch.join()


def _end_with(process: subprocess.Popen[bytes], leaving: threading.Event) -> None:
    if process.wait() and not leaving.is_set():
        print("bihuan: the gateways have ended; so does the cockpit", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)


def address(host: str, port: int) -> str:
    """Return the address to open in a browser."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def stop_in_order() -> None:
    """Let SIGTERM and SIGHUP unwind like Ctrl-C, so that what was started is stopped also before the server runs."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))
