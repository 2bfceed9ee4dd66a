"""Import against crashes and crowds: a document is in the store whole or not at all, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bihuan.read import load_pack
from bihuan.read.intake import Taken, take_in
from bihuan.store import events, ledger
from bihuan.store.connect import Store

PACK = load_pack(None)
COMMAND = [sys.executable, "-m", "bihuan", "ledger", "import"]


def report(year: int, paragraphs: int) -> str:
    lines = [f"{year}年政府工作报告", f"——{year}年3月1日在阳泉市人民代表大会会议上", f"一、{year - 1}年工作回顾"]
    lines += [
        f"全年第{n}项工程完成投资{n + 1}.5亿元，增长{n % 30 + 1}%，建成第{n}座变电站。" for n in range(paragraphs)
    ]
    return "\n".join(lines)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / f"{year}.txt" for year in range(2010, 2016)]
    for number, path in enumerate(paths):
        path.write_text(report(2010 + number, 60), encoding="utf-8")
    return [str(path) for path in paths]


def start(url: str, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "BIHUAN_DATABASE_URL": url}
    return subprocess.Popen([*COMMAND, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@contextmanager
def held_after(count: int, store: Store) -> Iterator[Callable[[], None]]:
    """Have whoever imports one document more wait in the middle of it; what is yielded waits until somebody does."""
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and objid = 4711 and not granted"

    def until_it_waits() -> None:
        with store.connect() as connection:
            connection.autocommit = True
            while connection.execute(waiting).fetchone() == (0,):
                time.sleep(0.01)

    with store.connection() as connection:
        connection.execute(f"""
            create function hold() returns trigger language plpgsql as $$
            begin
                if (select count(*) from document) > {count} then perform pg_advisory_xact_lock(4711); end if;
                return null;
            end $$""")
        connection.execute("create trigger hold after insert on document for each row execute function hold()")
    with store.connect() as holding:
        holding.execute("select pg_advisory_xact_lock(4711)")
        yield until_it_waits
    with store.connection() as connection:
        connection.execute("drop trigger hold on document")  # once nobody is in the middle any more


def counted(store: Store) -> list[tuple[str, int, int]]:
    """Return of each document what it says of itself and how many rows it has."""
    with store.connection() as connection:
        return [
            (one.name, one.statements + one.commitments, len(ledger.document_entries(connection, one.id)))
            for one in ledger.documents(connection)
        ]


def test_processes_importing_the_same_files_make_each_document_once(store: Store, files: list[str]) -> None:
    working = [start(store.url, *files), start(store.url, *reversed(files)), start(store.url, *files[3:], *files[:3])]
    outputs = [process.communicate() for process in working]
    assert [process.returncode for process in working] == [0, 0, 0], outputs
    assert len(counted(store)) == 6
    imported = sum(output.decode().count("imported\t") for output, _ in outputs)
    assert imported == 6
    with store.connection() as connection:
        assert events.verify(connection) == events.Audit(events=6, streams=6)
        assert not ledger.links_are_stale(connection)


def test_kill_9_while_importing_leaves_whole_documents_and_a_second_run_does_the_rest(
    store: Store, files: list[str]
) -> None:
    with held_after(2, store) as until_it_waits:
        process = start(store.url, *files)
        until_it_waits()
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    left = counted(store)
    assert len(left) == 2
    assert all(said == rows for _, said, rows in left)
    again = start(store.url, *files)
    output, _ = again.communicate()
    assert again.returncode == 0
    assert output.decode().count("imported\t") == 6 - len(left)
    assert [name for name, said, rows in counted(store) if said == rows] == [
        f"{year}.txt" for year in range(2015, 2009, -1)
    ]
    with store.connection() as connection:
        assert events.verify(connection) == events.Audit(events=6, streams=6)
        assert not ledger.links_are_stale(connection)


def test_ctrl_c_leaves_nothing_half_done(store: Store, files: list[str]) -> None:
    with held_after(2, store) as until_it_waits:
        process = start(store.url, *files)
        until_it_waits()
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in complaint
    left = counted(store)
    assert len(left) == 2
    assert all(said == rows for _, said, rows in left)


def test_a_known_document_is_not_read_again(store: Store, files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = take_in(store, files[:1], PACK, actor="test")

    def fail(*_: object) -> None:
        raise AssertionError("was read")

    monkeypatch.setattr("bihuan.read.intake.read_bytes", fail)
    (again,) = take_in(store, files[:1], PACK, actor="test")
    assert isinstance(first, Taken)
    assert isinstance(again, Taken)
    assert (first.change, again.change) == ("imported", "unchanged")
    assert (again.statements, again.document_id) == (first.statements, first.document_id)
