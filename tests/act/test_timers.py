"""Timers: in order, once in effect, through two workers, a crash, downtime and a clock that jumps."""

import threading

import msgspec
import pytest
from tests.act.conftest import CHIEF, CLERK, Office, at

from bihuan.act import timers
from bihuan.act.command import Command, Opening
from bihuan.act.points import laid_out
from bihuan.act.scenario import wait
from bihuan.store import cases, events


def tick(office: Office, when: str, batch: int = 1000) -> int:
    return timers.tick(office.store, office.engine, at(when), batch=batch)


def fired(office: Office, number: str) -> list[tuple[str, str]]:
    with office.store.connection() as connection:
        history = cases.history(connection, number)
    return [(body["clock"], body["what"]) for kind, body, _ in history if kind == "case.timer"]


def test_points_fire_after_their_time_never_at_it(office: Office) -> None:
    case = office.matter()
    assert tick(office, "2026-03-03T18:00") == 1  # yellow of day 1, at 14:00
    assert office.load(case.number).light == "yellow"
    assert tick(office, "2026-03-03T18:00") == 0
    assert tick(office, "2026-03-03T18:01") == 1
    assert office.load(case.number).light == "red"


def test_after_downtime_all_points_come_in_order(office: Office) -> None:
    case = office.matter()
    assert tick(office, "2026-03-20T09:00") == 8
    assert fired(office, case.number) == [
        ("day1", "light"),
        ("day1", "due"),
        ("day3", "light"),
        ("day3", "due"),
        ("day3", "escalate"),
        ("day7", "light"),
        ("day7", "due"),
        ("day7", "escalate"),
    ]
    after = office.load(case.number)
    assert (after.light, after.level) == ("red", 2)
    with office.store.connection() as connection:
        assert events.verify(connection).broken is None


def test_what_timers_store_is_what_waiting_makes(office: Office) -> None:
    """The points laid out in advance come to the same state as walking through time with the whole case."""
    opening = Opening("promise", {"title": "甲", "due": "2026-06-30", "milestones": ["2026-03-31", "2026-06-30"]})
    case = office.open(CHIEF, opening).case
    case = office.act(CHIEF, case.number, Command("assign", 1, lead="ecology"))
    tick(office, "2026-08-01T09:00")
    stored, walked = office.load(case.number), wait(office.engine.law("promise"), case, at("2026-08-01T09:00"))
    assert [c.id for c in stored.clocks] == [c.id for c in walked.clocks]
    assert (stored.light, stored.level, stored.version) == (walked.light, walked.level, walked.version)
    assert [(c.fired, c.light, c.due_at) for c in stored.clocks] == [
        (c.fired, c.light, c.due_at) for c in walked.clocks
    ]
    assert {c.id for c in stored.clocks} >= {"monthly#5", "milestone#2", "final"}


def test_two_workers_fire_every_point_once(office: Office) -> None:
    numbers = [office.matter().number for _ in range(40)]
    counts: list[int] = []

    def work() -> None:
        counts.append(tick(office, "2026-03-20T09:00", batch=7))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tick(office, "2026-03-20T09:00")  # what one held while the other looked
    assert all(len(fired(office, number)) == 8 for number in numbers)
    assert sum(counts) <= 320
    with office.store.connection() as connection:
        assert events.verify(connection).broken is None


def test_a_crash_before_the_commit_leaves_the_point_to_be_fired(office: Office) -> None:
    case = office.matter()

    def cut_short() -> None:
        with office.store.connection() as connection:
            assert timers.fire_batch(connection, office.engine, at("2026-03-03T18:01")) == 1
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        cut_short()
    assert fired(office, case.number) == []
    assert tick(office, "2026-03-03T18:01") == 2


def test_a_clock_that_jumps_back_fires_nothing_twice(office: Office) -> None:
    case = office.matter()
    tick(office, "2026-03-04T09:00")
    before = fired(office, case.number)
    assert tick(office, "2026-03-02T09:00") == 0
    assert tick(office, "2026-03-04T09:00") == 0
    assert fired(office, case.number) == before


def test_an_action_lays_the_points_out_anew(office: Office) -> None:
    case = office.matter()
    office.act(CLERK, case.number, Command("report", 1, note="已部署"))
    tick(office, "2026-03-04T09:00")
    assert ("day1", "due") not in fired(office, case.number)
    case = office.load(case.number)
    with office.store.connection() as connection:
        points = connection.execute("select points from act_timer").fetchone()
    assert points is not None
    assert points[0] == msgspec.json.encode(laid_out(office.engine.law("13710"), case)).decode()


def test_a_person_is_not_stale_because_a_light_changed(office: Office) -> None:
    case = office.matter()
    tick(office, "2026-03-04T09:00")
    assert office.load(case.number).version > case.version
    after = office.act(CLERK, case.number, Command("report", case.version, note="补报"), "2026-03-04T10:00")
    assert after.version == office.load(case.number).version


def test_units_are_told_once(office: Office) -> None:
    office.matter()
    tick(office, "2026-03-20T09:00")
    with office.store.connection() as connection:
        told = connection.execute("select unit, count(*) from act_notice group by unit order by unit").fetchall()
    assert told == [("ecology", 7), ("government-office", 5)]
