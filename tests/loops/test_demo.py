"""One command from an empty folder to a city's cockpit, and back to nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tests.loops.conftest import BIHUAN, Server, wait_for
from tests.ports import free_port


def _demo(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BIHUAN_HOME": str(home)}
    return subprocess.run(
        [BIHUAN, "demo", "--port", str(free_port()), *options],
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
    )


def _database_runs(home: Path) -> bool:
    return (home / "postgres/data/postmaster.pid").exists()


def test_the_check_starts_from_nothing_and_leaves_nothing_running(tmp_path: Path) -> None:
    first = _demo(tmp_path, "--check")
    assert first.returncode == 0, first.stderr
    assert "all passed" in first.stderr
    assert first.stdout.count("imported") == 7
    assert not _database_runs(tmp_path)

    again = _demo(tmp_path, "--check")
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("unchanged") == 7

    _ctrl_c_stops_everything(tmp_path)


def _ctrl_c_stops_everything(home: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [BIHUAN, "demo", "--port", str(port)],
        env={**os.environ, "BIHUAN_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    server = Server(process, f"http://127.0.0.1:{port}")
    wait_for(server)
    assert server.get("/readyz") == b"ready"
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the reader process gets it too
    told, complaints = process.communicate(timeout=200)
    assert process.returncode == 0
    assert f"http://127.0.0.1:{port}/promises/2023" in told
    assert "Traceback" not in complaints
    assert not _database_runs(home)


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path, server: Server) -> None:
    port = server.address.rsplit(":", 1)[1]
    refused = subprocess.run(
        [BIHUAN, "demo", "--port", port],
        env={**os.environ, "BIHUAN_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert refused.returncode == 1
    assert "the port is taken" in refused.stderr
    assert list(tmp_path.iterdir()) == []
