"""Documents in the store: import (all or nothing, repeatable), list, raw and restored text, passages."""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import accumulate, pairwise
from typing import Any, Literal

from psycopg.rows import class_row, dict_row

from bihuan.core.errors import StateError
from bihuan.core.records.document import Document, Passage
from bihuan.core.records.statement import Commitment, Statement
from bihuan.core.text import TracedText
from bihuan.store import events, reviews
from bihuan.store.connect import Connection
from bihuan.store.entries import COLUMNS, Entry
from bihuan.store.links import bump_ledger_revision
from bihuan.store.sql import statements as sql_statements
from bihuan.store.words import lexemes, words
from bihuan.store.years import year_of

_SQL = sql_statements("documents.sql")

Change = Literal["imported", "reread", "unchanged"]


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document with what the store knows about it."""

    id: int
    name: str
    sha256: str
    media_type: str
    size_bytes: int
    encoding: str | None
    title: str | None
    city: str | None
    speaker: str | None
    published: date | None
    year: int | None
    chars: int
    reader: str
    """Version of the reader that read it last."""
    imported_at: datetime
    read_at: datetime
    statements: int
    commitments: int

    def record(self) -> Document:
        """Return the document as the reader's record."""
        return Document(**{name: getattr(self, name) for name in Document.__slots__})


@dataclass(frozen=True, slots=True)
class NewReading:
    """What the reader found in one document, ready to be stored."""

    document: Document
    source: bytes
    """The file as it came."""
    text: TracedText
    passages: Sequence[Passage]
    statements: Sequence[Statement]
    commitments: Sequence[Commitment]
    reader: str
    """Version of the reader; another version reads the document anew."""


def is_read(connection: Connection, sha256: str, reader: str) -> StoredDocument | None:
    """Return the document of these bytes where it is stored and was read by this version of the reader."""
    found = by_sha256(connection, sha256)
    return found if found is not None and found.reader == reader else None


def save(
    connection: Connection, reading: NewReading, *, actor: str, at: datetime, again: bool = False
) -> tuple[int, Change]:
    """Store a reading in the caller's transaction; return the document's id and what became of it.

    The same bytes read by the same version are left as they are, unless they are to be read `again`. A new reading
    replaces rows and passages; reviewers' decisions are laid over the new rows, and kept where a row is gone. Two rows
    of one family at one place with one quote are one row: the first.
    """
    document = reading.document
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [document.sha256])
    known = by_sha256(connection, document.sha256)
    if known is not None and known.reader == reading.reader and not again:
        return known.id, "unchanged"
    change: Change = "imported" if known is None else "reread"
    document_id = _save_document(connection, reading, at)
    _save_passages(connection, document_id, reading.passages)
    _save_entries(connection, document_id, reading)
    reviews.lay_over(connection, document_id)
    body = {"name": document.name, "reader": reading.reader, "size_bytes": document.size_bytes,
            "statements": len(reading.statements), "commitments": len(reading.commitments)}  # fmt: skip
    event = events.NewEvent(f"document.{change}", body, actor)
    events.append(connection, f"document:{document.sha256}", [event], at=at)
    bump_ledger_revision(connection)
    return document_id, change


def remove(connection: Connection, document_id: int, *, actor: str, at: datetime) -> None:
    """Remove a document with its rows and the decisions about them; the event log keeps that it was there.

    Raises:
        StateError: there is no such document (any more).
    """
    row = connection.execute(_SQL["remove"], {"id": document_id}).fetchone()
    if row is None:
        raise StateError("this document is no longer there", where=f"document {document_id}")
    sha256, name = row
    event = events.NewEvent("document.removed", {"name": name}, actor)
    events.append(connection, f"document:{sha256}", [event], at=at)
    bump_ledger_revision(connection)


def by_sha256(connection: Connection, sha256: str) -> StoredDocument | None:
    """Return the document of these bytes; None where it is not stored."""
    return _one(connection, "by_sha256", {"sha256": sha256})


def get(connection: Connection, document_id: int) -> StoredDocument | None:
    """Return one document; None where there is none."""
    return _one(connection, "by_id", {"id": document_id})


def documents(connection: Connection) -> list[StoredDocument]:
    """Return all documents, newest year first, then by name."""
    with connection.cursor(row_factory=class_row(StoredDocument)) as cursor:
        return cursor.execute(_SQL["listed"]).fetchall()


def text(connection: Connection, document_id: int) -> TracedText | None:
    """Return the restored text of a document, every character knowing its raw offset; `.raw` is the raw text.

    None where there is no such document.
    """
    row = connection.execute(_SQL["text"], {"id": document_id}).fetchone()
    if row is None:
        return None
    raw, restored, starts, ends = (zlib.decompress(part) for part in row)
    return TracedText(restored.decode(), raw.decode(), _undelta(starts), _undelta(ends))


def source(connection: Connection, document_id: int) -> bytes | None:
    """Return the file as it came; None where there is no such document."""
    row = connection.execute(_SQL["source"], {"id": document_id}).fetchone()
    return None if row is None else bytes(row[0])


def passages(connection: Connection, document_id: int) -> list[Passage]:
    """Return the passages of a document in order; offsets count characters of the raw text."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["passages"], {"id": document_id}).fetchall()
    return [Passage(**{**row, "section": tuple(row["section"])}) for row in rows]


def entries(connection: Connection, document_id: int) -> list[Entry]:
    """Return all rows of a document in the order of its text, rejected ones included."""
    query = (
        f"select {COLUMNS} from entry e join document d on d.id = e.document_id where d.id = %s order by start, e.id"  # noqa: S608
    )
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(query, [document_id]).fetchall()


def _one(connection: Connection, name: str, parameters: dict[str, Any]) -> StoredDocument | None:
    with connection.cursor(row_factory=class_row(StoredDocument)) as cursor:
        return cursor.execute(_SQL[name], parameters).fetchone()


# -- writing -------------------------------------------------------------------------------------------------------


def _save_document(connection: Connection, reading: NewReading, at: datetime) -> int:
    facts = {name: _clean(value) for name, value in asdict(reading.document).items()}
    facts |= {"reader": reading.reader, "at": at,
              "statements": len(reading.statements), "commitments": len(reading.commitments)}  # fmt: skip
    row = connection.execute(_SQL["save_document"], facts).fetchone()
    assert row is not None
    parts = {
        "source": reading.source,
        "raw": zlib.compress(reading.text.raw.encode()),
        "restored": zlib.compress(reading.text.text.encode()),
        "starts": zlib.compress(_delta(reading.text.starts)),
        "ends": zlib.compress(_delta(reading.text.ends)),
    }
    connection.execute(_SQL["save_text"], {"id": row[0], **parts})
    return int(row[0])


def _save_passages(connection: Connection, document_id: int, found: Iterable[Passage]) -> None:
    connection.execute(_SQL["clear_passages"], {"id": document_id})
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_passages"]) as copy:
        for p in found:
            section = [_clean(part) for part in p.section]
            copy.write_row((document_id, p.index, p.role, p.level, section, p.start, p.end, _clean(p.text), p.locator))


def _save_entries(connection: Connection, document_id: int, reading: NewReading) -> None:
    connection.execute(_SQL["clear_entries"], {"id": document_id})
    records = _one_a_place([*reading.statements, *reading.commitments])
    ids = [row[0] for row in connection.execute(_SQL["new_ids"], {"count": len(records)}).fetchall()]
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_entries"]) as copy:
        for id_, record in zip(ids, records, strict=True):
            copy.write_row((id_, document_id, *_entry_row(record, reading.document.year)))
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_words"]) as copy:
        for id_, record in zip(ids, records, strict=True):
            searched = _searched(record)
            copy.write_row((id_, searched, lexemes(searched)))


def _one_a_place(records: Sequence[Statement | Commitment]) -> list[Statement | Commitment]:
    places: dict[tuple[type, int, str], Statement | Commitment] = {}
    for record in records:
        places.setdefault((type(record), record.start, record.quote), record)
    return list(places.values())


def _entry_row(record: Statement | Commitment, document_year: int | None) -> tuple[Any, ...]:
    """Return the columns of `entry` from `family` to `review`, in the order of `copy_entries`."""
    own: tuple[Any, ...]
    if isinstance(record, Statement):
        family, name = "statement", record.indicator
        own = (record.value, record.unit, record.measure, record.direction, record.bound, record.reference, *[None] * 3)
    else:
        family, name = "commitment", record.object
        own = (*[None] * 6, record.verb, record.stage, record.due)
    row = (
        family, record.start, record.quote, name, *own, record.kind, record.period,
        year_of(record.period, document_year), record.subject, record.section, record.sentence, record.canonical,
        record.canonical or name, record.confidence, record.locator, "unreviewed",
    )  # fmt: skip
    return tuple(_clean(value) for value in row)


def _searched(record: Statement | Commitment) -> str:
    """Return what a search looks at; `reviews` does the same for a corrected row."""
    name, verb = (record.indicator, None) if isinstance(record, Statement) else (record.object, record.verb)
    return words((name, record.sentence, record.quote, record.section, record.subject, verb))


def _clean(value: Any) -> Any:
    """PostgreSQL's text cannot hold a NUL; a damaged file can."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


# -- offsets -------------------------------------------------------------------------------------------------------


def _delta(offsets: Sequence[int]) -> bytes:
    """Return ascending offsets as little-endian 32-bit steps: nearly all are 1, which compresses to almost nothing."""
    steps = array("i", [*offsets[:1], *(b - a for a, b in pairwise(offsets))])
    if sys.byteorder == "big":
        steps.byteswap()
    return steps.tobytes()


def _undelta(packed: bytes) -> Sequence[int]:
    steps = array("i")
    steps.frombytes(packed)
    if sys.byteorder == "big":
        steps.byteswap()
    return array("l", accumulate(steps))
