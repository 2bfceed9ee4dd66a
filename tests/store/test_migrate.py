import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

import bihuan.store
from bihuan.core.errors import IntegrityError, StateError
from bihuan.store import migrate
from bihuan.store.connect import Store, open_store
from bihuan.store.embedded import Endpoint

VERSIONS = Path(bihuan.store.__file__).parent / "migrations/versions"


@pytest.fixture
def bare_url(postgres: Endpoint) -> Iterator[str]:
    """A database in which nobody has been."""
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("create database bare")
        yield postgres.conninfo("bare")
        connection.execute("drop database bare with (force)")


def applied(url: str) -> Mapping[str, str]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute("select revision, sha256 from bihuan.revision").fetchall())


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'bihuan'")}


def test_an_empty_database_is_brought_to_the_newest_revision(bare_url: str) -> None:
    with open_store(url=bare_url) as store, store.connection() as connection:
        assert connection.execute("select count(*) from document").fetchone() == (0,)
    assert applied(bare_url).keys() == migrate.revisions().keys()
    with psycopg.connect(bare_url) as connection:
        (head,) = connection.execute("select version_num from bihuan.alembic_version").fetchall()
    assert head == (max(migrate.revisions()),)


def test_upgrading_again_changes_nothing(bare_url: str) -> None:
    for _ in range(2):
        with psycopg.connect(bare_url) as connection:
            migrate.upgrade(connection)
    assert applied(bare_url).keys() == migrate.revisions().keys()


def test_several_processes_may_upgrade_at_once(bare_url: str) -> None:
    program = "import sys; from bihuan.store.connect import open_store\nwith open_store(url=sys.argv[1]): pass"
    upgrading = [subprocess.Popen([sys.executable, "-c", program, bare_url]) for _ in range(3)]
    assert [process.wait() for process in upgrading] == [0, 0, 0]
    assert applied(bare_url).keys() == migrate.revisions().keys()


def test_several_threads_may_upgrade_at_once(bare_url: str) -> None:
    def upgrade(_: int) -> None:
        with psycopg.connect(bare_url) as connection:
            migrate.upgrade(connection)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(upgrade, range(4)))
    assert applied(bare_url).keys() == migrate.revisions().keys()


def test_a_revision_that_fails_leaves_the_database_as_it_was(bare_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-migrated is impossible: all new revisions and the note of them are one transaction."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(migrate, "_record", fail)
    with psycopg.connect(bare_url) as connection, pytest.raises(ZeroDivisionError):
        migrate.upgrade(connection)
    assert tables(bare_url) == set()
    monkeypatch.undo()
    with psycopg.connect(bare_url) as connection:
        migrate.upgrade(connection)
    assert "document" in tables(bare_url)


def test_a_database_of_a_newer_bihuan_is_refused(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("insert into bihuan.revision values ('9999', 'x')")
    with pytest.raises(StateError, match=r"at revision 9999, this bihuan knows up to .* use the newer bihuan"):
        with_store(database_url)


def test_a_revision_changed_after_it_was_applied_is_refused(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("update bihuan.revision set sha256 = 'x' where revision = '0001'")
    with pytest.raises(IntegrityError, match="revision 0001 is not the one this bihuan ships"):
        with_store(database_url)


def with_store(url: str) -> None:
    with open_store(url=url):
        raise AssertionError("was opened")


def test_the_revisions_are_one_chain_each_with_its_sql() -> None:
    numbers = sorted(migrate.revisions())
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]
    for number, before in zip(numbers, [None, *numbers], strict=False):
        (script,) = VERSIONS.glob(f"{number}_*.py")
        text = script.read_text(encoding="utf-8")
        assert script.with_suffix(".sql").exists()
        assert re.search(rf'^revision = "{number}"$', text, re.MULTILINE)
        assert re.search(rf'^down_revision(?:: \S+(?: \| None)?)? = {f"{chr(34)}{before}{chr(34)}" if before else None}$',
                         text, re.MULTILINE)  # fmt: skip


def test_every_table_has_a_key(store: Store) -> None:
    query = """
        select relname from pg_class join pg_namespace n on n.oid = relnamespace
        where nspname = 'bihuan' and relkind = 'r' and not relhasindex"""
    with store.connection() as connection:
        assert connection.execute(sql.SQL(query)).fetchall() == []
