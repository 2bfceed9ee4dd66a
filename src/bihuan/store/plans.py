"""Runs of the energy plan: asked for, taken by one solver, told of while they run, kept with their answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import nan
from typing import Literal

import msgspec
from psycopg.rows import class_row

from bihuan.core.errors import StateError
from bihuan.core.records.plan import BudgetCurve, PlanSummary
from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("plans.sql")
Status = Literal["waiting", "running", "optimal", "failed", "cancelled"]
SILENCE = timedelta(seconds=60)
"""A run whose solver gives no sign of life for so long has been abandoned."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run, without its answer."""

    id: int
    scenario: str
    hours: int | None
    """Snapshots that stand for the year; None: all of them."""
    status: Status
    asked_at: datetime
    asked_by: str
    started_at: datetime | None
    ended_at: datetime | None
    progress: str
    message: str
    """Why there is no plan; empty where there is one."""
    budget: str | None
    """The budget whose limit is moved; None where one optimum was asked for."""
    factors: list[float] | None
    """Multiples of the budget's limit."""

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.status in ("waiting", "running")


def ask(
    connection: Connection,
    scenario: str,
    hours: int | None,
    *,
    actor: str,
    at: datetime,
    budget: str | None = None,
    factors: Sequence[float] | None = None,
) -> int:
    """Ask for a run of a scenario, or for the curve of one of its budgets at multiples of its limit; returns its id."""
    values = {
        "scenario": scenario,
        "hours": hours,
        "budget": budget,
        "factors": list(factors) if factors else None,
        "at": at,
        "actor": actor,
    }
    row = connection.execute(_SQL["ask"], values).fetchone()
    assert row is not None
    return int(row[0])


def take(connection: Connection, *, at: datetime) -> Run | None:
    """Take the oldest waiting run to solve it; None where none waits. Runs without a sign of life are given up first."""
    connection.execute(_SQL["abandon"], {"at": at, "before": at - SILENCE})
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(_SQL["take"], {"at": at}).fetchone()


def note(connection: Connection, run: int, progress: str, *, at: datetime) -> bool:
    """Note how far a run is; False where it was cancelled meanwhile."""
    return connection.execute(_SQL["note"], {"id": run, "progress": progress, "at": at}).fetchone() is not None


def end(connection: Connection, run: int, *, answer: bytes | None, message: str = "", at: datetime) -> bool:
    """Keep what a run answered, as `to_json` wrote it, or why there is none; False where it was cancelled meanwhile."""
    values = {
        "id": run,
        "status": "optimal" if answer else "failed",
        "message": message,
        "answer": answer.decode() if answer else None,
        "at": at,
    }
    return connection.execute(_SQL["end"], values).fetchone() is not None


def cancel(connection: Connection, run: int, *, at: datetime) -> None:
    """Stop a run that waits or runs.

    Raises:
        StateError: it has ended.
    """
    if connection.execute(_SQL["cancel"], {"id": run, "at": at}).fetchone() is None:
        raise StateError("the run has ended already", where=f"plan run {run}")


def remove(connection: Connection, run: int) -> None:
    """Remove a run that has ended.

    Raises:
        StateError: it still waits or runs, or does not exist.
    """
    if connection.execute(_SQL["remove"], {"id": run}).fetchone() is None:
        raise StateError("the run still waits or runs, or is gone", where=f"plan run {run}")


def latest(connection: Connection, limit: int = 50) -> list[Run]:
    """Return the newest runs, newest first."""
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(_SQL["latest"], {"limit": limit}).fetchall()


def get(connection: Connection, run: int) -> Run | None:
    """Return a run, None where there is none."""
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(_SQL["run"], {"id": run}).fetchone()


def summary_of(connection: Connection, run: int) -> PlanSummary | None:
    """Return the plan that a run answered, None where it has none."""
    row = connection.execute(_SQL["summary"], {"id": run}).fetchone()
    return from_json(row[0].encode()) if row and row[0] else None


def curve_of(connection: Connection, run: int) -> BudgetCurve | None:
    """Return the curve of a budget that a run answered, None where it has none."""
    row = connection.execute(_SQL["curve"], {"id": run}).fetchone()
    return msgspec.json.decode(row[0], type=BudgetCurve) if row and row[0] else None


def to_json(answer: PlanSummary | BudgetCurve) -> bytes:
    """Return a plan or a curve as JSON; layers keep their order, a number that does not exist is null."""
    return msgspec.json.encode(answer)


def from_json(text: bytes) -> PlanSummary:
    """Return the summary that `to_json` wrote."""
    raw = msgspec.json.decode(text)
    objective, gap = (nan if raw.get(name) is None else float(raw[name]) for name in ("objective_cny", "gap"))
    kept = msgspec.convert({**raw, "objective_cny": 0.0, "gap": 0.0}, PlanSummary)
    return replace(kept, objective_cny=objective, gap=gap)
