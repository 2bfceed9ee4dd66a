"""Open311 under load: lists and creates at a fixed rate against a real server, how long answers take.

    python -m benchmarks.open311 --rate 200 --seconds 30

Requests leave when they are due, whether or not earlier ones were answered, so a server that falls behind shows it. Of
five requests one creates, two ask for one request by number, two list the open ones of one service in the last minute.
Starts a server of its own over a store of its own, both gone afterwards. No peer: the figure asked for is absolute.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from benchmarks.server import running
from bihuan.act import accounts
from bihuan.act.personal import new_key_file
from bihuan.act.units import Units
from bihuan.store.connect import open_store
from bihuan.store.packs import load_pack

SERVICES = ("event-0201", "event-0204", "event-0205", "hotline-heating", "hotline-water")


async def load(address: str, key: str, rate: int, seconds: int) -> dict[str, list[float]]:
    """Send `rate` requests a second for so many seconds; return the milliseconds of each kind of request."""
    taken: dict[str, list[float]] = defaultdict(list)
    numbers: list[str] = []
    chance = random.Random(311)
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    async with httpx.AsyncClient(base_url=f"{address}open311/v2/", timeout=30, limits=limits) as client:

        async def ask(due: float) -> None:
            kind = chance.choice(("create", "one", "one", "list", "list")) if numbers else "create"
            service = chance.choice(SERVICES)
            if kind == "create":
                form = {"api_key": key, "service_code": service, "lat": "37.86", "long": "113.58"}
                answer = await client.post("requests.json", data=form | {"description": "路面积水"})
            elif kind == "one":
                answer = await client.get(f"requests/{chance.choice(numbers)}.json")
            else:
                since = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
                asked = {"service_code": service, "status": "open", "start_date": since}
                answer = await client.get("requests.json", params=asked)
            taken[kind].append(1000 * (time.perf_counter() - due))
            answer.raise_for_status()
            if kind == "create":
                numbers.append(answer.json()[0]["service_request_id"])

        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(rate * seconds):
                due = begun + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(ask(due))
    return taken


def bench(rate: int = 200, seconds: int = 30) -> None:
    """Print how long answers take."""
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
            with running(store.url) as port:
                taken = asyncio.run(load(f"http://127.0.0.1:{port}/", key, rate, seconds))
    print(f"{rate} requests a second for {seconds} s, asked: p99 under 250 ms")
    every = [ms for all_of in taken.values() for ms in all_of]
    for kind, found in (*taken.items(), ("all", every)):
        cuts = statistics.quantiles(found, n=100)
        print(
            f"  {kind:<8} {len(found):>6} requests  median {cuts[49]:7.1f} ms  p95 {cuts[94]:7.1f}  p99 {cuts[98]:7.1f}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    given = parser.parse_args()
    bench(given.rate, given.seconds)
