"""Bring a database to this version's schema: forward only, checked, one process at a time.

Each revision is a plain SQL file `migrations/versions/NNNN_name.sql` with a small alembic script of the same name.
A file that a database has already applied must not change: its SHA-256 is kept in `bihuan.revision` and compared.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import psycopg

from bihuan.core.errors import IntegrityError, StateError

ADVISORY_LOCK = 0x62696875616E
"""`bihuan` in ASCII; held while upgrading."""
_THREADS = threading.Lock()


def revisions() -> Mapping[str, str]:
    """Return SQL text by revision (`0001`), oldest first."""
    folder = files("bihuan.store").joinpath("migrations/versions")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return {name[:4]: folder.joinpath(name).read_text(encoding="utf-8") for name in names}


def upgrade(connection: psycopg.Connection[Any]) -> None:
    """Upgrade the database to the newest revision in one transaction; do nothing where it is there.

    Raises:
        StateError: the database was made by a newer bihuan.
        IntegrityError: a revision already applied differs from the file of this version.
    """
    known = revisions()
    if _applied(connection).keys() == known.keys():
        _check(_applied(connection), known)
        return
    with _alone(connection):
        applied = _applied(connection)
        _check(applied, known)
        if applied.keys() != known.keys():
            new = {name: text for name, text in known.items() if name not in applied}
            _run_alembic(connection, record=lambda: _record(connection, new))
        connection.commit()


@contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Keep other processes out by a lock of the session, other threads by one of the process.

    Not by a lock of the transaction: SQLAlchemy rolls back once when it gets to know a connection. Alembic keeps what
    it is at in global variables.
    """
    with _THREADS:
        connection.execute("select pg_advisory_lock(%s)", [ADVISORY_LOCK])
        connection.commit()
        try:
            yield
        finally:
            connection.rollback()
            connection.execute("select pg_advisory_unlock(%s)", [ADVISORY_LOCK])
            connection.commit()


def _applied(connection: psycopg.Connection[Any]) -> Mapping[str, str]:
    there = connection.execute("select to_regclass('bihuan.revision')").fetchone()
    if there is None or there[0] is None:
        return {}
    return dict(connection.execute("select revision, sha256 from bihuan.revision order by revision").fetchall())


def _check(applied: Mapping[str, str], known: Mapping[str, str]) -> None:
    unknown = sorted(applied.keys() - known.keys())
    if unknown:
        raise StateError(
            f"the database is at revision {unknown[-1]}, this bihuan knows up to {max(known)}; "
            "use the newer bihuan that made it, or restore a backup into an empty database",
            where="database",
        )
    for revision, sha256 in applied.items():
        if _sha256(known[revision]) != sha256:
            raise IntegrityError(f"revision {revision} is not the one this bihuan ships", where="database")


def _record(connection: psycopg.Connection[Any], applied: Mapping[str, str]) -> None:
    for revision, text in applied.items():
        connection.execute("insert into bihuan.revision values (%s, %s)", [revision, _sha256(text)])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def run_sql_beside(script: str) -> None:
    """Run the SQL file of the same name as an alembic `script`; called by the scripts."""
    from alembic import op

    connection = op.get_bind().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    connection.execute(Path(script).with_suffix(".sql").read_text(encoding="utf-8").encode())


def _run_alembic(connection: psycopg.Connection[Any], record: Callable[[], None]) -> None:
    """Hand the open connection to alembic, imported only here: an upgraded database never needs it."""
    from alembic import command
    from alembic.config import Config

    with as_file(files("bihuan.store").joinpath("migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.set_main_option("path_separator", "os")
        config.attributes.update(connection=connection, record=record)
        command.upgrade(config, "head")
