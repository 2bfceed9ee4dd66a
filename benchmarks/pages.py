"""How long the cockpit's pages take with a large ledger: percentiles over a mix of addresses, several readers at once.

    python -m benchmarks pages
    python -m benchmarks.pages --statements 100000 --readers 4 --seconds 60

Starts a server of its own over a store of its own, both gone afterwards. No peer: nothing else serves these pages.
Readers ask without a pause, one fewer than there are cores, since server and database need one. Addresses are drawn
from so many filters and words that most are asked for the first time, with no count remembered for them. The load
average is printed before and after: on a machine that others use, times are theirs, too.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.fill import INDICATORS, SECTIONS, SHADES, THINGS, WORKS, fill
from benchmarks.machine import describe
from bihuan.store import ledger
from bihuan.store.connect import Store, open_store

READERS = max(1, len(os.sched_getaffinity(0)) - 1)
ASKED_MS = 200
WORDS = [
    *THINGS,
    *WORKS,
    *(f"{shade}{thing}" for shade in SHADES for thing in THINGS),
    *(f"{n} 达到" for n in range(99)),
]


def addresses(store: Store) -> dict[str, list[str]]:
    """Return what is asked for: kind of page -> addresses of that kind."""
    with store.connection() as connection:
        documents = [one.id for one in ledger.documents(connection)]
        rows = [row.id for row in ledger.search(connection, size=1000, facets=False).entries]
        years = ledger.years(connection)
    choices = itertools.product(years, ("target", "result"), ("level", "growth", "gap"), ("", *SECTIONS))
    return {
        "overview": ["/"],
        "documents": [f"/documents?page={number}" for number in range(1, 5)],
        "a document": [f"/documents/{number}" for number in documents],
        "ledger": [f"/ledger?page={number}" for number in range(1, 2000)],
        "ledger, sorted": [
            f"/ledger?sort={sort}&page={n}" for sort in ("-value", "name", "year") for n in range(1, 99)
        ],
        "ledger, filtered": [_ledger(year=y, kind=k, measure=m, section=s) for y, k, m, s in choices],
        "ledger, searched": [_ledger(q=word) for word in WORDS],
        "promises": [f"/promises/{year}?page={number}" for year in years for number in range(1, 30)],
        "an indicator": [f"/indicators/{topic}?page={n}" for topic in INDICATORS.values() for n in range(1, 20)],
        "a row": [f"/rows/{number}" for number in rows],
        "event log": ["/events"],
    }


def _ledger(**choices: object) -> str:
    return "/ledger?" + urlencode({name: value for name, value in choices.items() if value})


def load(port: int, asked: dict[str, list[str]], readers: int, seconds: float) -> dict[str, list[float]]:
    """Ask as many readers do at once, without a pause; return the milliseconds of each kind of page."""
    taken: dict[str, list[float]] = defaultdict(list)
    until = time.perf_counter() + seconds

    def read(seed: int) -> None:
        chance, connection = random.Random(seed), http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < until:
            kind = chance.choice(list(asked))
            begun = time.perf_counter()
            connection.request("GET", chance.choice(asked[kind]))
            answer = connection.getresponse()
            answer.read()
            taken[kind].append(1000 * (time.perf_counter() - begun))
            if answer.status != 200:
                raise RuntimeError(f"{kind} answers {answer.status}")

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def report(taken: dict[str, list[float]], readers: int) -> None:
    """Print median and 95th percentile of each kind of page, and of all."""
    everything = [one for times in taken.values() for one in times]
    print(
        f"{readers} reader{'s' if readers > 1 else ''}: {len(everything)} pages (asked: p95 {ASKED_MS} ms), {_load()}"
    )
    for kind, times in [*taken.items(), ("all", everything)]:
        cuts = statistics.quantiles(times, n=20) if len(times) > 1 else times * 19
        print(f"  {kind:<18} {len(times):>6}   median {statistics.median(times):7.1f} ms   p95 {cuts[18]:7.1f} ms")


def _load() -> str:
    return "load average " + " ".join(f"{one:.1f}" for one in os.getloadavg())


def bench(statements: int = 100_000, readers: int = READERS, seconds: float = 60.0) -> None:
    """Fill a store, serve it, and ask for its pages."""
    with tempfile.TemporaryDirectory(prefix="bihuan-bench-") as folder, open_store(home=Path(folder)) as store:
        filled = fill(store, statements)
        print(f"{filled.statements:,} statements in {filled.documents} documents")
        asked = addresses(store)
        port = _free_port()
        command = [Path(sys.executable).with_name("bihuan"), "up", "--port", str(port)]
        with subprocess.Popen(command, env={**os.environ, "BIHUAN_HOME": folder}, stderr=subprocess.DEVNULL) as server:
            try:
                _wait(port)
                load(port, asked, 1, 3)  # warm
                print(_load())
                report(load(port, asked, readers, seconds), readers)
            finally:
                server.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server does not answer")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    print(describe())
    bench(given.statements, given.readers, given.seconds)
