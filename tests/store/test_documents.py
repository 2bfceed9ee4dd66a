import threading

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.readings import AT, Draft, keep

from bihuan.core.text import TracedText
from bihuan.store import events, ledger
from bihuan.store.connect import Connection, Store


def draft(name: str = "a.txt") -> Draft:
    return Draft(name).says("发电量", "280亿千瓦时", 2.8e10, unit="千瓦时").does("建成", "中心医院", period="2023")


def test_a_reading_comes_back_as_it_was(store: Store) -> None:
    reading = draft().reading()
    (document_id,) = keep(store, reading)
    with store.connection() as connection:
        document = ledger.get_document(connection, document_id)
        assert document is not None
        assert document.record() == reading.document
        assert (document.statements, document.commitments, document.imported_at) == (1, 1, AT)
        assert ledger.source(connection, document_id) == reading.source
        assert ledger.passages(connection, document_id) == list(reading.passages)
        rows = ledger.document_entries(connection, document_id)
    assert [row.record() for row in rows] == [*reading.statements, *reading.commitments]


def test_the_same_bytes_are_one_document(store: Store) -> None:
    first = draft("first.txt").reading()
    again = draft("another-name.txt").reading()
    assert keep(store, first) == keep(store, again)
    with store.connection() as connection:
        (document,) = ledger.documents(connection)
        assert document.name == "first.txt"
        assert ledger.count(connection) == 2
        assert len(events.since(connection)) == 1, "what changed nothing is no event"


def test_a_newer_reader_replaces_the_rows_and_keeps_the_document(store: Store) -> None:
    old = draft()
    (document_id,) = keep(store, old)
    better = draft()
    better.statements = []
    keep(store, better.read_by("2"))
    with store.connection() as connection:
        document = ledger.get_document(connection, document_id)
        assert document is not None
        assert (document.reader, document.statements, document.commitments) == ("2", 0, 1)
        assert ledger.count(connection, ledger.Filter(family=("statement",))) == 0
        assert [event.type for event in events.since(connection)] == ["document.imported", "document.reread"]
        assert ledger.is_read(connection, document.sha256, "2") == document
        assert ledger.is_read(connection, document.sha256, "1") is None


def test_two_rows_at_one_place_are_one(store: Store) -> None:
    doubled = draft()
    doubled.statements *= 2
    (document_id,) = keep(store, doubled)
    with store.connection() as connection:
        assert len(ledger.document_entries(connection, document_id)) == 2


def test_a_failed_import_leaves_nothing(store: Store) -> None:
    broken = draft()
    broken.statements.append(broken.statements[0].__class__(**{**fields(broken), "value": "no number", "start": 3}))
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        keep(store, broken)
    with store.connection() as connection:
        assert ledger.documents(connection) == []
        assert events.since(connection) == []
        assert not ledger.links_are_stale(connection)


def fields(of: Draft) -> dict[str, object]:
    statement = of.statements[0]
    return {name: getattr(statement, name) for name in statement.__slots__}


def test_many_writers_of_one_document_make_one(store: Store) -> None:
    changes: list[str] = []

    def write() -> None:
        with store.connection() as connection:
            changes.append(ledger.save(connection, draft().reading(), actor="test", at=AT)[1])

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(changes) == ["imported", *["unchanged"] * 5]


def test_a_nul_in_a_damaged_file_is_stored_as_the_replacement_character(store: Store) -> None:
    damaged = Draft("nul.txt").says("发电\x00量", "1亿", 1e8)
    (document_id,) = keep(store, damaged)
    with store.connection() as connection:
        (row,) = ledger.document_entries(connection, document_id)
        assert row.name == "发电\ufffd量"
        text = ledger.text(connection, document_id)
    assert text is not None
    assert text.raw == damaged.text


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.text(st.characters(codec="utf-8"), min_size=1, max_size=60), cuts=st.sets(st.integers(0, 60), max_size=8))
def test_every_character_keeps_its_raw_offset(connection: Connection, raw: str, cuts: set[int]) -> None:
    ends = sorted(cut for cut in cuts if cut <= len(raw))
    spans = list(zip(ends[::2], ends[1::2], strict=False))
    text = TracedText.of(raw).without(spans, keep_in_quote=True)
    reading = Draft("x.txt", text=raw).reading(text)
    document_id, _ = ledger.save(connection, reading, actor="test", at=AT, again=True)
    found = ledger.text(connection, document_id)
    assert found is not None
    assert (found.text, found.raw) == (text.text, text.raw)
    assert (list(found.starts), list(found.ends)) == (list(text.starts), list(text.ends))


def test_what_is_not_there_is_none(store: Store) -> None:
    with store.connection() as connection:
        assert ledger.get_document(connection, 1) is None
        assert ledger.text(connection, 1) is None
        assert ledger.source(connection, 1) is None
        assert ledger.passages(connection, 1) == []
        assert ledger.by_sha256(connection, "0" * 64) is None
