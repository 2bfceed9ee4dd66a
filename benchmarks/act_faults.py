"""The fault run: timers fire while workers and PostgreSQL are killed at random; nothing may be lost or happen twice.

10,000 cases, 4 workers, two minutes of `kill -9` of workers and of the database server. A simulated clock runs through
the month in which all points come due. Afterwards every case must have exactly the points that the pure engine says,
in order, and the event chain must verify. BIHUAN_BENCH_CASES and BIHUAN_BENCH_SECONDS make it smaller.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bihuan.act import timers
from bihuan.act.command import Opening
from bihuan.act.decide import evolve
from bihuan.act.engine import Engine
from bihuan.act.scenario import wait
from bihuan.core.errors import BihuanError
from bihuan.core.records.case import Case
from bihuan.core.records.principal import Principal
from bihuan.store import cases, events
from bihuan.store.connect import Store, open_store
from bihuan.store.packs import default_pack

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
SPAN = timedelta(days=30)
CHIEF = Principal("account:1", "chief", "government-office", frozenset({"supervisor"}), "city")
BATCH = 200
PAUSE = (1.0, 3.0)
"""Seconds between two kills: a worker takes some to start, and should live to fire."""


@dataclass
class Outcome:
    """What the run came to."""

    cases: int
    points: int = 0
    """Fired altogether."""
    in_storm: int = 0
    """Of these, fired while processes were being killed; the rest in the one round after it."""
    worker_kills: int = 0
    server_kills: int = 0
    lost: list[str] = field(default_factory=list)
    """Cases with fewer points than due."""
    twice: list[str] = field(default_factory=list)
    """Cases with a point more than once, or out of order."""
    audit: str | None = None
    """What is broken in the event chain; None where all verifies."""


def bench() -> None:
    """Run and print the outcome."""
    count = int(os.environ.get("BIHUAN_BENCH_CASES", "10000"))
    seconds = float(os.environ.get("BIHUAN_BENCH_SECONDS", "120"))
    with tempfile.TemporaryDirectory() as home:
        found = run(Path(home), count, workers=4, seconds=seconds)
    print(
        f"{found.cases:,} cases, {found.points:,} points fired ({found.in_storm:,} in the storm), {found.worker_kills} workers and {found.server_kills} servers killed"
    )
    print(f"lost {len(found.lost)}, twice or out of order {len(found.twice)}, audit {found.audit or 'clean'}")


def run(home: Path, count: int, *, workers: int, seconds: float, seed: int = 1) -> Outcome:
    """Open cases, let workers fire while they and the server are killed, then look at every case."""
    engine = Engine.of(default_pack())
    with open_store(home=home) as store:
        first = fill(store, engine, count)
    found = Outcome(count)
    storm(home, workers, seconds, random.Random(seed), found)
    with open_store(home=home) as store:
        after = timers.tick(store, engine, START + SPAN)
        look(store, engine, first, found)
    found.in_storm = found.points - after
    return found


def fill(store: Store, engine: Engine, count: int) -> Case:
    """Open the cases, some hundred a transaction; return the first."""
    opening = Opening("13710", {"title": "河道整治", "requirement": "封堵"}, lead="ecology")
    first = None
    for begin in range(0, count, 500):
        with store.connection() as connection:
            for _ in range(begin, min(count, begin + 500)):
                case = engine.open(connection, CHIEF, opening, START).case
                first = first or case
    assert first is not None
    return first


def storm(home: Path, workers: int, seconds: float, rng: random.Random, found: Outcome) -> None:
    """Keep workers running for a while, killing them and the server at random."""
    began = time.time()
    running = [start_worker(home, began, seconds) for _ in range(workers)]
    while time.time() - began < seconds:
        time.sleep(rng.uniform(*PAUSE))
        if rng.random() < 0.25:
            found.server_kills += kill_server(home)
        else:
            victim = rng.choice(running)
            victim.kill()
            found.worker_kills += 1
        for place, worker in enumerate(running):
            if worker.poll() is not None:
                running[place] = start_worker(home, began, seconds)
    for worker in running:
        worker.kill()
        worker.wait()


def start_worker(home: Path, began: float, seconds: float) -> subprocess.Popen[bytes]:
    """Start a worker process; its clock runs through the span within `seconds`."""
    command = [sys.executable, "-m", "benchmarks.act_faults", str(home), str(began), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_server(home: Path) -> int:
    """Kill the database server, if it runs; return how many were killed."""
    try:
        pid = int((home / "postgres/data/postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
    except (OSError, ValueError, IndexError):
        return 0
    return 1


def work(home: Path, began: float, seconds: float) -> None:
    """Fire timers until killed; a lost server ends the process, and its successor starts the server again."""
    engine = Engine.of(default_pack())
    with open_store(home=home) as store:
        while True:
            passed = min(1.0, (time.time() - began) / seconds)
            timers.tick(store, engine, START + SPAN * passed, batch=BATCH)
            time.sleep(0.05)


def look(store: Store, engine: Engine, first: Case, found: Outcome) -> None:
    """Compare every case with what the pure engine says, and verify the chain."""
    ended = wait(engine.law(first.type), first, START + SPAN)
    expected = {clock.id: clock.fired for clock in ended.clocks}
    with store.connection() as connection:
        for _, number in all_numbers(store):
            case, seen = None, []
            for kind, body, _ in cases.history(connection, number):
                case = evolve(case, kind, body)
                if kind == "case.timer":
                    seen.append((body["planned"], body["clock"], body["number"]))
            assert case is not None
            found.points += len(seen)
            if len(set(seen)) != len(seen) or [p for p, _, _ in seen] != sorted(p for p, _, _ in seen):
                found.twice.append(number)
            if {clock.id: clock.fired for clock in case.clocks} != expected or len(seen) < sum(expected.values()):
                found.lost.append(number)
        found.audit = events.verify(connection).broken


def all_numbers(store: Store) -> list[tuple[int, str]]:
    """Return id and number of every case."""
    numbers: list[tuple[int, str]] = []
    with store.connection() as connection:
        while page := cases.open_numbers(connection, numbers[-1][0] if numbers else 0):
            numbers += page
    return numbers


if __name__ == "__main__":
    try:
        work(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
    except (BihuanError, OSError):
        sys.exit(1)
