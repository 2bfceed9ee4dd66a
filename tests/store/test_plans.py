"""Runs of the plan: one taker each, told of while they run, cancelled, abandoned, kept with their answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isnan

import pytest

from bihuan.core.errors import StateError
from bihuan.core.records.plan import (
    BudgetCurve,
    CapacityLine,
    CarbonAccount,
    Check,
    CurvePoint,
    PlanSummary,
    ShadowPrice,
    Stack,
)
from bihuan.store import plans
from bihuan.store.connect import Connection

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
SUMMARY = PlanSummary(
    system="小城",
    system_english="Small town",
    name="基准",
    english="base",
    scenario="base",
    year=2022,
    status="optimal",
    objective_cny=-1.5e9,
    gap=0.0,
    seconds=1.0,
    english_names={"甲": "A"},
    synthetic_zh="合成",
    synthetic_en="synthetic",
    hours=2,
    year_hours=8760.0,
    snapshots=("2022-01-01 00:00", "2022-01-01 01:00"),
    capacities=(CapacityLine("generators", "甲", "A", "风电", 10.0, True, 20.0, 2000.0, 0.0),),
    power=Stack({"z": (1.0, 2.0), "a": (0.0, 1.0)}, {"负荷": (1.0, 3.0)}),
    heat=Stack({}, {}),
    stored_mwh={},
    prices={"city": (300.0, 310.0)},
    heat_buses=(),
    costs_cny={"fuel": 2.0},
    carbon=CarbonAccount(1.0, 2.8, 0.0, 300.0, 0.8, {"coal": 1.0}),
    shadow_prices=(ShadowPrice("预算", "budget", 5.0, "tonne", "值 5 元。", "Worth 5."),),
    storage=(),
    checks=(Check("小时", "hours", 1300.0, 1280.0, 1400.0, "h", "somewhere"),),
    balance_gwh={"+z": 1.0},
)


def _price(worth: float) -> ShadowPrice:
    said = f"碳排放预算每放宽一吨二氧化碳，全年成本减少 {worth:g} 元。"
    return ShadowPrice(
        "碳排放预算",
        "Carbon budget",
        worth,
        "tonne of CO2",
        said,
        f"One more tonne of CO2 of Carbon budget saves CNY {worth:g} in the year.",
    )


CURVE = BudgetCurve(
    system="小城",
    system_english="Small town",
    name="基准",
    english="base",
    scenario="base",
    year=2022,
    budget="碳排放预算",
    budget_english="Carbon budget",
    english_names={"新建风电": "New wind"},
    synthetic_zh="合成",
    synthetic_en="synthetic",
    hours=168,
    year_hours=8760.0,
    points=(
        CurvePoint(1.0, 100.0, "optimal", 5e8, 100.0, 40.0, _price(0.0), {"新建风电": 10.0}),
        CurvePoint(0.9, 90.0, "optimal", 6e8, 90.0, 36.0, _price(320.0), {"新建风电": 30.0}),
        CurvePoint(0.5, 50.0, "infeasible"),
    ),
)


def _ask(connection: Connection) -> int:
    return plans.ask(connection, "base", 336, actor="somebody", at=NOW)


def test_runs_are_taken_once_and_in_order(connection: Connection) -> None:
    first, second = _ask(connection), _ask(connection)
    taken = [plans.take(connection, at=NOW) for _ in range(3)]
    assert [run.id if run else None for run in taken] == [first, second, None]
    assert taken[0] is not None
    assert (taken[0].status, taken[0].hours) == ("running", 336)


def test_an_answer_comes_back_as_it_was_with_its_layers_in_order(connection: Connection) -> None:
    run = _ask(connection)
    plans.take(connection, at=NOW)
    assert plans.note(connection, run, "solving", at=NOW)
    assert plans.end(connection, run, answer=plans.to_json(SUMMARY), at=NOW)
    kept = plans.summary_of(connection, run)
    assert kept == SUMMARY
    assert kept is not None
    assert list(kept.power.sources) == ["z", "a"]
    told = plans.get(connection, run)
    assert told is not None
    assert (told.status, told.progress, told.is_open) == ("optimal", "", False)


def test_a_curve_comes_back_as_it_was(connection: Connection) -> None:
    run = plans.ask(connection, "base", 336, actor="somebody", at=NOW, budget="预算", factors=[1.0, 0.5])
    taken = plans.take(connection, at=NOW)
    assert taken is not None
    assert (taken.budget, taken.factors) == ("预算", [1.0, 0.5])
    assert plans.end(connection, run, answer=plans.to_json(CURVE), at=NOW)
    assert plans.curve_of(connection, run) == CURVE
    assert plans.summary_of(connection, run) is None


def test_a_number_that_does_not_exist_stays_none_existent() -> None:
    kept = plans.from_json(plans.to_json(replace(SUMMARY, objective_cny=float("nan"))))
    assert isnan(kept.objective_cny)
    assert kept.gap == 0.0


def test_a_cancelled_run_takes_no_answer(connection: Connection) -> None:
    run = _ask(connection)
    plans.take(connection, at=NOW)
    plans.cancel(connection, run, at=NOW)
    assert not plans.note(connection, run, "solving", at=NOW)
    assert not plans.end(connection, run, answer=plans.to_json(SUMMARY), at=NOW)
    assert plans.summary_of(connection, run) is None
    with pytest.raises(StateError, match="has ended"):
        plans.cancel(connection, run, at=NOW)


def test_a_run_without_a_sign_of_life_is_given_up(connection: Connection) -> None:
    run = _ask(connection)
    plans.take(connection, at=NOW)
    plans.note(connection, run, "solving", at=NOW + timedelta(seconds=30))
    assert plans.take(connection, at=NOW + timedelta(seconds=80)) is None
    assert plans.get(connection, run).status == "running"  # type: ignore[union-attr]
    plans.take(connection, at=NOW + timedelta(seconds=91))
    assert plans.get(connection, run).message == "interrupted"  # type: ignore[union-attr]


def test_only_what_has_ended_is_removed(connection: Connection) -> None:
    run = _ask(connection)
    with pytest.raises(StateError, match="still waits"):
        plans.remove(connection, run)
    plans.cancel(connection, run, at=NOW)
    plans.remove(connection, run)
    assert plans.get(connection, run) is None
    assert plans.latest(connection) == []
