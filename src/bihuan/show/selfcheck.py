"""Does a running cockpit do what it should? Every room, the API, an export and the event log, asked from outside."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bihuan.show.rooms import Place
from bihuan.store import events
from bihuan.store.connect import Store


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    seen: str


Get = Callable[[str], tuple[int, bytes]]
"""Path -> status and body."""


def getter(address: str) -> Get:
    """Return what asks a server; `address` ends in a slash."""

    def get(path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(address.rstrip("/") + path, timeout=60) as answer:  # noqa: S310  # http, our own
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    return get


def check(store: Store, places: Sequence[Place], get: Get, documents: int) -> Iterator[Check]:
    """Yield what is found in a cockpit that should have read at least so many `documents`."""
    yield from _service(get)
    yield from _rows(get, documents)
    for place in places:
        yield _page(get, place.address, place.title)
    yield from _evidence(get)
    yield from _city(store, get)
    status, sheet = get("/ledger/export.xlsx")
    yield Check("Excel export", status == 200 and sheet[:2] == b"PK", f"{status}, {len(sheet):,} bytes")
    with store.connection() as connection:
        audit = events.verify(connection)
    yield Check("event log", audit.broken is None, audit.broken or f"{audit.events} events verified")


def _service(get: Get) -> Iterator[Check]:
    for path in ("/healthz", "/readyz", "/metrics", "/api/openapi.json"):
        status, _ = get(path)
        yield Check(path, status == 200, str(status))


def _rows(get: Get, documents: int) -> Iterator[Check]:
    for name, least in (("documents", documents), ("statements", 1), ("commitments", 1)):
        total = _json(get, f"/api/{name}").get("total", 0)
        yield Check(f"{name} stored", total >= max(least, 1), f"{total}")


def _page(get: Get, path: str, name: str) -> Check:
    status, body = get(path)
    return Check(f"page: {name}", status == 200 and b"</html>" in body, f"{path} answers {status}")


def _evidence(get: Get) -> Iterator[Check]:
    """Follow the first row to its document: the quote stands there at its offset."""
    rows = _json(get, "/api/statements?size=1").get("items", [])
    if not rows:
        yield Check("evidence", False, "there is no row to follow")
        return
    row = rows[0]
    yield _page(get, f"/documents/{row['document_id']}", "a document")
    yield _page(get, f"/rows/{row['id']}", "a row's form")
    status, text = get(f"/documents/{row['document_id']}/text")
    found = text.decode()[row["start"] :].startswith(row["quote"]) if status == 200 else False
    yield Check("evidence", found, f"{row['quote']!r} at character {row['start']} of {row['doc']}")


def _city(store: Store, get: Get) -> Iterator[Check]:
    """Follow an entity that has been heard of: its page, its part of the map, its readings as a file."""
    with store.connection() as connection:
        heard = connection.execute("select min(entity) from latest").fetchone()
    if heard is None or heard[0] is None:
        return  # no device has reported, which is no fault
    number = heard[0]
    for path, name in (("/operations/map", "the map"), (f"/entities/{number}", "an entity"), ("/devices", "devices"),
                       ("/rules", "rules")):  # fmt: skip
        yield _page(get, path, name)
    status, sheet = get(f"/entities/{number}/export.csv?span=day")
    yield Check("readings", status == 200 and sheet.count(b"\n") > 1, f"{status}, {len(sheet):,} bytes")


def _json(get: Get, path: str) -> dict[str, Any]:
    status, body = get(path)
    found = json.loads(body) if status == 200 else {}
    assert isinstance(found, dict)
    return found
