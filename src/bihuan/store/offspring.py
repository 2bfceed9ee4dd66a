"""Processes beside another: started so that Ctrl-C is the other's alone, ended with it however it ends."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def unseen_by_the_terminal() -> Iterator[None]:
    """Have what is started inside never see Ctrl-C, which a terminal sends to it too; whoever started it ends it in time.

    The signal is blocked rather than ignored by the child itself, which could be interrupted before it gets that far.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent() -> None:
    """Have this process end when the one that started it is gone, also after kill -9: what it waits for would never come."""
    threading.Thread(target=_watch_parent, name="end-with-parent", daemon=True).start()


def _watch_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
