"""`bihuan up` on a new store tells the administrator's password once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.loops.conftest import Server, wait_for
from tests.ports import free_port

BIHUAN = Path(sys.executable).with_name("bihuan")


def start_and_stop(database_url: str) -> str:
    """Serve until /healthz answers, stop, and return what was said."""
    port = free_port()
    environment = {**os.environ, "BIHUAN_DATABASE_URL": database_url}
    with subprocess.Popen(
        [BIHUAN, "up", "--port", str(port)], env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_for(Server(process, f"http://127.0.0.1:{port}"))
        process.send_signal(signal.SIGINT)
        return process.communicate(timeout=200)[1]


def test_the_first_start_tells_a_one_time_password_and_the_second_does_not(database_url: str) -> None:
    assert re.search(r"account admin, one-time password \S{12,}", start_and_stop(database_url))
    assert "password" not in start_and_stop(database_url)
