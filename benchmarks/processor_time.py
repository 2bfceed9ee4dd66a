"""Processor time of processes and all they have started, as the kernel counts it."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(process: int, *, children: bool = True) -> float:
    """Return the processor time of a process, and of its children, those that have ended included [s]."""
    try:
        # After the name in brackets: state is field 0, utime 11, stime, cutime, cstime (proc_pid_stat(5)).
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        threads = Path(f"/proc/{process}/task").iterdir() if children else ()
        started = [child for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return 0.0
    own = sum(map(int, fields[11 : 15 if children else 13])) / _TICK
    return own + sum(processor_seconds(int(child)) for child in started)


def postmaster(home: Path) -> int:
    """Return the process number of the embedded database server under `home`."""
    return int((home / "postgres/data/postmaster.pid").read_text().split("\n", 1)[0])
