"""The energy room's diagram and charts, and what the ledger has promised beside a plan."""

from __future__ import annotations

import json

import pytest

from bihuan.plan.pack import read_energy_pack
from bihuan.plan.studies import solve_scenarios
from bihuan.plan.summary.promises import Figure, Target, figures, gaps
from bihuan.show import energycharts
from bihuan.show.energydiagram import diagram
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
    assert set(shown) == set(energycharts.DRAWN) - ({"heat"} if "heat" not in shown else set())
    data = json.loads(shown["dispatch"].data)
    assert len(data["hours"]) == len(shown["dispatch"].rows) == 168
    assert data["hours"][0] == summary.snapshots[168][5:]
    hour = sum(layer["values"][0] for layer in data["layers"])
    assert hour == pytest.approx(0, abs=1e-2)
    assert energycharts.week_slice(summary, 99) == energycharts.week_slice(summary, 2)


def test_every_chart_can_be_drawn_and_no_other(summary) -> None:
    assert all(energycharts.spec_of(summary, key, 1, "en") for key in energycharts.DRAWN)
    assert energycharts.spec_of(summary, "weather", 1, "en") is None


def test_figures_are_those_of_the_balance(summary) -> None:
    """4,785 MW of coal and 2,168 MW of the rest; 26.25 TWh follow from load, export and own use."""
    told = {figure.topic: figure.value for figure in figures(summary, FOLDER / "promises.yaml")}
    assert told["capacity"] == pytest.approx(6_953_000)
    assert told["capacity-solar"] == pytest.approx(1_330_000)
    assert told["power-generated"] == pytest.approx(26.25e9, rel=0.02)


def test_a_gap_is_a_target_that_is_not_reached() -> None:
    promised = [Figure("power-generated", 26.2e9), Figure("capacity", 7.0e6)]
    targets = [
        Target("power-generated", 28e9, True, 5),
        Target("capacity", 7.0e6, False, 6),
        Target("gdp", 1.0, True, 7),
    ]
    (gap,) = gaps(promised, targets)
    assert (gap.target.entry, gap.missing) == (5, pytest.approx(1.8e9))
