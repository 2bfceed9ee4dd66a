"""Rules tried on history beside the server: one at a time, each in a process of its own that can be stopped.

A trial is a question and no record: it lives as long as the server, and only the last ones are remembered.
"""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import queue
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Literal

from bihuan.core.errors import BihuanError, MissingError, StateError
from bihuan.core.records.rule import Fence, Rule
from bihuan.core.records.signal import Signal
from bihuan.sense.rules.backtest import Tried, try_rule
from bihuan.sense.rules.compiled import CompiledRule
from bihuan.store.connect import Store, open_store
from bihuan.store.lake import Lake
from bihuan.store.offspring import end_with_parent, unseen_by_the_terminal

logger = logging.getLogger(__name__)
KEPT = 50
MOST_WAITING = 20
NEWEST_KEPT = 200
LOOK_SECONDS = 0.2
"""How often a running trial is looked after."""
STOP_SECONDS = 10.0
Status = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass
class Trial:
    """One trial; what it has found grows while it runs."""

    id: int
    rule: Rule
    text: str
    """YAML of the rule, to go on editing."""
    version: int
    """Of the rule that the text was made from."""
    start: datetime
    end: datetime
    status: Status = "waiting"
    done: int = 0
    """Entities looked at, of `total`."""
    total: int = 0
    count: int = 0
    """Signals so far."""
    newest: list[Signal] = field(default_factory=list)
    """Of the signals so far, newest first."""
    by_subject: Counter[str] = field(default_factory=Counter)
    message: str = ""
    """Why it failed."""

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.status in ("waiting", "running")

    def add(self, tried: Tried) -> None:
        """Count in what came of one entity."""
        self.done, self.total = tried.done, tried.total
        self.count += len(tried.signals)
        self.by_subject.update(one.subject for one in tried.signals)
        together = sorted([*self.newest, *tried.signals], key=lambda one: one.at, reverse=True)
        self.newest = together[:NEWEST_KEPT]


class Trials:
    """One thread that tries what is waiting; it starts with the first question.

    Args:
        store: whose history is looked at.
        fences: of the pack.
    """

    def __init__(self, store: Store, fences: Callable[[], Sequence[Fence]]) -> None:
        self._store = store
        self._fences = fences
        self._numbers = itertools.count(1)
        self._known: OrderedDict[int, Trial] = OrderedDict()
        self._waiting: queue.Queue[tuple[Trial, Lake] | None] = queue.Queue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def ask(self, rule: Rule, text: str, version: int, days: int, lake: Lake) -> Trial:
        """Have a rule tried on the last `days`.

        Raises:
            StateError: too many wait already.
        """
        now = self._store.clock()
        with self._lock:
            if sum(one.is_open for one in self._known.values()) >= MOST_WAITING:
                raise StateError("too many rules are being tried; wait until some have ended, or cancel one")
            trial = Trial(next(self._numbers), rule, text, version, now - timedelta(days=days), now)
            self._known[trial.id] = trial
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="trials", daemon=True)
                self._thread.start()
        self._waiting.put((trial, lake))
        return trial

    def get(self, identifier: int) -> Trial:
        """Return a trial.

        Raises:
            MissingError: there is none of that number, or no longer.
        """
        found = self._known.get(identifier)
        if found is None:
            raise MissingError("this trial is remembered no longer; try the rule again")
        return found

    def cancel(self, identifier: int) -> None:
        """Stop a trial that waits or runs; what it has found so far stays."""
        trial = self.get(identifier)
        with self._lock:
            if trial.is_open:
                trial.status = "cancelled"

    def close(self) -> None:
        """End the thread, and the process of a trial with it."""
        self._closed.set()
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        while (asked := self._waiting.get()) is not None and not self._closed.is_set():
            trial, lake = asked
            try:
                if self._went_on(trial, "waiting", "running"):
                    self._try(trial, lake)
            except Exception:
                trial.status, trial.message = "failed", "the trial broke down; the log has the details"
                logger.exception("rule not tried rule=%s", trial.rule.id)

    def _went_on(self, trial: Trial, before: Status, after: Status, message: str = "") -> bool:
        """Take a trial from one state to the next; False where it was cancelled at that moment."""
        with self._lock:
            if trial.status != before:
                return False
            trial.status, trial.message = after, message
            return True

    def _try(self, trial: Trial, lake: Lake) -> None:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe(duplex=False)
        given = (there, self._store.url, lake.folder, trial.rule, tuple(self._fences()), trial.start, trial.end)
        process = context.Process(target=_answer, args=given, daemon=True)
        with unseen_by_the_terminal():
            process.start()
        there.close()
        try:
            self._listen(trial, here)
        finally:
            process.kill()
            process.join()
            here.close()

    def _listen(self, trial: Trial, pipe: Pipe) -> None:
        """Take in what the process finds, until it has ended or nobody wants it any more."""
        while trial.status == "running" and not self._closed.is_set():
            if not pipe.poll(LOOK_SECONDS):
                continue
            try:
                found = pipe.recv()
            except EOFError:
                self._went_on(trial, "running", "failed", "the process that tried the rule has ended")
                return
            if isinstance(found, Tried):
                trial.add(found)
            else:
                self._went_on(trial, "running", "failed" if found else "done", found)


def _answer(
    pipe: Pipe, url: str, lake: Path, rule: Rule, fences: Sequence[Fence], start: datetime, end: datetime
) -> None:
    """In the process: send what comes of each entity, and at last why it failed, or an empty text."""
    end_with_parent()
    try:
        with open_store(url=url) as store, store.connection() as connection:
            for tried in try_rule(CompiledRule(rule, fences), connection, Lake(lake), start, end):
                pipe.send(tried)
        pipe.send("")
    except BihuanError as error:
        pipe.send(str(error))
