"""Sockets to durable and queryable, beside a bare COPY of the same observations in the same run; reads under that load.

Seconds by BIHUAN_SENSE_SECONDS (the issue asks for 300), connections and frames a second by BIHUAN_SENSE_CONNECTIONS
and BIHUAN_SENSE_RATE; by default 5,000, or a little over 0.4 of the floor where that is more. Everything shares the cores: `bihuan sense serve` with its chores, the database, the devices in a
process of their own, and a reader in another, that asks through a connection of its own as any program would.
"""

import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.processor_time import postmaster, processor_seconds
from benchmarks.sense_load import CODES, Answered, Load, by_fifth, drive, percentile
from benchmarks.server import Running, gateways
from bihuan.core.records.entity import Device, Entity
from bihuan.store import devices, entities
from bihuan.store.connect import Store, open_store
from bihuan.store.history import history
from bihuan.store.lake import SCHEMA, Lake, seal, sealed_totals
from bihuan.store.observations import days_kept

LEAST_RATE, ABOVE_FLOOR = 5000, 0.42
FLOOR_ROWS = 300_000
BEHIND = """
    select r.name, coalesce(extract(epoch from %s - min(o.written)), 0)
    from outbox_reader r left join outbox o on (o.xid, o.id) > (r.xid, r.id) group by r.name order by r.name"""
"""How old the oldest message is that a reader has not looked at."""
DAY, ENTITIES = date(2026, 3, 1), 300


def bench() -> None:
    """Print all figures."""
    with tempfile.TemporaryDirectory() as home, open_store(home=Path(home)) as store:
        floor = copy_floor(store)
        load = Load(
            connections=int(os.environ.get("BIHUAN_SENSE_CONNECTIONS", "1000")),
            rate=float(os.environ.get("BIHUAN_SENSE_RATE", max(LEAST_RATE, ABOVE_FLOOR * floor))),
            seconds=float(os.environ.get("BIHUAN_SENSE_SECONDS", "20")),
        )
        sockets(store, Path(home), load, floor)
        sealing(store, Lake(Path(home) / "lake"))
    with tempfile.TemporaryDirectory() as home, open_store(home=Path(home)) as store:
        day_query(store, Path(home))


def copy_floor(store: Store) -> float:
    """Return observations a second of a bare COPY: a row each, one index, a commit every 1,000 rows."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with store.connect() as connection:
        connection.execute(
            "create table floor (entity int, attribute int, time timestamptz, value float8, quality int2)"
        )
        connection.execute("create index on floor (entity, attribute, time)")
        connection.commit()
        begun = time.perf_counter()
        for first in range(0, FLOOR_ROWS, 1000):
            with connection.cursor() as cursor, cursor.copy("copy floor from stdin") as copy:
                for n in range(first, first + 1000):
                    copy.write_row((n // 11 % 1000, n % 11, at + timedelta(seconds=n // 11000), n * 0.1, 0))
            connection.commit()
        rate = FLOOR_ROWS / (time.perf_counter() - begun)
        connection.execute("drop table floor")
        connection.commit()
    print(
        f"bare COPY, a row an observation, 1,000 a commit: {rate:,.0f} observations/s = {rate / len(CODES):,.0f} frames/s of 11"
    )
    return rate / len(CODES)


def sockets(store: Store, home: Path, load: Load, floor: float) -> None:
    """Print what goes from sockets to durable, and how long the latest state takes meanwhile."""
    urns = [f"urn:ngsi-ld:AirStation:{n}" for n in range(load.connections)]
    with store.connection() as connection:
        now = datetime.now(UTC)
        entities.keep(connection, [Entity(urn, "AirStation", urn, synthetic=True) for urn in urns], at=now)
        known = [Device("hj212", load.device(n), urn, None, 60) for n, urn in enumerate(urns)]
        devices.register(connection, known, at=now)
    with gateways(store.url, home) as gateway:
        answered, reads, used = under_load(store, home, gateway, load, urns)
        with store.connection() as connection:
            (kept,) = connection.execute("select count(*) from observation").fetchone() or (0,)
            (commits,) = connection.execute("select count(*) from raw_batch").fetchone() or (0,)
            behind = connection.execute(BEHIND, [store.clock()]).fetchall()
    rate, waits = len(answered.waits) / answered.seconds, answered.waits
    print(
        f"{load.connections} connections, {len(CODES)} factors a frame, {load.rate:,.0f} frames/s offered for {load.seconds:.0f} s"
    )
    print(
        f"  answered {len(waits):,} of {answered.sent:,}, kept {kept:,}: {rate:,.0f} frames/s = {rate / floor:.2f} of the COPY floor; {commits:,} commits"
    )
    for name, values in (("acknowledgement", waits), ("latest state of an entity under that load", reads)):
        print(
            f"  {name}: p50 {percentile(values, 0.5):.1f} ms, p99 {percentile(values, 0.99):.1f} ms, longest {percentile(values, 1):.0f} ms, of {len(values):,}; p99 by fifth of the run: {by_fifth(values, 0.99)}"
        )
    told = ", ".join(f"{name} {seconds / answered.sent * 1e6:.0f}" for name, seconds in used.items())
    print(f"  processor time, ms a 1,000 frames: {told}")
    print(f"  behind at the end: {', '.join(f'{name} {seconds:.0f} s' for name, seconds in behind)}")


def under_load(
    store: Store, home: Path, gateway: Running, load: Load, urns: list[str]
) -> tuple[Answered, list[float], dict[str, float]]:
    """Have a process of devices talk to the gateway and another read; return what each saw and who used what [s]."""
    server = postmaster(home)

    def used() -> dict[str, float]:
        own = processor_seconds(gateway.process, children=False)
        chores = processor_seconds(gateway.process) - own
        return {"gateway": own, "chores": chores, "database": processor_seconds(server)}

    before = used()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as sending, ProcessPoolExecutor(1, context) as reading:
        reads = reading.submit(ask_latest, store.url, urns, load.seconds)
        answered = sending.submit(drive, gateway.port, load).result()
        after = used()
        waits, of_reader = reads.result()
    by_process = {name: after[name] - before[name] for name in after}
    return answered, waits, by_process | {"devices": answered.processor_seconds, "reader": of_reader}


def ask_latest(url: str, urns: list[str], seconds: float) -> tuple[list[float], float]:
    """Ask for one entity's state again and again, about 50 times a second; return how long each took, and processor time."""
    waits: list[float] = []
    with open_store(url=url) as store:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            begun = time.perf_counter()
            with store.connection() as connection:
                entities.latest(connection, [urns[len(waits) * 7919 % len(urns)]])
            waits.append(time.perf_counter() - begun)
            time.sleep(0.02)
    return waits, time.process_time()


def sealing(store: Store, lake: Lake) -> None:
    """Print what an observation takes in the lake, of what the load sent."""
    with store.connect() as connection:
        for day in days_kept(connection):
            connection.rollback()
            seal(connection, lake, day, at=datetime.now(UTC))
        _, count, size = sealed_totals(connection)
    print(f"  sealed: {count:,} observations in {size / 1e6:.1f} MB = {size / max(count, 1):.2f} bytes each")


def day_query(store: Store, home: Path) -> None:
    """Print how long a day of one attribute takes among a billion sealed observations."""
    lake = Lake(home / "lake")
    table = made_up_day()
    per_day = table.num_rows
    days = -(-1_000_000_000 // per_day)
    with store.connect() as connection:
        entities.keep(
            connection, [Entity(f"urn:x:{n:04}", "AirStation", str(n)) for n in range(ENTITIES)], at=datetime.now(UTC)
        )
        size = write_days(connection, lake, table, days)
        connection.commit()
        took = []
        start = datetime(2026, 2, 28, 16, tzinfo=UTC)
        for n in range(20):
            begun = time.perf_counter()
            found = history(connection, lake, f"urn:x:{n * 13 % ENTITIES:04}", ["a3"], start, start + timedelta(days=1))
            took.append(time.perf_counter() - begun)
            assert len(found["a3"]) == 1440
    took = sorted(took[1:])
    print(
        f"one day of one attribute among {per_day * days:,} observations in {days} days ({size / per_day:.2f} bytes each; the other days are links to one file): "
        f"median {took[len(took) // 2] * 1e3:.0f} ms, longest {took[-1] * 1e3:.0f} ms"
    )


def made_up_day() -> pa.Table:
    """Return a day of 300 stations, 11 attributes, a value a minute with one decimal, as the lake sorts it."""
    chance = np.random.default_rng(1)
    minutes = np.datetime64("2026-02-28T16:00", "us") + np.arange(1440) * np.timedelta64(60_000_000, "us")
    series = ENTITIES * 11
    walk = np.round(np.abs(50 + chance.normal(0, 1, (series, 1440)).cumsum(axis=1)), 1).ravel()
    names = np.repeat([f"urn:x:{n:04}" for n in range(ENTITIES)], 11 * 1440)
    attributes = np.tile(np.repeat([f"a{n}" for n in sorted(map(str, range(11)))], 1440), ENTITIES)
    count = series * 1440
    columns = [names, attributes, np.zeros(count, np.int8), np.tile(minutes, series), walk,
               pa.nulls(count, pa.string()), np.zeros(count, np.uint16), pa.nulls(count, pa.string())]  # fmt: skip
    return pa.table({field.name: pa.array(column).cast(field.type) if field.name != "time" else pa.array(column, pa.timestamp("us")).cast(field.type)
                     for field, column in zip(SCHEMA, columns, strict=True)})  # fmt: skip


def write_days(connection: Any, lake: Lake, table: pa.Table, days: int) -> int:
    """Write one day as the lake does, and name links to it for so many days around; return its size."""
    from bihuan.store.lake import _write

    lake.folder.mkdir(parents=True)
    size = _write(lake.file("day.parquet"), table)
    assert pq.read_metadata(lake.file("day.parquet")).num_rows == table.num_rows
    for n in range(days):
        day = DAY + timedelta(days=n - days // 2)
        name = f"{day.isoformat()}.parquet"
        os.link(lake.file("day.parquet"), lake.file(name))
        connection.execute(
            "insert into sealed_day values (%s, %s, %s, %s, %s, now())", [day, name, 1, table.num_rows, size]
        )
    return size


if __name__ == "__main__":
    bench()
