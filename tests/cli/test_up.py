"""`bihuan up` on a new store tells the administrator's password once."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

BIHUAN = Path(sys.executable).with_name("bihuan")


def start_and_stop(database_url: str) -> str:
    """Serve until /healthz answers, stop, and return what was said."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "BIHUAN_DATABASE_URL": database_url}
    with subprocess.Popen(
        [BIHUAN, "up", "--port", str(port)], env=environment, stderr=subprocess.PIPE, text=True
    ) as server:
        for _ in range(1200):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                    break
            except OSError:
                time.sleep(0.05)
        server.send_signal(signal.SIGINT)
        return server.communicate(timeout=60)[1]


def test_the_first_start_tells_a_one_time_password_and_the_second_does_not(database_url: str) -> None:
    assert re.search(r"account admin, one-time password \S{12,}", start_and_stop(database_url))
    assert "password" not in start_and_stop(database_url)
