"""The energy room's diagram and charts, and what the ledger has promised beside a plan."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from tests.show.browsing import Client, browsing
from tests.store.test_plans import CURVE

from bihuan.core.errors import PackError
from bihuan.core.records.plan import BudgetCurve, PlanSummary
from bihuan.plan.pack import read_energy_pack
from bihuan.plan.report import charts as drawings
from bihuan.plan.studies import solve_scenarios
from bihuan.plan.summary.forecasts import forecasts
from bihuan.plan.summary.promises import Figure, Standing, Target, figures, standings
from bihuan.read import load_pack
from bihuan.show import energycharts
from bihuan.show.app import create_app
from bihuan.show.energydiagram import diagram
from bihuan.show.pages.energy import _beside
from bihuan.show.registry import Registry
from bihuan.show.settings import Settings
from bihuan.store import plans
from bihuan.store.connect import Store
from bihuan.store.packs import SHIPPED

FOLDER = SHIPPED / "yangquan" / "energy"


@pytest.fixture(name="summary", scope="module")
def _summary():
    return solve_scenarios(FOLDER, ["base"], hours=336)[1][0]


def test_the_diagram_holds_every_plant_inside_its_frame() -> None:
    pack = read_energy_pack(FOLDER)
    drawn = diagram(pack, "2030")
    assert {box.name for box in drawn.boxes} >= {entry.name for entry in pack.of("thermal_units")} | {"上社抽水蓄能"}
    assert all(0 <= box.x <= drawn.width - drawn.box_width for box in drawn.boxes)
    assert all(0 <= box.y <= drawn.height - drawn.box_height for box in drawn.boxes)
    assert any(wire.heat for wire in drawn.wires)
    assert all(wire.x1 < wire.x2 for wire in drawn.wires)


def test_charts_show_one_week_with_its_table(summary) -> None:
    shown = {chart.key: chart for chart in energycharts.charts_of(summary, 2, "zh-CN")}
    assert set(shown) == set(energycharts.DRAWN) - ({"heat"} if "heat" not in shown else set()) - {"stored"}
    data = json.loads(shown["dispatch"].data)
    assert len(data["hours"]) == len(shown["dispatch"].rows) == 168
    assert data["hours"][0] == summary.snapshots[168][5:]
    hour = sum(layer["values"][0] for layer in data["layers"])
    assert hour == pytest.approx(0, abs=1e-2)
    assert energycharts.week_slice(summary, 99) == energycharts.week_slice(summary, 2)


def test_what_stores_hold_is_a_line_each(summary) -> None:
    held = replace(summary, stored_mwh={"电池": (1.0,) * 168 + (2.0,) * 168})
    (shown,) = [chart for chart in energycharts.charts_of(held, 2, "zh-CN") if chart.key == "stored"]
    assert json.loads(shown.data)["layers"] == [{"name": "电池", "values": [2.0] * 168}]


def test_every_chart_can_be_drawn_and_no_other(summary) -> None:
    assert all(energycharts.spec_of(summary, key, 1, "en") for key in energycharts.DRAWN)
    assert energycharts.spec_of(summary, "weather", 1, "en") is None


def test_figures_are_those_of_the_balance(summary) -> None:
    """4,785 MW of coal and 2,168 MW of the rest; 26.25 TWh follow from load, export and own use."""
    told = {figure.topic: figure.value for figure in figures(summary, FOLDER / "promises.yaml")}
    assert told["capacity"] == pytest.approx(6_953_000)
    assert told["capacity-solar"] == pytest.approx(1_330_000)
    assert told["power-generated"] == pytest.approx(26.25e9, rel=0.02)


def test_a_plan_of_every_hour_is_kept_for_rules_and_one_of_some_hours_is_not(summary, tmp_path: Path) -> None:
    path, name = tmp_path / "forecasts.yaml", next(iter(summary.power.uses))
    record = f'{{entity: "urn:ngsi-ld:Substation:1", attribute: power_kw, series: uses/{name}, share: "250"}}'
    path.write_text(f"- {record}\n", encoding="utf-8")
    assert forecasts(summary, path) == []
    whole = replace(summary, year_hours=summary.hours)
    assert forecasts(whole, tmp_path / "nothing.yaml") == []
    (kept,) = forecasts(whole, path)
    assert kept.at(kept.start + timedelta(hours=5, minutes=30)) == pytest.approx(250 * summary.power.uses[name][5])
    assert (kept.source, kept.is_yearly) == ("plan:base", True)
    path.write_text(f"- {record.replace(name, 'nobody')}\n", encoding="utf-8")
    with pytest.raises(PackError, match="no series 'uses/nobody'; of uses there are"):
        forecasts(whole, path)
    path.write_text(f"- {record.replace('uses/', 'use/').replace('250', 'much')}\n", encoding="utf-8")
    with pytest.raises(PackError, match="2 faults"):
        forecasts(whole, path)


def test_targets_stand_beside_the_plan_and_those_not_reached_come_first() -> None:
    promised = [Figure("power-generated", 26.2e9), Figure("capacity", 7.0e6)]
    targets = [
        Target("capacity", 7.0e6, False, 6),
        Target("power-generated", 28e9, True, 5),
        Target("gdp", 1.0, True, 7),
    ]
    missed, kept = standings(promised, targets)
    assert (missed.target.entry, missed.is_missed, missed.missing) == (5, True, pytest.approx(1.8e9))
    assert (kept.target.entry, kept.is_missed) == (6, False)


@pytest.fixture(name="client")
def _client(store: Store) -> Iterator[Client]:
    with browsing(create_app(store, Settings(), load_pack(None))) as opened:
        yield opened


def _answer(store: Store, answer: PlanSummary | BudgetCurve, **asked: object) -> int:
    """Keep a run that has this answer; the cockpit's own planner is not started in these tests."""
    with store.connection() as connection:
        run = plans.ask(connection, "base", 168, actor="test", at=store.clock(), **asked)  # type: ignore[arg-type]
        plans.take(connection, at=store.clock())
        assert plans.end(connection, run, answer=plans.to_json(answer), at=store.clock())
    return run


def test_a_run_under_way_says_for_how_long_and_at_which_limit(client: Client, store: Store) -> None:
    with store.connection() as connection:
        run = plans.ask(
            connection, "base", 168, actor="test", at=store.clock(), budget="碳排放预算", factors=[1.0, 0.9]
        )
    assert "<progress" in client.get(f"/energy/runs/{run}/state").text
    with store.connection() as connection:
        plans.take(connection, at=store.clock())
        plans.note(connection, run, "2 of 4: 碳排放预算 × 0.9; 5 at 1", at=store.clock())
    told = client.get(f"/energy/runs/{run}/state").text
    assert re.search(r"已用 \d+ 秒 · 第 2 个上限，共 4 个", told)
    assert 'value="1" max="4"' in told
    assert "2 of 4" not in told


def test_a_plan_stands_beside_promises_with_their_units(client: Client, store: Store, summary: PlanSummary) -> None:
    topic = Target("power-generated", 28e9, True, 5)
    told = _beside(Registry.of(load_pack(None)), Standing(topic, Figure("power-generated", 26.2e9)), "zh-CN")
    assert told[2:] == ("280 亿千瓦时", "262 亿千瓦时", "18 亿千瓦时")
    page = client.get(f"/energy/runs/{_answer(store, summary)}").text
    assert '<td class="num">336</td>' in page


def test_a_curve_is_a_page_a_workbook_and_pictures(client: Client, store: Store) -> None:
    run = _answer(store, CURVE, budget="碳排放预算", factors=[1.0, 0.9, 0.5])
    page = client.get(f"/energy/runs/{run}").text
    for told in ("每放宽一吨二氧化碳", "预算为 90% 时", "无可行方案", "新建风电", "合成"):
        assert told in page
    assert page.count("data-energy=") == len(drawings.CURVES)
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/energy/runs/{run}.xlsx").content))
    rows = book.get_sheet_by_name("sweep").to_python()
    assert [row[0] for row in rows[3:]] == [100.0, 90.0, 50.0]
    for key in drawings.CURVES:
        assert "<svg" in client.get(f"/energy/runs/{run}/charts/{key}.svg").text
    assert client.get(f"/energy/runs/{run}/charts/curve_cost.png").content.startswith(b"\x89PNG")
    assert client.get(f"/energy/runs/{run}/charts/dispatch.svg").status_code == 404


def test_a_curve_that_makes_no_sense_is_refused(client: Client) -> None:
    asked = {"of": "2030-cap80:碳排放预算", "hours": "168", "widest": "110", "tightest": "90", "steps": "3"}
    for odd in ({"of": "2030-cap80:水"}, {"tightest": "0"}, {"steps": "400"}, {"hours": "5"}, {"widest": "nan"}):
        assert client.post("/energy/curves", data={**asked, **odd}).status_code == 422, odd
    assert client.post("/energy/curves", data=asked).status_code == 303


def test_runs_of_one_scenario_are_told_apart_side_by_side(client: Client, store: Store, summary: PlanSummary) -> None:
    first, second = _answer(store, summary), _answer(store, summary)
    runs = f"run={first}&run={second}"
    page = client.get(f"/energy/compare?{runs}").text
    assert f"2022 基准 · {first}" in page
    assert f"2022 基准 · {second}" in page
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/energy/compare.xlsx?{runs}").content))
    assert book.sheet_names == ["compare", "costs"]
    assert "<svg" in client.get(f"/energy/compare/costs.svg?{runs}").text
    assert client.get("/energy/compare/costs.svg").status_code == 404


def test_the_diagram_is_a_file_too(client: Client) -> None:
    drawn = client.get("/energy/diagram.svg?scenario=2030").text
    assert drawn.lstrip().startswith("<svg")
    assert "上社抽水蓄能" in drawn
    assert client.get("/energy/diagram.png").content.startswith(b"\x89PNG")
    assert client.get("/energy/diagram.gif").status_code == 404
