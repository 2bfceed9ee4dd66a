"""The peer of `act_timers`: the same firing as a task of `procrastinate`, run by its own environment's interpreter.

Reads a connection string from standard input; prints one JSON object. Each task stores an event, changes a case and
defers the next task, through the queue's own connector; one worker, one task at a time, as it comes.
"""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib import metadata

import procrastinate

TABLES = """
create schema if not exists peer;
create table peer.matter (id bigint primary key, light int not null, version bigint not null);
create table peer.happening (id bigint generated always as identity primary key, matter bigint, body jsonb not null);
"""


async def main(due: int, waiting: int) -> None:
    """Fill the queue, let one worker empty it, print how long that took."""
    connector = procrastinate.PsycopgConnector(conninfo=sys.stdin.read() + " options='-c search_path=peer'")
    app = procrastinate.App(connector=connector)

    @app.task(name="fire")
    async def fire(matter: int) -> None:
        await connector.execute_query_async(
            'with told as (insert into happening (matter, body) values (%(matter)s, \'{"light": "red"}\')) '
            "update matter set light = 4, version = version + 1 where id = %(matter)s",
            matter=matter,
        )
        await fire.configure(schedule_at=datetime.now(UTC) + timedelta(days=60)).defer_async(matter=matter)

    async with app.open_async():
        for statement in TABLES.split(";"):
            if statement.strip():
                await connector.execute_query_async(statement)
        await app.schema_manager.apply_schema_async()
        await connector.execute_query_async(
            "insert into matter select n, 0, 1 from generate_series(1, %(due)s) n", due=due
        )
        # The due ones first: the queue looks through jobs in the order of their numbers, so this order is its best.
        for first, last, at in ((1, due, "now() - interval '1 hour'"), (1, waiting, "now() + interval '30 days'")):
            await connector.execute_query_async(
                "insert into procrastinate_jobs (queue_name, task_name, args, scheduled_at) "
                f"select 'default', 'fire', jsonb_build_object('matter', n), {at} "
                "from generate_series(%(first)s::int, %(last)s::int) n",
                first=first,
                last=last,
            )
        await connector.execute_query_async("analyze procrastinate_jobs")
        start = time.perf_counter()
        await app.run_worker_async(wait=False, install_signal_handlers=False, concurrency=1)
        seconds = time.perf_counter() - start
        fired = await connector.execute_query_one_async("select count(*) as n from happening")
    print(
        json.dumps(
            {"seconds": seconds, "fired": fired["n"], "versions": f"procrastinate {metadata.version('procrastinate')}"}
        )
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
