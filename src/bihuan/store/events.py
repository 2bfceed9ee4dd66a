"""The event log: append-only, one hash chain a stream (docs/decisions/0012-event-log.md).

An event is appended in the caller's transaction, so that it stands if and only if what it tells of stands. Writers of
different streams never wait for each other; those of one stream do, until the first has committed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from bihuan.core.errors import InputError
from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("events.sql")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as stored."""

    id: int
    """Order of writing over all streams; a reader's cursor."""
    stream: str
    """What it happened to: `document:<sha256>`."""
    seq: int
    """1, 2, 3 … within the stream, without a gap."""
    type: str
    """`document.imported`, `entry.corrected`."""
    actor: str
    time: datetime
    """UTC."""
    body: Mapping[str, Any]
    """JSON object; never personal data, for it cannot be taken back."""
    prev_hash: bytes
    """Hash of the event before it in the stream; empty for the first."""
    hash: bytes
    """SHA-256 over the canonical JSON of the other fields, `id` left out."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be appended."""

    type: str
    body: Mapping[str, Any]
    actor: str = "system"


@dataclass(frozen=True, slots=True)
class Audit:
    """What `verify` found."""

    events: int
    """How many were looked at."""
    streams: int
    broken: str | None = None
    """The first broken event, by stream and number, and how; None where all verify."""


def append(connection: Connection, stream: str, events: Sequence[NewEvent], *, at: datetime) -> None:
    """Append `events` to `stream` in the caller's transaction, in order.

    Args:
        connection: an open transaction; other writers of the stream wait until it ends.
        stream: what the events happened to.
        events: any number; a batch costs one lock and one round trip.
        at: when it happened; must have a time zone.

    Raises:
        InputError: a body holds what JSON cannot (NaN, a date, a NUL), or `at` has no time zone.
    """
    if not events:
        return
    if at.tzinfo is None:
        raise InputError("an event's time needs a time zone", where=stream)
    connection.execute(_SQL["make_head"], {"stream": stream})
    head = connection.execute(_SQL["lock_head"], {"stream": stream}).fetchone()
    assert head is not None
    rows = _chained(stream, int(head[0]), bytes(head[1]), events, at.astimezone(UTC))
    with connection.cursor() as cursor:
        cursor.executemany(_SQL["insert"], rows)
    connection.execute(_SQL["move_head"], rows[-1])


def begin(connection: Connection, stream: str, event: NewEvent, *, at: datetime) -> None:
    """Append the first event of a stream that nobody else knows yet: one statement, and nothing to wait for.

    Raises:
        InputError: as `append`.
        psycopg.errors.UniqueViolation: the stream has events already.
    """
    if at.tzinfo is None:
        raise InputError("an event's time needs a time zone", where=stream)
    connection.execute(_SQL["begin"], _chained(stream, 0, b"", [event], at.astimezone(UTC))[0])


def append_each(
    connection: Connection, streams: Sequence[str], events: Sequence[NewEvent], *, at: datetime
) -> list[int]:
    """Append one event to each of many existing streams: four statements, however many there are.

    Args:
        connection: an open transaction; other writers of these streams wait until it ends.
        streams: each at most once.
        events: one for each stream, in the same order.
        at: when it happened; must have a time zone.

    Returns:
        The number of each event within its stream.

    Raises:
        InputError: as `append`, or a stream has no event yet.
    """
    heads = {row[0]: row for row in connection.execute(_SQL["lock_heads"], {"streams": list(streams)})}
    rows = []
    for stream, event in zip(streams, events, strict=True):
        if stream not in heads:
            raise InputError("has no events yet, and cannot be appended to in a batch", where=stream)
        rows += _chained(stream, heads[stream][1], heads[stream][2], [event], at.astimezone(UTC))
    connection.execute(_SQL["insert_each"], {"rows": _as_json(rows)})
    return [row["seq"] for row in rows]


def _as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as one JSON parameter: arrays of parameters take several times as long to write."""
    plain = [
        {**row, "body": row["body"].obj, "prev_hash": row["prev_hash"].hex(), "hash": row["hash"].hex()} for row in rows
    ]
    return msgspec.json.encode(plain).decode()


def _chained(stream: str, seq: int, prev: bytes, events: Sequence[NewEvent], at: datetime) -> list[dict[str, Any]]:
    rows = []
    for number, event in enumerate(events, seq + 1):
        body = _as_jsonb_keeps_it(dict(event.body), stream)
        hash_ = digest(stream, number, event.type, event.actor, at, body, prev)
        rows.append({"stream": stream, "seq": number, "type": event.type, "actor": event.actor, "time": at,
                     "body": Jsonb(body), "prev_hash": prev, "hash": hash_})  # fmt: skip
        prev = hash_
    return rows


def digest(
    stream: str, seq: int, type_: str, actor: str, time: datetime, body: Mapping[str, Any], prev_hash: bytes
) -> bytes:
    """Return the hash of an event: SHA-256 over JSON with sorted keys, no white space, UTF-8."""
    fields = {"stream": stream, "seq": seq, "type": type_, "actor": actor, "body": body, "prev": prev_hash.hex()}
    fields["time"] = time.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(canonical_json(fields).encode()).digest()


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no white space, no escapes that are not needed."""
    return _CANONICAL(value)


_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _as_jsonb_keeps_it(value: Any, where: str) -> Any:
    """Return `value` as PostgreSQL will give it back, so that the hash can be computed again from the stored row.

    jsonb keeps numbers as decimals: 1e+20 comes back as a whole number, -0.0 as 0.0.
    """
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise InputError("an event's body must have text keys", where=where)
        return {_text(key, where): _as_jsonb_keeps_it(item, where) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_jsonb_keeps_it(item, where) for item in value]
    if isinstance(value, float):
        return _number(value, where)
    if isinstance(value, str):
        return _text(value, where)
    if value is None or isinstance(value, bool | int):
        return value
    raise InputError(f"an event's body cannot hold a {type(value).__name__}; give text or numbers", where=where)


def _number(value: float, where: str) -> float | int:
    if value != value or value in (float("inf"), float("-inf")):
        raise InputError(f"an event's body cannot hold {value}", where=where)
    return int(Decimal(repr(value))) if "e+" in repr(value) else value + 0.0


_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def _text(value: str, where: str) -> str:
    if _UNKEEPABLE.search(value):
        raise InputError("an event's body cannot hold a NUL or half a surrogate pair", where=where)
    return value


def verify(connection: Connection) -> Audit:
    """Compute every hash again and follow every chain to its head.

    Reads in one snapshot, a few thousand rows at a time, whatever the length of the log. Of several broken events the
    one written first is named.
    """
    count, streams = 0, 0
    first = _Fault(float("inf"), None)
    for _, rows in groupby(_chain(connection), key=itemgetter("stream")):
        events, fault = _follow(rows)
        count, streams = count + events, streams + 1
        if fault is not None and (first.how is None or fault.id < first.id):
            first = fault
    return Audit(count, streams, first.how or _headless(connection))


class _Fault(NamedTuple):
    """A broken event: the number it was written under, beyond all numbers where it is missing, and how."""

    id: float
    how: str | None


def _follow(rows: Iterable[Mapping[str, Any]]) -> tuple[int, _Fault | None]:
    """Follow one chain; return how many events it has, and its first fault."""
    count, seq, prev = 0, 0, b""
    fault: _Fault | None = None
    row: Mapping[str, Any] = {}
    for row in rows:
        if fault is None and (how := _fault(row, seq + 1, prev)) is not None:
            fault = _Fault(row["id"], how)
        count, seq, prev = count + 1, row["seq"], row["hash"]
    if fault is None and (cut := _cut_tail(row, seq)) is not None:
        fault = _Fault(float("inf"), cut)
    return count, fault


def _chain(connection: Connection) -> Iterator[dict[str, Any]]:
    with connection.transaction(), connection.cursor("event_chain", row_factory=dict_row) as cursor:
        cursor.itersize = 5000
        yield from cursor.execute(_SQL["chain"])


def _fault(row: Mapping[str, Any], expected_seq: int, prev: bytes) -> str | None:
    name = f"{row['stream']} #{row['seq']}"
    if row["seq"] != expected_seq:
        return f"{row['stream']} #{expected_seq}: missing, the next there is #{row['seq']}"
    if row["prev_hash"] != prev:
        return f"{name}: does not follow the event before it"
    again = digest(row["stream"], row["seq"], row["type"], row["actor"], row["time"], row["body"], row["prev_hash"])
    if again != row["hash"]:
        return f"{name}: its content does not match its hash"
    if row["head_seq"] is None or row["head_seq"] < row["seq"]:
        return f"{name}: stands past the recorded end of its stream"
    if row["head_seq"] == row["seq"] and row["head_hash"] != row["hash"]:
        return f"{name}: is not the event recorded as the end of its stream"
    return None


def _cut_tail(last: Mapping[str, Any], seq: int) -> str | None:
    if last["head_seq"] == seq:
        return None
    return f"{last['stream']} #{seq + 1}: missing, the stream is recorded up to #{last['head_seq']}"


def _headless(connection: Connection) -> str | None:
    row = connection.execute(_SQL["headless"]).fetchone()
    return None if row is None else f"{row[0]} #1: missing, the stream is recorded up to #{row[1]}"


def since(connection: Connection, after: int = 0, *, stream: str | None = None, limit: int = 1000) -> list[Event]:
    """Return events in order of writing after the one with id `after`: a reader's cursor."""
    return _select(connection, "listed", {"stream": stream, "after": after, "limit": limit})


def latest(
    connection: Connection, *, stream: str | None = None, before: int | None = None, limit: int = 50
) -> list[Event]:
    """Return the newest events, newest first; with `before`, those older than the one of that id."""
    return _select(connection, "latest", {"stream": stream, "before": before, "limit": limit})


def count(connection: Connection) -> int:
    """Return how many events there are."""
    row = connection.execute(_SQL["count"]).fetchone()
    assert row is not None
    return int(row[0])


def _select(connection: Connection, name: str, parameters: Mapping[str, Any]) -> list[Event]:
    with connection.cursor(row_factory=class_row(Event)) as cursor:
        return cursor.execute(_SQL[name], parameters).fetchall()
