"""Rules equal a reference that looks at the whole past again at each event; once in effect; tried before switched on."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.errors import InputError
from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import Incoming, Layout
from bihuan.core.records.rule import Fence, Rule
from bihuan.sense.rules.backtest import backtest, raised
from bihuan.sense.rules.book import RuleBook
from bihuan.sense.rules.compiled import CompiledRule, EntityState, compiled, inside, key_of
from bihuan.sense.rules.machine import State, is_quiet, step
from bihuan.sense.rules.running import RuleRunner
from bihuan.sense.times import CHINA
from bihuan.store import entities, rollups, signals
from bihuan.store.connect import Store
from bihuan.store.lake import Lake
from bihuan.store.observations import ObservationWriter
from bihuan.store.packs import load_pack
from bihuan.store.rules import load_rules

START = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
STATION = Entity("urn:ngsi-ld:AirStation:1", "AirStation", "一号站", attributes={"limit": 100}, district="城区")
HIGH = Rule("high", "偏高", ("AirStation",), "pm25 > 75.0", "air.exceedance", "warning", "{name}{pm25}", "own",
            clear="pm25 < 65.0", lasting=timedelta(minutes=10))  # fmt: skip


def minutes(count: float) -> datetime:
    return START + timedelta(minutes=count)


def reference(values: Sequence[tuple[int, float]]) -> list[tuple[int, int]]:
    """(raised at, since) by looking at all of the past at each event: no state but which signals there are."""
    told: list[tuple[int, int]] = []
    over = -1
    for at, (minute, value) in enumerate(values):
        if told and told[-1][0] > over:
            if value < 65:
                over = minute
            continue
        run = [m for m, v in values[: at + 1] if m > over]
        held = []
        for m in reversed(run):
            if dict(values)[m] <= 75:
                break
            held.append(m)
        if held and minute - held[-1] >= 10:
            told.append((minute, held[-1]))
    return told


@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from([50.0, 64.0, 70.0, 76.0, 90.0])), max_size=40))
def test_the_machine_equals_the_reference(steps: list[tuple[int, float]]) -> None:
    now, values = 0, []
    for gap, value in steps:
        now += gap
        values.append((now, value))
    rule = CompiledRule(HIGH)
    events = [(minutes(minute), {"pm25": value}) for minute, value in values]
    found = [(s.at, s.key) for s in raised(rule, EntityState(1, STATION), events)]
    assert found == [(minutes(at), key_of("high", STATION, minutes(since))) for at, since in reference(values)]


@given(st.lists(st.booleans(), max_size=12), st.lists(st.integers(-30, 30), max_size=5))
def test_what_comes_late_changes_nothing(holds: list[bool], late: list[int]) -> None:
    state = State()
    for number, one in enumerate(holds):
        state = step(state, minutes(number), holds=one, over=not one, lasting=timedelta(minutes=2)).state
        for minute in late:
            if minute < number:
                again = step(state, minutes(minute), holds=not one, over=one, lasting=timedelta(minutes=2))
                assert (again.state, again.happened) == (state, None)


def test_what_is_not_known_is_neither_true_nor_false() -> None:
    rule = CompiledRule(replace(HIGH, when="pm25 > 75.0 && so2 > 1.0", clear=None, lasting=timedelta(0)))
    events: list[Any] = [(minutes(0), {"pm25": 80.0}), (minutes(1), {"so2": 2.0}), (minutes(2), {"so2": 0.5})]
    assert [s.at for s in raised(rule, EntityState(1, STATION), events)] == [minutes(1)]


@pytest.mark.parametrize(
    ("at", "quiet"), [(time(23, 0), True), (time(5, 59), True), (time(6, 0), False), (time(12, 0), False)]
)
def test_quiet_hours_go_over_midnight(at: time, quiet: bool) -> None:
    moment = datetime.combine(START.date(), at, CHINA)
    assert is_quiet(moment, (time(22, 0), time(6, 0))) is quiet


def test_what_still_holds_after_quiet_hours_is_told_then() -> None:
    rule = CompiledRule(replace(HIGH, quiet=(time(8, 0), time(9, 0))))  # 08:00 in China is START
    events = [(minutes(m), {"pm25": 90.0}) for m in range(0, 90, 5)]
    (only,) = raised(rule, EntityState(1, STATION), events)
    assert only.at == minutes(60)
    assert only.text == "一号站90"


def test_rates_places_and_the_registry() -> None:
    ring = ((113.0, 37.0), (114.0, 37.0), (114.0, 38.0), (113.0, 38.0))
    assert inside(ring, 113.5, 37.5)
    assert not inside(ring, 112.5, 37.5)
    fences = [Fence("area", "区", ring)]
    rate = replace(
        HIGH,
        when="has(previous.pm25) && (pm25 - previous.pm25) / seconds * 60.0 > 5.0",
        clear=None,
        lasting=timedelta(0),
    )
    events: list[Any] = [(minutes(0), {"pm25": 10.0}), (minutes(1), {"pm25": 14.0}), (minutes(2), {"pm25": 20.0})]
    assert [s.at for s in raised(CompiledRule(rate, fences), EntityState(1, STATION), events)] == [minutes(2)]
    away = replace(HIGH, when="!inside('area', lon_deg, lat_deg)", clear=None, lasting=timedelta(0))
    moves: list[Any] = [
        (minutes(0), {"lon_deg": 113.5, "lat_deg": 37.5}),
        (minutes(1), {"lon_deg": 112.0, "lat_deg": 37.5}),
    ]
    assert [s.at for s in raised(CompiledRule(away, fences), EntityState(1, STATION), moves)] == [minutes(1)]
    joined = CompiledRule(
        replace(HIGH, where="entity.district == '城区' && entity.limit < 200.0", when="pm25 > entity.limit")
    )
    assert joined.concerns(STATION)
    assert not joined.concerns(replace(STATION, district="矿区"))
    assert not joined.concerns(replace(STATION, attributes={}))


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ("pm25 >", "no CEL"),
        ("pm25 * 2 > 75.0", "cannot be counted"),
        ("pm26(pm25)", "Undefined"),
        ("PM25 > 1.0", "no attribute"),
        ("inside('nowhere', pm25, pm25)", "Undefined fence 'nowhere'"),
        ("entity.limit > 3.0", "looks at no attribute"),
    ],
)
def test_a_wrong_expression_is_found_before_it_is_switched_on(when: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault) as caught:
        compiled([replace(HIGH, when=when)], [])
    assert "rule high, when" in str(caught.value)


def test_the_rules_of_the_pack_are_sound_and_the_office_can_read_them() -> None:
    rules, fences = load_rules(load_pack("yangquan").folder)
    assert len(compiled(rules, fences)) == len(rules) >= 18
    assert {rule.kind for rule in rules} >= {
        "air.exceedance",
        "water.exceedance",
        "hazard.found",
        "energy.budget",
        "city.event",
    }


AIR = Layout(("pm25",), ("微克/立方米",))


def send(writer: ObservationWriter, number: int, values: Sequence[tuple[int, float]]) -> None:
    batch = [Incoming(number, minutes(m), "now", m, AIR, [v]) for m, v in values]
    writer.write(batch, at=START, door="test")


def test_a_rule_raises_once_whatever_comes_again_and_whenever_it_is_killed(store: Store, tmp_path: Path) -> None:
    with store.connection() as connection:
        number = entities.keep(connection, [STATION], at=START)[STATION.urn]
    rules = RuleBook([HIGH])
    RuleRunner(store, rules).begin()
    writer = ObservationWriter(store.connect())
    for first in range(0, 30, 3):
        send(writer, number, [(m, 90.0) for m in range(first, first + 3)])
        send(writer, number, [(first, 90.0)])  # again
        assert RuleRunner(store, rules).run() == 3  # a new process each time: it knows what the last one kept
    send(writer, number, [(31, 60.0), (32, 90.0)])
    runner = RuleRunner(store, rules)
    runner.run()
    assert runner.run() == 0
    writer.close()
    with store.connection() as connection:
        (only,) = signals.latest(connection)
        tried = backtest(CompiledRule(HIGH), connection, Lake(tmp_path), START, minutes(60))
    assert only.signal.at == minutes(10)
    assert only.cleared_at is not None
    assert only.signal.evidence == (f"{STATION.urn}|pm25|{minutes(10).isoformat()}",)
    assert [one.key for one in tried] == [only.signal.key]


def test_a_rule_that_fails_halfway_looks_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.connection() as connection:
        number = entities.keep(connection, [STATION], at=START)[STATION.urn]
    runner = RuleRunner(store, RuleBook([replace(HIGH, lasting=timedelta(0))]))
    runner.begin()
    writer = ObservationWriter(store.connect())
    send(writer, number, [(0, 90.0)])
    writer.close()
    with monkeypatch.context() as patched:
        patched.setattr(signals, "raise_", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            runner.run()
    assert runner.run() == 1
    with store.connection() as connection:
        assert len(signals.latest(connection)) == 1


def test_the_pace_of_a_year_is_held_against_its_budget(store: Store) -> None:
    now = datetime(2026, 7, 2, 12, 0, tzinfo=CHINA)  # half of the year
    firm = Entity(
        "urn:ngsi-ld:EnergyUser:1",
        "EnergyUser",
        "甲厂",
        attributes={"year_budget": 1000, "budget_attribute": "energy_tce"},
    )
    rules, fences = load_rules(load_pack("yangquan").folder)
    pace = RuleBook([rule for rule in rules if rule.id == "energy-pace"], fences)
    clocked = replace(store, clock=lambda: now)
    with store.connection() as connection:
        number = entities.keep(connection, [firm], at=START)[firm.urn]
    for month, grown, told in ((1, 400.0, 0), (2, 160.0, 1), (3, 50.0, 1)):
        with store.connection() as connection:
            empty = dict.fromkeys(rollups.FIELDS) | {"count": 1, "valid": 1, "total": 0.0, "growth": grown}
            rollups.keep(connection, number, "month", datetime(2026, month, 1, tzinfo=CHINA), {"energy_tce": empty})
        assert RuleRunner(clocked, pace).tick() == 1
        with store.connection() as connection:
            assert len(signals.latest(connection)) == told


def test_what_is_new_and_the_clock_are_looked_at_by_one_thread_at_a_time(store: Store) -> None:
    """Both meet and forget entities: what one forgot while the other looked was a KeyError."""
    runner = RuleRunner(store, RuleBook.of(load_pack("yangquan").folder))
    runner.begin()
    with ThreadPoolExecutor(2) as pool:
        with runner._alone:
            waiting = [pool.submit(runner.run), pool.submit(runner.tick)]
            assert not wait(waiting, timeout=0.3).done
        assert [one.result(timeout=120) for one in waiting] == [0, 0]
