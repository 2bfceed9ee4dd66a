"""Links follow the rows: made anew in the background after every upload and every correction."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from bihuan.core.errors import BihuanError

logger = logging.getLogger(__name__)
LONGEST_WAIT_SECONDS = 60.0
PATIENCE_SECONDS = 3.0
"""How long an answer waits for its links; with a city's ledger they take a fraction of that."""


class Linker:
    """One thread that makes the links anew when it is woken; what is asked for meanwhile is done in one more round.

    Args:
        relink: makes all links anew where rows have changed.
        retry_seconds: how long to wait after a failure before trying again; doubled each time, up to a minute.
    """

    def __init__(self, relink: Callable[[], object], retry_seconds: float = 1.0) -> None:
        self._relink = relink
        self._retry_seconds = retry_seconds
        self._state = threading.Condition()
        self._asked = 0
        self._done = 0
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="linker", daemon=True)

    def start(self) -> None:
        """Begin; links that an earlier run left behind are made at once."""
        self._thread.start()
        self.settle(0)

    def settle(self, seconds: float = PATIENCE_SECONDS) -> bool:
        """Ask for fresh links and wait for them, but no longer than `seconds`; return whether they are there."""
        with self._state:
            self._asked += 1
            wanted = self._asked
            self._state.notify_all()
            return self._state.wait_for(lambda: self._done >= wanted or self._closed, seconds)

    def close(self) -> None:
        """End the thread after the round it is in; links left undone are made at the next start."""
        with self._state:
            self._closed = True
            self._state.notify_all()
        if self._thread.is_alive():
            self._thread.join(PATIENCE_SECONDS)

    def _work(self) -> None:
        wait = self._retry_seconds
        while True:
            with self._state:
                self._state.wait_for(lambda: self._closed or self._asked > self._done)
                if self._closed:
                    return
                asked = self._asked
            made = self._round()
            with self._state:
                if made:
                    self._done, wait = asked, self._retry_seconds
                    self._state.notify_all()
                else:
                    self._state.wait_for(lambda: self._closed, wait)
                    wait = min(2 * wait, LONGEST_WAIT_SECONDS)

    def _round(self) -> bool:
        """Make the links; return False where it must be tried again."""
        try:
            self._relink()
        except BihuanError as error:
            logger.warning("links not made, trying again error=%s", error)
            return False
        except Exception:
            logger.exception("links not made")  # a defect: the next change tries again
        return True
