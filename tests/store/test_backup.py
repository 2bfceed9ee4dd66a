import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.store.readings import AT, Draft, keep

from bihuan.core.errors import BihuanError, FormatError, OutsideError, StateError
from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import Incoming, Layout
from bihuan.store import entities, events, ledger, outbox
from bihuan.store.backup import backup, restore
from bihuan.store.connect import Store, open_store
from bihuan.store.embedded import Endpoint
from bihuan.store.history import history
from bihuan.store.lake import Lake, may_change, seal
from bihuan.store.observations import ObservationWriter, day_bounds
from bihuan.store.rows import Row


@pytest.fixture
def filled(store: Store) -> Store:
    keep(store, Draft("a.txt").says("发电量", "280亿千瓦时", 2.8e10, unit="千瓦时").does("建成", "医院"))
    with store.connection() as connection:
        (row, _) = ledger.export(connection)
        ledger.correct(connection, row.id, {"value": 1.5}, actor="t", at=AT)
    return store


@pytest.fixture
def empty(postgres: Endpoint) -> Iterator[Store]:
    """A second store, empty."""
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("create database restored")
        with open_store(url=postgres.conninfo("restored")) as opened:
            yield opened
        connection.execute("drop database restored with (force)")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def everything(store: Store) -> dict[str, list[Any]]:
    with store.connection() as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = 'bihuan'").fetchall()
        return {
            name: connection.execute(f"select t::text from bihuan.{name} t order by 1").fetchall() for (name,) in names
        }


def test_a_store_comes_back_row_for_row(filled: Store, empty: Store, tmp_path: Path, lake: Lake) -> None:
    written = backup(filled, tmp_path / "b", lake)
    assert restore(empty, tmp_path / "b", lake) == written
    assert everything(empty) == everything(filled)
    assert written.rows["entry"] == 2
    with empty.connection() as connection:
        assert events.verify(connection) == events.Audit(events=2, streams=1)


def test_the_restored_store_goes_on(filled: Store, empty: Store, tmp_path: Path, lake: Lake) -> None:
    backup(filled, tmp_path / "b", lake)
    restore(empty, tmp_path / "b", lake)
    keep(empty, Draft("c.txt").does("建成", "学校"))
    with empty.connection() as connection:
        assert ledger.search(connection, ledger.Filter(text="发电量")).total == 1
        assert ledger.count(connection) == 3
        assert events.verify(connection).broken is None
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute("delete from event")


def test_readers_of_the_outbox_miss_nothing_on_another_server(
    filled: Store, empty: Store, tmp_path: Path, lake: Lake
) -> None:
    """There transactions have other numbers: what was not read comes in its order, then what is written after it."""

    def put(store: Store, *numbers: bytes) -> None:
        for number in numbers:
            with store.connection() as connection:
                outbox.put(connection, [Row(1, 0, 1, 0, number, None, 0)], at=AT)

    def take(store: Store, reader: str) -> list[bytes]:
        with store.connection() as connection:
            return [row.numbers for row in outbox.take(connection, reader)]

    with filled.connection() as connection:
        outbox.start(connection, "quick", from_the_beginning=True)
        outbox.start(connection, "slow", from_the_beginning=True)
    put(filled, b"1", b"2")
    assert take(filled, "quick") == [b"1", b"2"]
    put(filled, b"3")
    with filled.connection() as connection:  # as of a server that has counted far
        for table in ("outbox", "outbox_reader"):
            connection.execute(
                f"update {table} set xid = ((xid::text)::numeric + 9000000000)::text::xid8 where xid <> '0'"
            )
    backup(filled, tmp_path / "b", lake)
    restore(empty, tmp_path / "b", lake)
    put(empty, b"4")
    assert take(empty, "quick") == [b"3", b"4"]
    assert take(empty, "slow") == [b"1", b"2", b"3", b"4"]
    put(empty, b"5")
    assert take(empty, "quick") == [b"5"]


def test_a_backup_is_of_one_moment(filled: Store, empty: Store, tmp_path: Path, lake: Lake) -> None:
    """Written while others write, it holds what was committed when it began."""
    late = Draft("late.txt").does("建成", "学校")

    def now() -> datetime:
        keep(filled, late)  # backup asks for the time within its snapshot
        return AT

    backup(replace(filled, clock=now), tmp_path / "b", lake)
    restore(empty, tmp_path / "b", lake)
    with empty.connection() as connection:
        assert [one.name for one in ledger.documents(connection)] == ["a.txt"]
    with filled.connection() as connection:
        assert len(ledger.documents(connection)) == 2


def rewritten(source: Path, target: Path, **changes: Any) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        manifest = json.loads(old.read("manifest.json")) | changes.pop("manifest", {})
        new.writestr("manifest.json", json.dumps(manifest))
        new.writestr("database.dump", changes.get("dump", old.read("database.dump")))
    return target


def test_what_does_not_fit_changes_nothing(filled: Store, tmp_path: Path, lake: Lake) -> None:
    whole = tmp_path / "b"
    backup(filled, whole, lake)
    data = whole.read_bytes()
    cut, flipped, other = tmp_path / "cut", tmp_path / "flipped", tmp_path / "other"
    cut.write_bytes(data[: len(data) // 2])
    flipped.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "")
    newer = rewritten(whole, tmp_path / "newer", manifest={"revisions": ["0001", "9999"], "bihuan": "9.0"})
    later = rewritten(whole, tmp_path / "later", manifest={"format": 2})
    odd = rewritten(whole, tmp_path / "odd", manifest={"unknown": 1})
    lacks = rewritten(whole, tmp_path / "lacks", manifest={"sealed": ["2026/03/a.parquet"]})
    half = rewritten(whole, tmp_path / "half", dump=zipfile.ZipFile(whole).read("database.dump")[:-900])
    before = everything(filled)
    faults: list[tuple[Path, type[BihuanError], str]] = [
        (cut, FormatError, "damaged, or no backup"), (flipped, FormatError, "damaged, or no backup"),
        (other, FormatError, "damaged, or no backup"), (odd, FormatError, "is not one of bihuan"),
        (lacks, FormatError, "lacks sealed days that it names"),
        (newer, StateError, "written by bihuan 9.0, which is newer"), (later, StateError, "newer than this one"),
        (half, OutsideError, "nothing was changed"), (tmp_path / "gone", OutsideError, "cannot be read"),
        (tmp_path, OutsideError, "cannot be read"),
    ]  # fmt: skip
    for file, kind, message in faults:
        with pytest.raises(kind, match=message):
            restore(filled, file, lake, force=True)
    assert everything(filled) == before


def test_a_store_that_is_not_empty_is_left_alone(filled: Store, tmp_path: Path, lake: Lake) -> None:
    backup(filled, tmp_path / "b", lake)
    before = everything(filled)
    with pytest.raises(StateError, match=r"the store is not empty .* --force"):
        restore(filled, tmp_path / "b", lake)
    assert everything(filled) == before


def test_a_failed_backup_leaves_the_old_file(
    filled: Store, tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "b"
    target.write_text("the last one")
    monkeypatch.setattr("bihuan.store.backup.binaries", lambda: Path("/usr/bin/env -x"))
    with pytest.raises(OutsideError):
        backup(filled, target, lake)
    assert target.read_text() == "the last one"
    assert list(tmp_path.iterdir()) == [target]


URN = "urn:ngsi-ld:AirStation:1"


def seal_day(store: Store, lake: Lake, day: date, value: float) -> None:
    """Have a station report one value on a day, and the day sealed."""
    noon = day_bounds(day)[0] + timedelta(hours=12)
    with store.connection() as connection:
        number = entities.keep(connection, [Entity(URN, "AirStation", "站")], at=AT)[URN]
    writer = ObservationWriter(store.connect())
    writer.write([Incoming(number, noon, "now", 1, Layout(("pm25",), (None,)), [value])], at=AT, door="test")
    writer.close()
    with store.connect() as connection:
        assert seal(connection, lake, day, at=AT) is not None


def values(store: Store, lake: Lake) -> list[float]:
    start, end = day_bounds(date(2026, 3, 1))[0], day_bounds(date(2026, 3, 5))[0]
    with store.connection() as connection:
        return history(connection, lake, URN, ["pm25"], start, end)["pm25"].values.tolist()


def files(lake: Lake) -> int:
    return len([path for path in lake.folder.rglob("*") if path.is_file()])


def test_sealed_days_come_back_in_the_place_of_those_before(
    filled: Store, empty: Store, tmp_path: Path, lake: Lake
) -> None:
    seal_day(filled, lake, date(2026, 3, 1), 1.0)
    seal_day(filled, lake, date(2026, 3, 2), 2.0)
    assert len(backup(filled, tmp_path / "b", lake).sealed) == 2
    seal_day(filled, lake, date(2026, 3, 3), 3.0)
    other = Lake(tmp_path / "other")
    seal_day(empty, other, date(2026, 3, 4), 4.0)
    restore(empty, tmp_path / "b", other, force=True)
    assert values(empty, other) == [1.0, 2.0]
    assert files(other) == 2
    restore(filled, tmp_path / "b", lake, force=True)
    assert values(filled, lake) == [1.0, 2.0]
    assert files(lake) == 2


def test_a_restore_that_fails_leaves_the_lake_as_it_was(
    filled: Store, empty: Store, tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_day(filled, lake, date(2026, 3, 1), 1.0)
    backup(filled, tmp_path / "b", lake)
    other = Lake(tmp_path / "other")
    seal_day(empty, other, date(2026, 3, 4), 4.0)
    monkeypatch.setattr("bihuan.store.backup.binaries", lambda: Path("/usr/bin/env -x"))
    with pytest.raises(OutsideError):
        restore(empty, tmp_path / "b", other, force=True)
    assert values(empty, other) == [4.0]
    assert files(other) == 1


def test_days_are_not_sealed_or_dropped_while_their_files_are_copied(filled: Store, tmp_path: Path, lake: Lake) -> None:
    asked = []

    def now() -> datetime:
        with filled.connect() as connection:
            asked.append(may_change(connection))
        return AT

    backup(replace(filled, clock=now), tmp_path / "b", lake)
    with filled.connect() as connection:
        assert (asked, may_change(connection)) == ([False], True)


def test_a_lake_that_is_elsewhere_is_named_or_left_out(filled: Store, tmp_path: Path, lake: Lake) -> None:
    seal_day(filled, lake, date(2026, 3, 1), 1.0)
    with pytest.raises(OutsideError, match="the machine that has the lake"):
        backup(filled, tmp_path / "b", Lake(tmp_path / "elsewhere"))
    assert not (tmp_path / "b").exists()
    written = backup(filled, tmp_path / "b", None)
    assert (len(written.left_out), written.sealed) == (1, ())
    restore(filled, tmp_path / "b", lake, force=True)
    assert values(filled, lake) == [1.0]
