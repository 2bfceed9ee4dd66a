"""Open311 under load: lists and creates at a fixed rate against a real server, how long answers take.

    python -m benchmarks open311
    python -m benchmarks.open311 --rate 200 --seconds 30

Requests leave when they are due, whether or not earlier ones were answered, so a server that falls behind shows it. Of
six requests two create, one asks for one request by number, two list the open ones of one service in the last minute,
one lists the newest thousand. Starts a server of its own over a store of its own, both gone afterwards. No peer: the
figure asked for is absolute. Client, server and database share the cores, so each one's processor time is printed too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.lean_client import LeanClient
from benchmarks.machine import describe, processor_seconds
from benchmarks.server import running
from bihuan.act import accounts
from bihuan.act.personal import new_key_file
from bihuan.act.units import Units
from bihuan.store.connect import open_store
from bihuan.store.packs import load_pack

SERVICES = ("event-0201", "event-0204", "event-0205", "hotline-heating", "hotline-water")
KINDS = ("create", "create", "one", "list a service", "list a service", "list all")
ROOT = "/open311/v2/"
WARM_SECONDS = 5


async def load(port: int, key: str, rate: int, seconds: int) -> dict[str, list[float]]:
    """Send `rate` requests a second for so many seconds; return the milliseconds of each kind of request."""
    taken: dict[str, list[float]] = defaultdict(list)
    numbers: list[str] = []
    chance = random.Random(311)
    client = LeanClient("127.0.0.1", port)

    async def ask(due: float) -> None:
        kind = chance.choice(KINDS) if numbers else "create"
        service = chance.choice(SERVICES)
        if kind == "create":
            form = {"api_key": key, "service_code": service, "lat": "37.86", "long": "113.58"}
            answer = await client.post(f"{ROOT}requests.json", urlencode(form | {"description": "路面积水"}).encode())
            numbers.append(json.loads(answer)[0]["service_request_id"])
        elif kind == "one":
            await client.get(f"{ROOT}requests/{chance.choice(numbers)}.json")
        elif kind == "list all":
            await client.get(f"{ROOT}requests.json")
        else:
            since = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
            asked = {"service_code": service, "status": "open", "start_date": since}
            await client.get(f"{ROOT}requests.json?{urlencode(asked)}")
        taken[kind].append(1000 * (time.perf_counter() - due))

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(rate * seconds):
            due = begun + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(ask(due))
    client.close()
    return taken


def bench(rate: int = 200, seconds: int = 30) -> None:
    """Print how long answers take, and what a request costs each of the three."""
    with tempfile.TemporaryDirectory(prefix="bihuan-bench-") as folder:
        home = Path(folder)
        new_key_file(home / "personal.key")
        os.environ["BIHUAN_KEY_FILE"] = str(home / "personal.key")
        with open_store(home=home / "home") as store:
            now = store.clock()
            units = Units(load_pack("yangquan").organisations)
            with store.connection() as connection:
                key = accounts.create_key(
                    connection, "bench", None, ["reporter"], "public", ["open311"], units, actor="system", now=now
                )
            database = int((home / "home/postgres/data/postmaster.pid").read_text().split()[0])
            with running(store.url) as server:
                asyncio.run(load(server.port, key, rate // 4, WARM_SECONDS))
                others = {"server": server.process, "database": database}
                before = {name: processor_seconds(process) for name, process in others.items()}
                client = time.process_time()
                taken = asyncio.run(load(server.port, key, rate, seconds))
                used = {name: processor_seconds(process) - before[name] for name, process in others.items()}
                used["client"] = time.process_time() - client
    report(taken, used, rate, seconds)


def report(taken: dict[str, list[float]], used: dict[str, float], rate: int, seconds: int) -> None:
    """Print percentiles of each kind of request, and the processor time of each process."""
    load_average = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{rate} requests a second for {seconds} s, asked: p99 under 250 ms (load average {load_average})")
    every = [ms for all_of in taken.values() for ms in all_of]
    for kind, found in (*sorted(taken.items()), ("all", every)):
        cuts = statistics.quantiles(found, n=100)
        print(
            f"  {kind:<14} {len(found):>6} requests  median {cuts[49]:7.1f} ms  p95 {cuts[94]:7.1f}  p99 {cuts[98]:7.1f}"
        )
    told = ", ".join(f"{name} {1000 * spent / len(every):.2f} ms" for name, spent in used.items())
    print(f"  processor time a request: {told}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    given = parser.parse_args()
    print(describe())
    bench(given.rate, given.seconds)
