"""What runs by itself beside the pages: timers, signals that become cases, messages, erasing.

Any number of servers and `bihuan act tick` may do the same at once: a timer takes effect exactly once.
"""

from __future__ import annotations

import logging
import threading

from bihuan.act import work
from bihuan.act.engine import Engine
from bihuan.core.errors import BihuanError
from bihuan.store.connect import Store

logger = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
STOP_SECONDS = 10.0


class Caretaker:
    """One thread that looks every few seconds at what has come due."""

    def __init__(self, store: Store, engine: Engine, every_seconds: float = EVERY_SECONDS) -> None:
        self._store = store
        self._engine = engine
        self._every = every_seconds
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._rounds, name="caretaker", daemon=True)

    def start(self) -> None:
        """Begin; what came due while nobody ran is caught up with at once."""
        self._thread.start()

    def close(self) -> None:
        """End after the round under way; its transactions commit or vanish whole."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _rounds(self) -> None:
        while not self._closed.is_set():
            try:
                work.once(self._store, self._engine, self._store.clock())
            except BihuanError as error:
                logger.warning("round not done, trying again error=%s", error)
            except Exception:
                logger.exception("round not done")  # a defect must not end the clocks of all cases
            self._closed.wait(self._every)
