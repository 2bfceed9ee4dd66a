"""What rules remember of entities between events, and whose turn it is to look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("rule_states.sql")
Remembered = tuple[datetime | None, datetime | None, bool]
"""Newest event, since when it holds, whether somebody was told."""


def take_turn(connection: Connection) -> int:
    """Wait until nobody else looks at rules or changes them, and return the turn; held until the transaction ends."""
    found = connection.execute(_SQL["take_turn"]).fetchone()
    assert found is not None
    return int(found[0])


def end_turn(connection: Connection) -> int:
    """Move the turn on, so that whoever looks next knows that something was written; return the new one."""
    found = connection.execute(_SQL["end_turn"]).fetchone()
    assert found is not None
    return int(found[0])


def read(connection: Connection, entities: Sequence[int]) -> list[tuple[str, int, Remembered]]:
    """Return what is remembered of entities, by rule and entity."""
    rows = connection.execute(_SQL["read"], {"entities": list(entities)}).fetchall()
    return [(rule, entity, _remembered(state)) for rule, entity, state in rows]


def held(connection: Connection) -> list[tuple[str, int, Remembered]]:
    """Return what holds of all entities, by rule and entity."""
    rows = connection.execute(_SQL["held"]).fetchall()
    return [(rule, entity, _remembered(state)) for rule, entity, state in rows]


def forget(connection: Connection, rule: str, entities: Sequence[int]) -> None:
    """Remember no longer what a rule knew of entities."""
    connection.execute(_SQL["forget"], {"rule": rule, "entities": list(entities)})


def forget_others(connection: Connection, rules: Sequence[str]) -> None:
    """Remember no longer what rules other than these knew."""
    connection.execute(_SQL["forget_others"], {"rules": list(rules)})


def keep(connection: Connection, remembered: Sequence[tuple[str, int, Remembered]]) -> None:
    """Remember, in the caller's transaction."""
    if remembered:
        states = [
            Jsonb({"last": _text(last), "since": _text(since), "raised": raised})
            for _, _, (last, since, raised) in remembered
        ]
        names, numbers = [rule for rule, _, _ in remembered], [entity for _, entity, _ in remembered]
        connection.execute(_SQL["keep"], {"rules": names, "entities": numbers, "states": states})


def _remembered(state: Mapping[str, Any]) -> Remembered:
    return _time(state["last"]), _time(state["since"]), state["raised"]


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
