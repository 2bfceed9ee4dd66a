"""How fast lists, boards, a case page and an idle tick are with 1,000,000 cases stored, 100,000 of them open.

Prints the 95th percentile of each kind of list, over filters that differ from call to call, and the time of a tick
with nothing due. The issue asks for 200 ms and 50 ms. BIHUAN_BENCH_CASES makes it smaller.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from bihuan.act import timers
from bihuan.act.command import Command, Opening
from bihuan.act.engine import Engine
from bihuan.core.records.principal import Principal
from bihuan.store.case_lists import CaseFilter, counted, listed
from bihuan.store.connect import Connection, Store, open_store
from bihuan.store.packs import default_pack

CASES = int(os.environ.get("BIHUAN_BENCH_CASES", "1000000"))
CALLS = 40
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHIEF = Principal("account:1", "chief", "government-office", frozenset({"supervisor"}), "city")
SETTINGS = {"shared_buffers": "256MB", "work_mem": "16MB", "max_wal_size": "4GB"}

FILL = """
insert into act_case (number, type, category, title, step, office, lead, supports, opened_by, light, level, version,
    is_open, next_due, opened_at, closed_at, updated_at, returns)
select 'OLD-' || n, (array['13710', 'hotline', 'event', 'project', 'promise'])[1 + n %% 5],
    (array['heating', 'water', 'noise', 'air'])[1 + n / 5 %% 4], '第' || n || '号事项',
    (array['doing', 'dispatched', 'applied'])[1 + n / 7 %% 3],
    (%(units)s::text[])[1 + (random() * random() * (%(count)s - 1))::int],
    (%(units)s::text[])[1 + (random() * random() * (%(count)s - 1))::int],
    case when n %% 9 = 0 then array[(%(units)s::text[])[1 + n %% %(count)s]] else '{}' end,
    'account:' || n %% 500, case when n %% 10 = 0 then (n / 10 %% 5)::int else 0 end, 0, 3, n %% 10 = 0,
    case when n %% 10 = 0 then %(now)s + make_interval(mins => (random() * 60000)::int - 20000) end,
    %(now)s - make_interval(mins => (random() * 1000000)::int),
    case when n %% 10 = 0 then null else %(now)s end, %(now)s, 0
from generate_series(1, %(cases)s::int) n;
"""
REST = """
insert into act_words (case_id, words, search)
select id, title, to_tsvector('simple', (select string_agg(substr(title, i, 2), ' ') from generate_series(1, length(title)) i))
from act_case on conflict do nothing;
insert into act_timer (case_id, due_at, points)
select id, %(now)s + interval '40 days', '[]' from act_case where is_open on conflict do nothing
"""


def bench() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as home, open_store(home=Path(home), settings=SETTINGS) as store:
        engine = Engine.of(default_pack())
        units = list(engine.units.by_id)
        start = time.perf_counter()
        fill(store, units)
        print(f"{CASES:,} cases stored, {CASES // 10:,} open, in {time.perf_counter() - start:.0f} s")
        number = real_case(store, engine)
        for name, call in calls(engine, units, number).items():
            report(store, name, call)
        idle = [timed(lambda: timers.tick(store, engine, NOW)) for _ in range(CALLS)]
        print(f"{'tick with nothing due':<44} p95 {percentile(idle):>7.1f} ms  (asked: 50)")


def fill(store: Store, units: list[str]) -> None:
    """Store the cases, words and timers."""
    values = {"units": units, "count": len(units), "now": NOW, "cases": CASES}
    with store.connection() as connection:
        connection.execute("set local synchronous_commit = off")
        connection.execute("select setseed(0.5)")
        connection.execute(FILL, values)
        for statement in REST.split(";"):
            connection.execute(statement, values)
    with psycopg.connect(store.url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def real_case(store: Store, engine: Engine) -> str:
    """Open a case with a history of 30 reports, whose page is measured."""
    clerk = Principal("account:2", "clerk", "ecology", frozenset({"handler"}))
    with store.connection() as connection:
        opening = Opening("13710", {"title": "河道", "requirement": "整治"}, lead="ecology")
        case = engine.open(connection, CHIEF, opening, NOW).case
        for n in range(30):
            command = Command("report", case.version, note=f"第{n}次报告")
            case = engine.act(connection, clerk, case.number, command, NOW + timedelta(minutes=n))
    return case.number


def calls(engine: Engine, units: list[str], number: str) -> dict[str, Callable[[Connection, random.Random], object]]:
    """Return each kind of list or page, as a call that varies with a random source."""

    def own(rng: random.Random) -> tuple[str, ...]:
        return (rng.choice(units),)

    def some(rng: random.Random) -> tuple[str, ...]:
        return tuple(rng.sample(units, 6))

    return {
        "my work: open, own unit": lambda c, r: listed(c, CaseFilter(units=own(r))),
        "open, six units": lambda c, r: listed(c, CaseFilter(units=some(r))),
        "open, whole city": lambda c, r: listed(c, CaseFilter()),
        "red, own unit": lambda c, r: listed(c, CaseFilter(units=own(r), light=(4,))),
        "overdue, whole city": lambda c, r: listed(c, CaseFilter(overdue_at=NOW)),
        "one type and category, own unit": lambda c, r: listed(
            c, CaseFilter(units=own(r), type=("hotline",), category=("water",))
        ),
        "a unit that has nothing": lambda c, r: listed(c, CaseFilter(units=("nobody",))),
        "everything, newest, own unit": lambda c, r: listed(c, CaseFilter(units=own(r), is_open=None), sort="newest"),
        "everything, newest, six units": lambda c, r: listed(c, CaseFilter(units=some(r), is_open=None), sort="newest"),
        "everything, a unit that has nothing": lambda c, r: listed(
            c, CaseFilter(units=("nobody",), is_open=None), sort="newest"
        ),
        "words, whole city, open": lambda c, r: listed(c, CaseFilter(text=f"{r.randrange(10, CASES)}号")),
        "words, everything": lambda c, r: listed(
            c, CaseFilter(text=f"{r.randrange(10, CASES)}", is_open=None), sort="newest"
        ),
        "board: counts by light, own unit": lambda c, r: counted(c, CaseFilter(units=own(r)), "light"),
        "board: counts by light, whole city": lambda c, r: counted(c, CaseFilter(), "light"),
        "board: counts by step, one type": lambda c, r: counted(c, CaseFilter(type=("hotline",)), "step"),
        "board: counts by lead, whole city": lambda c, r: counted(c, CaseFilter(), "lead"),
        "case page, 31 events": lambda c, r: engine.view(c, CHIEF, number),
    }


def report(store: Store, name: str, call: Callable[[Connection, random.Random], object]) -> None:
    """Measure one kind and print its line."""
    rng = random.Random(1)
    seconds = []
    for _ in range(CALLS):
        with store.connection() as connection:
            seconds.append(timed(lambda: call(connection, rng)))
    middle = statistics.median(seconds) * 1000
    print(f"{name:<44} p95 {percentile(seconds):>7.1f} ms  median {middle:>6.1f}  (asked: 200)", flush=True)


def timed(call: Callable[[], object]) -> float:
    """Return how long a call takes [s]."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def percentile(seconds: list[float]) -> float:
    """Return the 95th percentile [ms]."""
    return sorted(seconds)[int(len(seconds) * 0.95) - 1] * 1000
