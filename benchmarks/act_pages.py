"""How fast lists, boards, case pages and an idle tick are with 1,000,000 cases stored, 100,000 of them open.

Prints the 95th percentile of each kind of list as the store answers it, over filters that differ from call to call; of
each kind of page as a real server answers one reader at a time, signed in for one unit, for the county with all its
offices and for the whole city; and the time of a tick with nothing due. Asked: 200 ms and 50 ms. BIHUAN_BENCH_CASES makes it smaller.
"""

import asyncio
import itertools
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from benchmarks.lean_client import LeanClient
from benchmarks.server import running
from bihuan.act import accounts, scorecard, timers
from bihuan.act.accounts import NewAccount
from bihuan.act.command import Command, Opening
from bihuan.act.engine import Engine
from bihuan.core.records.principal import Principal
from bihuan.show.session import COOKIE
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_lists import listed
from bihuan.store.case_tallies import tallies
from bihuan.store.connect import Connection, Store, open_store
from bihuan.store.packs import default_pack

CASES = int(os.environ.get("BIHUAN_BENCH_CASES", "1000000"))
CALLS = 40
NOW = datetime.now(UTC).replace(microsecond=0)
CHIEF = Principal("account:1", "chief", "government-office", frozenset({"supervisor"}), "city")
SETTINGS = {"shared_buffers": "256MB", "work_mem": "16MB", "max_wal_size": "4GB"}

FILL = """
insert into act_case (number, type, category, title, step, office, lead, supports, opened_by, light, level, version,
    is_open, next_due, opened_at, closed_at, updated_at, returns)
select 'OLD-' || n, (array['13710', 'hotline', 'event', 'project', 'promise'])[1 + n / 11 %% 5],
    (array['heating', 'water', 'noise', 'air'])[1 + n / 5 %% 4], '第' || n || '号事项',
    (array['doing', 'dispatched', 'applied'])[1 + n / 7 %% 3],
    (%(units)s::text[])[1 + (random() * random() * (%(count)s - 1))::int],
    (%(units)s::text[])[1 + (random() * random() * (%(count)s - 1))::int],
    case when n %% 9 = 0 then array[(%(units)s::text[])[1 + n %% %(count)s]] else '{}' end,
    'account:' || n %% 500, case when n %% 10 = 0 then (n / 10 %% 5)::int else 0 end, 0, 3, n %% 10 = 0,
    case when n %% 10 = 0 then %(now)s + make_interval(mins => (random() * 60000)::int - 20000) end,
    %(now)s - make_interval(mins => (random() * 1000000)::int),
    case when n %% 10 = 0 then null else %(now)s - make_interval(mins => (random() * 1000000)::int) end, %(now)s, 0
from generate_series(1, %(cases)s::int) n;
"""
EVENTS = """
insert into event (stream, seq, type, actor, time, body, prev_hash, hash)
select 'case:' || number, 1, 'case.opened', opened_by, opened_at,
    jsonb_build_object('case_type', type, 'office', office, 'lead', lead, 'to', step), '', ''
from act_case;
insert into event (stream, seq, type, actor, time, body, prev_hash, hash)
select 'case:' || number, 2, 'case.close', opened_by, closed_at,
    jsonb_build_object('case_type', type, 'office', office, 'lead', lead, 'grade', '良好', 'met',
        jsonb_build_array(jsonb_build_object('clock', 'settle', 'on_time', id %% 7 > 0))), '', ''
from act_case where not is_open
"""
REST = """
insert into act_words (case_id, words, search)
select id, title, to_tsvector('simple', (select string_agg(substr(title, i, 2), ' ') from generate_series(1, length(title)) i))
from act_case on conflict do nothing;
insert into act_timer (case_id, due_at, points)
select id, %(now)s + interval '40 days', '[]' from act_case where is_open on conflict do nothing;
insert into act_state (case_id, version, state)
select id, 3, jsonb_build_object('values', jsonb_build_object('title', title)) from act_case where is_open
on conflict do nothing
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
        start = time.perf_counter()
        while scorecard.seal(store, NOW):
            pass
        print(f"days counted for the scorecards, once, in {time.perf_counter() - start:.0f} s")
        sessions = sign_in(store, engine)
        with running(store.url) as server:
            for name, token in sessions.items():
                asyncio.run(read(server.port, name, token, pages(engine, name, number)))


def fill(store: Store, units: list[str]) -> None:
    """Store the cases, words and timers."""
    values = {"units": units, "count": len(units), "now": NOW, "cases": CASES}
    with store.connection() as connection:
        connection.execute("set local synchronous_commit = off")
        connection.execute("select setseed(0.5)")
        connection.execute(FILL, values)
        for statement in (*EVENTS.split(";"), *REST.split(";")):
            connection.execute(statement, values)
    with psycopg.connect(store.url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def real_case(store: Store, engine: Engine) -> str:
    """Open a case with a history of 30 reports, whose page is measured."""
    clerk = Principal("account:2", "clerk", "ecology", frozenset({"handler"}))
    with store.connection() as connection:
        opening = Opening("13710", {"title": "河道", "requirement": "整治"}, lead="ecology", supports=("pingding",))
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
        "counts, own unit": lambda c, r: count(c, CaseFilter(units=own(r))),
        "counts, six units": lambda c, r: count(c, CaseFilter(units=some(r))),
        "counts, whole city": lambda c, r: count(c, CaseFilter()),
        "counts, one type": lambda c, r: count(c, CaseFilter(type=("hotline",))),
        "counts of everything, own unit": lambda c, r: count(c, CaseFilter(units=own(r), is_open=None)),
        "counts of everything, six units": lambda c, r: count(c, CaseFilter(units=some(r), is_open=None)),
        "counts of closed, whole city": lambda c, r: count(c, CaseFilter(is_open=False)),
        "case page, 31 events": lambda c, r: engine.view(c, CHIEF, number),
    }


def count(connection: Connection, wanted: CaseFilter) -> int:
    """Return how many cases the store counts of a filter."""
    return tallies(connection, wanted, NOW, NOW + timedelta(days=3)).total


READERS = {
    "unit": NewAccount("unit", "unit", "ecology", ("handler",), "own"),
    "county": NewAccount("county", "county", "pingding", ("handler",), "subtree"),
    "city": NewAccount("city", "city", "government-office", ("supervisor",), "city"),
}


def sign_in(store: Store, engine: Engine) -> dict[str, str]:
    """Make the accounts of the readers; return the token of a session of each."""
    roles, tokens = accounts.known_roles(engine.types), {}
    for name, new in READERS.items():
        with store.connection() as connection:
            password = accounts.create(connection, new, engine.units, roles, actor="system", now=NOW)
            accounts.change_password(connection, name, password, f"not {password}", NOW)
            session = accounts.sign_in(connection, name, f"not {password}", NOW)
        assert session is not None
        assert session.token is not None
        tokens[name] = session.token
    return tokens


def pages(engine: Engine, reader: str, number: str) -> dict[str, list[str]]:
    """Return the addresses of each kind of page that a reader opens."""
    lists: dict[str, dict[str, str]] = {
        "my work": {},
        "red": {"light": "red"},
        "a type and step": {"type": "hotline", "step": "doing"},
        "overdue": {"state": "overdue"},
        "nearly due": {"state": "soon"},
        "closed": {"state": "closed"},
        "all, oldest first": {"state": "all", "sort": "oldest"},
        "words": {"q": "123"},
        "words, all": {"q": "123", "state": "all"},
        "a word in every tenth case": {"q": "7号"},
        "a word in every tenth case, all": {"q": "7号", "state": "all"},
        "a word in every open case": {"q": "0号"},
        "a word in every case, all": {"q": "号事", "state": "all"},
    }
    unit = READERS[reader].unit
    return {
        **{f"cases: {name}": [f"/cases?{urlencode(asked)}"] for name, asked in lists.items()},
        "board": [f"/cases/board?type={name}" for name in ("13710", "hotline", "event", "promise")],
        "project pipeline": ["/cases/board?type=project"],
        "supervision": ["/supervision"],
        "scorecards": ["/scores"],
        "a scorecard with its trend": [f"/scores/{unit}"],
        "notices": ["/notices"],
        "case page, 31 events": [f"/cases/{number}"],
        "REST: open cases": ["/api/cases?limit=100"],
        "REST: all cases": ["/api/cases?limit=100&state=all"],
        "the public's room": ["/ask", "/ask/hotline"],
        "Open311: a service": [f"/open311/v2/requests.json?service_code=hotline-{name}" for name in ("heating", "water")],
    }  # fmt: skip


async def read(port: int, reader: str, token: str, kinds: dict[str, list[str]]) -> None:
    """Open each kind of page in turn as one reader and print its line."""
    client = LeanClient("127.0.0.1", port, cookie=f"{COOKIE}={token}")
    for name, addresses in kinds.items():
        seconds = []
        for address in itertools.islice(itertools.cycle(addresses), CALLS):
            start = time.perf_counter()
            await client.get(address)
            seconds.append(time.perf_counter() - start)
        line(f"{reader}: {name}", seconds)
    client.close()


def report(store: Store, name: str, call: Callable[[Connection, random.Random], object]) -> None:
    """Measure one kind and print its line."""
    rng = random.Random(1)
    seconds = []
    for _ in range(CALLS):
        with store.connection() as connection:
            seconds.append(timed(lambda: call(connection, rng)))
    line(name, seconds)


def line(name: str, seconds: list[float]) -> None:
    """Print how long the calls of one kind took."""
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
