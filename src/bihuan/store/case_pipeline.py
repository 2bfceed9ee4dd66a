"""A pipeline of projects: money planned and done, and what blocks, by step and by case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from bihuan.core.records.case import Case
from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("case_pipeline.sql")


@dataclass(frozen=True, slots=True)
class StepSum:
    """The open cases at one step."""

    step: str
    cases: int
    planned_yuan: float
    done_yuan: float
    blockers: int
    """Open cases that block one of them."""


def by_step(
    connection: Connection, case_type: str, units: Sequence[str] | None, planned: str, done: str
) -> dict[str, StepSum]:
    """Return the sums of a type's open cases, step by step; steps without cases are left out.

    Args:
        connection: an open transaction.
        case_type: whose cases.
        units: whose cases may be seen; None for all.
        planned: money field of what is to be invested.
        done: money field of what has been.
    """
    row = {"type": case_type, "units": None if units is None else list(units), "planned": planned, "done": done}
    with connection.cursor(row_factory=class_row(StepSum)) as cursor:
        return {found.step: found for found in cursor.execute(_SQL["by_step"], row)}


def open_blockers(connection: Connection, cases: Iterable[Case]) -> dict[str, list[str]]:
    """Return the numbers of the open cases that block each of some cases; those without are left out."""
    blocked = {case.number: [r.number for r in case.relations if r.kind == "blocked_by"] for case in cases}
    asked = sorted({number for numbers in blocked.values() for number in numbers})
    is_open = {number for (number,) in connection.execute(_SQL["open_of"], {"numbers": asked})} if asked else set()
    told = {number: [other for other in others if other in is_open] for number, others in blocked.items()}
    return {number: others for number, others in told.items() if others}
