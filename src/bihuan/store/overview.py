"""Counts over the whole ledger: how much is in it, and which topics it speaks of."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.rows import class_row

from bihuan.store.connect import Connection
from bihuan.store.memo import remembered


@dataclass(frozen=True, slots=True)
class Totals:
    """How much is in the ledger; rejected rows count as reviewed and nowhere else."""

    documents: int
    statements: int
    commitments: int
    targets: int
    """Promises: statements and commitments whose kind is `target`."""
    reviewed: int
    """Rows that a reviewer has decided about."""


@dataclass(frozen=True, slots=True)
class Topic:
    """An indicator of the registry with how often, and for which years, the city's documents give its figure."""

    topic: str
    """Canonical identifier."""
    count: int
    first: int | None
    """Earliest year; None where no row is dated."""
    last: int | None


def totals(connection: Connection) -> Totals:
    """Return how much is in the ledger."""
    return remembered(connection, "totals", lambda: _totals(connection))


def _totals(connection: Connection) -> Totals:
    query = """
        select (select count(*) from document) as documents,
               count(*) filter (where family = 'statement' and review <> 'rejected') as statements,
               count(*) filter (where family = 'commitment' and review <> 'rejected') as commitments,
               count(*) filter (where kind = 'target' and review <> 'rejected') as targets,
               count(*) filter (where review <> 'unreviewed') as reviewed
        from entry"""
    with connection.cursor(row_factory=class_row(Totals)) as cursor:
        found = cursor.execute(query).fetchone()
    assert found is not None
    return found


def topics(connection: Connection) -> list[Topic]:
    """Return the registry's indicators that have a figure of the city itself, the most frequent first."""
    return list(remembered(connection, "topics", lambda: _topics(connection)))


def _topics(connection: Connection) -> list[Topic]:
    query = """
        select topic, count(*) as count, min(year) as first, max(year) as last from entry
        where canonical is not null and family = 'statement' and subject is null and review <> 'rejected'
        group by topic order by count(*) desc, topic"""
    with connection.cursor(row_factory=class_row(Topic)) as cursor:
        return cursor.execute(query).fetchall()
