"""The reading desk: uploads are read, and links found, in a process of its own: no file can stop or hold up the server."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as ReadingTimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import TypeVar

from bihuan.core.errors import BihuanError, FormatError, OutsideError
from bihuan.core.records.statement import Link
from bihuan.read import Reading, read_bytes
from bihuan.read.corpus import Finding
from bihuan.read.formats import DEFAULT_LIMITS, Limits
from bihuan.read.link import link
from bihuan.show.settings import Settings
from bihuan.store.offspring import end_with_parent, unseen_by_the_terminal
from bihuan.store.packs import Pack


class ReadingDesk:
    """One reader process, started ahead of the first file and replaced when it is lost."""

    def __init__(self, settings: Settings, pack: Pack) -> None:
        self._settings = settings
        self._pack = pack
        self._limits = replace(DEFAULT_LIMITS, max_bytes=settings.max_file_bytes, max_chars=settings.max_chars)
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def read(self, data: bytes, name: str) -> Reading:
        """Read one file.

        Raises:
            FormatError: the file cannot be read, took too long, or ended the reader.
            OutsideError: the reader cannot be started.
        """
        pool = self._started()
        try:
            result = _submit(pool, _read, data, name, self._limits).result(self._settings.reading_seconds)
        except ReadingTimeoutError as error:
            self._replace(pool)
            message = (
                f"reading took more than {self._settings.reading_seconds:.0f} seconds and was given up. Split the file."
            )
            raise FormatError(message, where=name, key="read.too-slow") from error
        except BrokenProcessPool as error:
            self._replace(pool)
            message = (
                "the reader broke down on this file; nothing was stored. Save it anew as .docx or .pdf and try again."
            )
            raise FormatError(message, where=name, key="read.broke-down") from error
        if isinstance(result, BihuanError):
            raise result
        return result

    def find_links(self, findings: Sequence[Finding], pack: Pack) -> list[Link]:
        """Find the links of all documents.

        Raises:
            OutsideError: the reader process was lost, or cannot be started.
        """
        pool = self._started()
        try:
            return _submit(pool, link, findings, pack).result()
        except (BrokenProcessPool, RuntimeError) as error:
            self._replace(pool)
            raise OutsideError("the reader process was lost while it looked for links; it starts again") from error

    def prepare(self) -> None:
        """Start the reader process now, so that the first file need not wait for it."""
        _submit(self._started(), _ready)

    def close(self) -> None:
        """End the reader process."""
        if self._pool is not None:
            self._replace(self._pool)

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                try:
                    context = multiprocessing.get_context("spawn")
                    self._pool = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(self._pack,))
                except OSError as error:
                    raise OutsideError(f"the reader process does not start: {error}") from error
            return self._pool

    def _replace(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


Answer = TypeVar("Answer")


def _submit(pool: ProcessPoolExecutor, work: Callable[..., Answer], *given: object) -> Future[Answer]:
    """Hand work over, which may start the process."""
    with unseen_by_the_terminal():
        return pool.submit(work, *given)


def _ready() -> None:
    """Do nothing; whoever asks for it starts the process."""


_pack: Pack | None = None


def _begin(pack: Pack) -> None:
    global _pack
    _pack = pack
    end_with_parent()


def _read(data: bytes, name: str, limits: Limits) -> Reading | BihuanError:
    """Read in the reader process; our own errors come back as values, for not every exception can be sent."""
    assert _pack is not None
    try:
        return read_bytes(data, name, _pack, limits)
    except BihuanError as error:
        return error
