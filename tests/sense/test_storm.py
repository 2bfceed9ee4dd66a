"""While others send nonsense a good device is answered, and what a connection holds back stays bounded."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta

from tests.sense.devices import NOW, register, talk, upload
from tests.sense.storm import storm

from bihuan.sense.gateway.gate import Gate
from bihuan.sense.gateway.limits import Limits
from bihuan.sense.protocols import PROTOCOLS
from bihuan.store import devices
from bihuan.store.connect import Store


def test_good_devices_are_answered_in_a_storm_and_memory_stays_bounded(store: Store) -> None:
    register(store, 1)

    async def run() -> None:
        gate = Gate(
            PROTOCOLS["hj212"],
            replace(store, clock=lambda: NOW + timedelta(minutes=1)),
            limits=Limits(refusals=20, held_seconds=0.5),
        )
        async with gate.open("127.0.0.1", 0) as port:
            storming = asyncio.create_task(storm(port, 30))
            for n in range(20):
                answers = await talk(port, [upload("A1", NOW + timedelta(seconds=1000 + n), 1.0)], 1)
                assert [a["head"]["CN"] for a in answers] == ["9014"]  # type: ignore[index]
                held = sum(connection._reader.held_bytes for connection in gate._connections)
                assert held <= len(gate._connections) * (PROTOCOLS["hj212"].largest_frame + 2**18)
            while gate.counts.refused <= 100:  # or until the time of the test has run out
                assert not storming.done()
                await asyncio.sleep(0.05)
            storming.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await storming

    asyncio.run(run())
    with store.connection() as connection:
        assert 0 < len(devices.quarantined(connection, limit=10_000)) <= 200 * 10
