"""`bihuan up`: the cockpit, with everything it needs, until it is interrupted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8137,
    host: Annotated[
        str, typer.Option(help="Address to listen on. There is no login yet: leave it on this machine.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A further name this server may be called by (repeat for more).")
    ] = None,
    pack: Annotated[
        Path | None, typer.Option(envvar="BIHUAN_PACK", help="Folder of the city's pack; default the shipped one.")
    ] = None,
) -> None:
    """Start the store and the cockpit, and serve until Ctrl-C; everything that was started is stopped again."""
    from bihuan.show.app import create_app
    from bihuan.show.server import check_port, serve
    from bihuan.show.settings import LOCAL_NAMES, Settings
    from bihuan.store.connect import open_store

    settings = Settings(host=host, port=port, allowed_hosts=(*LOCAL_NAMES, host, *(allow_host or ())), pack=pack)
    check_port(host, port)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    with open_store() as store:
        serve(
            create_app(store, settings),
            settings,
            lambda: print(f"bihuan: {address} (Ctrl-C stops it)", file=sys.stderr),
        )
