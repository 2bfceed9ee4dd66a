"""A real `bihuan up` or `bihuan sense serve` for a benchmark, in a process of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
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
    """Serve the cockpit over the store behind a connection string; stop at the end."""
    port = _free_port()
    with _process(["up", "--port", str(port)], {"BIHUAN_DATABASE_URL": url}, port) as server:
        yield server


@contextlib.contextmanager
def gateways(url: str, home: Path) -> Iterator[Running]:
    """Serve devices with all chores, HJ 212 at the port; stop at the end."""
    port = _free_port()
    command = ["sense", "serve", "--hj212-port", str(port), "--gb32960-port", "0"]
    with _process(command, {"BIHUAN_DATABASE_URL": url, "BIHUAN_HOME": str(home)}, port) as server:
        yield server


@contextlib.contextmanager
def gateways_with_mqtt(url: str, home: Path, *, nats: str | None = None) -> Iterator[Running]:
    """Serve devices with all chores, MQTT at the port; stop at the end.

    Args:
        url: of the database.
        home: data folder.
        nats: a NATS server whose stream of MQTT 3.1.1 messages is taken in; None for one of its own behind the port.
    """
    port = _free_port()
    command = ["sense", "serve", "--hj212-port", "0", "--gb32960-port", "0", "--mqtt-port", str(port)]
    settings = {"BIHUAN_DATABASE_URL": url, "BIHUAN_HOME": str(home)} | ({"BIHUAN_NATS_URL": nats} if nats else {})
    with _process(command, settings, port) as server:
        yield server


@contextlib.contextmanager
def _process(arguments: list[str], settings: Mapping[str, str], port: int) -> Iterator[Running]:
    command = [str(Path(sys.executable).with_name("bihuan")), *arguments]
    with subprocess.Popen(command, env={**os.environ, **settings}, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(port)
            yield Running(port, server.pid)
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.1)
    raise RuntimeError("the server does not answer")
