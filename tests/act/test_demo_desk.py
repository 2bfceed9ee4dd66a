"""The made-up desk of the demonstration: alive on whatever day it is laid out, and laid out once."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from tests.act.conftest import at
from tests.store.readings import Draft, keep

from bihuan.act import demo_accounts, demo_desk, timers
from bihuan.act.engine import Engine
from bihuan.core.errors import PackError
from bihuan.core.records.principal import SYSTEM
from bihuan.store import case_lists, events
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.connect import Store
from bihuan.store.packs import default_pack


@pytest.mark.parametrize("today", ["2026-11-24T18:00", "2026-03-01T10:00", "2026-10-05T08:00"])
def test_the_desk_is_alive_on_any_day(store: Store, engine: Engine, today: str) -> None:
    with store.connection() as connection:
        demo_accounts.make(connection, engine, at(today))
        count = demo_desk.lay_out(connection, engine, default_pack(), at(today))
        assert demo_desk.lay_out(connection, engine, default_pack(), at(today)) == 0
        rows = list(case_lists.everything(connection, CaseFilter(is_open=None)))
        assert timers.fire_batch(connection, engine, at(today)) == 0
        audit = events.verify(connection)
    assert len(rows) == count
    assert {row.type for row in rows} >= set(engine.types) - {"promise"}
    assert {row.light_name for row in rows if row.is_open} == {"green", "yellow", "red"}
    assert {row.step for row in rows if row.type == "project"} >= {"idea", "reserve", "signed", "started", "running"}
    assert Counter(row.is_open for row in rows)[False] >= 5
    assert audit.broken is None


def test_a_story_is_opened_for_the_promise_of_the_ledger_that_it_names(store: Store, engine: Engine) -> None:
    promise = Draft("报告.txt").says("改造农村户厕", "1万个", 1e4, unit="个", kind="target", period="2026")
    keep(store, promise)
    today = at("2026-11-24T18:00")
    with store.connection() as connection:
        demo_accounts.make(connection, engine, today)
        demo_desk.lay_out(connection, engine, default_pack(), today)
        (row,) = case_lists.everything(connection, CaseFilter(type=("promise",)))
        case = engine.load(connection, SYSTEM, row.number)
    assert (case.lead, case.values["target"], case.values["due"]) == ("housing", 1e4, "2026-12-31")
    assert [clock.id for clock in case.clocks if clock.is_open] == ["final", "monthly#2"]


def test_past_the_calendar_the_desk_stays_empty(store: Store, engine: Engine) -> None:
    past = at(f"{engine.calendar.last_day.year + 1}-02-08T12:00")
    with store.connection() as connection:
        demo_accounts.make(connection, engine, past)
        assert demo_desk.lay_out(connection, engine, default_pack(), past) == 0


def test_times_count_weekdays_from_today(tmp_path: Path) -> None:
    path = tmp_path / demo_desk.FILE
    path.write_text(
        "- type: project\n  scenes:\n    - {at: D-1T09:00, by: a, do: open, values: {next_date: D+1, title: D+1x}}\n"
    )
    for today, before, after in (
        (date(2026, 11, 24), "2026-11-23", "2026-11-25"),
        (date(2026, 11, 23), "2026-11-20", "2026-11-24"),
        (date(2026, 11, 22), "2026-11-19", "2026-11-23"),
    ):
        scene = demo_desk.read(path, today)[0].scenes[0]
        assert (scene.at, scene.values) == (f"{before}T09:00", {"next_date": after, "title": "D+1x"})


def test_a_story_that_cannot_be_is_refused_by_its_place(store: Store, engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / demo_desk.FILE
    path.write_text("- type: project\n  scenes:\n    - {at: yesterday, by: a, does: open}\n")
    with pytest.raises(PackError, match="is no file of stories"):
        demo_desk.read(path, date(2026, 11, 24))
