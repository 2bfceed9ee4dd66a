"""History from PostgreSQL and from the lake is one history; what comes late or twice stands once in its own time."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import Incoming, Layout
from bihuan.store import entities, outbox
from bihuan.store.connect import Store
from bihuan.store.history import history
from bihuan.store.lake import Lake, drop_before, seal, sealed_totals
from bihuan.store.observations import ObservationWriter, days_kept
from bihuan.store.rows import Row

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DAY = date(2026, 3, 1)
START = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)  # Chinese midnight
URN = "urn:ngsi-ld:AirStation:1"
AIR = Layout(("pm25", "state", "location"), ("微克/立方米", None, None))


@pytest.fixture
def entity(store: Store) -> int:
    with store.connection() as connection:
        return entities.keep(connection, [Entity(URN, "AirStation", "站")], at=NOW)[URN]


def message(entity: int, minute: int, values: Sequence[Any], key: int | None = None, quality: Any = None) -> Incoming:
    at = START + timedelta(minutes=minute)
    return Incoming(entity, at, "now", minute if key is None else key, AIR, list(values), quality)


def write(store: Store, messages: Sequence[Incoming]) -> tuple[int, int]:
    writer = ObservationWriter(store.connect())
    written = writer.write(messages, at=NOW, door="test")
    writer.close()
    return written.new, written.repeated


def read(store: Store, lake: Lake, *attributes: str) -> dict[str, list[tuple[int, Any, int]]]:
    with store.connection() as connection:
        found = history(connection, lake, URN, attributes, START, START + timedelta(days=2))
    return {
        name: [(int((o.time - START).total_seconds() // 60), o.value, o.quality) for o in series.observations()]
        for name, series in found.items()
    }


POINT = {"type": "Point", "coordinates": [113.5, 37.8]}


def test_every_kind_of_value_comes_back_from_either_place(store: Store, entity: int, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    sent = [message(entity, 0, [1.5, "on", POINT]), message(entity, 5, [None, True, None], quality=[4, 0, 16])]
    assert write(store, sent) == (2, 0)
    before = read(store, lake)
    assert before == {
        "pm25": [(0, 1.5, 0), (5, None, 4)],
        "state": [(0, "on", 0), (5, True, 0)],
        "location": [(0, POINT, 0), (5, None, 16)],
    }
    with store.connection() as connection:
        sealed = seal(connection, lake, DAY, at=NOW)
        assert sealed is not None
        assert (sealed.rows, sealed.observations) == (2, 6)
        assert days_kept(connection) == []
    assert read(store, lake) == before
    assert read(store, lake, "pm25", "nothing") == {"pm25": before["pm25"], "nothing": []}


def test_a_repeat_changes_nothing_within_a_batch_or_after_it(store: Store, entity: int, tmp_path: Path) -> None:
    first = message(entity, 0, [1.0, "on", None])
    assert write(store, [first, first, message(entity, 1, [2.0, "on", None])]) == (2, 1)
    assert write(store, [first]) == (0, 1)
    assert len(read(store, Lake(tmp_path), "pm25")["pm25"]) == 2


def test_what_comes_after_its_day_was_sealed_stands_in_its_own_time_once(
    store: Store, entity: int, tmp_path: Path
) -> None:
    lake = Lake(tmp_path)
    writer = ObservationWriter(store.connect())
    writer.write([message(entity, n, [float(n), "on", None]) for n in range(10)], at=NOW, door="test")
    with store.connection() as connection:
        seal(connection, lake, DAY, at=NOW)
    late = [message(entity, 5, [5.0, "on", None]), message(entity, 30, [30.0, "off", None])]
    assert writer.write(late, at=NOW, door="test").new == 2  # the writer had not heard that the day was sealed
    writer.close()
    expected = [(n, float(n), 0) for n in (*range(10), 30)]
    assert read(store, lake, "pm25")["pm25"] == expected
    with store.connection() as connection:
        again = seal(connection, lake, DAY, at=NOW)
        assert again is not None
        assert again.observations == 11 * 3
    assert read(store, lake, "pm25")["pm25"] == expected
    assert len(list(tmp_path.rglob("*.parquet"))) == 1


def test_latest_is_the_newest_by_its_own_time(store: Store, entity: int) -> None:
    write(store, [message(entity, 10, [10.0, "on", None])])
    write(store, [message(entity, 5, [5.0, "off", None])])
    with store.connection() as connection:
        state = entities.latest(connection, [URN])[URN]
    assert (state["pm25"].value, state["state"].value) == (10.0, "on")


def test_the_outbox_gives_each_reader_every_new_row_once(store: Store, entity: int) -> None:
    with store.connection() as connection:
        outbox.start(connection, "rules")
    write(store, [message(entity, 0, [0.0, "on", POINT]), message(entity, 0, [0.0, "on", POINT])])
    write(store, [message(entity, 0, [0.0, "on", POINT]), message(entity, 1, [1.0, None, None])])
    with store.connection() as connection:
        connection.execute("savepoint before")
        first = outbox.take(connection, "rules")
        connection.execute("rollback to savepoint before")
        again = outbox.take(connection, "rules")
    assert [row.values() for row in first] == [[0.0, "on", POINT], [1.0, None, None]]
    assert first == again
    with store.connection() as connection:
        assert outbox.take(connection, "rules") == []
        outbox.start(connection, "late")
        assert outbox.take(connection, "late") == []
        assert outbox.clear(connection, before=START) == 2


def test_the_outbox_is_read_in_the_order_of_transactions(store: Store) -> None:
    """By number, not by digits: what 9 wrote comes before what 10 wrote, and a reader that stops between misses nothing."""
    with store.connection() as connection:
        outbox.start(connection, "rules", from_the_beginning=True)
        for number in (9, 10):
            row = Row(number, 0, 1, 0, b"", None, None)
            outbox.put(connection, [row], at=NOW)
            connection.execute(
                "update outbox set xid = %s::text::xid8 where id = (select max(id) from outbox)", [number]
            )
    taken = []
    for _ in range(3):
        with store.connection() as connection:
            taken.append([row.entity for row in outbox.take(connection, "rules", batches=1)])
    assert taken == [[9], [10], []]


def test_a_reader_stays_behind_what_is_not_committed_yet(store: Store, entity: int) -> None:
    with store.connection() as connection:
        outbox.start(connection, "rules")
    slow = store.connect()
    slow.execute("insert into outbox (written, rows) values (now(), '\\x90')")  # an empty batch, still open
    write(store, [message(entity, 0, [0.0, "on", None])])
    with store.connection() as connection:
        assert outbox.take(connection, "rules") == []
    slow.commit()
    slow.close()
    with store.connection() as connection:
        assert len(outbox.take(connection, "rules")) == 1


def test_an_observation_in_the_lake_is_small(store: Store, entity: int, tmp_path: Path) -> None:
    chance = random.Random(1)
    air = Layout(tuple(f"a{n}" for n in range(11)), (None,) * 11)
    level = [chance.uniform(10, 200) for _ in range(11)]
    messages = []
    for n in range(1440):
        level = [max(0, one + chance.gauss(0, one / 50)) for one in level]
        values = [round(one, 1) for one in level]
        messages.append(Incoming(entity, START + timedelta(minutes=n), "now", n, air, values))
    write(store, messages)
    with store.connection() as connection:
        seal(connection, Lake(tmp_path), DAY, at=NOW)
        days, count, size = sealed_totals(connection)
        assert (days, count) == (1, 1440 * 11)
        assert size / count < 4
        assert drop_before(connection, Lake(tmp_path), DAY + timedelta(days=1)) == 1
    assert list(tmp_path.rglob("*.parquet")) == []
