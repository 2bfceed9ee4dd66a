"""Lists: who sees what, filters, pages without gaps or repeats."""

import pytest
from tests.act.conftest import CHIEF, CLERK, HOTLINE, Office, at

from bihuan.act.command import Command, Opening
from bihuan.core.errors import InputError
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_lists import everything, listed
from bihuan.store.case_tallies import MOST_COUNTED, Tallies, tallies
from bihuan.store.connect import Connection


@pytest.fixture
def filled(office: Office) -> Office:
    for n in range(7):
        office.matter(f"2026-03-0{n % 3 + 2}T09:00", title=f"第{n}号河道")
    office.open(HOTLINE, Opening("hotline", {"title": "供水不稳", "description": "三楼", "topic": "water"}))
    office.open(CHIEF, Opening("promise", {"title": "打通断头路", "due": "2026-12-31"}))
    return office


def titles(office: Office, **wanted: object) -> list[str]:
    with office.store.connection() as connection:
        return [row.title for row in listed(connection, CaseFilter(**wanted)).rows]  # type: ignore[arg-type]


def test_filters_narrow(filled: Office) -> None:
    assert len(titles(filled)) == 9
    assert titles(filled, type=("hotline",), category=("water",)) == ["供水不稳"]
    assert titles(filled, units=("water",)) == ["供水不稳"]
    assert titles(filled, units=()) == []
    assert len(titles(filled, units=("ecology", "water"))) == 8
    assert titles(filled, text="断头") == ["打通断头路"]
    assert titles(filled, text="3号 河道") == ["第3号河道"]
    assert titles(filled, text="DB2026-00004") == ["第3号河道"]
    assert len(titles(filled, overdue_at=at("2026-03-03T19:00"))) == 4  # three of the 2nd, and the hotline's
    assert titles(filled, number=("DB2026-00001",)) == ["第0号河道"]
    assert titles(filled, text="' or 1=1 --") == []


def test_the_nearest_due_comes_first_and_pages_join(filled: Office) -> None:
    with filled.store.connection() as connection:
        whole = [row.number for row in listed(connection, CaseFilter(), limit=100).rows]
        for sort in ("due", "newest", "oldest"):
            pages, after = [], None
            while True:
                page = listed(connection, CaseFilter(), sort=sort, after=after, limit=2)
                pages += [row.number for row in page.rows]
                after = page.after
                if after is None:
                    break
            assert sorted(pages) == sorted(whole)
            assert len(pages) == len(set(pages)) == 9
        rows = listed(connection, CaseFilter()).rows
        dues = [row.next_due for row in rows if row.next_due]
        assert dues == sorted(dues)
        assert len(list(everything(connection, CaseFilter(is_open=None)))) == 9


def test_a_case_without_a_due_time_comes_last(filled: Office) -> None:
    number = filled.matter("2026-03-05T09:00").number
    case = filled.act(CLERK, number, Command("accept", 1), "2026-03-05T09:30")
    with filled.store.connection() as connection:
        connection.execute("update act_case set next_due = null where number = %s", [case.number])
        page = listed(connection, CaseFilter(), limit=9)
        assert case.number not in [row.number for row in page.rows]
        assert page.after is not None
        rest = listed(connection, CaseFilter(), after=page.after, limit=9)
        assert [row.number for row in rest.rows] == [case.number]


def counted(connection: Connection, most: int = MOST_COUNTED, **wanted: object) -> Tallies:
    now, soon = at("2026-03-03T19:00"), at("2026-03-04T19:00")
    return tallies(connection, CaseFilter(**wanted), now, soon, most)  # type: ignore[arg-type]


def test_cases_are_counted_by_what_pages_ask(filled: Office) -> None:
    with filled.store.connection() as connection:
        found = counted(connection)
        assert found.by("type") == {"13710": 7, "hotline": 1, "promise": 1}
        assert (found.total, found.whole, sum(found.by("light").values())) == (9, True, 9)
        assert sum(tally.overdue for tally in found.all) == 4
        assert counted(connection, text="河道").by("lead") == {"ecology": 7}
        assert counted(connection, type=("promise",), is_open=None).total == 1
        assert counted(connection, units=()).total == 0


def test_where_closed_cases_are_counted_there_may_be_more(filled: Office) -> None:
    with filled.store.connection() as connection:
        assert counted(connection, 5).total == 9
        for units in (None, ("ecology", "government-office", "water")):
            assert not counted(connection, 5, is_open=None, units=units).whole
            assert counted(connection, 9, is_open=None, units=units).whole
        assert counted(connection, 5, is_open=False).whole


def test_a_list_is_asked_for_as_it_can_be(filled: Office) -> None:
    with filled.store.connection() as connection:
        with pytest.raises(InputError):
            listed(connection, CaseFilter(), limit=501)
        with pytest.raises(InputError, match="only open cases"):
            listed(connection, CaseFilter(is_open=None))


def test_units_see_what_they_lead_assign_and_support_once(office: Office) -> None:
    for n in range(5):
        lead, support = ("water", "ecology") if n % 2 else ("ecology", "water")
        office.open(CHIEF, Opening("13710", {"title": f"第{n}号", "requirement": "乙"}, lead=lead, supports=(support,)))
    with office.store.connection() as connection:
        for units in (("water",), ("ecology",), ("water", "ecology"), ("government-office", "water")):
            for sort, state in (("due", True), ("newest", None), ("oldest", None)):
                wanted = CaseFilter(units=units, is_open=state)
                pages, after = [], None
                while True:
                    page = listed(connection, wanted, sort=sort, after=after, limit=2)  # type: ignore[arg-type]
                    pages += [row.title for row in page.rows]
                    after = page.after
                    if after is None:
                        break
                assert sorted(pages) == [f"第{n}号" for n in range(5)], (units, sort)
        assert counted(connection, units=("water",)).by("lead") == {"ecology": 3, "water": 2}
