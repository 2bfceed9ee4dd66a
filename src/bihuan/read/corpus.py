"""Many files: read one after the other, over the cores of a machine, or over a Ray cluster.

Whatever runs them, results come in the order of the inputs through a window of bounded width, so that memory does not
grow with the corpus; a refused file is a result too, and the others go on.
"""

from __future__ import annotations

import os
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bihuan.core.errors import BihuanError, InputError, OutsideError
from bihuan.core.records.document import Document
from bihuan.core.records.statement import Commitment, Statement
from bihuan.read.formats import DEFAULT_LIMITS, Limits
from bihuan.read.pipeline import read_bytes
from bihuan.store.packs import Pack

STDIN = "-"
_REACH_SECONDS = 10
_WINDOW = 4
"""Results that may wait for each worker."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one file gave, without the text it was found in."""

    document: Document
    statements: tuple[Statement, ...]
    commitments: tuple[Commitment, ...]
    restored: str | None = None
    """The whole restored text, noise included, where it was asked for."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that could not be read, and why."""

    name: str
    error: BihuanError


Result = Finding | Refusal


@dataclass(frozen=True, slots=True)
class Job:
    """What every file of a run is read with; goes to each worker once."""

    pack: Pack
    limits: Limits = DEFAULT_LIMITS
    keep_restored: bool = False

    def read(self, path: str) -> Result:
        """Read one file; what it is refused for comes back as a value."""
        name = name_of(path)
        try:
            reading = read_bytes(fetch(path, self.limits), name, self.pack, self.limits)
        except BihuanError as error:
            return Refusal(name, error)
        restored = reading.outline.text.text if self.keep_restored else None
        return Finding(reading.document, reading.statements, reading.commitments, restored)


def name_of(path: str) -> str:
    """Return the name that the records of a file carry as `doc`; standard input is `stdin`."""
    return "stdin" if path == STDIN else Path(path).name


def fetch(path: str, limits: Limits) -> bytes:
    """Return the bytes of a file or of standard input (`-`), never reading more than the limit.

    Raises:
        FormatError: too large.
        OutsideError: not there, a folder, or not to be read.
    """
    try:
        if path == STDIN:
            data = sys.stdin.buffer.read(limits.max_bytes + 1)
        else:
            limits.check_bytes(Path(path).stat().st_size, name_of(path))
            with Path(path).open("rb") as file:
                data = file.read(limits.max_bytes + 1)
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise OutsideError(f"cannot be read: {cause}.", where=path, key="read.unreadable") from error
    limits.check_bytes(len(data), name_of(path))
    return data


def check_names(paths: Sequence[str]) -> None:
    """Refuse two inputs of one name, for their records could not be told apart.

    Raises:
        InputError: names the two.
    """
    seen: dict[str, str] = {}
    for path in paths:
        name = name_of(path)
        if name in seen:
            raise InputError(
                f"two inputs are called {name}: {seen[name]} and {path}. Rename one, or read them in two runs.",
                where=path,
                key="read.same-name",
            )
        seen[name] = path


def read_corpus(
    paths: Sequence[str], job: Job, *, workers: int = 1, ray_address: str | None = None
) -> Iterator[Result]:
    """Read files one after the other, over `workers` processes, or over Ray; results in the order of `paths`.

    Args:
        paths: files, or `-` for standard input; over a cluster they must be reachable from each of its machines.
        job: the pack and the limits.
        workers: processes of this machine, or tasks at a time on Ray's own start.
        ray_address: of a running cluster, or `local` to start Ray here for this run.

    Raises:
        InputError: two inputs of one name, or Ray is asked for and not installed.
        OutsideError: a worker died, or the cluster does not answer.
    """
    check_names(paths)
    if ray_address is not None:
        return _over_ray(paths, job, workers, ray_address)
    return _over_processes(paths, job, workers) if workers > 1 else map(job.read, paths)


def _windowed(paths: Sequence[str], submit: Callable[[str], Callable[[], Result]], width: int) -> Iterator[Result]:
    """Keep `width` files under way, and hand their results on in order."""
    waiting: deque[Callable[[], Result]] = deque()
    for path in paths:
        waiting.append(submit(path))
        if len(waiting) >= width:
            yield waiting.popleft()()
    while waiting:
        yield waiting.popleft()()


_job_here: Job | None = None


def _begin(job: Job) -> None:
    global _job_here
    _job_here = job


def _read_here(path: str) -> Result:
    assert _job_here is not None
    return _job_here.read(path)


def _over_processes(paths: Sequence[str], job: Job, workers: int) -> Iterator[Result]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    # Spawned, not forked: a fork would copy the locks of the progress bar's thread and of polars.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin, (job,))

    def submit(path: str) -> Callable[[], Result]:
        return partial(job.read, path) if path == STDIN else pool.submit(_read_here, path).result

    try:
        yield from _windowed(paths, submit, workers * _WINDOW)
    except BrokenProcessPool as error:
        message = "a worker process was ended from outside (out of memory?). Use fewer --workers."
        raise OutsideError(message, where="read") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _over_ray(paths: Sequence[str], job: Job, workers: int, address: str) -> Iterator[Result]:
    with _ray(address, workers) as ray:
        remote = ray.remote(Job.read)
        shared = ray.put(job)
        width = int(ray.cluster_resources().get("CPU", 1)) * _WINDOW

        def submit(path: str) -> Callable[[], Result]:
            return partial(job.read, path) if path == STDIN else partial(ray.get, remote.remote(shared, absolute(path)))

        try:
            yield from _windowed(paths, submit, width)
        except ray.exceptions.RayError as error:
            raise OutsideError(f"the Ray cluster gave up: {error}", where=address) from error


def absolute(path: str) -> str:
    """Return a path that a worker with another working folder understands."""
    return str(Path(path).absolute())


@contextmanager
def _ray(address: str, workers: int) -> Iterator[Any]:
    """Connect to a cluster, or start one here; what was started or connected is let go at the end."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as error:
        raise InputError("Ray is not installed: pip install 'bihuan[ray]'.", where="--ray") from error
    if ray.is_initialized():
        yield ray
        return
    _check_reach(address)
    settings: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    settings |= {"num_cpus": workers, "include_dashboard": False} if address == "local" else {"address": address}
    try:
        ray.init(**settings)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise OutsideError(f"no Ray cluster answers there: {error}", where=address) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _check_reach(address: str) -> None:
    """Refuse a cluster that cannot be reached at once; Ray itself tries for many minutes.

    Raises:
        OutsideError: nothing listens at a `host:port` or `ray://host:port`.
    """
    host, mark, port = address.removeprefix("ray://").rpartition(":")
    if not mark or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _REACH_SECONDS).close()
    except OSError as error:
        raise OutsideError(f"no Ray cluster answers there: {error.strerror or error}", where=address) from error
