"""A registry of 100,000 devices in a gateway: what a look costs when nothing or little has changed, beside reading it whole."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.processor_time import postmaster, processor_seconds
from bihuan.core.records.entity import Device, Entity
from bihuan.sense.gateway.registry import ChangedDevices, Registry
from bihuan.store import devices, entities
from bihuan.store.connect import open_store

DEVICES, CHANGED, LOOKS = 100_000, 10, 20
URN = "urn:ngsi-ld:AirStation:1"


def bench() -> None:
    """Print rows read and processor time, the database's included."""
    with tempfile.TemporaryDirectory() as home, open_store(home=Path(home)) as store:
        with store.connection() as connection:
            entities.keep(connection, [Entity(URN, "AirStation", "station")], at=store.clock())
            devices.register(connection, [Device("hj212", "M0", URN)], at=store.clock())
            connection.execute(
                "insert into device (protocol, id, entity, registered_at)"
                " select 'hj212', 'M' || n, (select entity from device), now() from generate_series(1, %s) n",
                [DEVICES - 1],
            )
        server = postmaster(Path(home))

        def used() -> float:
            return time.process_time() + processor_seconds(server)

        reader = ChangedDevices(store, "hj212")
        before, begun = used(), time.perf_counter()
        registry = Registry(reader)
        print(
            f"whole: {reader.read:,} rows, {used() - before:.2f} s of processor time, {time.perf_counter() - begun:.2f} s wall"
        )
        for many in (0, CHANGED):
            rows, took = reader.read, 0.0
            for look in range(LOOKS):
                with store.connection() as connection:
                    changed = [
                        Device("hj212", f"M{n}", URN, expected_seconds=look + 1, edition=str(look)) for n in range(many)
                    ]
                    devices.register(connection, changed, at=store.clock())
                before = used()
                registry.reload()
                took += used() - before
            print(
                f"{many} changed: {(reader.read - rows) / LOOKS:.0f} rows a look, {took / LOOKS * 1e3:.1f} ms of processor time"
            )
