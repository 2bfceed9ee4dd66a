from collections.abc import Callable
from typing import Any

import pytest
from tests.store.readings import AT, Draft, keep

from bihuan.core.errors import InputError, StateError
from bihuan.store import events, ledger
from bihuan.store.connect import Store
from bihuan.store.entries import Entry

WHO = {"actor": "reviewer", "at": AT}


def draft() -> Draft:
    return Draft("a.txt").says("发电量", "280亿千瓦时", 2.8e10, unit="千瓦时", canonical="power").does("建成", "医院")


def row(store: Store, number: int = 0) -> Entry:
    with store.connection() as connection:
        return list(ledger.export(connection))[number]


@pytest.fixture
def entry(store: Store) -> Entry:
    keep(store, draft())
    return row(store)


def test_a_correction_stands_and_the_first_reading_is_kept(store: Store, entry: Entry) -> None:
    with store.connection() as connection:
        ledger.correct(connection, entry.id, {"value": 2.9e10, "period": "2024"}, note="见原文", **WHO)
    now = row(store)
    assert (now.value, now.period, now.year, now.review) == (2.9e10, "2024", 2024, "corrected")
    assert dict(now.original or {}) == {"value": 2.8e10, "period": None}
    with store.connection() as connection:
        event = events.latest(connection, limit=1)[0]
        (decision,) = ledger.decisions(connection)
    assert (event.type, event.actor, event.body["changes"]) == (
        "entry.corrected", "reviewer", {"value": 2.9e10, "period": "2024"},
    )  # fmt: skip
    assert (decision.note, decision.state) == ("见原文", "corrected")


def test_a_correction_survives_a_new_reading(store: Store, entry: Entry) -> None:
    with store.connection() as connection:
        ledger.correct(connection, entry.id, {"value": 1.0, "name": "用电量"}, **WHO)
    keep(store, draft().read_by("2"))
    now = row(store)
    assert now.id != entry.id
    assert (now.name, now.value, now.review, now.canonical) == ("用电量", 1.0, "corrected", None)
    assert (now.original or {})["name"] == "发电量"
    with store.connection() as connection:
        assert ledger.search(connection, ledger.Filter(text="用电量")).total == 1, "found by what it is now"


def test_a_decision_whose_row_is_gone_is_kept_and_comes_back(store: Store, entry: Entry) -> None:
    with store.connection() as connection:
        ledger.reject(connection, entry.id, **WHO)
    without = draft()
    without.statements = []
    keep(store, without.read_by("2"))
    with store.connection() as connection:
        (orphan,) = ledger.decisions(connection, orphaned=True)
        assert (orphan.quote, orphan.entry_id) == ("280亿千瓦时", None)
        assert ledger.decisions(connection, orphaned=False) == []
    keep(store, draft().read_by("3"))
    assert row(store).review == "rejected"


def test_undo_gives_the_row_back_as_it_was_read(store: Store, entry: Entry) -> None:
    with store.connection() as connection:
        ledger.correct(connection, entry.id, {"value": 1.0}, **WHO)
        ledger.correct(connection, entry.id, {"unit": "度"}, **WHO)
        ledger.undo(connection, entry.id, **WHO)
    assert row(store) == entry
    with store.connection() as connection:
        assert [event.type for event in events.since(connection)][-1] == "entry.review_undone"
        with pytest.raises(StateError, match="nothing was decided about this row"):
            ledger.undo(connection, entry.id, **WHO)


def test_seeing_a_corrected_row_again_leaves_it_corrected(store: Store, entry: Entry) -> None:
    with store.connection() as connection:
        ledger.confirm(connection, entry.id, **WHO)
    assert row(store).review == "confirmed"
    with store.connection() as connection:
        ledger.correct(connection, entry.id, {"value": 1.0}, **WHO)
        ledger.confirm(connection, entry.id, **WHO)
    assert (row(store).review, row(store).value) == ("corrected", 1.0)


@pytest.mark.parametrize(
    ("number", "changes", "message"),
    [
        (0, {}, "at least one field"),
        (0, {"stage": "completed"}, "a statement has no field to correct called 'stage'; there are bound"),
        (1, {"value": 3}, "a commitment has no field to correct called 'value'"),
        (0, {"measure": "size"}, "'size' is none of level, growth"),
        (0, {"kind": None}, "cannot be empty"),
        (0, {"value": -3}, "not negative"),
        (0, {"value": float("nan")}, "not negative"),
        (0, {"value": True}, "not negative"),
        (0, {"period": "next year"}, "is no period such as 2023"),
        (1, {"due": "soon"}, "is no period such as 2023"),
        (0, {"name": "x" * 501}, "at most 500 characters"),
        (0, {"name": "a\x00"}, "text of at most 500"),
    ],
)
def test_a_wrong_correction_changes_nothing(
    store: Store, entry: Entry, number: int, changes: dict[str, Any], message: str
) -> None:
    before = row(store, number)
    with store.connection() as connection, pytest.raises(InputError, match=message):
        ledger.correct(connection, before.id, changes, **WHO)
    assert row(store, number) == before
    with store.connection() as connection:
        assert ledger.decisions(connection) == []


@pytest.mark.parametrize("decide", [ledger.confirm, ledger.reject, ledger.undo])
def test_a_row_that_is_gone_is_told(store: Store, decide: Callable[..., None]) -> None:
    with store.connection() as connection, pytest.raises(StateError, match="its document was read anew"):
        decide(connection, 77, **WHO)
