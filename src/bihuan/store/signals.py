"""Signals: raised once by their key, read with a cursor, acknowledged, cleared when what they tell of is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from bihuan.core.records.signal import Signal
from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("signals.sql")


@dataclass(frozen=True, slots=True)
class Kept:
    """A signal as it is kept."""

    id: int
    """Order of raising; a reader's cursor."""
    signal: Signal
    acknowledged_at: datetime | None = None
    cleared_at: datetime | None = None


def raise_(connection: Connection, signals: Iterable[Signal], *, at: datetime) -> int:
    """Raise signals in the caller's transaction; one whose source and key are there changes nothing.

    Returns:
        How many are new.
    """
    return sum(_raise(connection, signal, at) for signal in signals)


def _raise(connection: Connection, signal: Signal, at: datetime) -> int:
    values = {
        "source": signal.source,
        "key": signal.key,
        "kind": signal.kind,
        "subject": signal.subject,
        "severity": signal.severity,
        "text": signal.text,
        "at": signal.at,
        "evidence": list(signal.evidence),
        "values": Jsonb(dict(signal.values)),
        "raised_at": at,
    }
    return int(connection.execute(_SQL["raise"], values).fetchone() is not None)


def since(connection: Connection, after: int = 0, *, subject: str | None = None, limit: int = 1000) -> list[Kept]:
    """Return signals in order of raising after the one with id `after`."""
    rows = connection.execute(_SQL["since"], {"after": after, "subject": subject, "limit": limit}).fetchall()
    return [_kept(row) for row in rows]


def latest(
    connection: Connection, *, subject: str | None = None, only_open: bool = False, limit: int = 100
) -> list[Kept]:
    """Return the newest signals, newest first."""
    wanted = {"open": only_open, "subject": subject, "limit": limit}
    return [_kept(row) for row in connection.execute(_SQL["latest"], wanted).fetchall()]


def of_subjects(
    connection: Connection, subjects: Sequence[str], *, since: datetime | None = None, limit: int = 2000
) -> list[Kept]:
    """Return the signals about these subjects that are not over, or were not yet over at `since`, newest first."""
    wanted = {"subjects": list(subjects), "since": since, "limit": limit}
    rows = connection.execute(_SQL["of_subjects"], wanted).fetchall()
    return [_kept(row) for row in rows]


def of_case(connection: Connection, number: str, *, limit: int = 50) -> tuple[list[Kept], int, int]:
    """Return the newest signals that made or joined a case, how many there are, and how many of them are not over."""
    rows = connection.execute(_SQL["of_case"], {"number": number, "limit": limit}).fetchall()
    totals = rows[0][-2:] if rows else (0, 0)
    return [_kept(row[:-2]) for row in rows], *totals


def counts(connection: Connection, sources: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return by source how many signals are not over, and how many there have ever been."""
    rows = connection.execute(_SQL["counts"], {"sources": list(sources)}).fetchall()
    return {source: (not_over, all_) for source, not_over, all_ in rows}


def clear(connection: Connection, source: str, key: str, *, at: datetime) -> None:
    """Note that what a signal tells of is over."""
    connection.execute(_SQL["clear"], {"source": source, "key": key, "at": at})


def acknowledge(connection: Connection, identifier: int, *, actor: str, at: datetime) -> None:
    """Note that somebody has seen a signal; the first to do so stays."""
    connection.execute(_SQL["acknowledge"], {"id": identifier, "actor": actor, "at": at})


def _kept(row: tuple) -> Kept:  # type: ignore[type-arg]
    number, source, kind, subject, severity, text, at, key, evidence, values, *rest = row
    signal = Signal(source, kind, subject, severity, text, at, key, tuple(evidence), values)
    return Kept(number, signal, *rest)
