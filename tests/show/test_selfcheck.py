"""The self-check tells a sound cockpit from a broken one."""

from __future__ import annotations

import json

import pytest

from bihuan.show.rooms import Place
from bihuan.show.selfcheck import check
from bihuan.store.connect import Store

ROW = {"id": 1, "document_id": 2, "doc": "a.txt", "start": 3, "quote": "7%"}
SOUND = {
    "/healthz": b"ok", "/readyz": b"ready", "/metrics": b"", "/api/openapi.json": b"{}",
    "/api/documents": b'{"total": 2}', "/api/statements": b'{"total": 5}', "/api/commitments": b'{"total": 1}',
    "/api/statements?size=1": json.dumps({"items": [ROW]}).encode(), "/": b"<html></html>",
    "/documents/2": b"<html></html>", "/rows/1": b"<html></html>", "/documents/2/text": "增长了7%。".encode(),
    "/ledger/export.xlsx": b"PK\x03\x04",
}  # fmt: skip


def _failed(store: Store, answers: dict[str, bytes]) -> set[str]:
    def get(path: str) -> tuple[int, bytes]:
        return (200, answers[path]) if path in answers else (500, b"")

    return {one.name for one in check(store, [Place("/", "Overview")], get, 2) if not one.ok}


def test_a_sound_cockpit_passes(store: Store) -> None:
    assert _failed(store, SOUND) == set()


@pytest.mark.parametrize(
    ("path", "answer", "named"),
    [
        ("/readyz", None, "/readyz"),
        ("/api/documents", b'{"total": 1}', "documents stored"),
        ("/", b"half a page", "page: Overview"),
        ("/api/statements?size=1", b'{"items": []}', "evidence"),
        ("/documents/2/text", "增长7%。".encode(), "evidence"),
        ("/ledger/export.xlsx", b"<html>", "Excel export"),
    ],
)
def test_each_fault_is_named(store: Store, path: str, answer: bytes | None, named: str) -> None:
    answers = {**SOUND, path: answer} if answer is not None else {k: v for k, v in SOUND.items() if k != path}
    assert _failed(store, answers) == {named}


def test_a_broken_event_log_is_named(store: Store) -> None:
    with store.connection() as connection:
        connection.execute("insert into event_head values ('document:x', 3, '\\x')")
    assert _failed(store, SOUND) == {"event log"}
