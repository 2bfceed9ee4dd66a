"""What is read is kept once, and the links of all documents follow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bihuan.core.errors import StateError
from bihuan.read import load_pack, read_bytes
from bihuan.read.shelf import keep, reader_version, relink
from bihuan.store import events, ledger
from bihuan.store.connect import Store

AT = datetime(2024, 3, 1, tzinfo=UTC)
PACK = load_pack(None)
PROMISE = """2023年政府工作报告
——2023年3月1日在阳泉市人民代表大会会议上
一、2023年工作安排
今年经济社会发展的主要预期目标是：地区生产总值增长7%。
"""
RESULT = """2024年政府工作报告
——2024年3月1日在阳泉市人民代表大会会议上
一、2023年工作回顾
2023年，地区生产总值增长7.5%。
"""


def _keep(store: Store, text: str, name: str, *, again: bool = False) -> ledger.Change:
    data = text.encode()
    with store.connection() as connection:
        kept = keep(connection, read_bytes(data, name, PACK), data, PACK, actor="test", at=AT, again=again)
    return kept.change


def _lights(store: Store, year: int) -> dict[str, int]:
    with store.connection() as connection:
        return {name: count for name, count in ledger.compare(connection, year).counts.items() if count}


def test_a_promise_meets_its_result(store: Store) -> None:
    _keep(store, PROMISE, "2023.txt")
    assert relink(store, PACK)
    assert _lights(store, 2023) == {"open": 1}
    _keep(store, RESULT, "2024.txt")
    assert relink(store, PACK)
    assert not relink(store, PACK), "nothing is left to do"
    assert _lights(store, 2023) == {"met": 1}
    with store.connection() as connection:
        assert ledger.lights(connection) == {2023: dict(ledger.compare(connection, 2023).counts)}


def test_two_documents_of_one_name_are_linked(store: Store) -> None:
    _keep(store, PROMISE, "report.txt")
    _keep(store, RESULT, "report.txt")
    relink(store, PACK)
    assert _lights(store, 2023) == {"met": 1}


def test_the_same_bytes_are_one_document(store: Store) -> None:
    assert _keep(store, PROMISE, "2023.txt") == "imported"
    assert _keep(store, PROMISE, "copy.txt") == "unchanged"
    assert _keep(store, PROMISE, "copy.txt", again=True) == "reread"
    with store.connection() as connection:
        (document,) = ledger.documents(connection)
    assert (document.name, document.reader) == ("2023.txt", reader_version(PACK))


def test_a_correction_outlives_a_new_reading_and_changes_the_light(store: Store) -> None:
    _keep(store, PROMISE, "2023.txt")
    _keep(store, RESULT, "2024.txt")
    with store.connection() as connection:
        (row,) = ledger.search(connection, ledger.Filter(kind=("result",), measure=("growth",))).entries
        ledger.correct(connection, row.id, {"value": 6.5}, actor="test", at=AT)
    _keep(store, RESULT, "2024.txt", again=True)
    relink(store, PACK)
    assert _lights(store, 2023) == {"missed": 1}
    with store.connection() as connection:
        again = ledger.search(connection, ledger.Filter(review=("corrected",))).entries[0]
    assert again.value == 6.5
    assert again.id != row.id


def test_a_removed_document_takes_its_rows_along_and_may_come_again(store: Store) -> None:
    _keep(store, PROMISE, "2023.txt")
    _keep(store, RESULT, "2024.txt")
    with store.connection() as connection:
        removed = next(one for one in ledger.documents(connection) if one.name == "2024.txt")
        ledger.remove(connection, removed.id, actor="test", at=AT)
    relink(store, PACK)
    assert _lights(store, 2023) == {"open": 1}
    with store.connection() as connection, pytest.raises(StateError):
        ledger.remove(connection, removed.id, actor="test", at=AT)
    assert _keep(store, RESULT, "2024.txt") == "imported"
    with store.connection() as connection:
        told = [event.type for event in events.since(connection, stream=f"document:{removed.sha256}")]
        assert events.verify(connection).broken is None
    assert told == ["document.imported", "document.removed", "document.imported"]


def test_rows_are_named_by_the_registry(store: Store) -> None:
    _keep(store, RESULT, "2024.txt")
    with store.connection() as connection:
        assert ledger.search(connection, ledger.Filter(topic=("gdp",))).total == 1
