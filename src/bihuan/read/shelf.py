"""From reading to the store: one document kept with its rows, and the links of all documents made anew.

The thin shell around the heart of `read`; `bihuan ledger import`, `bihuan demo` and the cockpit's uploads go through it.

    with store.connection() as connection:
        kept = keep(connection, reading, data, pack, actor="import", at=store.clock())
    relink(store, pack)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path

from bihuan import __version__
from bihuan.core.records.statement import Commitment, Link, Statement
from bihuan.read.corpus import Finding
from bihuan.read.link import link, name_indicators, name_projects
from bihuan.read.pipeline import Reading
from bihuan.store import ledger
from bihuan.store.connect import Connection, Store
from bihuan.store.documents import Change
from bihuan.store.packs import Pack

STANDING = ledger.Filter(review=("unreviewed", "confirmed", "corrected"))
"""Rows that links are made from: all but the rejected."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one reading."""

    document_id: int
    change: Change


def reader_version(pack: Pack) -> str:
    """Return the version of the reader: another one, or another registry, reads a stored document anew."""
    registry = hashlib.sha256(repr((pack.indicators, pack.projects)).encode())
    return f"{__version__}+{_grammar()}.{registry.hexdigest()[:8]}"


@cache
def _grammar() -> str:
    """Return a mark of this engine's own source, so that a changed rule is a new version without anybody's doing."""
    mark = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        mark.update(file.read_bytes())
    return mark.hexdigest()[:8]


def keep(
    connection: Connection, reading: Reading, data: bytes, pack: Pack, *, actor: str, at: datetime, again: bool = False
) -> Kept:
    """Store one reading in the caller's transaction, its rows named by the pack's registry.

    Args:
        connection: an open transaction.
        reading: of one document.
        data: the file as it came.
        pack: the city.
        actor: who brought it.
        at: when.
        again: store it even where this version of the reader has read the same bytes before.
    """
    found = ledger.NewReading(
        document=reading.document,
        source=data,
        text=reading.outline.text,
        passages=reading.outline.passages,
        statements=name_indicators(reading.statements, pack),
        commitments=name_projects(reading.commitments, pack, reading.document.city),
        reader=reader_version(pack),
    )
    return Kept(*ledger.save(connection, found, actor=actor, at=at, again=again))


Linking = Callable[[Sequence[Finding], Pack], list[Link]]


def relink(store: Store, pack: Pack, linking: Linking = link) -> bool:
    """Make all links anew where rows have changed since; return whether there was anything to do.

    Args:
        store: open; rows may change meanwhile, they are linked again then.
        pack: the city's registry.
        linking: what finds the links; the cockpit does it in another process.
    """
    worked = False
    while True:
        with store.connection() as connection:
            revisions = ledger.revisions(connection)
            if revisions.links == revisions.ledger:
                return worked
            findings = list(stored_findings(connection))
        links = linking(findings, pack)
        with store.connection() as connection:
            ledger.replace_links(connection, links, ledger_revision=revisions.ledger)
        worked = True


def stored_findings(connection: Connection) -> Iterator[Finding]:
    """Yield what the store holds of each document, corrections applied, as `link` takes it.

    Documents are named by their SHA-256, for two may have one file name.
    """
    documents = {one.id: one for one in ledger.documents(connection)}
    for document_id, rows in groupby(ledger.export(connection, STANDING), key=lambda row: row.document_id):
        name = documents[document_id].sha256
        records = [replace(row.record(), doc=name) for row in rows]
        yield Finding(
            replace(documents[document_id].record(), name=name),
            tuple(record for record in records if isinstance(record, Statement)),
            tuple(record for record in records if isinstance(record, Commitment)),
        )
