"""The supervision office's overview: figures that are right, and each leads to the cases behind it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.show.browsing import Client
from tests.show.casework import NOW, signed_in

from bihuan.act.command import Opening
from bihuan.core.records.principal import Principal
from bihuan.show.casecounts import by_type, by_unit, whole
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_tallies import Tally, tallies
from bihuan.store.connect import Store

CHIEF = Principal("account:1", "督查员", "government-office", frozenset({"supervisor"}), "city")
TALLIES = [
    Tally("13710", "doing", 0, "housing", 1, overdue=0, soon=1, returned=0),
    Tally("13710", "doing", 2, "housing", 1, overdue=0, soon=1, returned=1),
    Tally("13710", "applied", 4, "housing", 1, overdue=1, soon=0, returned=0),
    Tally("hazard", "fixing", 4, "housing", 1, overdue=1, soon=0, returned=0),
    Tally("13710", "opened", 0, None, 2, overdue=0, soon=0, returned=0),
]


def opened(client: Client, store: Store, title: str, lead: str | None, days_ago: int = 0) -> str:
    engine = client.app.state.engine
    opening = Opening("13710", {"title": title, "requirement": "查清"}, lead=lead)
    with store.connection() as connection:
        return str(engine.open(connection, CHIEF, opening, NOW - timedelta(days=days_ago)).case.number)


def test_lines_add_up() -> None:
    units = by_unit(TALLIES, lambda unit: unit or "nobody")
    assert [(line.name, line.open.count, line.lights["red"].count) for line in units] == [
        ("housing", 4, 2),
        ("nobody", 2, 0),
    ]
    types = by_type(TALLIES, str)
    assert [(line.name, line.open.count) for line in types] == [("13710", 5), ("hazard", 1)]
    for lines in (units, types):
        assert sum(line.open.count for line in lines) == whole(TALLIES).open.count == 6
        assert all(sum(one.count for one in line.lights.values()) == line.open.count for line in lines)


def test_every_figure_leads_to_as_many_cases(casework: Client, store: Store) -> None:
    opened(casework, store, "河道排口整治", "ecology", days_ago=20)
    opened(casework, store, "供热管网改造", "housing")
    opened(casework, store, "尚无牵头单位", None)
    chief = signed_in(casework, "demo-chief")
    page = chief.get("/supervision").text
    figures = re.findall(r'<td class="num"[^>]*><a href="([^"]+)">(\d+)</a>', page)
    assert len(figures) > 8
    for address, count in figures:
        listed = chief.get(address.replace("&amp;", "&")).text
        assert listed.count('data-row="c') == int(count), address


def test_a_unit_sees_its_own_cases_only(casework: Client, store: Store) -> None:
    mine, other = opened(casework, store, "供热", "housing", 20), opened(casework, store, "排口", "ecology", 20)
    page = signed_in(casework, "demo-housing").get("/supervision").text
    assert mine in page
    assert other not in page


def test_tallies_ask_the_clock(casework: Client, store: Store) -> None:
    opened(casework, store, "排口", "ecology", days_ago=20)
    with store.connection() as connection:
        [late] = tallies(connection, CaseFilter(), NOW, NOW + timedelta(days=3)).all
        before = NOW - timedelta(days=30)
        [early] = tallies(connection, CaseFilter(units=("ecology",)), before, before + timedelta(days=1)).all
        assert tallies(connection, CaseFilter(units=("housing",)), NOW, NOW).total == 0
    assert (late.overdue, early.overdue) == (1, 0)


@pytest.mark.parametrize("state", ["all", "closed", "overdue", "soon", "returned", "open", "nonsense"])
def test_every_state_of_the_list_has_an_answer(casework: Client, state: str) -> None:
    chief = signed_in(casework, "demo-chief")
    for sort in ("", "&sort=due", "&sort=newest"):
        assert chief.get(f"/cases?state={state}{sort}").status_code == 200
