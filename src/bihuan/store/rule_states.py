"""What rules remember of entities between events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg.types.json import Jsonb

from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("rule_states.sql")
Remembered = tuple[datetime | None, datetime | None, bool]
"""Newest event, since when it holds, whether somebody was told."""


def read(connection: Connection, entities: Sequence[int]) -> list[tuple[str, int, Remembered]]:
    """Return what is remembered of entities, by rule and entity."""
    rows = connection.execute(_SQL["read"], {"entities": list(entities)}).fetchall()
    return [(rule, entity, (_time(s["last"]), _time(s["since"]), s["raised"])) for rule, entity, s in rows]


def keep(connection: Connection, remembered: Sequence[tuple[str, int, Remembered]]) -> None:
    """Remember, in the caller's transaction."""
    if remembered:
        states = [
            Jsonb({"last": _text(last), "since": _text(since), "raised": raised})
            for _, _, (last, since, raised) in remembered
        ]
        names, numbers = [rule for rule, _, _ in remembered], [entity for _, entity, _ in remembered]
        connection.execute(_SQL["keep"], {"rules": names, "entities": numbers, "states": states})


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
