"""Aggregates over the interface: of what clients wrote, of recent days and of sealed ones, as if it were one history."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.show.browsing import Client
from tests.show.casework import cockpit

from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import Incoming, Layout
from bihuan.sense.ngsi_ld import past
from bihuan.store import entities
from bihuan.store.connect import Store
from bihuan.store.lake import default_lake, seal
from bihuan.store.observations import ObservationWriter

URN = "urn:ngsi-ld:AirStation:1"
START = datetime(2026, 2, 26, 16, 0, tzinfo=UTC)  # Chinese midnight
SPAN = "timerel=between&timeAt=2026-02-26T16:00:00Z&endTimeAt=2026-03-01T16:00:00Z"
ALL = "options=aggregatedValues&aggrMethods=totalCount,distinctCount,sum,avg,min,max,stddev,sumsq"


@pytest.fixture
def client(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("BIHUAN_KEY_FILE", str(tmp_path / "personal.key"))
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path))
    with cockpit(store, tmp_path) as opened:
        yield opened


def _measure(store: Store, seed: int) -> list[tuple[datetime, float]]:
    """Keep three days of readings, of which the first two are sealed and one comes late; return them."""
    chance = random.Random(seed)
    with store.connection() as connection:
        entity = entities.keep(connection, [Entity(URN, "AirStation", "站")], at=START)[URN]
    layout = Layout(("pm25", "state"), ("微克/立方米", None))
    minutes = sorted(chance.sample(range(3 * 1440), 200))
    readings = [(START + timedelta(minutes=at), round(chance.uniform(0, 300), 1)) for at in minutes]
    late = readings.pop(20)
    messages = [Incoming(entity, at, "now", n, layout, [value, "on"]) for n, (at, value) in enumerate(readings)]
    _write(store, messages)
    with store.connect() as connection:
        for day in (date(2026, 2, 27), date(2026, 2, 28)):
            assert seal(connection, default_lake(), day, at=START) is not None
    _write(store, [Incoming(entity, late[0], "now", 7777, layout, [late[1], "on"])])
    return sorted([*readings, late])


def _write(store: Store, messages: list[Incoming]) -> None:
    writer = ObservationWriter(store.connect())
    writer.write(messages, at=START, door="test")
    writer.close()


def _by_hand(samples: list[tuple[datetime, float]], hours: int) -> dict[str, list[tuple[float, str]]]:
    """Return sum, count and maximum of each stretch that has any."""
    stretches: dict[int, list[float]] = {}
    for at, value in samples:
        stretches.setdefault(int((at - START).total_seconds() // (3600 * hours)), []).append(value)
    told: dict[str, list[tuple[float, str]]] = {"sum": [], "totalCount": [], "max": []}
    for number, values in sorted(stretches.items()):
        begins = (START + timedelta(hours=hours * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        told["sum"].append((math.fsum(values), begins))
        told["totalCount"].append((len(values), begins))
        told["max"].append((max(values), begins))
    return told


@pytest.mark.parametrize("seed", [1, 2])
def test_sealed_recent_late_and_written_are_one(client: Client, store: Store, seed: int) -> None:
    samples = _measure(store, seed)
    written = [
        (samples[3][0], 1000.0),
        (START + timedelta(hours=30, seconds=1), 2000.0),
    ]  # of a moment that is measured, too
    instances = [{"type": "Property", "value": value, "observedAt": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
                 for at, value in written]  # fmt: skip
    body = {"id": URN, "type": "AirStation", "pm25": instances, "remark": {"type": "Property", "value": "ok"}}
    assert client.post("/ngsi-ld/v1/temporal/entities", json=body).status_code == 201
    expected = _by_hand(sorted({**dict(samples), **dict(written)}.items()), 6)
    address = f"/ngsi-ld/v1/temporal/entities/{URN}?{SPAN}&{ALL}&aggrPeriodDuration=PT6H"
    found = client.get(address).json()["pm25"]
    for method, rows in expected.items():
        assert [start for _, start, _ in found[method]] == [start for _, start in rows]
        assert [value for value, _, _ in found[method]] == pytest.approx([value for value, _ in rows], rel=1e-12)
    states = client.get(address).json()["state"]
    assert sum(value for value, _, _ in states["totalCount"]) == len(samples)
    assert {value for value, _, _ in states["distinctCount"]} == {1}
    assert {value for value, _, _ in states["max"]} == {"on"}


def test_a_page_of_histories_by_every_method_equals_what_is_looked_at_one_by_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(3)
    for number in range(3):
        many: list[dict[str, Any]] = [
            {"type": "Property", "value": chance.choice([chance.randint(0, 9), round(chance.random(), 2)]),
             "observedAt": f"2026-02-{chance.randint(27, 28)}T{hour:02}:{chance.randint(0, 59):02}:00Z"}
            for hour in range(24)
        ]  # fmt: skip
        for at, one in enumerate(many):
            if at % 3 == 0:
                one["datasetId"] = "urn:ngsi-ld:Dataset:second"
        body = {"id": f"urn:ngsi-ld:AirStation:{number}", "type": "AirStation", "pm25": many,
                "mixed": [*many[:2], {"type": "Property", "value": "calm", "observedAt": "2026-02-28T12:00:00Z"}]}  # fmt: skip
        assert client.post("/ngsi-ld/v1/temporal/entities", json=body).status_code == 201
    for more in ("", "&aggrPeriodDuration=PT5H", "&aggrPeriodDuration=P1M", "&datasetId=@none", "&attrs=pm25", "&omit=mixed",
                 "&timeproperty=modifiedAt", "&timerel=after&timeAt=2026-02-27T12:30:00Z&aggrPeriodDuration=PT5H"):  # fmt: skip
        address = f"/ngsi-ld/v1/temporal/entities?type=AirStation&{ALL}{more}"
        packed = client.get(address)
        assert packed.status_code == 200
        with monkeypatch.context() as patched:
            patched.setattr("bihuan.sense.ngsi_ld.gathering.ngsi_ld.numbers", _nothing_is_plain(past.ngsi_ld.numbers))
            assert client.get(address).json() == packed.json(), more


def _nothing_is_plain(numbers: Any) -> Any:
    return lambda *given, **named: [replace_plain(one) for one in numbers(*given, **named)]


def replace_plain(one: Any) -> Any:
    return one._replace(plain=False)
