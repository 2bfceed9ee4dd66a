"""Group commit: what comes in within a few milliseconds is kept in one transaction, and answered after it.

One writer thread; while it commits, the next batch fills. So a busy gateway makes large batches by itself, and an idle
one answers at once. Callers are held back when too much waits: memory stays bounded, and the device's TCP with it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import psycopg

from bihuan.core.errors import OutsideError
from bihuan.core.records.observation import Incoming
from bihuan.store.observations import ObservationWriter, Written

logger = logging.getLogger(__name__)

Done = Callable[[bool], None]
"""Called after the commit with True, or with False where it failed and nothing was kept."""


class GroupCommit:
    """Collects messages and keeps them in batches.

    Args:
        open_writer: makes a writer with a connection of its own; called again after the database was away.
        door: the batches' door.
        clock: the platform's.
        most: rows of one batch.
        wait_seconds: how long the first message of a batch waits for others.
        backlog: messages that may wait; beyond, `ready` is not set and callers stop reading.
    """

    def __init__(
        self,
        open_writer: Callable[[], ObservationWriter],
        door: str,
        clock: Callable[[], datetime],
        *,
        most: int = 1000,
        wait_seconds: float = 0.005,
        backlog: int = 5000,
    ) -> None:
        self._open_writer = open_writer
        self._door = door
        self._clock = clock
        self._most = most
        self._wait = wait_seconds
        self._backlog = backlog
        self._waiting: list[tuple[Incoming, Done]] = []
        self._something = asyncio.Event()
        self.ready = asyncio.Event()
        """Set while more may be put in."""
        self.ready.set()
        self._writer: ObservationWriter | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self.kept = 0
        self.repeated = 0
        self.commits = 0
        self.commit_seconds = 0.0

    def put(self, message: Incoming, done: Done) -> None:
        """Put a message into the next batch."""
        self._waiting.append((message, done))
        self._something.set()
        if len(self._waiting) >= self._backlog:
            self.ready.clear()

    async def run(self) -> None:
        """Commit until cancelled; then commit what waits, and end."""
        try:
            while True:
                await self._something.wait()
                if len(self._waiting) < self._most:
                    await asyncio.sleep(self._wait)
                await self._commit_next()
        finally:
            while self._waiting:
                await asyncio.shield(self._commit_next())
            self._thread.shutdown()
            self._leave_writer()

    async def _commit_next(self) -> None:
        batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        if not self._waiting:
            self._something.clear()
        if len(self._waiting) < self._backlog:
            self.ready.set()
        loop = asyncio.get_running_loop()
        written = await loop.run_in_executor(self._thread, self._write, [message for message, _ in batch])
        for _, done in batch:
            done(written is not None)

    def _write(self, batch: list[Incoming]) -> Written | None:
        """In the writer's thread; None where the database did not take it, and devices will send it again."""
        begun = time.perf_counter()
        try:
            if self._writer is None:
                self._writer = self._open_writer()
            written = self._writer.write(batch, at=self._clock(), door=self._door)
        except (psycopg.Error, OutsideError) as error:
            self._leave_writer()
            logger.warning("batch not kept messages=%d error=%s", len(batch), type(error).__name__)
            time.sleep(0.2)  # in the writer's own thread: a database that is away is not asked in a loop
            return None
        self.kept += written.new
        self.repeated += written.repeated
        self.commits += 1
        self.commit_seconds += time.perf_counter() - begun
        return written

    def _leave_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
