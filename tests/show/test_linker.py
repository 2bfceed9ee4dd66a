"""Links follow every change, one round at a time, and a failure is tried again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bihuan.core.errors import OutsideError
from bihuan.show.linker import Linker

LONG = 120.0


@contextmanager
def _running(linker: Linker) -> Iterator[Linker]:
    linker.start()
    try:
        yield linker
    finally:
        linker.close()


def test_what_is_asked_for_during_a_round_is_done_in_one_more() -> None:
    begun, go_on = threading.Event(), threading.Event()
    rounds = []

    def relink() -> None:
        rounds.append(1)
        begun.set()
        assert go_on.wait(LONG)

    with _running(Linker(relink)) as linker:
        assert begun.wait(LONG)
        assert not linker.settle(0), "the round under way began before the change"
        assert not linker.settle(0)
        go_on.set()
        assert linker.settle(LONG)
    assert len(rounds) in (2, 3), "the two changes during the first round share the second"


def test_a_failure_is_tried_again() -> None:
    answers = iter([OutsideError("the reader was lost"), OutsideError("again"), None])

    def relink() -> None:
        if error := next(answers, None):
            raise error

    with _running(Linker(relink, retry_seconds=0.001)) as linker:
        assert linker.settle(LONG)
    assert next(answers, "used up") == "used up"


def test_a_defect_does_not_end_the_thread() -> None:
    answers = iter([ValueError("a defect"), None])

    def relink() -> None:
        if error := next(answers, None):
            raise error

    with _running(Linker(relink)) as linker:
        assert linker.settle(LONG)
        assert linker.settle(LONG)


def test_closing_ends_a_wait() -> None:
    def relink() -> None:
        raise OutsideError("never")

    with _running(Linker(relink, retry_seconds=LONG)) as linker:
        assert not linker.settle(0.01)
