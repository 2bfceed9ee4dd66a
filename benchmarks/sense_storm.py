"""Malformed storm: 1,000 connections of noise, near-valid frames, slow ones and 100 MB 'frames' beside good devices.

Prints the gateway's memory before and at its peak, and how long a good device waits for its answer.
"""

import asyncio
import contextlib
import multiprocessing
import os
import resource
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from tests.sense.devices import register, talk, upload
from tests.sense.storm import storm

from bihuan.sense.gateway.gate import Gate
from bihuan.sense.protocols import PROTOCOLS
from bihuan.store.connect import Store, open_store


def bench() -> None:
    """Print the figures of one storm; connections by BIHUAN_STORM_CONNECTIONS, seconds by BIHUAN_STORM_SECONDS."""
    connections, seconds = (
        int(os.environ.get("BIHUAN_STORM_CONNECTIONS", "1000")),
        float(os.environ.get("BIHUAN_STORM_SECONDS", "30")),
    )
    with tempfile.TemporaryDirectory() as home, open_store(home=Path(home)) as store:
        register(store, 1)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        waits, refused = asyncio.run(_run(store, connections, seconds))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"{connections} bad connections for {seconds:.0f} s: {refused:,} refused; memory {before:.0f} -> {peak:.0f} MB at its peak"
    )
    print(
        f"a good device, connecting anew each time: {len(waits)} of {len(waits)} answered, median {waits[len(waits) // 2] * 1e3:.0f} ms, longest {waits[-1] * 1e3:.0f} ms"
    )


def _storm(port: int, connections: int, seconds: float) -> None:
    async def for_a_while() -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(storm(port, connections), seconds)

    asyncio.run(for_a_while())


async def _run(store: Store, connections: int, seconds: float) -> tuple[list[float], int]:
    gate, waits = Gate(PROTOCOLS["hj212"], store), []
    async with gate.open("127.0.0.1", 0) as port:
        process = multiprocessing.get_context("spawn").Process(target=_storm, args=(port, connections, seconds))
        process.start()
        await asyncio.sleep(3)
        number = 0
        while process.is_alive():
            begun, number = time.perf_counter(), number + 1
            answers = await talk(
                port, [upload("A1", store.clock() - timedelta(hours=1) + timedelta(seconds=number), 1.0)], 1
            )
            assert len(answers) == 1
            waits.append(time.perf_counter() - begun)
            await asyncio.sleep(0.1)
        return sorted(waits), gate.counts.refused


if __name__ == "__main__":
    bench()
