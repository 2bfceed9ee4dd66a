"""The embedded server with real processes: started once, shared, moved, killed, run as root and not."""

from __future__ import annotations

import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from tests.conftest import FAST

from bihuan.core.errors import OutsideError, StateError
from bihuan.store import embedded
from bihuan.store.embedded import EmbeddedServer, _as_user, _is_postgres, binaries

PROGRAM = """
import sys, pathlib, psycopg
from bihuan.store.embedded import EmbeddedServer
with EmbeddedServer(pathlib.Path(sys.argv[1]), {"fsync": "off", "shared_buffers": "16MB"}) as endpoint:
    with psycopg.connect(endpoint.conninfo()) as connection:
        print(connection.execute("show port").fetchone()[0], flush=True)
    sys.stdin.read()
"""


def start(home: Path, prefix: Sequence[str] = ()) -> subprocess.Popen[str]:
    command = [*prefix, sys.executable, "-c", PROGRAM, str(home)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")


def port_of(user: subprocess.Popen[str]) -> int:
    assert user.stdout is not None
    return int(user.stdout.readline())


def postmaster(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text().split("\n", 1)[0])


def runs(home: Path) -> bool:
    return (home / "postgres/data/postmaster.pid").exists() and _is_postgres(postmaster(home))


def end(user: subprocess.Popen[str]) -> None:
    user.communicate()
    assert user.returncode == 0


def test_processes_share_one_server_and_the_last_one_stops_it(tmp_path: Path) -> None:
    users = [start(tmp_path) for _ in range(3)]
    assert len({port_of(user) for user in users}) == 1
    for user in users:
        assert runs(tmp_path)
        end(user)
    assert not runs(tmp_path)


def test_a_killed_user_leaves_nothing_that_stops_the_next(tmp_path: Path) -> None:
    user = start(tmp_path)
    port_of(user)
    user.kill()
    user.communicate()
    assert runs(tmp_path), "nobody was left to stop it"
    with EmbeddedServer(tmp_path, FAST) as endpoint, psycopg.connect(endpoint.conninfo()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert not runs(tmp_path)


def test_a_killed_server_starts_again(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, FAST) as endpoint:
        os.kill(postmaster(tmp_path), signal.SIGKILL)
    with EmbeddedServer(tmp_path, FAST) as again, psycopg.connect(again.conninfo()) as connection:
        assert again.password == endpoint.password
        assert connection.execute("select 1").fetchone() == (1,)


def checkpointer(home: Path) -> int:
    children = Path(f"/proc/{postmaster(home)}/task/{postmaster(home)}/children").read_text().split()
    return next(int(pid) for pid in children if b"checkpointer" in Path(f"/proc/{pid}/cmdline").read_bytes())


def test_a_server_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "STOP_SECONDS", 1)
    with EmbeddedServer(tmp_path, FAST):
        os.kill(checkpointer(tmp_path), signal.SIGSTOP)  # a fast stop waits for its last checkpoint for ever
    assert not runs(tmp_path)
    with EmbeddedServer(tmp_path, FAST) as endpoint, psycopg.connect(endpoint.conninfo()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_server_that_somebody_left_half_stopped_does_not_stop_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "STOP_SECONDS", 1)
    with EmbeddedServer(tmp_path, FAST):
        os.kill(checkpointer(tmp_path), signal.SIGSTOP)
        os.kill(postmaster(tmp_path), signal.SIGINT)  # a fast stop, by somebody who is killed while he waits for it
        with EmbeddedServer(tmp_path, FAST) as endpoint, psycopg.connect(endpoint.conninfo()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)


def test_a_pid_used_again_by_another_program_does_not_stop_it(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, FAST):
        pass
    (tmp_path / "postgres/data/postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n0\n1\n")
    with EmbeddedServer(tmp_path, FAST) as endpoint, psycopg.connect(endpoint.conninfo()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_it_moves_where_another_program_has_its_port(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, FAST) as first:
        pass
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", first.port))
        squatter.listen()
        with EmbeddedServer(tmp_path, FAST) as second:
            assert second.port != first.port
            assert json.loads((tmp_path / "postgres/server.json").read_text())["port"] == second.port


def test_an_initdb_that_was_killed_is_begun_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres/data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    with EmbeddedServer(tmp_path, FAST) as endpoint, psycopg.connect(endpoint.conninfo()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert not half.exists()


def test_only_the_password_opens_it(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, FAST) as endpoint:
        stranger = endpoint.conninfo().replace(endpoint.password, "guessed")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(stranger)
    server = tmp_path / "postgres/server.json"
    assert server.stat().st_mode & 0o077 == 0


def test_a_lost_password_file_is_told(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, FAST):
        pass
    (tmp_path / "postgres/server.json").unlink()
    with pytest.raises(StateError, match=r"lost its password file server\.json"), EmbeddedServer(tmp_path, FAST):
        pass


def test_a_setting_postgresql_refuses_is_told_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=r"pg_ctl failed: .*no_such_setting"):
        EmbeddedServer(tmp_path, {"no_such_setting": "1"}).__enter__()
    with EmbeddedServer(tmp_path, FAST):
        pass


def test_chinese_is_sorted_and_matched_the_same_on_every_machine(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path, FAST) as endpoint, psycopg.connect(endpoint.conninfo()) as connection:
        facts = connection.execute(
            "select datlocprovider, datlocale, pg_encoding_to_char(encoding) from pg_database where datname = 'bihuan'"
        ).fetchone()
    assert facts == ("b", "C.UTF-8", "UTF8")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may pass; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_it_runs_for_an_ordinary_user(open_folder: Path) -> None:
    """As root the server runs under an id of its own; here all of it, initdb too, is one ordinary user's."""
    prefix: Sequence[str] = ()
    home = open_folder / "home"
    home.mkdir()
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody").pw_uid
        os.chown(home, nobody, nobody)
        prefix = _as_user(nobody, home, binaries(), Path(sys.executable).parent, Path(__file__).parents[2] / "src")
    user = start(home, prefix)
    assert port_of(user)
    owner = (home / "postgres/data").stat().st_uid
    assert owner == home.stat().st_uid
    end(user)
    assert not runs(home)


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedServer(tmp_path, FAST):
        pass
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with (
        pytest.raises(StateError, match=r"the data belongs to user id .*, you are 12345"),
        EmbeddedServer(tmp_path, FAST),
    ):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError, match="set BIHUAN_HOME to a folder you may write to"):
        EmbeddedServer(tmp_path / "file/home", FAST).__enter__()
