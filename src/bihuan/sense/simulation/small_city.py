"""A small made-up city that lives beside a cockpit: hours of history at once, then devices that talk over sockets.

Everything it makes is marked synthetic. It opens the gateways on free ports of this machine and has the chores of a
city done, so that the whole way is gone: frame, gateway, commit, rules, signals, roll-ups.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bihuan.sense.housekeeping import House
from bihuan.sense.serving import serve
from bihuan.sense.simulation import running
from bihuan.sense.simulation.city import YANGQUAN, Ground, inventory
from bihuan.store import entities
from bihuan.store.connect import Store
from bihuan.store.lake import Lake

logger = logging.getLogger(__name__)
SEED = 2026
SHARE = 0.35
HISTORY = timedelta(hours=6)
EVERY = timedelta(minutes=10)
STOP_SECONDS = 10.0
_HOST = "127.0.0.1"


class SmallCity:
    """A made-up city.

    Args:
        store: where it lives.
        folder: of the pack whose rules it lives by.
        lake: where its sealed days would lie.
        share: of each kind of device so much.
        ground: where it lies.
    """

    def __init__(self, store: Store, folder: Path, lake: Lake, share: float = SHARE, ground: Ground = YANGQUAN) -> None:
        self.store = store
        self.city = inventory(SEED, share, ground)
        self.house = House.of(store, folder, lake)
        self._stop: Callable[[], object] = lambda: None
        self._thread = threading.Thread(target=self._live, name="small-city", daemon=True)

    def fill(self) -> int:
        """Register the city and make the history that is missing up to now; return how many messages that is."""
        self.house.begin()
        running.register(self.store, self.city)
        missing = self._missing()
        return running.write_history(self.store, self.city, missing, SEED, EVERY) if missing >= EVERY else 0

    def _missing(self) -> timedelta:
        with self.store.connection() as connection:
            states = entities.latest(connection, [one.entity.urn for one in self.city])
        heard = [one.time for state in states.values() for one in state.values()]
        last: datetime | None = max(heard, default=None)
        return HISTORY if last is None else min(HISTORY, self.store.clock() - last)

    def start(self) -> None:
        """Have the devices talk, and the chores done, in a thread."""
        self._thread.start()

    def close(self) -> None:
        """End; what was taken in is committed."""
        if self._thread.is_alive():
            self._stop()
            self._thread.join(STOP_SECONDS)

    def _live(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            try:
                asyncio.run(self._talk())
            except Exception:
                logger.exception("the made-up city has stopped")

    async def _talk(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._stop = partial(loop.call_soon_threadsafe, task.cancel)
        opened: asyncio.Future[Mapping[str, int]] = loop.create_future()
        async with asyncio.TaskGroup() as group:
            group.create_task(serve(self.house, {"hj212": 0, "gb32960": 0}, host=_HOST, on_ready=opened.set_result))
            addresses = {name: (_HOST, port) for name, port in (await opened).items()}
            group.create_task(running.run(self.city, addresses, SEED, self.store.clock))
