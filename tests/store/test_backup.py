import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.store.readings import AT, Draft, keep

from bihuan.core.errors import BihuanError, FormatError, OutsideError, StateError
from bihuan.store import events, ledger
from bihuan.store.backup import backup, restore
from bihuan.store.connect import Store, open_store
from bihuan.store.embedded import Endpoint


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


def everything(store: Store) -> dict[str, list[Any]]:
    with store.connection() as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = 'bihuan'").fetchall()
        return {
            name: connection.execute(f"select t::text from bihuan.{name} t order by 1").fetchall() for (name,) in names
        }


def test_a_store_comes_back_row_for_row(filled: Store, empty: Store, tmp_path: Path) -> None:
    written = backup(filled, tmp_path / "b")
    assert restore(empty, tmp_path / "b") == written
    assert everything(empty) == everything(filled)
    assert written.rows["entry"] == 2
    with empty.connection() as connection:
        assert events.verify(connection) == events.Audit(events=2, streams=1)


def test_the_restored_store_goes_on(filled: Store, empty: Store, tmp_path: Path) -> None:
    backup(filled, tmp_path / "b")
    restore(empty, tmp_path / "b")
    keep(empty, Draft("c.txt").does("建成", "学校"))
    with empty.connection() as connection:
        assert ledger.search(connection, ledger.Filter(text="发电量")).total == 1
        assert ledger.count(connection) == 3
        assert events.verify(connection).broken is None
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute("delete from event")


def test_a_backup_is_of_one_moment(filled: Store, empty: Store, tmp_path: Path) -> None:
    """Written while others write, it holds what was committed when it began."""
    late = Draft("late.txt").does("建成", "学校")

    def now() -> datetime:
        keep(filled, late)  # backup asks for the time within its snapshot
        return AT

    backup(replace(filled, clock=now), tmp_path / "b")
    restore(empty, tmp_path / "b")
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


def test_what_does_not_fit_changes_nothing(filled: Store, tmp_path: Path) -> None:
    whole = tmp_path / "b"
    backup(filled, whole)
    data = whole.read_bytes()
    cut, flipped, other = tmp_path / "cut", tmp_path / "flipped", tmp_path / "other"
    cut.write_bytes(data[: len(data) // 2])
    flipped.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "")
    newer = rewritten(whole, tmp_path / "newer", manifest={"revisions": ["0001", "9999"], "bihuan": "9.0"})
    later = rewritten(whole, tmp_path / "later", manifest={"format": 2})
    odd = rewritten(whole, tmp_path / "odd", manifest={"unknown": 1})
    half = rewritten(whole, tmp_path / "half", dump=zipfile.ZipFile(whole).read("database.dump")[:-900])
    before = everything(filled)
    faults: list[tuple[Path, type[BihuanError], str]] = [
        (cut, FormatError, "damaged, or no backup"), (flipped, FormatError, "damaged, or no backup"),
        (other, FormatError, "damaged, or no backup"), (odd, FormatError, "is not one of bihuan"),
        (newer, StateError, "written by bihuan 9.0, which is newer"), (later, StateError, "newer than this one"),
        (half, OutsideError, "nothing was changed"), (tmp_path / "gone", OutsideError, "cannot be read"),
        (tmp_path, OutsideError, "cannot be read"),
    ]  # fmt: skip
    for file, kind, message in faults:
        with pytest.raises(kind, match=message):
            restore(filled, file, force=True)
    assert everything(filled) == before


def test_a_store_that_is_not_empty_is_left_alone(filled: Store, tmp_path: Path) -> None:
    backup(filled, tmp_path / "b")
    before = everything(filled)
    with pytest.raises(StateError, match=r"the store is not empty .* --force"):
        restore(filled, tmp_path / "b")
    assert everything(filled) == before


def test_a_failed_backup_leaves_the_old_file(filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "b"
    target.write_text("the last one")
    monkeypatch.setattr("bihuan.store.backup.binaries", lambda: Path("/usr/bin/env -x"))
    with pytest.raises(OutsideError):
        backup(filled, target)
    assert target.read_text() == "the last one"
    assert list(tmp_path.iterdir()) == [target]
