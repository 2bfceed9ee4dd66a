"""A real `bihuan up` for a benchmark, in a process of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    port: int
    process: int
    """Its id."""


@contextlib.contextmanager
def running(url: str) -> Iterator[Running]:
    """Serve the store behind a connection string; stop at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [Path(sys.executable).with_name("bihuan"), "up", "--port", str(port)]
    with subprocess.Popen(command, env={**os.environ, "BIHUAN_DATABASE_URL": url}, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(port)
            yield Running(port, server.pid)
        finally:
            server.terminate()


def _wait(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.1)
    raise RuntimeError("the server does not answer")
