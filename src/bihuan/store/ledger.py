"""The ledger in the store, for engines, pages and commands: all its public names in one place.

    with open_store() as store, store.connection() as connection:
        page = ledger.search(connection, ledger.Filter(text="用电量", kind=("target",)), sort="year")
        promise = ledger.compare(connection, 2023).promises[0]

Reading: `documents`, `get_document`, `text`, `source`, `passages`, `document_entries`; `search`, `count`, `export`,
`get_entry`, `find_entry`; `related`, `compare`, `lights`, `years`, `series`; `decisions`.
Writing: `save` (a reading), `remove` (a document), `confirm`, `correct`, `reject`, `undo`, `replace_links`.
Every function takes a connection and works in its transaction.
"""

from __future__ import annotations

from bihuan.store.documents import (
    NewReading,
    StoredDocument,
    by_sha256,
    documents,
    is_read,
    passages,
    remove,
    save,
    source,
    text,
)
from bihuan.store.documents import entries as document_entries
from bihuan.store.documents import get as get_document
from bihuan.store.entries import Entry, FacetValue, Filter, Page, count, export, search
from bihuan.store.entries import find as find_entry
from bihuan.store.entries import get as get_entry
from bihuan.store.links import (
    LIGHTS,
    Comparison,
    Light,
    Point,
    Promise,
    Related,
    Revisions,
    compare,
    lights,
    links_are_stale,
    related,
    replace_links,
    revisions,
    series,
    years,
)
from bihuan.store.reviews import CORRECTABLE, Decision, confirm, correct, decisions, reject, undo

__all__ = [
    "CORRECTABLE", "LIGHTS", "Comparison", "Decision", "Entry", "FacetValue", "Filter", "Light", "NewReading", "Page",
    "Point", "Promise", "Related", "Revisions", "StoredDocument", "by_sha256", "compare", "confirm", "correct", "count",
    "decisions", "document_entries", "documents", "export", "find_entry", "get_document", "get_entry", "is_read", "lights", "links_are_stale",
    "passages", "reject", "related", "remove", "replace_links", "revisions", "save", "search", "series", "source", "text", "undo",
    "years",
]  # fmt: skip
