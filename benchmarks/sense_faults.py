"""Fault run: `kill -9` of gateway, chores, database backend or database server at random under load; then the count.

Twenty devices speak HJ 212 and twenty MQTT 5, each message again until it is answered.

Seconds by BIHUAN_FAULT_SECONDS; the issue asks for 300.
"""

import os
import tempfile
from pathlib import Path

from tests.sense.faults import fault_run, lines


def bench() -> None:
    """Print what was acknowledged, what was killed, and what is missing or there twice."""
    seconds = float(os.environ.get("BIHUAN_FAULT_SECONDS", "60"))
    with tempfile.TemporaryDirectory() as home:
        run = fault_run(Path(home), seconds=seconds, count=20, kill_every=6, mqtt=True)
    print(f"{seconds:.0f} s")
    for line in lines(run):
        print(line)


if __name__ == "__main__":
    bench()
