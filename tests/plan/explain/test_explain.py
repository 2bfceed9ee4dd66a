"""Conflicts with a known smallest set and known repairs."""

from __future__ import annotations

import json
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.city.systems import network
from typer.testing import CliRunner

from bihuan.cli import app
from bihuan.plan import solve
from bihuan.plan.explain import Explanation, explain

PLANT = {"bus": "city", "fuel": "coal", "p_nom": 50.0, "coal_rate": 0.3}


def _load(*mw: float) -> dict[str, dict[str, object]]:
    return {"L": {"bus": "city", "p_set": np.array(mw)}}


def _members(answer: Explanation) -> set[tuple[str, str]]:
    return {(clause.family, clause.name) for clause in answer.conflict}


def test_too_little_capacity_names_the_demand_and_every_source() -> None:
    """50 + 30 MW against 60 and 100 MW: only the second hour is in conflict, and 20 MW repair it anywhere."""
    answer = explain(
        network(2, thermal_units={"A": PLANT}, generators={"B": {"bus": "city", "p_nom": 30.0}}, loads=_load(60, 100))
    )
    assert answer.verdict == "infeasible"
    assert _members(answer) == {("demand", "city"), ("most", "A"), ("most", "B")}
    assert all(clause.first == clause.last == "2022-01-01 01:00" for clause in answer.conflict)
    assert [repair.total for repair in answer.single] == pytest.approx([20.0] * 3)
    assert answer.together[0].peak == pytest.approx(20.0)


def test_a_bystander_is_no_part_of_the_conflict() -> None:
    loads = {**_load(40), "H": {"bus": "heat", "p_set": 10.0}}
    answer = explain(
        network(1, thermal_units={"A": PLANT}, generators={"boiler": {"bus": "heat", "p_nom": 4.0}}, loads=loads)
    )
    assert _members(answer) == {("demand", "heat"), ("most", "boiler")}


def test_a_budget_too_small_says_by_how_much() -> None:
    """40 MW need 12 tce and so 33.6 t; 10 t are allowed."""
    answer = explain(
        network(1, thermal_units={"A": PLANT}, loads=_load(40), budgets={"cap": {"type": "co2", "limit": 10.0}})
    )
    assert _members(answer) == {("demand", "city"), ("budget", "cap")}
    repairs = {repair.clause.name: repair.total for repair in answer.single}
    assert repairs == pytest.approx({"cap": 23.6, "city": 40 - 10 / 0.84})


def test_must_run_without_a_taker() -> None:
    unit = {**PLANT, "p_min_pu": 0.5, "online_min_pu": 1.0}
    answer = explain(network(1, thermal_units={"A": unit}, loads=_load(10)))
    assert _members(answer) == {("demand", "city"), ("least", "A")}
    demand = next(repair for repair in answer.single if repair.clause.family == "demand")
    assert demand.over
    assert demand.total == pytest.approx(15.0)


def test_two_conflicts_are_said_to_be_two() -> None:
    loads = {**_load(60), "H": {"bus": "heat", "p_set": 10.0}}
    answer = explain(
        network(1, thermal_units={"A": PLANT}, generators={"boiler": {"bus": "heat", "p_nom": 4.0}}, loads=loads)
    )
    assert answer.several
    assert all(isnan(repair.total) for repair in answer.single)
    assert {repair.clause.name: repair.total for repair in answer.together} == pytest.approx({"city": 10, "heat": 6})


def test_a_contract_beyond_its_line() -> None:
    contract = {"bus": "city", "p_nom": 20.0, "energy_min": 60.0, "energy_max": 60.0}
    answer = explain(network(2, thermal_units={"A": PLANT}, loads=_load(1, 1), export_contracts={"C": contract}))
    assert _members(answer) == {("contract", "C"), ("most", "C")}


def test_an_unbounded_plan_names_what_runs_away() -> None:
    gold = {"bus": "city", "p_nom_extendable": True, "marginal_cost": -5.0}
    sink = {"bus": "city", "p_nom_extendable": True, "sign": -1.0}
    answer = explain(network(1, generators={"gold": gold, "sink": sink}, loads=_load(0)))
    assert answer.verdict == "unbounded"
    assert {(way.name, way.attribute) for way in answer.runaway} >= {("gold", "p"), ("gold", "p_nom")}
    assert answer.runaway[0].gain > 0


def test_whole_units_can_be_the_only_trouble() -> None:
    """Exactly 25 MW of capacity in modules of 20 MW."""
    module = {"bus": "city", "p_nom_extendable": True, "p_nom_min": 25.0, "p_nom_max": 25.0, "p_nom_mod": 20.0}
    assert explain(network(1, generators={"M": module}, loads=_load(10))).verdict == "infeasible_whole"


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 60), st.floats(0, 60), st.floats(1, 120))
def test_it_agrees_with_the_solver(first: float, second: float, load: float) -> None:
    system = network(
        1,
        generators={"A": {"bus": "city", "p_nom": first}, "B": {"bus": "city", "p_nom": second}},
        loads=_load(load),
    )
    solvable = solve(system).status == "optimal"
    answer = explain(system)
    assert (answer.verdict == "feasible") == solvable
    if not solvable:
        assert answer.together[0].total == pytest.approx(load - first - second, abs=1e-4)


def _pypsa_folder(folder: Path, p_nom: float) -> Path:
    files = {
        "network.csv": ",name\n0,small\n",
        "snapshots.csv": ",snapshot,objective,stores,generators\n0,now,1,1,1\n",
        "buses.csv": "name,v_nom\nnorth,380\nsouth,380\n",
        "lines.csv": "name,bus0,bus1,x,s_nom\nwire,north,south,0.1,40\n",
        "generators.csv": f"name,bus,p_nom,marginal_cost\nplant,north,{p_nom},10\n",
        "loads.csv": "name,bus,p_set\nmill,south,50\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_pypsa_folder_is_explained_on_the_command_line(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["plan", "explain", str(_pypsa_folder(tmp_path, 100)), "--json"])
    assert answer.exit_code == 0
    told = json.loads(answer.stdout)
    assert {(clause["family"], clause["name"]) for clause in told["conflict"]} == {
        ("demand", "south"),
        ("most", "wire"),
    }
    words = CliRunner().invoke(app, ["plan", "explain", str(tmp_path), "--lang", "zh"]).stdout
    assert "线路「wire」：最多 40 MW" in words
    assert "放宽 10 MW" in words


def test_a_network_that_has_a_plan_is_said_to_have_one(tmp_path: Path) -> None:
    folder = _pypsa_folder(tmp_path, 100)
    (folder / "lines.csv").write_text("name,bus0,bus1,x,s_nom\nwire,north,south,0.1,60\n", encoding="utf-8")
    assert "A plan exists" in CliRunner().invoke(app, ["plan", "explain", str(folder)]).stdout
