"""Ports for servers that tests start in processes of their own."""

from __future__ import annotations

import random
import socket
from pathlib import Path

_FIRST = 15_000
_GIVEN: set[int] = set()


def free_port() -> int:
    """Return a port that nobody listens on and that nobody is given before its server has it.

    A port that the kernel chose and we let go may be the next one it chooses, for a server of another test or for
    our own end of any connection; those below its range are given to whoever names them.
    """
    for port in random.SystemRandom().sample(range(_FIRST, _first_of_the_kernel()), 1000):
        if port not in _GIVEN and _is_free(port):
            _GIVEN.add(port)
            return port
    raise RuntimeError("no port is free")


def _first_of_the_kernel() -> int:
    """Return where the range begins that the kernel gives ports from (ip(7))."""
    given = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(given.read_text().split()[0]) if given.exists() else 0
    return first if first >= _FIRST + 2000 else 2**16


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
