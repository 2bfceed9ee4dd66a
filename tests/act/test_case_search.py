"""Lists found by words: whichever way is taken, few hits sorted or many walked, a list is what the filter says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.act.conftest import CHIEF, Office

from bihuan.act.command import Command, Opening
from bihuan.store import case_conditions, case_lists
from bihuan.store.case_conditions import NOBODY, CaseFilter, search
from bihuan.store.case_lists import CaseRow, Sort, everything, listed
from bihuan.store.case_tallies import tallies
from bihuan.store.connect import Connection, Store
from bihuan.store.words import lexemes, normalised, words

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
SOON = NOW + timedelta(days=3)
UNITS = ("ecology", "water", "housing", "pingding")
TEXTS = ("供水不稳 第7号", "供水管网", "河道排口", "水", "ABC水表 7")
ASKED = ("", "水", "供水", "供水 7号", "河道排口", "abc水", "7", "无", "%", "' or 1=1 --", " ")


def store_cases(connection: Connection, rng: random.Random, number: int) -> None:
    for n in range(number):
        opened = NOW - timedelta(days=rng.choice((0, 1, 30, 31, 400)), minutes=rng.randrange(3))
        is_open = rng.random() < 0.6
        row = {
            "number": f"T-{n}", "type": rng.choice(("13710", "hotline")), "category": rng.choice(("water", None)),
            "title": rng.choice(TEXTS), "step": rng.choice(("doing", "applied")), "office": rng.choice(UNITS),
            "lead": rng.choice((*UNITS, None)), "supports": rng.sample(UNITS, rng.randrange(3)), "light": rng.randrange(5),
            "is_open": is_open, "next_due": rng.choice((None, NOW + timedelta(days=rng.randrange(-5, 9)))) if is_open else None,
            "opened_at": opened, "returns": rng.randrange(2),
        }  # fmt: skip
        connection.execute(
            """insert into act_case (number, type, category, title, step, office, lead, supports, opened_by, light, level,
                version, is_open, next_due, opened_at, updated_at, returns)
            values (%(number)s, %(type)s, %(category)s, %(title)s, %(step)s, %(office)s, %(lead)s, %(supports)s, 'x',
                %(light)s, 0, 1, %(is_open)s, %(next_due)s, %(opened_at)s, %(opened_at)s, %(returns)s)""",
            row,
        )
        searched = words([row["number"], row["title"]])
        connection.execute(
            "insert into act_words (case_id, words, search) select id, %s, %s::tsvector from act_case where number = %s",
            [searched, lexemes(searched), row["number"]],
        )


def move_cases(connection: Connection, rng: random.Random, number: int) -> None:
    """Close, hand over and reopen some, as actions do."""
    for n in rng.sample(range(number), number // 3):
        connection.execute(
            "update act_case set is_open = %s, lead = %s, supports = %s where number = %s",
            [rng.random() < 0.5, rng.choice((*UNITS, None)), rng.sample(UNITS, rng.randrange(3)), f"T-{n}"],
        )
        connection.execute("update act_case set next_due = null where not is_open")


def some_filter(rng: random.Random) -> CaseFilter:
    def maybe(value: Any, likely: float = 0.2) -> Any:
        return value if rng.random() < likely else ()

    is_open = rng.choice((True, True, False, None))
    return CaseFilter(
        units=rng.choice((None, None, tuple(rng.sample(UNITS, rng.randrange(3))))), is_open=is_open,
        type=maybe(("hotline",), 0.1), category=maybe(("water",), 0.1), step=maybe(("doing",), 0.1), light=maybe((0, 4), 0.1),
        office=maybe(("ecology", "water"), 0.1), lead=maybe(rng.choice((("water",), ("water", NOBODY))), 0.1),
        turns=maybe((("hotline", "doing"), ("13710", "applied")), 0.1),
        overdue_at=maybe(NOW, 0.1) or None, due_from=maybe(NOW, 0.1) or None, least_returns=maybe(1, 0.1) or None,
        opened_from=maybe(NOW - timedelta(days=31), 0.1) or None, text=rng.choice(ASKED),
    )  # fmt: skip


def fits(row: CaseRow, wanted: CaseFilter) -> bool:
    """What the filter says, said again in the plainest way."""
    seen = wanted.units is None or {row.lead, row.office, *row.supports} & set(wanted.units)
    texts = (normalised(row.number), normalised(row.title))
    alternatives = all(
        not chosen or value in chosen
        for chosen, value in (
            (wanted.type, row.type), (wanted.category, row.category), (wanted.step, row.step),
            (wanted.light, row.light), (wanted.office, row.office), (wanted.lead, row.lead or NOBODY),
        )
    )  # fmt: skip
    return (
        bool(seen) and alternatives and (not wanted.turns or (row.type, row.step) in wanted.turns) and wanted.is_open in (None, row.is_open)
        and all(any(normalised(term) in text for text in texts) for term in wanted.text.split())
        and (wanted.overdue_at is None or (row.next_due is not None and row.next_due < wanted.overdue_at))
        and (wanted.due_from is None or (row.next_due is not None and row.next_due >= wanted.due_from))
        and row.returns >= (wanted.least_returns or 0)
        and (wanted.opened_from is None or row.opened_at >= wanted.opened_from)
    )  # fmt: skip


def in_order(rows: list[CaseRow], sort: Sort) -> list[str]:
    far = datetime.max.replace(tzinfo=UTC)
    if sort == "due":
        rows = sorted(rows, key=lambda row: (row.next_due or far, row.id))
    else:
        rows = sorted(rows, key=lambda row: (row.opened_at, row.id), reverse=sort == "newest")
    return [row.number for row in rows]


def paged(connection: Connection, wanted: CaseFilter, sort: Sort, limit: int) -> Iterator[str]:
    after = None
    while True:
        page = listed(connection, wanted, sort=sort, after=after, limit=limit)
        yield from (row.number for row in page.rows)
        after = page.after
        if after is None:
            return


@pytest.mark.parametrize("most", [10_000, 12, 3, 0])
def test_a_list_is_what_its_filter_says(store: Store, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    rng = random.Random(most)
    monkeypatch.setattr(case_conditions, "MOST_FOUND", most)
    monkeypatch.setattr(case_lists, "SORTED", most // 2)
    monkeypatch.setattr(case_lists, "WALKED", max(most, 1))
    with store.connection() as connection:
        store_cases(connection, rng, 90)
        move_cases(connection, rng, 90)
        rows = listed(connection, CaseFilter(is_open=None), sort="newest", limit=500).rows
        assert len(rows) == 90
        for _ in range(150):
            wanted = some_filter(rng)
            expected = [row for row in rows if fits(row, wanted)]
            sort: Sort = rng.choice(("due", "newest", "oldest") if wanted.is_open else ("newest", "oldest"))
            assert list(paged(connection, wanted, sort, rng.choice((3, 100)))) == in_order(expected, sort), (
                wanted,
                sort,
            )
            counted = tallies(connection, wanted, NOW, SOON)
            if counted.whole:
                assert counted.total == len(expected), wanted
                assert counted.by("lead") == {
                    unit: n for unit in (*UNITS, None) if (n := sum(row.lead == unit for row in expected))
                }
                assert sum(tally.overdue for tally in counted.all) == sum(
                    row.next_due is not None and row.next_due < NOW for row in expected
                )
            else:
                assert counted.total <= len(expected), wanted
                assert len(expected) > (0 if case_conditions.asks_for_more(wanted) else most), wanted


def test_hits_that_are_shared_make_the_same_list(store: Store) -> None:
    rng = random.Random(7)
    with store.connection() as connection:
        store_cases(connection, rng, 40)
        wanted = CaseFilter(text="水", units=("water", "ecology"))
        hits = search(connection, wanted)
        assert hits is not None
        assert hits.whole
        narrower = replace(wanted, light=(0, 1), type=("hotline",))
        assert listed(connection, narrower, hits=hits) == listed(connection, narrower)
        assert tallies(connection, narrower, NOW, SOON, hits=hits) == tallies(connection, narrower, NOW, SOON)
        assert search(connection, CaseFilter(text="　 ")) is None


def test_what_actions_change_is_found_where_it_stands_now(office: Office) -> None:
    opening = Opening("13710", {"title": "河道排口", "requirement": "封堵"}, lead="ecology", supports=("water",))
    case = office.open(CHIEF, opening).case
    with office.store.connection() as connection:
        for unit in ("ecology", "water", "government-office"):
            rows = everything(connection, CaseFilter(text="排口", units=(unit,)))
            assert [row.number for row in rows] == [case.number], unit
        assert not list(everything(connection, CaseFilter(text="排口", units=("housing",))))
    office.act(CHIEF, case.number, Command("assign", case.version, lead="housing"))
    with office.store.connection() as connection:
        assert [row.number for row in everything(connection, CaseFilter(text="排口", units=("housing",)))] == [
            case.number
        ]
        assert not list(everything(connection, CaseFilter(text="排口", units=("ecology",))))
