"""What every door of a gateway has: connections, their limits, a group commit, quarantine and housekeeping.

A kind of door says who takes up a connection and how a command is put into bytes (gate.py, mqtt5/door.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import psycopg

from bihuan.core.errors import OutsideError
from bihuan.sense.gateway.commit import GroupCommit
from bihuan.sense.gateway.limits import Limits
from bihuan.sense.gateway.registry import ChangedDevices, Registry
from bihuan.sense.protocols.plugin import CommandResult
from bihuan.sense.quality import Judge
from bihuan.store import devices
from bihuan.store.connect import Store
from bihuan.store.observations import ObservationWriter

logger = logging.getLogger(__name__)
_TICK_SECONDS = 1.0
_RELOAD_TICKS = 5


@dataclass(slots=True)
class Counts:
    """What has come through a door since it was opened."""

    connections: int = 0
    frames: int = 0
    refused: int = 0
    quarantined: int = 0
    dropped: int = 0
    """Of the quarantined, those not even kept: too many at once."""


class Talk(Protocol):
    """A connection as its door sees it."""

    @property
    def is_held(self) -> bool:
        """Return whether it is read no more, and ends after a while."""

    def why_close(self, now: float) -> str | None:
        """Why this connection should go, None where it may stay."""

    def close(self, reason: str) -> None:
        """End the connection."""

    def resume(self) -> None:
        """Read again."""


class Door(ABC):
    """The door of one protocol.

    Args:
        name: of the protocol, as devices are registered with it.
        store: where it is kept; opened by the caller.
        limits: of connections.
        judge: of values; one for all doors, so that a device that changes doors is judged on.
    """

    def __init__(self, name: str, store: Store, *, limits: Limits | None = None, judge: Judge | None = None) -> None:
        self.name = name
        self.store = store
        self.clock = store.clock
        self.limits = limits or Limits()
        self.judge = judge or Judge({})
        self.counts = Counts()
        self.registry = Registry(ChangedDevices(store, name))
        self.commit = GroupCommit(self._open_writer, name, store.clock)
        self.paused: set[Talk] = set()
        self._connections: set[Talk] = set()
        self._aside: list[devices.Quarantined] = []
        self._aside_left = self.limits.quarantine_a_second
        self._results: list[tuple[str, CommandResult]] = []
        self._seen: Counter[int] = Counter()
        self.loop_time: Callable[[], float] = time.monotonic

    @contextlib.asynccontextmanager
    async def open(self, host: str, port: int) -> AsyncIterator[int]:
        """Listen while inside; yields the port. On leaving, connections end and what was taken in is committed.

        Raises:
            OutsideError: the address cannot be listened on.
        """
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(self.connected, host, port, backlog=1024)
        except OSError as error:
            raise OutsideError(f"cannot listen there: {error.strerror}", where=f"{host}:{port}") from error
        tasks = [asyncio.create_task(self.commit.run()), asyncio.create_task(self._keep_house())]
        tasks.append(asyncio.create_task(self._resume_when_ready()))
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for connection in list(self._connections):
                connection.close("the gateway stops")
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(self._settle)

    @abstractmethod
    def connected(self) -> asyncio.BaseProtocol:
        """Return who takes up a new connection."""

    async def speak(self) -> None:  # noqa: B027 most doors have nothing to say
        """Say what somebody wants said to devices; a door by which nothing is said leaves it at that."""

    # -- called by connections -------------------------------------------------------------------------------------

    def admit(self, connection: Talk) -> bool:
        """Take up a connection; False where there are too many."""
        if len(self._connections) >= self.limits.connections:
            return False
        self.counts.connections += 1
        self._connections.add(connection)
        return True

    def may_hold(self) -> bool:
        """Return whether one more connection may be held unread."""
        return sum(connection.is_held for connection in self._connections) < self.limits.held

    def leave(self, connection: Talk) -> None:
        """Forget a connection."""
        self._connections.discard(connection)
        self.paused.discard(connection)

    def is_plausible(self, moment: datetime) -> bool:
        """Return whether a device's time can be kept: not from far ahead, nor from before what devices send."""
        now = self.clock()
        return self.limits.take(moment, now)

    def keep_aside(self, name: str | None, peer: str, reason: str, raw: bytes) -> None:
        """Put a frame into quarantine, as far as there is room for this second."""
        if self._aside_left <= 0:
            self.counts.dropped += 1
            return
        self._aside_left -= 1
        shown = name[:64].replace("\0", "") if name else None
        self._aside.append(devices.Quarantined(self.clock(), self.name, shown, peer, reason, raw[:10_240]))

    def note_result(self, name: str, result: CommandResult) -> None:
        """Note what a device says about a command."""
        self._results.append((name, result))

    def note_seen(self, device: int) -> None:
        """Note that a device spoke without anything to be kept."""
        self._seen[device] += 1

    # -- housekeeping ----------------------------------------------------------------------------------------------

    async def _keep_house(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            ticks += 1
            self._aside_left = self.limits.quarantine_a_second
            now = self.loop_time()
            for connection in list(self._connections):
                reason = connection.why_close(now)
                if reason:
                    connection.close(reason)
            try:
                await asyncio.to_thread(self._settle)
                await self.speak()
                if ticks % _RELOAD_TICKS == 0:
                    await asyncio.to_thread(self.registry.reload)
            except (psycopg.Error, OutsideError) as error:
                logger.warning("housekeeping failed error=%s", type(error).__name__)

    def _settle(self) -> None:
        """Write what was put aside, what devices said about commands, and who was heard."""
        aside, self._aside = self._aside, []
        results, self._results = self._results, []
        seen, self._seen = self._seen, Counter()
        if not (aside or results or seen):
            return
        now = self.clock()
        with self.store.connection() as connection:
            devices.quarantine(connection, aside)
            for name, result in results:
                state = result.stage if result.outcome in ("ready", "done", "noted") else "failed"
                devices.command_answered(connection, self.name, name, result.number, state, result.outcome, at=now)
            devices.note_seen(connection, seen, at=now)

    async def _resume_when_ready(self) -> None:
        while True:
            await self.commit.ready.wait()
            for connection in list(self.paused):
                connection.resume()
            await asyncio.sleep(0.02)

    # -- the store -------------------------------------------------------------------------------------------------

    def _open_writer(self) -> ObservationWriter:
        return ObservationWriter(self.store.connect())
