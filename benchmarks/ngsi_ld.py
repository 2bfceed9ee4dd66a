"""NGSI-LD: aggregates of long histories, beside the same read one by one in the same run; a batch of thousands of entities.

Figures are processor time of the process that answers and of the database together [s], and wall time; the best of five, for
what other work takes from the cores must not count.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import numpy as np
from starlette.requests import Request

from benchmarks.processor_time import postmaster, processor_seconds
from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import Incoming, Layout
from bihuan.sense.ngsi_ld import gathering
from bihuan.sense.ngsi_ld.context import CORE
from bihuan.show.api.ngsi_ld import NgsiLd
from bihuan.store import entities, ngsi_ld
from bihuan.store.connect import Store, open_store
from bihuan.store.lake import Lake, seal
from bihuan.store.observations import ObservationWriter

INSTANCES, ENTITIES, TIMES = 150_000, 2_000, 5
START = datetime(2026, 1, 31, 16, tzinfo=UTC)
METHODS = "totalCount,distinctCount,sum,avg,min,max,stddev,sumsq"
CLIENT = "urn:ngsi-ld:AirStation:client"
DEVICE = "urn:ngsi-ld:AirStation:device"
PM25 = CORE.expand("pm25")


def bench() -> None:
    """Print all figures."""
    with (
        tempfile.TemporaryDirectory() as home,
        patch.dict(os.environ, BIHUAN_HOME=home),
        open_store(home=Path(home)) as store,
    ):
        ask = _Asking(store, Path(home))
        _written(store)
        _measured(store, Lake(Path(home) / "lake"))
        for title, urn in (("written by a client", CLIENT), ("measured, half of it sealed", DEVICE)):
            _aggregates(ask, title, urn)
        _upserts(ask)


class _Asking:
    """The interface without its HTTP server.

    Args:
        store: open.
        home: where its embedded server runs.
    """

    def __init__(self, store: Store, home: Path) -> None:
        self._app = NgsiLd(store, instances=1000)
        self._server = postmaster(home)

    def __call__(self, method: str, address: str, body: bytes = b"") -> Any:
        path, _, query = address.partition("?")
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")], "client": ("127.0.0.1", 1),
            "server": ("localhost", 80), "scheme": "http", "root_path": "",
        }  # fmt: skip
        answer = self._app._answer(Request(scope), body)
        assert answer.status_code < 300, answer.body
        return msgspec.json.decode(answer.body) if answer.body else None

    def best(self, work: Callable[[], object]) -> tuple[float, float, float]:
        """Return processor time here and in the database, and wall time, of the best of several runs [s]."""
        runs = []
        for _ in range(TIMES):
            here, there, begun = time.process_time(), processor_seconds(self._server), time.perf_counter()
            work()
            wall = time.perf_counter() - begun
            runs.append((time.process_time() - here, processor_seconds(self._server) - there, wall))
        return min(runs, key=lambda one: one[0] + one[1])


def _written(store: Store) -> None:
    """Keep a history of one attribute as a client writes it."""
    values = np.round(np.random.default_rng(1).uniform(0, 300, INSTANCES), 1).tolist()
    moment = "2026-03-01T00:00:00Z"
    with store.connection() as connection:
        numbers = ngsi_ld.keep_temporal(
            connection, [{"urn": CLIENT, "types": [CORE.expand("AirStation")], "scopes": [], "modified_at": moment}]
        )
        many = []
        for n, value in enumerate(values):
            at = (START + timedelta(seconds=10 * n)).strftime("%Y-%m-%dT%H:%M:%SZ")
            body = {
                "type": "Property",
                "value": value,
                "unitCode": "GQ",
                "observedAt": at,
                "createdAt": moment,
                "modifiedAt": moment,
            }
            many.append(ngsi_ld.NewInstance(CLIENT, PM25, None, body, at, moment, moment))
        ngsi_ld.add_instances(connection, numbers, many)


def _measured(store: Store, lake: Lake) -> None:
    """Keep a history of one attribute as a device tells it, and seal the first half of its days."""
    values = np.round(np.random.default_rng(2).uniform(0, 300, INSTANCES), 1).tolist()
    with store.connection() as connection:
        entity = entities.keep(connection, [Entity(DEVICE, "AirStation", "station")], at=START)[DEVICE]
    layout = Layout(("pm25",), (None,))
    writer = ObservationWriter(store.connect())
    for first in range(0, INSTANCES, 1000):
        messages = [
            Incoming(entity, START + timedelta(seconds=10 * n), "now", n, layout, [values[n]])
            for n in range(first, first + 1000)
        ]
        writer.write(messages, at=START, door="bench")
    writer.close()
    with store.connect() as connection:
        for day in range(INSTANCES * 10 // 86_400 // 2):
            seal(connection, lake, date(2026, 2, 1) + timedelta(days=day), at=START)


def _aggregates(ask: _Asking, title: str, urn: str) -> None:
    span = "timerel=between&timeAt=2026-01-31T16:00:00Z&endTimeAt=2026-03-01T16:00:00Z"
    print(f"aggregates of {INSTANCES:,} instances {title}, a row an hour")
    for what, methods in (("avg", "avg"), ("all eight methods", METHODS)):
        address = f"/ngsi-ld/v1/temporal/entities/{urn}?{span}&options=aggregatedValues&aggrMethods={methods}&aggrPeriodDuration=PT1H&attrs=pm25"
        found = ask("GET", address)
        with _one_by_one():
            assert ask("GET", address) == found
            before = ask.best(lambda address=address: ask("GET", address))  # type: ignore[misc]
        after = ask.best(lambda address=address: ask("GET", address))  # type: ignore[misc]
        print(f"  {what}: as arrays {_told(after)}; one by one {_told(before)}")


@contextmanager
def _one_by_one() -> Iterator[None]:
    """Have every attribute looked at one by one, as those with other values than numbers are."""
    every = {PM25}
    with patch.object(gathering, "_one_by_one", lambda *_: every), patch.object(gathering, "_packed", _unpacked):
        yield


def _unpacked(connection: object, rows: Any, *_: object) -> dict[int, dict[str, list[Any]]]:
    return {row.number: {} for row in rows}


def _upserts(ask: _Asking) -> None:
    print(f"batch upsert of {ENTITIES:,} entities with four attributes each")

    def batch(value: float) -> bytes:
        return msgspec.json.encode([
            {
                "id": f"urn:ngsi-ld:Parking:{n}", "type": "Parking",
                "free": {"type": "Property", "value": n % 90 + value, "observedAt": "2026-03-01T00:00:00Z"},
                "capacity": {"type": "Property", "value": 90}, "open": {"type": "Property", "value": True},
                "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [113.5 + n / 1e5, 37.8]}},
            }
            for n in range(ENTITIES)
        ])  # fmt: skip

    address, values = "/ngsi-ld/v1/entityOperations/upsert", iter(range(100))
    begun = time.perf_counter()
    ask("POST", address, batch(next(values)))
    print(f"  new: {time.perf_counter() - begun:.2f} s wall")
    print(f"  there: {_told(ask.best(lambda: ask('POST', address, batch(next(values)))))}")


def _told(figures: tuple[float, float, float]) -> str:
    here, database, wall = figures
    return f"{here + database:.2f} s of processor time (database {database:.2f}), {wall:.2f} s wall"
