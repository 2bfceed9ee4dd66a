"""`bihuan up`: the cockpit, with everything it needs, until it is interrupted."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bihuan.cli.options import PackOption, resolve_pack

if TYPE_CHECKING:
    from bihuan.store.connect import Store
    from bihuan.store.packs import Pack

DEFAULT_PORT = 8137


def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = DEFAULT_PORT,
    host: Annotated[
        str, typer.Option(help="Address to listen on. There is no login yet: leave it on this machine.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A further name this server may be called by (repeat for more).")
    ] = None,
    pack: PackOption = None,
) -> None:
    """Start the store and the cockpit, and serve until Ctrl-C; everything that was started is stopped again.

    Ready when GET /healthz answers 200; /readyz asks the database too; /metrics is for Prometheus.

    Example: bihuan up --port 8200
    """
    from bihuan.show.app import create_app
    from bihuan.show.server import check_port, serve
    from bihuan.show.settings import LOCAL_NAMES, Settings
    from bihuan.store.connect import open_store

    settings = Settings(host=host, port=port, allowed_hosts=(*LOCAL_NAMES, host, *(allow_host or ())))
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


def address(host: str, port: int) -> str:
    """Return the address to open in a browser."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def stop_in_order() -> None:
    """Let SIGTERM and SIGHUP unwind like Ctrl-C, so that what was started is stopped also before the server runs."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))
