"""Runs of the plan beside the server: one at a time, each in a process of its own that can be stopped.

A run takes minutes and gigabytes, so it never runs inside the server: `bihuan plan summary` does it, its steps are told
on stderr line by line, and ending the process is cancelling the run.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import tempfile
import threading
from datetime import datetime
from functools import cached_property
from pathlib import Path

from bihuan.core.errors import BihuanError, PackError
from bihuan.core.records.signal import Signal
from bihuan.plan.pack import EnergyPack, is_energy_folder, read_energy_pack
from bihuan.plan.summary.forecasts import forecasts as expected
from bihuan.plan.summary.promises import Standing, Target, figures, standings
from bihuan.store import forecasts, ledger, plans, signals
from bihuan.store.connect import Connection, Store

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 2.0
"""How often a waiting planner looks for runs that another server was asked for."""
LOOK_SECONDS = 0.5
"""How often a running process is looked after."""
LAST_LINES = 40
"""Lines of a failed run that are kept as its message."""


class Planner:
    """One thread that solves what is waiting.

    Args:
        store: where runs are kept.
        folder: the city's energy folder.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self.folder = folder
        self._store = store
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="planner", daemon=True)

    @cached_property
    def pack(self) -> EnergyPack | None:
        """The city's energy folder, read once; None where it has none.

        Raises:
            PackError: it has faults, all of them named.
        """
        return read_energy_pack(self.folder) if is_energy_folder(self.folder) else None

    def start(self) -> None:
        """Begin; runs that wait already are solved at once."""
        self._thread.start()

    def wake(self) -> None:
        """Look for a waiting run now."""
        self._wake.set()

    def close(self) -> None:
        """End the thread, and the process of a run with it."""
        self._closed.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                with self._store.connection() as connection:
                    run = plans.take(connection, at=self._store.clock())
                if run is not None:
                    self._solve(run)
                    continue
            except BihuanError as error:
                logger.warning("plan not run error=%s", error)
            except Exception:
                logger.exception("plan not run")
            self._wake.wait(PAUSE_SECONDS)
            self._wake.clear()

    def _solve(self, run: plans.Run) -> None:
        with tempfile.TemporaryDirectory(prefix="bihuan-plan-") as folder:
            output = Path(folder) / "answer.json"
            lines = self._watch(run, _command(self.folder, run, output))
            answer = output.read_bytes() if output.is_file() else None
        self.keep(run.id, run.scenario, answer, lines)

    def keep(self, run: int, scenario: str, answer: bytes | None, lines: list[str]) -> None:
        """Keep what a run answered, and raise a signal for each promise that its plan misses.

        Args:
            run: its id.
            scenario: what was asked.
            answer: what its process wrote; None where there is no plan.
            lines: what its process told, of which the last are why there is none.
        """
        now = self._store.clock()
        with self._store.connection() as connection:
            message = "" if answer else "\n".join(lines[-LAST_LINES:]) or "the solver ended without an answer"
            if plans.end(connection, run, answer=answer, message=message, at=now):
                missed = [stand for stand in promised(connection, self.folder, run) if stand.is_missed]
                signals.raise_(connection, [_signal(stand, scenario, now) for stand in missed], at=now)
                self._expect(connection, run, now)

    def _expect(self, connection: Connection, run: int, now: datetime) -> None:
        """Keep what a plan expects of the city's entities, for rules to hold readings against."""
        summary = plans.summary_of(connection, run)
        if summary is None:
            return
        try:
            unknown = forecasts.keep(connection, expected(summary, self.folder / "forecasts.yaml"), at=now)
        except PackError as error:
            logger.warning("plan not kept as forecast error=%s", error)
        else:
            for urn in unknown:
                logger.warning("plan not kept as forecast, no such entity urn=%s", urn)

    def _watch(self, run: plans.Run, command: list[str]) -> list[str]:
        """Start the process, note what it tells, end it where the run is cancelled; returns what it told."""
        lines: list[str] = []
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
            reader = threading.Thread(target=_collect, args=(process, lines), daemon=True)
            reader.start()
            while _runs(process):
                if self._closed.is_set() or not self._is_wanted(run, lines[-1] if lines else ""):
                    process.kill()
            reader.join(5)
        return lines

    def _is_wanted(self, run: plans.Run, progress: str) -> bool:
        with contextlib.suppress(BihuanError), self._store.connection() as connection:
            return plans.note(connection, run.id, progress, at=self._store.clock())
        return True


def _signal(gap: Standing, scenario: str, at: datetime) -> Signal:
    return Signal(
        source="plan.promise",
        kind="plan.gap",
        subject=f"entry:{gap.target.entry}",
        severity="warning",
        text=f"方案 {scenario} 达不到 {gap.target.topic} 的目标：差 {gap.missing:,.4g}",
        at=at,
        key=f"{scenario}:{gap.target.topic}:{gap.target.entry}",
        evidence=(f"entry:{gap.target.entry}",),
        values={"topic": gap.target.topic, "target": gap.target.value, "plan": gap.figure.value},
    )


def _command(folder: Path, run: plans.Run, output: Path) -> list[str]:
    asked = ["-o", str(output), "--scenario", run.scenario, *(["--hours", str(run.hours)] if run.hours else [])]
    if run.budget is None:
        return [sys.executable, "-m", "bihuan", "plan", "summary", str(folder), *asked]
    factors = [part for factor in run.factors or [] for part in ("--factor", str(factor))]
    return [sys.executable, "-m", "bihuan", "plan", "budget", str(folder), run.budget, *asked, *factors]


def _collect(process: subprocess.Popen[str], lines: list[str]) -> None:
    assert process.stderr is not None
    for line in iter(process.stderr.readline, ""):
        if line.strip():
            lines.append(line.rstrip())


def _runs(process: subprocess.Popen[str]) -> bool:
    """Wait a moment, and say whether the process still runs."""
    try:
        process.wait(LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False


def promised(connection: Connection, folder: Path, run: int) -> list[Standing]:
    """Return the plan's figures beside the ledger's targets for its year; none where a run has no plan."""
    summary = plans.summary_of(connection, run)
    if summary is None:
        return []
    told = figures(summary, folder / "promises.yaml")
    return standings(told, [t for figure in told for t in targets(connection, figure.topic, summary.year)])


def targets(connection: Connection, topic: str, year: int) -> list[Target]:
    """Return the city's latest target of an indicator for a plan's year or one before it, levels only.

    What was promised for 2023 has to stand in a plan for 2025, unless something newer was promised.
    """
    due = [
        (point.year, Target(topic, point.value, point.bound == "at_least", point.entry_id))
        for point in ledger.series(connection, topic)
        if point.kind == "target" and point.measure == "level" and point.year is not None and point.year <= year
    ]
    latest = max((year for year, _ in due), default=0)
    return [target for year, target in due if year == latest]
