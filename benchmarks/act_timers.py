"""How fast durable timers fire, beside a bare-SQL floor and `procrastinate`, in the same run on the same server.

One firing is: claim the timer, store its event, change the case, set the next timer; a transaction a batch. The floor
writes the same rows with constant content in one statement a batch: what PostgreSQL alone takes. 300,000 other timers
wait. `procrastinate` runs a task a firing that does the same through its own queue, one worker.
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psycopg

from benchmarks import corpus
from bihuan.act import timers
from bihuan.act.engine import Engine
from bihuan.act.points import StoredPoint
from bihuan.store.connect import Store, open_store
from bihuan.store.packs import default_pack

PEER = corpus.ROOT / ".cache/bench-venv/bin/python"
WAITING = 300_000
DUE = 20_000
PEER_DUE = 500
BATCH = 1000
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

FILL = """
insert into act_case (number, type, title, step, office, lead, supports, opened_by, light, level, version, is_open,
    next_due, opened_at, updated_at, returns)
select 'DB2026-' || n, '13710', '事项' || n, 'doing', 'government-office', 'ecology', '{}', 'account:1', 0, 0, 1, true,
    %(due)s, %(now)s, %(now)s, 0
from generate_series(%(first)s::int, %(last)s::int) n;
"""
HEADS = """
insert into event_head (stream, seq, hash)
select 'case:DB2026-' || n, 1, sha256(n::text::bytea) from generate_series(%(first)s::int, %(last)s::int) n
"""
TIMERS = """
insert into act_timer (case_id, due_at, points)
select id, %(due)s, %(points)s from act_case where next_due = %(due)s on conflict do nothing
"""
FLOOR = """
with claimed as (
    select c.id, c.number, c.version from act_timer t join act_case c on c.id = t.case_id
    where t.due_at < %(now)s order by t.due_at, t.case_id limit %(limit)s for update of t, c skip locked
), told as (
    insert into event (stream, seq, type, actor, time, body, prev_hash, hash)
    select 'case:' || number, version + 1, 'case.timer', 'system', %(now)s, '{"light": "red"}', '\\x00', '\\x00'
    from claimed
), changed as (
    update act_case c set light = 4, version = c.version + 1, updated_at = %(now)s from claimed f where c.id = f.id
)
update act_timer t set due_at = %(next)s, points = %(points)s from claimed f where t.case_id = f.id
"""


def bench() -> None:
    """Print firings a second of all three, and the two ratios."""
    with tempfile.TemporaryDirectory() as home, open_store(home=Path(home)) as store:
        fill(store, 1, WAITING, NOW + timedelta(days=30))
        at = WAITING + 1
        engine = Engine.of(default_pack())
        rates: dict[str, list[float]] = {"floor": [], "bihuan": []}
        for _ in range(3):
            for name, run in (("floor", floor), ("bihuan", lambda s: ours(s, engine))):
                fill(store, at, at + DUE - 1, NOW - timedelta(hours=1))
                at += DUE
                rates[name].append(DUE / timed(store, run))
        best = {name: max(values) for name, values in rates.items()}
        print(f"bare SQL       {best['floor']:>9,.0f} a second   (best of 3, {WAITING:,} waiting)")
        print(f"bihuan         {best['bihuan']:>9,.0f} a second   {best['bihuan'] / best['floor']:.2f} of the floor")
        peer = procrastinate(store)
        if peer:
            rate = peer["fired"] / peer["seconds"]
            print(f"procrastinate  {rate:>9,.0f} a second   bihuan is {best['bihuan'] / rate:.0f} times as fast")
            print(f"versions {peer['versions']}")


def fill(store: Store, first: int, last: int, due: datetime) -> None:
    """Store cases `first` to `last`, each with a timer due at `due` and another point after it."""
    points = [point(due), point(NOW + timedelta(days=60))]
    values = {"first": first, "last": last, "due": due, "now": NOW, "points": msgspec.json.encode(points).decode()}
    with store.connection() as connection:
        connection.execute(FILL, values)
        connection.execute(HEADS, values)
        connection.execute(TIMERS, values)
    with psycopg.connect(store.url, autocommit=True) as connection:
        for table in ("act_case", "act_timer", "event_head"):
            connection.execute(f"vacuum analyze bihuan.{table}")


def point(at: datetime) -> StoredPoint:
    """Return a point that turns the light red."""
    return StoredPoint(at, "day3", 2, "red", "red", 1, "due", (), False)


def timed(store: Store, run: Callable[[Store], int]) -> float:
    """Return how long firing all that is due takes [s]."""
    start = time.perf_counter()
    assert run(store) == DUE
    return time.perf_counter() - start


def ours(store: Store, engine: Engine) -> int:
    """Fire with bihuan, one worker."""
    return timers.tick(store, engine, NOW, batch=BATCH)


def floor(store: Store) -> int:
    """Fire with bare SQL, one worker."""
    total = 0
    points = msgspec.json.encode([point(NOW + timedelta(days=60))]).decode()
    values = {"now": NOW, "limit": BATCH, "next": NOW + timedelta(days=60), "points": points}
    while True:
        with store.connection() as connection:
            fired = connection.execute(FLOOR, values).rowcount
        if fired == 0:
            return total
        total += fired


def procrastinate(store: Store) -> dict[str, object] | None:
    """Return what the peer measured; None where its environment is missing (`make bench-peers`)."""
    if not PEER.exists():
        print("procrastinate  not measured: run `make bench-peers` first")
        return None
    script = Path(__file__).with_name("peer_timers.py")
    arguments = [str(PEER), str(script), str(PEER_DUE), str(WAITING)]
    answer = subprocess.run(arguments, input=store.url, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise RuntimeError(answer.stderr[-2000:])
    found: dict[str, object] = json.loads(answer.stdout.splitlines()[-1])
    return found
