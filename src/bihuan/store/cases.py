"""Cases as rows: their numbers, what lists show, the stored state, idempotency keys. The history is in the event log.

A case's stream is `case:<number>`. The stored state may lag behind the stream by what timers did: `load` returns it
together with the events since, and `bihuan.act` folds them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg.rows import dict_row

from bihuan.core.errors import StateError
from bihuan.core.messages import N_
from bihuan.core.records.case import LIGHTS, Case
from bihuan.core.records.signal import Signal
from bihuan.store.connect import Connection
from bihuan.store.sql import statements
from bihuan.store.words import lexemes, words

_SQL = statements("cases.sql")


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as it lies in the store."""

    id: int
    case: Case
    """As of its `version`."""
    since: Sequence[tuple[str, Mapping[str, Any]]]
    """Type and body of the events after that version, in order."""


def stream_of(number: str) -> str:
    """Return the stream of a case's events."""
    return f"case:{number}"


def next_number(connection: Connection, prefix: str, year: int) -> tuple[str, int]:
    """Return the next number of a prefix and year, and the id of its row.

    A rolled-back transaction leaves no gap between numbers, so whoever opens the next case of the prefix waits until
    this transaction ends: what takes time belongs before.
    """
    row = connection.execute(_SQL["next_number"], {"prefix": prefix, "year": year}).fetchone()
    assert row is not None
    return f"{prefix}{year}-{row[0]:05d}", int(row[1])


def insert(
    connection: Connection, case_id: int, case: Case, *, category: str | None, follow_sha256: bytes | None
) -> None:
    """Store a new case; its event is appended by the caller, in the same transaction."""
    parent = next((r.number for r in case.relations if r.kind == "parent"), None)
    row = {**_row(case, category), "id": case_id, "number": case.number, "type": case.type, "office": case.office}
    row |= {"opened_by": case.opened_by, "opened_at": case.opened_at, "parent": parent, "follow_sha256": follow_sha256}
    connection.execute(_SQL["insert"], row)
    _save_state(connection, case_id, case)
    save_words(connection, case_id, case)


def update(connection: Connection, case_id: int, case: Case, *, category: str | None) -> None:
    """Store a case's new state."""
    connection.execute(_SQL["update"], {**_row(case, category), "id": case_id})
    _save_state(connection, case_id, case)


def _row(case: Case, category: str | None) -> dict[str, Any]:
    return {
        "category": category,
        "title": str(case.values.get("title", "")),
        "step": case.step,
        "lead": case.lead,
        "supports": list(case.supports),
        "handler": case.handler,
        "light": LIGHTS.index(case.light),
        "level": case.level,
        "version": case.version,
        "is_open": case.is_open,
        "next_due": case.next_due,
        "closed_at": case.closed_at,
        "updated_at": case.updated_at or case.opened_at,
        "returns": case.returns,
        "grade": case.grade,
        "rating": case.rating,
    }


def _save_state(connection: Connection, case_id: int, case: Case) -> None:
    state = msgspec.json.encode(case).decode()
    connection.execute(_SQL["save_state"], {"id": case_id, "version": case.version, "state": state})


def save_words(connection: Connection, case_id: int, case: Case) -> None:
    """Store what a case is found by: its number and its texts, never personal ones."""
    texts = [value for value in case.values.values() if isinstance(value, str)]
    searched = words([case.number, *texts])
    connection.execute(_SQL["save_words"], {"id": case_id, "words": searched, "search": lexemes(searched)})


def lock(connection: Connection, number: str) -> bool:
    """Keep others off a case until the transaction ends; False where there is no such case."""
    return connection.execute(_SQL["lock"], {"number": number}).fetchone() is not None


def load(connection: Connection, number: str) -> StoredCase | None:
    """Return a case as stored; None where there is none of this number."""
    row = connection.execute(_SQL["loaded"], {"number": number}).fetchone()
    if row is None:
        return None
    later = connection.execute(_SQL["since"], {"stream": stream_of(number), "after": row[1]}).fetchall()
    return StoredCase(row[0], msgspec.json.decode(row[2], type=Case), [(kind, body) for kind, body, _ in later])


def states(connection: Connection, numbers: Sequence[str]) -> dict[str, Case]:
    """Return the stored states of many cases by number; lights and clocks may lag behind by what timers did."""
    rows = connection.execute(_SQL["states"], {"numbers": list(numbers)}).fetchall()
    return {number: msgspec.json.decode(state, type=Case) for number, state in rows}


def history(connection: Connection, number: str, after: int = 0) -> list[tuple[str, Mapping[str, Any], int]]:
    """Return type, body and number of a case's events after a version, in order."""
    return connection.execute(_SQL["since"], {"stream": stream_of(number), "after": after}).fetchall()


def open_children(connection: Connection, number: str) -> int:
    """Return how many open cases were split off a case."""
    row = connection.execute(_SQL["open_children"], {"number": number}).fetchone()
    return int(row[0]) if row else 0


def open_numbers(connection: Connection, after: int, limit: int = 500) -> list[tuple[int, str]]:
    """Return id and number of open cases after an id: a reader's cursor."""
    return connection.execute(_SQL["open_numbers"], {"after": after, "limit": limit}).fetchall()


def save_file_link(connection: Connection, case_id: int, sha256: str) -> None:
    """Note that a file belongs to a case."""
    connection.execute(_SQL["save_file_link"], {"id": case_id, "sha256": sha256})


# -- asked once, done once -------------------------------------------------------------------------------------------


def claim_key(connection: Connection, actor: str, key: str, asked: bytes, at: datetime) -> tuple[str, int] | None:
    """Claim an idempotency key; where it was used before, return the number and version of what came of it.

    Two at the same time: the second waits for the first to commit.

    Raises:
        StateError: the key was used for something else.
    """
    fingerprint = hashlib.sha256(asked).digest()
    row = {"actor": actor, "key": key, "fingerprint": fingerprint, "number": "", "version": 0, "at": at}
    if connection.execute(_SQL["keep_key"], row).fetchone() is not None:
        return None
    found = connection.execute(_SQL["find_key"], row).fetchone()
    assert found is not None
    if bytes(found[0]) != fingerprint:
        raise StateError(
            N_("this was sent before with other content; reload the page, and use a new idempotency key"),
            where=key,
            key="act.key_reused",
        )
    return str(found[1]), int(found[2])


def settle_key(connection: Connection, actor: str, key: str, number: str, version: int) -> None:
    """Note what came of a claimed key."""
    connection.execute(_SQL["settle_key"], {"actor": actor, "key": key, "number": number, "version": version})


def claim_signal(connection: Connection, source: str, key: str, at: datetime) -> str | None:
    """Claim a signal; where the same came before, return the number of its case."""
    row = {"source": source, "key": key, "at": at}
    if connection.execute(_SQL["keep_signal"], row).fetchone() is not None:
        return None
    found = connection.execute(_SQL["find_signal"], row).fetchone()
    assert found is not None
    return str(found[0])


def open_case_of(connection: Connection, merged: str) -> str | None:
    """Return the number of the open case that signals merged by `merged` join; None where the next opens one.

    Whoever asks for the same waits until the caller's transaction has ended, so that two never open two.
    """
    connection.execute(_SQL["await_merged"], {"merged": merged})
    found = connection.execute(_SQL["open_case_of"], {"merged": merged}).fetchone()
    return None if found is None else str(found[0])


def settle_signal(connection: Connection, source: str, key: str, number: str, merged: str | None = None) -> None:
    """Note the case that a claimed signal made or joined, and by what it was merged."""
    values = {"source": source, "key": key, "number": number, "merged": merged}
    connection.execute(_SQL["settle_signal"], values)


def leave_signal(connection: Connection, source: str, key: str, error: str | None, at: datetime) -> None:
    """Note that a signal opens no case, and why not where it should have."""
    connection.execute(_SQL["leave_signal"], {"source": source, "key": key, "error": error, "at": at})


def numbers_of_signals(connection: Connection, signals: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the numbers of the cases that signals opened, by source and key; those without a case are left out."""
    asked = list(signals)
    values = {"sources": [source for source, _ in asked], "keys": [key for _, key in asked]}
    rows = connection.execute(_SQL["numbers_of_signals"], values).fetchall()
    return {(source, key): number for source, key, number in rows}


def unsettled_signals(connection: Connection, limit: int) -> list[Signal]:
    """Return signals of the store that nobody has looked at yet, in order of raising."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["unsettled_signals"], {"limit": limit}).fetchall()
    return [Signal(**{**row, "evidence": tuple(row["evidence"])}) for row in rows]


# -- the public's code -----------------------------------------------------------------------------------------------


def follow_hash(number: str, code: str) -> bytes:
    """Return what is kept of the code by which the public follows a case."""
    return hashlib.sha256(f"{number}:{code.strip()}".encode()).digest()


def opener_by_code(connection: Connection, number: str, code: str) -> str | None:
    """Return who opened a case, where the code is right; else None."""
    row = {"number": number, "follow_sha256": follow_hash(number, code)}
    found = connection.execute(_SQL["by_follow_code"], row).fetchone()
    return str(found[0]) if found else None
