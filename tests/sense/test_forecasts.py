"""Rules that hold readings against what is planned: a schedule from a file, a plan's series, the same hour of another year."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bihuan.core.errors import FormatError
from bihuan.core.records.entity import Entity
from bihuan.core.records.forecast import Forecast
from bihuan.core.records.observation import Incoming, Layout
from bihuan.core.records.rule import Rule
from bihuan.sense.forecasting import read_forecasts
from bihuan.sense.rules.backtest import backtest
from bihuan.sense.rules.book import RuleBook
from bihuan.sense.rules.compiled import CompiledRule
from bihuan.sense.rules.running import RuleRunner
from bihuan.sense.times import CHINA
from bihuan.store import entities, forecasts, signals
from bihuan.store.connect import Store
from bihuan.store.lake import Lake
from bihuan.store.observations import ObservationWriter

START = datetime(2026, 3, 1, tzinfo=CHINA)
USER = Entity("urn:ngsi-ld:EnergyUser:1", "EnergyUser", "甲厂")
OVER = Rule("over-plan", "超计划", ("EnergyUser",), "has(planned.power_kw) && power_kw > planned.power_kw * 1.1",
            "energy.budget", "warning", "{name}{power_kw}千瓦，计划{planned_power_kw}千瓦", "own")  # fmt: skip
EXPECTED = Forecast(USER.urn, "power_kw", START, timedelta(hours=1), (100.0, None, 300.0), "file:x.csv")


def test_an_hour_holds_until_the_next_and_a_year_for_others() -> None:
    assert [EXPECTED.at(START + timedelta(minutes=m)) for m in (-1, 0, 59, 60, 120, 179, 180)] == [
        None, 100.0, 100.0, None, 300.0, 300.0, None,
    ]  # fmt: skip
    begun = datetime(2025, 1, 1, tzinfo=CHINA)
    year = Forecast(USER.urn, "power_kw", begun, timedelta(hours=1), tuple(map(float, range(8760))), "plan:base", True)
    assert year.at(datetime(2026, 1, 1, 5, 30, tzinfo=CHINA)) == 5.0
    assert year.at(datetime(2028, 2, 29, 5, tzinfo=CHINA)) == year.at(datetime(2028, 2, 28, 5, tzinfo=CHINA))
    assert year.at(datetime(2031, 12, 31, 15, tzinfo=UTC)) == 8759.0
    assert replace(year, is_yearly=False).at(datetime(2026, 1, 1, tzinfo=CHINA)) is None


def test_a_reading_beyond_its_plan_is_told_live_and_on_history(store: Store, tmp_path: Path) -> None:
    with store.connection() as connection:
        number = entities.keep(connection, [USER], at=START)[USER.urn]
        assert forecasts.keep(connection, [EXPECTED, replace(EXPECTED, entity="urn:ngsi-ld:X:1")], at=START) == [
            "urn:ngsi-ld:X:1"
        ]
        assert forecasts.of_entities(connection, [number]) == {number: [replace(EXPECTED, start=START.astimezone(UTC))]}
    runner = RuleRunner(store, RuleBook([OVER]))
    runner.begin()
    writer = ObservationWriter(store.connect())
    # Within, over, over where nothing is planned (neither begun nor ended), within, and over again.
    for count, (minute, power) in enumerate(((0, 105.0), (30, 120.0), (70, 900.0), (130, 310.0), (150, 340.0))):
        at = START + timedelta(minutes=minute)
        writer.write([Incoming(number, at, "now", minute, Layout(("power_kw",), ("千瓦",)), [power])],
                     at=START + timedelta(days=1, seconds=count), door="test")  # fmt: skip
        runner.run()
    writer.close()
    with store.connection() as connection:
        told = signals.since(connection)
        tried = backtest(CompiledRule(OVER), connection, Lake(tmp_path), START, START + timedelta(days=1))
    assert [one.signal.text for one in told] == ["甲厂120千瓦，计划100千瓦", "甲厂340千瓦，计划300千瓦"]
    assert [one.key for one in tried] == [one.signal.key for one in told]


def _file(path: Path, rows: str) -> Path:
    path.write_text("entity,attribute,time,value,unit\n" + rows, encoding="utf-8")
    return path


def test_a_schedule_is_read_from_a_file(tmp_path: Path) -> None:
    rows = "".join(f"{USER.urn},power_kw,2026-03-01T{hour:02}:00,{hour},兆瓦\n" for hour in (0, 1, 3))
    (found,) = read_forecasts(_file(tmp_path / "a.csv", rows), {"power_kw": "千瓦"})
    assert found.values == (0.0, 1000.0, None, 3000.0)
    assert (found.start, found.step, found.source) == (START, timedelta(hours=1), "file:a.csv")


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (f"{USER.urn},power_kw,2026-03-01T00:00,x,", "row 1: 'x' is no number"),
        (f"{USER.urn},power_kw,noon,1,", "row 1"),
        ("".join(f"{USER.urn},power_kw,2026-03-01T00:{m:02},1,\n" for m in (0, 20, 50)), "whole number of steps"),
    ],
)
def test_a_schedule_that_cannot_be_read_says_why(tmp_path: Path, rows: str, why: str) -> None:
    with pytest.raises(FormatError, match=why):
        read_forecasts(_file(tmp_path / "a.csv", rows), {"power_kw": "千瓦"})
