"""Saved filters of the case table: a name and the query of an address, each its owner's alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("case_filters.sql")
MOST = 50
"""Of one owner."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """One saved filter."""

    id: int
    name: str
    query: str
    """`light=red&type=13710`, without the question mark."""


def of_owner(connection: Connection, owner: str) -> list[SavedFilter]:
    """Return the filters of a principal, by name."""
    with connection.cursor(row_factory=class_row(SavedFilter)) as cursor:
        return cursor.execute(_SQL["of_owner"], {"owner": owner}).fetchall()


def save(connection: Connection, owner: str, name: str, query: str, at: datetime) -> SavedFilter | None:
    """Keep a filter under a name; one of that name is replaced. None where the owner has `MOST` others already."""
    row = {"owner": owner, "name": name, "query": query, "at": at, "most": MOST}
    with connection.cursor(row_factory=class_row(SavedFilter)) as cursor:
        return cursor.execute(_SQL["save"], row).fetchone()


def remove(connection: Connection, owner: str, filter_id: int) -> bool:
    """Take a filter away; False where the owner has none of this number."""
    return connection.execute(_SQL["remove"], {"owner": owner, "id": filter_id}).rowcount > 0
