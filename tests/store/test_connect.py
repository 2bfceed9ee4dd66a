import os
import signal
import time
from pathlib import Path

import psycopg
import pytest
from tests.conftest import FAST
from tests.store.readings import Draft, keep

from bihuan.core.errors import OutsideError
from bihuan.store import connect, ledger
from bihuan.store.connect import Store, open_store


def test_a_block_is_a_transaction(store: Store) -> None:
    def fail_after_it() -> None:
        with store.connection() as connection:
            ledger.save(connection, Draft("a.txt").does("建成", "医院").reading(), actor="t", at=store.clock())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_it()
    with store.connection() as connection:
        assert ledger.documents(connection) == []
        assert connection.execute("show timezone").fetchone() == ("UTC",)


def test_after_questions_a_block_is_a_transaction_again(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "POOL_SIZE", 1)  # every block gets the same connection

    def fail_after_it() -> None:
        with store.connection() as connection:
            connection.execute("insert into act_number (prefix, year, last) values ('X', 2026, 1)")
            raise ZeroDivisionError

    with open_store(url=database_url) as store:
        with store.reading() as asking:
            asking.execute("select 1")
        with pytest.raises(ZeroDivisionError):
            fail_after_it()
        with store.reading() as connection:
            assert connection is asking
            assert connection.execute("select count(*) from act_number").fetchone() == (0,)


def test_the_url_of_a_server_is_taken_from_the_environment(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BIHUAN_DATABASE_URL", database_url)
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path / "untouched"))
    with open_store() as store:
        assert store.url == database_url
    assert not (tmp_path / "untouched").exists()


def test_a_server_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_DATABASE_URL", "postgresql://bihuan:secret@127.0.0.1:9/bihuan")
    with pytest.raises(OutsideError, match="BIHUAN_DATABASE_URL: the database does not answer") as caught:
        _open()
    assert "secret" not in str(caught.value)


def test_a_text_that_is_no_url_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_DATABASE_URL", "mysql:bihuan:secret")
    with pytest.raises(OutsideError, match="BIHUAN_DATABASE_URL: is no PostgreSQL connection string") as caught:
        _open()
    assert "secret" not in str(caught.value)


def _open() -> None:
    with open_store():
        raise AssertionError("was opened")


def test_a_password_is_never_shown(store: Store) -> None:
    password = str(psycopg.conninfo.conninfo_to_dict(store.url)["password"])
    assert password not in repr(store)


def test_kill_9_of_the_server_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    with open_store(home=tmp_path, settings={"shared_buffers": FAST["shared_buffers"]}) as store:
        keep(store, Draft("a.txt").does("建成", "医院"))
        os.kill(_postmaster(tmp_path), signal.SIGKILL)
        with pytest.raises(OutsideError, match="try again"):
            _until_it_is_noticed(store)
    with open_store(home=tmp_path, settings={"shared_buffers": FAST["shared_buffers"]}) as store:
        with store.connection() as connection:
            assert [one.name for one in ledger.documents(connection)] == ["a.txt"]
        keep(store, Draft("b.txt").does("建成", "学校"))


def _postmaster(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text().split("\n", 1)[0])


def _until_it_is_noticed(store: Store) -> None:
    """Its children outlive the postmaster by a moment."""
    while True:  # or until the time of the test has run out
        with store.connection() as connection:
            ledger.documents(connection)
        time.sleep(0.05)
