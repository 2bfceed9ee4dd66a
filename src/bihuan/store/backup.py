"""The whole store in one file, and back (docs/decisions/0014-backup.md).

A backup is a zip: `database.dump`, what `pg_dump --format=custom` wrote of one moment of the live database,
`manifest.json`, which says what is in it and what it takes to read it, and under `lake/` the files of the sealed days
that the database named at that moment. A restore is one transaction: the store is what the backup holds, or what it was
before.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bihuan import __version__
from bihuan.core.errors import FormatError, OutsideError, StateError
from bihuan.store import migrate, outbox
from bihuan.store.connect import Connection, Store
from bihuan.store.embedded import binaries
from bihuan.store.lake import LOCK, Lake
from bihuan.store.whole_file import whole_file

SCHEMA = "bihuan"
FORMAT = 1
_DUMP, _MANIFEST, _LAKE = "database.dump", "manifest.json", "lake/"
_BOOKKEEPING = ("alembic_version", "revision", "ledger_state", "rule_turn")
"""Tables that hold rows in an empty store."""
_LOCK_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    bihuan: str
    """Version that wrote it."""
    taken_at: str
    """ISO 8601, UTC."""
    revisions: tuple[str, ...]
    """Migrations the database had seen."""
    rows: Mapping[str, int]
    """By table, at the moment of the dump."""
    sealed: tuple[str, ...] = ()
    """Files of sealed days that are in it."""
    left_out: tuple[str, ...] = ()
    """Files of sealed days that are not, as was asked for."""


def backup(store: Store, file: Path, lake: Lake | None) -> Manifest:
    """Write the store, as it is at this moment, to one file; others may go on reading and writing.

    Days are sealed and dropped again after it: the files that the database names must stay until they are copied.

    Args:
        store: what is written.
        file: where to.
        lake: where the files of sealed days lie; None leaves them out.

    Raises:
        OutsideError: the file cannot be written, the database does not answer, or a sealed day is not in the lake.
    """
    with (
        whole_file(file) as temporary,
        tempfile.TemporaryDirectory(prefix=".bihuan-", dir=file.parent) as folder,
        _lake_left_alone(store, shared=True),
        store.connection() as connection,
    ):
        connection.execute("set transaction isolation level repeatable read")
        snapshot = connection.execute("select pg_export_snapshot()").fetchone()
        assert snapshot is not None
        manifest = _manifest(connection, store.clock(), lake)
        dump = Path(folder) / _DUMP
        _dump(store.url, str(snapshot[0]), dump)
        with zipfile.ZipFile(temporary, "w") as archive:
            archive.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1))
            archive.write(dump, _DUMP)
            if lake is not None:
                for name in manifest.sealed:
                    archive.write(lake.file(name), _LAKE + name)
    return manifest


def restore(store: Store, file: Path, lake: Lake, *, force: bool = False) -> Manifest:
    """Put what a backup holds in the place of what the store holds; all of it or nothing.

    Args:
        store: open; other processes that use it wait until the restore has ended.
        file: as `backup` wrote it.
        lake: where sealed days go; what the store held before is deleted from it at the end.
        force: replace a store that is not empty.

    Raises:
        FormatError: the file is no backup, or damaged.
        StateError: the store is not empty and `force` is not given, or the backup is from a newer bihuan.
        OutsideError: the file cannot be read, or the database does not take it.
    """
    with _opened(file) as archive:
        manifest = _read_manifest(archive, file)
        _check_revisions(manifest, file)
        with store.connection() as connection:
            if not force and (found := _first_table_with_rows(connection)):
                raise StateError(
                    f"the store is not empty (there are rows in {found}); --force replaces all that it holds",
                    where=str(file),
                )
        with (
            tempfile.TemporaryDirectory(prefix="bihuan-") as folder,
            _lake_left_alone(store, shared=False),
            _sealed_days(store, archive, manifest, lake),
        ):
            _load(store.url, Path(archive.extract(_DUMP, folder)))
            with store.connection() as connection:
                migrate.upgrade(connection)
                outbox.begin_anew(connection)
    return manifest


# -- what is in it -------------------------------------------------------------------------------------------------


def _manifest(connection: Connection, at: datetime, lake: Lake | None) -> Manifest:
    rows = {name: _count(connection, name) for name in _tables(connection)}
    seen = connection.execute("select revision from revision order by revision").fetchall()
    files = tuple(_sealed_files(connection))
    missing = next((lake.file(name) for name in files if not lake.file(name).exists()), None) if lake else None
    if missing is not None:
        raise OutsideError(
            "a sealed day is not there; take the backup on the machine that has the lake, or without the lake",
            where=str(missing),
        )
    inside, outside = (files, ()) if lake else ((), files)
    return Manifest(FORMAT, __version__, at.isoformat(), tuple(row[0] for row in seen), rows, inside, outside)


def _sealed_files(connection: Connection) -> list[str]:
    return [row[0] for row in connection.execute("select file from sealed_day order by day").fetchall()]


def _tables(connection: Connection) -> list[str]:
    query = "select tablename from pg_tables where schemaname = %s order by tablename"
    return [row[0] for row in connection.execute(query, [SCHEMA]).fetchall()]


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(SCHEMA, table))).fetchone()
    assert row is not None
    return int(row[0])


def _first_table_with_rows(connection: Connection) -> str | None:
    for name in _tables(connection):
        query = sql.SQL("select 1 from {} limit 1").format(sql.Identifier(SCHEMA, name))
        if name not in _BOOKKEEPING and connection.execute(query).fetchone():
            return name
    return None


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup after reading all of it once against its checksums."""
    try:
        with zipfile.ZipFile(file) as archive:
            damaged = archive.testzip()
            if damaged is not None or {_DUMP, _MANIFEST} - set(archive.namelist()):
                raise FormatError("is damaged, or no backup of bihuan; take another one", where=str(file))
            yield archive
    except OSError as error:
        raise OutsideError(f"cannot be read: {error.strerror or error}", where=str(file)) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise FormatError(f"is damaged, or no backup of bihuan ({error}); take another one", where=str(file)) from error


def _read_manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        facts: dict[str, Any] = json.loads(archive.read(_MANIFEST))
        lists = [name for name in ("revisions", "sealed", "left_out") if name in facts]
        manifest = Manifest(**(facts | {name: tuple(facts[name]) for name in lists}))
    except (ValueError, TypeError, KeyError) as error:
        raise FormatError(f"its {_MANIFEST} is not one of bihuan: {error}", where=str(file)) from error
    if {_LAKE + name for name in manifest.sealed} - set(archive.namelist()):
        raise FormatError("lacks sealed days that it names; take another one", where=str(file))
    return manifest


def _check_revisions(manifest: Manifest, file: Path) -> None:
    unknown = set(manifest.revisions) - migrate.revisions().keys()
    if unknown or manifest.format != FORMAT:
        raise StateError(
            f"was written by bihuan {manifest.bihuan}, which is newer than this one ({__version__}); use that or a later",
            where=str(file),
        )


# -- sealed days ---------------------------------------------------------------------------------------------------


@contextmanager
def _lake_left_alone(store: Store, *, shared: bool) -> Iterator[None]:
    """Have nobody seal or drop a day meanwhile; several backups may be taken at once."""
    with store.connect() as connection:
        connection.execute(f"select pg_advisory_lock{'_shared' if shared else ''}({LOCK})")
        connection.commit()
        yield


@contextmanager
def _sealed_days(store: Store, archive: zipfile.ZipFile, manifest: Manifest, lake: Lake) -> Iterator[None]:
    """Have the files of a backup in the lake before the database names them.

    No two files have one name, so the old and the new stand side by side, and whatever happens inside, those that the
    database does not name after it are deleted. Killed meanwhile, it leaves files that nothing names.
    """
    with store.connection() as connection:
        files = {*_sealed_files(connection), *manifest.sealed}
    try:
        for name in manifest.sealed:
            with archive.open(_LAKE + name) as source:
                lake.take_in(name, source)
        yield
    finally:
        with store.connection() as connection:
            named = set(_sealed_files(connection))
        for name in files - named:
            lake.file(name).unlink(missing_ok=True)


# -- PostgreSQL's own programs ----------------------------------------------------------------------------------------


def _dump(url: str, snapshot: str, target: Path) -> None:
    _run(url, "pg_dump", "--format=custom", f"--schema={SCHEMA}", f"--snapshot={snapshot}", "--no-owner",
         "--no-privileges", "--no-password", f"--file={target}", f"--dbname={_without_password(url)}")  # fmt: skip


def _load(url: str, dump: Path) -> None:
    """Run the dump's SQL in one transaction that first drops what is there.

    By way of a file of SQL, not a pipe: where the reader broke down, the writer would take the end of the pipe for the
    end of the dump and commit a half.
    """
    script = dump.with_suffix(".sql")
    _run(url, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump))
    dump.unlink()
    _run(url, "psql", "--quiet", "--no-psqlrc", "--no-password", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null",
         f"--dbname={_without_password(url)}", f"--command=set lock_timeout = '{_LOCK_SECONDS}s'",
         f"--command=drop schema if exists {SCHEMA} cascade", f"--file={script}")  # fmt: skip


def _run(url: str, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, where no other user sees it."""
    environment = {**os.environ, "PGPASSWORD": str(conninfo_to_dict(url).get("password") or ""), "LC_MESSAGES": "C"}
    command = [str(binaries() / program), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        reason = " | ".join(done.stderr.strip().splitlines()[-3:])
        raise OutsideError(f"{program} failed and nothing was changed: {reason}", where="database")


def _without_password(url: str) -> str:
    given = {name: str(value) for name, value in conninfo_to_dict(url).items() if name != "password"}
    return make_conninfo("", **given)
