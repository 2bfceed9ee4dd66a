"""One process that serves the cockpit until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import socket
from collections.abc import Callable

from fastapi import FastAPI
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from bihuan.core.errors import OutsideError
from bihuan.show.settings import Settings

logger = logging.getLogger(__name__)
STOP_SECONDS = 5
"""How long requests under way may take to end when the server stops."""


def check_port(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, before anything is started.

    Raises:
        OutsideError: another program has the port, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OutsideError(_why(error, port), where=f"{host}:{port}") from error


def free_port(host: str, wanted: int) -> int:
    """Return `wanted`, or the next port above it that nobody listens on.

    Raises:
        OutsideError: none of twenty is free, or the address is not this machine's.
    """
    for port in range(wanted, wanted + 19):
        try:
            check_port(host, port)
        except OutsideError:
            continue
        return port
    check_port(host, wanted + 19)
    return wanted + 19


def _why(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"the port is taken by another program. Stop it, or choose another port: bihuan up --port {port + 1}"
    if error.errno == errno.EACCES:
        return "ports below 1024 need root. Choose another: bihuan up --port 8137"
    return f"cannot listen there: {error.strerror}"


Stop = Callable[[], None]
"""Ends the server, from any thread."""


def serve(app: FastAPI, settings: Settings, on_ready: Callable[[Stop], None]) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP, or until stopped; requests under way may end.

    Args:
        app: the cockpit.
        settings: where to listen.
        on_ready: called once the server is listening, in its event loop: must return at once.
    """
    asyncio.run(_serve(app, settings, on_ready))


async def _serve(app: FastAPI, settings: Settings, on_ready: Callable[[Stop], None]) -> None:
    server = Server(
        app,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_level=LogLevels.error,
    )
    loop = asyncio.get_running_loop()

    end: Stop = server.stop

    def stop() -> None:
        app.state.stopping.set()  # streams would keep their connections for ever
        end()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    running = asyncio.create_task(server.serve())
    await _listening(settings, running)
    gc.freeze()  # what was loaded stays for good; looking through it again would hold up a page now and then
    on_ready(lambda: _call(loop, stop))
    try:
        await running
    finally:
        gc.unfreeze()  # the interpreter tidies up all of it at its end


def _call(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    """Call `stop` in the server's loop; one that has ended already needs no stopping."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stop)


async def _listening(settings: Settings, running: asyncio.Task[None]) -> None:
    """Wait until the port takes connections, or the server has given up."""
    while not running.done():
        try:
            _, writer = await asyncio.open_connection(settings.host, settings.port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            await writer.wait_closed()
            return
