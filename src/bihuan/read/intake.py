"""Files into the store, one transaction each: whatever happens to the process, a document is there whole or not at all.

    for result in take_in(store, ["report.pdf"], pack, actor="import"):
        ...
    relink(store, pack)

Any number of processes may do this at once, with the same files too: a document is known by the SHA-256 of its bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bihuan.core.errors import BihuanError
from bihuan.read.corpus import Refusal, fetch, name_of
from bihuan.read.formats import DEFAULT_LIMITS, Limits
from bihuan.read.pipeline import read_bytes
from bihuan.read.shelf import keep, reader_version
from bihuan.store import ledger
from bihuan.store.connect import Store
from bihuan.store.documents import Change
from bihuan.store.packs import Pack


@dataclass(frozen=True, slots=True)
class Taken:
    """A file whose document now stands in the store."""

    name: str
    """The file's own name; the document may have come under another one before."""
    sha256: str
    document_id: int
    change: Change
    """`unchanged` where this version of the reader had read the same bytes before."""
    statements: int
    commitments: int


def take_in(
    store: Store,
    paths: Iterable[str],
    pack: Pack,
    *,
    actor: str,
    limits: Limits = DEFAULT_LIMITS,
    again: bool = False,
) -> Iterator[Taken | Refusal]:
    """Read files into the store, each committed before the next is begun; a refused file is a result too.

    Links are not made anew: call `relink` when all is in.

    Args:
        store: open.
        paths: files, or `-` for standard input.
        pack: the city.
        actor: who brings them, for the event log.
        limits: sizes above which a file is refused.
        again: read also what this version of the reader has read before.

    Raises:
        OutsideError: the database is gone; what was yielded before stands.
    """
    for path in paths:
        yield _one(store, path, pack, actor, limits, again)


def _one(store: Store, path: str, pack: Pack, actor: str, limits: Limits, again: bool) -> Taken | Refusal:
    name = name_of(path)
    try:
        data = fetch(path, limits)
        known = None if again else _known(store, data, pack)
        reading = None if known else read_bytes(data, name, pack, limits)
    except BihuanError as error:
        return Refusal(name, error)
    if known:
        return Taken(name, known.sha256, known.id, "unchanged", known.statements, known.commitments)
    assert reading is not None
    with store.connection() as connection:
        kept = keep(connection, reading, data, pack, actor=actor, at=store.clock(), again=again)
    counts = len(reading.statements), len(reading.commitments)
    return Taken(name, reading.document.sha256, kept.document_id, kept.change, *counts)


def _known(store: Store, data: bytes, pack: Pack) -> ledger.StoredDocument | None:
    with store.connection() as connection:
        return ledger.is_read(connection, hashlib.sha256(data).hexdigest(), reader_version(pack))
