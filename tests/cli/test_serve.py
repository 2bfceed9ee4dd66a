"""`bihuan up --role`: processes as a user starts them, over a fresh database."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.loops.conftest import Server, wait_for
from tests.ports import free_port

Start = Callable[..., subprocess.Popen[bytes]]
GATEWAY = re.compile(r"hj212 127\.0\.0\.1:(\d+)")


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """What the process says on stderr."""
    return tmp_path / "stderr"


@pytest.fixture
def start(told: Path, database_url: str) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []

    def up(*options: object) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "BIHUAN_DATABASE_URL": database_url, "BIHUAN_HOME": str(told.parent)}
        with told.open("wb") as stderr:
            command = [sys.executable, "-m", "bihuan", "up", *map(str, options)]
            running.append(subprocess.Popen(command, env=environment, stderr=stderr))
        return running[-1]

    yield up
    for process in running:
        process.terminate()
        process.wait(120)


def gateway(told: Path, process: subprocess.Popen[bytes]) -> int:
    """Wait until the gateways listen, and return the port of HJ 212."""
    while True:  # or until the time of the test has run out
        if found := GATEWAY.search(told.read_text("utf-8")):
            return int(found[1])
        assert process.poll() is None, told.read_text("utf-8")
        time.sleep(0.05)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_all_serves_pages_and_gateways_and_stops_both(start: Start, told: Path) -> None:
    port = free_port()
    process = start("--role", "all", "--port", port, "--hj212-port", 0, "--gb32960-port", 0)
    wait_for(Server(process, f"http://127.0.0.1:{port}"))
    devices = gateway(told, process)
    assert is_open(devices)
    process.terminate()
    process.wait(120)
    assert not is_open(devices)
    assert not is_open(port)


def test_sense_serves_gateways_only(start: Start, told: Path) -> None:
    port = free_port()
    process = start("--role", "sense", "--port", port, "--hj212-port", 0, "--gb32960-port", 0)
    assert is_open(gateway(told, process))
    assert not is_open(port)
    process.terminate()
    assert process.wait(120) == 0


def test_where_the_gateways_cannot_listen_the_cockpit_ends_too(start: Start, told: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start("--role", "all", "--port", free_port(), "--hj212-port", taken.getsockname()[1])
        process.wait(200)
    assert "so does the cockpit" in told.read_text("utf-8")
