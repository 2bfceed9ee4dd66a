"""Roll-ups equal a naive recomputation, whatever order the values came in and however often."""

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.records.entity import Device, Entity
from bihuan.core.records.observation import Incoming, Layout, Quality
from bihuan.sense import rolling, rollups
from bihuan.sense.rollups import ANY, MONITORING, Counter, Readings, Rollup
from bihuan.sense.times import CHINA
from bihuan.store import devices, entities, outbox
from bihuan.store import rollups as kept
from bihuan.store.connect import Store
from bihuan.store.lake import Lake, drop_before, seal
from bihuan.store.observations import ObservationWriter

START = datetime(2026, 2, 27, 0, 0, tzinfo=CHINA)
LATER = datetime(2026, 3, 4, tzinfo=UTC)
URN = "urn:ngsi-ld:Meter:1"
METER = Layout(("power_kw", "energy_kwh"), ("千瓦", "千瓦时"))


Point = tuple[float, float, int]
"""Minute, value and quality of a reading."""


def point(minute: float, value: float, quality: int = 0) -> Point:
    return minute, value, quality


def readings(points: Sequence[Point]) -> Readings:
    minutes, values, quality = zip(*points, strict=True) if points else ((), (), ())
    return Readings(np.array(minutes, np.int64) * 60_000_000, np.array(values), np.array(quality, np.uint16))


def test_an_hour_counts_what_is_valid_and_needs_enough_of_it() -> None:
    points = [
        point(0, 1.0),
        point(1, 3.0),
        point(2, 99.0, Quality.out_of_range),
        point(3, 5.0, 4),
        point(4, 5.0, Quality.late),
    ]
    assert rollups.hour(readings(points)) == Rollup(5, 3, 3.0, 9.0, 1.0, 5.0, 1.0, 5.0, None)
    assert rollups.hour(readings(points), needed=4).mean is None
    assert rollups.needed_of_hour(MONITORING, 60) == 45
    assert rollups.needed_of_hour(MONITORING, None) == 1
    assert rollups.needed_of_month(MONITORING, START) == 25
    assert rollups.needed_of_month(MONITORING, START + timedelta(days=9)) == 27


@pytest.mark.parametrize(
    ("values", "counter", "grown"),
    [
        ([10, 12, 15], Counter(), 5),
        ([10, 12, 3, 4], Counter(), 6),  # reset: it has counted 3 since
        ([9990, 9998, 5], Counter(10_000), 15),  # the register's end
        ([9990, 9000], Counter(10_000), 9000),  # too little to be a wrap
        ([7], Counter(), None),
    ],
)
def test_a_counter_grows_over_wraps_and_resets(values: list[float], counter: Counter, grown: float | None) -> None:
    points = [point(n, value) for n, value in enumerate(values)]
    assert rollups.hour(readings(points), counter=counter).growth == grown
    if len(values) > 2:
        assert rollups.hour(readings(points[1:]), before=values[0], counter=counter).growth == grown


@given(
    st.lists(st.tuples(st.integers(0, 59), st.floats(-1e6, 1e6), st.sampled_from([0, 4, 16, 128])), max_size=20),
    st.randoms(),
)
def test_the_order_of_values_never_matters(sent: list[tuple[int, float, int]], chance: random.Random) -> None:
    points = [point(*one) for one in sent]
    shuffled = chance.sample(points, len(points))
    assert rollups.hour(readings(points), counter=Counter()) == rollups.hour(readings(shuffled), counter=Counter())


def test_a_day_is_the_mean_of_its_hours_and_needs_twenty_in_monitoring() -> None:
    hours = [rollups.hour(readings([point(0, float(n)), point(1, float(n))])) for n in range(20)]
    assert rollups.combine(hours, MONITORING.hours_of_day).mean == 9.5
    assert rollups.combine(hours[:19], MONITORING.hours_of_day).mean is None
    assert rollups.combine(hours[:19], ANY.hours_of_day).mean == 9.0


def naive(sent: Sequence[tuple[int, float, float]]) -> dict[str, float]:
    """Figures of February and of its last day, straight from all the values."""
    day = [(m, p, e) for m, p, e in sorted(sent) if 24 * 60 <= m < 48 * 60]
    month = [(m, p, e) for m, p, e in sorted(sent) if m < 48 * 60]
    hours = {m // 60: [p for n, p, _ in day if n // 60 == m // 60] for m, _, _ in day}
    steps = [b[2] - a[2] for a, b in itertools.pairwise(month)]
    return {
        "day_mean": math.fsum(math.fsum(v) / len(v) for v in hours.values()) / len(hours),
        "day_highest": max(p for _, p, _ in day),
        "day_count": len(day),
        "month_growth": math.fsum(steps),
    }


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_equals_a_naive_recomputation_under_any_arrival(store: Store, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    lake, clocked = Lake(tmp_path), replace(store, clock=lambda: LATER)
    with store.connection() as connection:
        number = entities.keep(connection, [Entity(URN, "Meter", "表")], at=LATER)[URN]
        devices.register(connection, [Device("hj212", "M1", URN, None, 600)], at=LATER)
        outbox.start(connection, rolling.READER)
    energy, sent = 1000.0, []
    for minute in sorted(chance.sample(range(0, 3 * 24 * 60, 7), 150)):
        energy += chance.uniform(0, 5)
        sent.append((minute, round(chance.uniform(0, 100), 2), round(energy, 3)))
    order = [*chance.sample(sent, len(sent)), *chance.sample(sent, 20)]  # any order, some twice
    writer = ObservationWriter(store.connect())
    how = rolling.Rolling(counters={"energy_kwh": Counter()})
    for at in range(0, len(order), 40):
        batch = [
            Incoming(number, START + timedelta(minutes=m), "now", m, METER, [p, e]) for m, p, e in order[at : at + 40]
        ]
        writer.write(batch, at=LATER, door="test")
        if chance.random() < 0.6:
            rolling.mark_new(clocked)
            while rolling.roll(clocked, lake, how, limit=7):
                pass
        if chance.random() < 0.4:
            with store.connection() as connection:
                seal(connection, lake, (START + timedelta(days=chance.randrange(3))).date(), at=LATER)
    writer.close()
    rolling.mark_new(clocked)
    while rolling.roll(clocked, lake, how, limit=7):
        pass
    expected = naive(sent)
    with store.connection() as connection:
        day = kept.span(connection, number, "day", START + timedelta(days=1), START + timedelta(days=2))
        month = kept.span(connection, number, "month", START - timedelta(days=30), START + timedelta(days=1))
    (_, power), (_, meter) = day["power_kw"][0], month["energy_kwh"][0]
    assert power["mean"] == pytest.approx(expected["day_mean"], rel=1e-12)
    assert (power["highest"], power["count"]) == (expected["day_highest"], expected["day_count"])
    assert meter["growth"] == pytest.approx(expected["month_growth"], rel=1e-9)


def test_an_hour_whose_readings_are_gone_stays_as_it_was_rolled_up(store: Store, tmp_path: Path) -> None:
    lake, clocked = Lake(tmp_path), replace(store, clock=lambda: LATER)
    with store.connection() as connection:
        number = entities.keep(connection, [Entity(URN, "Meter", "表")], at=LATER)[URN]
        outbox.start(connection, rolling.READER)
    writer = ObservationWriter(store.connect())

    def report(minute: int, power: float) -> None:
        at = START + timedelta(minutes=minute)
        writer.write([Incoming(number, at, "now", minute, METER, [power, 0.0])], at=LATER, door="test")

    def rolled(how: rolling.Rolling) -> list[float]:
        rolling.mark_new(clocked)
        while rolling.roll(clocked, lake, how):
            pass
        with store.connection() as connection:
            hours = kept.span(connection, number, "hour", START, START + timedelta(days=1))["power_kw"]
            days = kept.span(connection, number, "day", START, START + timedelta(days=1))["power_kw"]
        return [*(fields["mean"] for _, fields in hours), *(fields["mean"] for _, fields in days)]

    report(0, 1.0)
    report(30, 3.0)
    assert rolled(rolling.Rolling()) == [2.0, 2.0]
    with store.connection() as connection:
        seal(connection, lake, START.date(), at=LATER)
        drop_before(connection, lake, START.date() + timedelta(days=1))
    report(45, 99.0)
    report(70, 4.0)
    writer.close()
    later = rolling.Rolling(kept_since=START + timedelta(days=1))
    assert rolled(later) == [2.0, 4.0, 3.0]
