"""Personal values of cases, sealed by `bihuan.act.personal`; the store never sees them in the clear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("personal.sql")


def save(connection: Connection, case_id: int, field: str, key_id: str, sealed: bytes) -> None:
    """Keep one sealed value."""
    connection.execute(_SQL["save"], {"id": case_id, "field": field, "key_id": key_id, "sealed": sealed})


def of_case(connection: Connection, case_id: int) -> list[tuple[str, str, bytes]]:
    """Return field, key id and sealed value of what a case holds."""
    return [(field, key, bytes(sealed)) for field, key, sealed in connection.execute(_SQL["of_case"], {"id": case_id})]


def of_cases(connection: Connection, numbers: Sequence[str]) -> list[tuple[str, str, str, bytes]]:
    """Return number, field, key id and sealed value of what many cases hold."""
    rows = connection.execute(_SQL["of_cases"], {"numbers": list(numbers)})
    return [(number, field, key, bytes(sealed)) for number, field, key, sealed in rows]


def set_retention(connection: Connection, case_id: int, field: str, erase_on: date | None) -> None:
    """Set the day from which a value may be erased; None while the case is open."""
    connection.execute(_SQL["set_retention"], {"id": case_id, "field": field, "erase_on": erase_on})


def due(connection: Connection, today: date, limit: int = 500) -> list[tuple[str, list[str]]]:
    """Return cases and fields whose time is over."""
    return connection.execute(_SQL["due"], {"today": today, "limit": limit}).fetchall()


def erase(connection: Connection, number: str, fields: Sequence[str]) -> int:
    """Erase values for good; return how many there were."""
    return connection.execute(_SQL["erase"], {"number": number, "fields": list(fields)}).rowcount
