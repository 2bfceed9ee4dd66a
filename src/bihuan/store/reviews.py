"""What reviewers decide about rows: confirm, correct, reject, undo; kept apart from the rows, each an event.

A decision belongs to a place in a document (its SHA-256, family, start, quote), not to a row: a new reading of the
document replaces the rows and the decisions are laid over them again. Where the row is gone, the decision is kept
and shown as orphaned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from psycopg import sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from bihuan.core.errors import InputError, StateError
from bihuan.core.records.statement import Bound, Direction, Kind, Measure, Stage
from bihuan.store import events
from bihuan.store.connect import Connection
from bihuan.store.links import bump_ledger_revision
from bihuan.store.sql import statements
from bihuan.store.words import lexemes, words
from bihuan.store.years import year_of

_SQL = statements("reviews.sql")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "measure": get_args(Measure),
    "direction": get_args(Direction),
    "bound": get_args(Bound),
    "kind": get_args(Kind),
    "stage": get_args(Stage),
}
_SHARED = frozenset({"name", "kind", "period", "subject", "canonical"})
CORRECTABLE: Mapping[str, frozenset[str]] = {
    "statement": _SHARED | {"value", "unit", "measure", "direction", "bound", "reference"},
    "commitment": _SHARED | {"verb", "stage", "due"},
}
"""Fields of an `Entry` that a reviewer may change, by family; `name` is the indicator or the object."""
_REQUIRED = frozenset({"name", "kind", "value", "unit", "measure", "bound", "verb", "stage"})


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided about one place."""

    document_id: int
    document: str
    family: str
    start: int
    quote: str
    state: str
    changes: Mapping[str, Any]
    actor: str
    note: str | None
    time: datetime
    entry_id: int | None
    """The row it is laid over; None where the last reading has no such row any more (orphaned)."""


def confirm(connection: Connection, entry_id: int, *, actor: str, at: datetime, note: str | None = None) -> None:
    """Mark a row as seen and right.

    Raises:
        StateError: there is no such row (any more).
    """
    _decide(connection, entry_id, "confirmed", {}, actor, at, note)


def correct(
    connection: Connection,
    entry_id: int,
    changes: Mapping[str, Any],
    *,
    actor: str,
    at: datetime,
    note: str | None = None,
) -> None:
    """Change fields of a row; further corrections add to earlier ones.

    A corrected `name` without a corrected `canonical` leaves the registry's indicator: say which it is, or None.

    Raises:
        InputError: a field cannot be corrected, or not to this value.
        StateError: there is no such row (any more).
    """
    _decide(connection, entry_id, "corrected", changes, actor, at, note)


def reject(connection: Connection, entry_id: int, *, actor: str, at: datetime, note: str | None = None) -> None:
    """Mark a row as no statement at all; it stays visible as rejected and counts nowhere else.

    Raises:
        StateError: there is no such row (any more).
    """
    _decide(connection, entry_id, "rejected", {}, actor, at, note)


def undo(connection: Connection, entry_id: int, *, actor: str, at: datetime) -> None:
    """Take back all decisions about a row: it is again as it was read.

    Raises:
        StateError: there is no such row (any more), or nothing was decided about it.
    """
    row = _locked(connection, entry_id)
    if row["review"] == "unreviewed":
        raise StateError("nothing was decided about this row", where=f"entry {entry_id}")
    connection.execute(_SQL["forget"], row)
    _write(connection, row, "unreviewed", row["original"] or {}, original=None)
    _tell(connection, row, "entry.review_undone", {}, actor, at)


def decisions(
    connection: Connection, *, document_id: int | None = None, orphaned: bool | None = None
) -> list[Decision]:
    """Return decisions, newest first; of one document, and only orphaned ones (or only others), where asked."""
    with connection.cursor(row_factory=class_row(Decision)) as cursor:
        return cursor.execute(_SQL["decisions"], {"document_id": document_id, "orphaned": orphaned}).fetchall()


def lay_over(connection: Connection, document_id: int) -> None:
    """Apply the decisions about a document to its freshly stored rows; part of storing a reading."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["covered"], {"document_id": document_id}).fetchall()
    for row in rows:
        _apply(connection, row, row["state"], row["changes"])


# -- how -----------------------------------------------------------------------------------------------------------


def _decide(
    connection: Connection,
    entry_id: int,
    state: str,
    changes: Mapping[str, Any],
    actor: str,
    at: datetime,
    note: str | None,
) -> None:
    row = _locked(connection, entry_id)
    checked = _checked(row["family"], changes)
    if state == "corrected" and not checked:
        raise InputError("a correction names at least one field", where=f"entry {entry_id}")
    if "name" in checked and checked["name"] != row["name"]:
        checked.setdefault("canonical", None)
    kept = connection.execute(_SQL["kept_changes"], row).fetchone()
    merged = {**(kept[0] if kept else {}), **checked}
    if merged and state == "confirmed":
        state = "corrected"  # what was corrected and is seen again stays corrected
    connection.execute(
        _SQL["keep"], {**row, "state": state, "changes": Jsonb(merged), "actor": actor, "note": note, "at": at}
    )
    _apply(connection, row, state, merged)
    told = {"before": {name: row[name] for name in checked}, "changes": checked, "note": note}
    _tell(connection, row, f"entry.{state}", told, actor, at)


def _locked(connection: Connection, entry_id: int) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["lock"], {"id": entry_id}).fetchone()
    if row is None:
        raise StateError(
            "this row is no longer there: its document was read anew; open the document again",
            where=f"entry {entry_id}",
        )
    return row


def _checked(family: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(changes.keys() - CORRECTABLE[family])
    if unknown:
        allowed = ", ".join(sorted(CORRECTABLE[family]))
        raise InputError(
            f"a {family} has no field to correct called {unknown[0]!r}; there are {allowed}", where=unknown[0]
        )
    return {name: _checked_value(name, value) for name, value in changes.items()}


def _checked_value(name: str, value: Any) -> Any:
    if value is None:
        if name in _REQUIRED:
            raise InputError("this field cannot be empty", where=name)
        return None
    if name == "value":
        return _checked_number(value)
    if not isinstance(value, str) or "\x00" in value or len(value) > 500:
        raise InputError("text of at most 500 characters is expected", where=name)
    if name in _CHOICES and value not in _CHOICES[name]:
        raise InputError(f"{value!r} is none of {', '.join(_CHOICES[name])}", where=name)
    if name in ("period", "due") and year_of(value, None) is None:
        raise InputError(f"{value!r} is no period such as 2023, 2023-09 or 2023-01/2023-11", where=name)
    return value


def _checked_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise InputError("a number that is not negative is expected; a fall is a direction", where="value")
    return float(value)


def _apply(connection: Connection, row: Mapping[str, Any], state: str, changes: Mapping[str, Any]) -> None:
    """Lay a decision over a row; `original` keeps what was read."""
    original = dict(row["original"] or {})
    for name in changes:
        original.setdefault(name, row[name])
    _write(connection, row, state, changes, original=original or None)


def _write(
    connection: Connection,
    row: Mapping[str, Any],
    state: str,
    fields: Mapping[str, Any],
    *,
    original: Mapping[str, Any] | None,
) -> None:
    """Write fields of a row together with all that follows from them: topic, year, what is searched."""
    now = {**row, **fields}
    values = {
        **fields,
        "review": state,
        "original": None if original is None else Jsonb(original),
        "topic": now["canonical"] or now["name"],
        "year": year_of(now["period"], now["document_year"]),
    }
    assignments = sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(n), sql.Placeholder(n)) for n in values)
    query = sql.SQL("update entry set {} where id = {}").format(assignments, sql.Placeholder("id"))
    connection.execute(query, {**values, "id": row["id"]})
    searched = words((now["name"], now["sentence"], now["quote"], now["section"], now["subject"], now["verb"]))
    connection.execute(_SQL["save_words"], {"id": row["id"], "words": searched, "search": lexemes(searched)})


def _tell(
    connection: Connection, row: Mapping[str, Any], type_: str, body: Mapping[str, Any], actor: str, at: datetime
) -> None:
    place = {"family": row["family"], "start": row["start_at"], "quote": row["quote"]}
    event = events.NewEvent(type_, {**place, **body}, actor)
    events.append(connection, f"document:{row['sha256']}", [event], at=at)
    bump_ledger_revision(connection)
