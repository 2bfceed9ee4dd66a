import pytest
from tests.store.readings import AT, Draft, keep

from bihuan.store import ledger
from bihuan.store.connect import Connection, Store
from bihuan.store.memo import remembered


def ask(connection: Connection, asked: list[int]) -> int:
    def answer() -> int:
        asked.append(1)
        return len(asked)

    return remembered(connection, "question", answer)


def test_an_answer_is_given_again_until_the_ledger_changes(store: Store) -> None:
    asked: list[int] = []
    with store.connection() as connection:
        assert [ask(connection, asked) for _ in range(3)] == [1, 1, 1]
    keep(store, Draft("a.txt").does("建成", "医院"))
    with store.connection() as connection:
        assert [ask(connection, asked) for _ in range(2)] == [2, 2]
    keep(store, Draft("a.txt").does("建成", "医院"))
    with store.connection() as connection:
        assert ask(connection, asked) == 2, "the same document again changed nothing"


def test_links_made_anew_are_a_change(store: Store) -> None:
    keep(store, Draft("a.txt").does("建成", "医院"))
    asked: list[int] = []
    with store.connection() as connection:
        ask(connection, asked)
    with store.connection() as connection:
        ledger.replace_links(connection, [], ledger_revision=ledger.revisions(connection).ledger)
    with store.connection() as connection:
        assert ask(connection, asked) == 2


def test_what_a_transaction_sees_of_its_own_writing_is_not_remembered(store: Store) -> None:
    def write_and_fail() -> None:
        with store.connection() as connection:
            ledger.save(connection, Draft("a.txt").does("建成", "医院").reading(), actor="t", at=AT)
            assert ledger.count(connection) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with store.connection() as connection:
        assert ledger.count(connection) == 0
        assert ledger.search(connection).total == 0


def test_the_same_revisions_written_by_another_transaction_are_another_state(store: Store) -> None:
    """A restored backup counts its revisions anew, over other rows."""
    asked: list[int] = []
    with store.connection() as connection:
        ask(connection, asked)
    with store.connection() as connection:
        connection.execute("update ledger_state set ledger_revision = ledger_revision")
    with store.connection() as connection:
        assert ask(connection, asked) == 2


def test_counts_follow_a_correction_and_an_undo(store: Store) -> None:
    keep(store, Draft("a.txt").says("发电量", "1亿", 1e8, kind="target", period="2023"))
    with store.connection() as connection:
        (row,) = ledger.export(connection)
        assert (ledger.compare(connection, 2023).total, ledger.years(connection)) == (1, [2023])
    with store.connection() as connection:
        ledger.correct(connection, row.id, {"period": "2024"}, actor="t", at=AT)
    with store.connection() as connection:
        assert (ledger.compare(connection, 2023).total, ledger.years(connection)) == (0, [2024])
    with store.connection() as connection:
        ledger.undo(connection, row.id, actor="t", at=AT)
    with store.connection() as connection:
        assert ledger.years(connection) == [2023]
        assert [(value.value, value.count) for value in ledger.search(connection).facets["year"]] == [(2023, 1)]
