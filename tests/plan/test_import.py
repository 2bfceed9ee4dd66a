"""`plan import`: a PyPSA network comes in whole, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bihuan.cli import app
from bihuan.core.errors import InputError
from bihuan.plan import FaultyNetwork
from bihuan.store.packs import SHIPPED


def _source(folder: Path, s_nom: str = "60") -> Path:
    folder.mkdir()
    files = {
        "snapshots.csv": ",snapshot,objective,stores,generators\n0,2022-01-01 00:00,2,2,2\n1,2022-01-01 02:00,2,2,2\n",
        "buses.csv": "name,v_nom\nnorth,380\nsouth,380\n",
        "lines.csv": f"name,bus0,bus1,x,s_nom\nwire,north,south,0.1,{s_nom}\n",
        "generators.csv": "name,bus,p_nom,marginal_cost\nplant,north,100,10\n",
        "loads.csv": "name,bus,p_set\nmill,south,50\n",
        "loads-p_set.csv": ",mill\n0,50\n1,40\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _objective(folder: Path) -> float:
    return json.loads(CliRunner().invoke(app, ["plan", "solve", str(folder), "--json"]).stdout)["objective"]


def test_what_comes_in_solves_to_the_same_optimum(tmp_path: Path) -> None:
    source, brought = _source(tmp_path / "from"), tmp_path / "to"
    answer = CliRunner().invoke(app, ["plan", "import", str(source), str(brought)])
    assert answer.exit_code == 0, answer.output
    assert "2 snapshots" in answer.stdout
    assert _objective(brought) == _objective(source) == pytest.approx((50 + 40) * 10 * 2)


def test_a_fault_lets_nothing_in(tmp_path: Path) -> None:
    brought = tmp_path / "to"
    answer = CliRunner().invoke(app, ["plan", "import", str(_source(tmp_path / "from", "-60")), str(brought)])
    assert isinstance(answer.exception, FaultyNetwork)
    assert "s_nom" in str(answer.exception)
    assert not brought.exists()


def test_a_folder_with_something_in_it_is_not_written_over(tmp_path: Path) -> None:
    source = _source(tmp_path / "from")
    answer = CliRunner().invoke(app, ["plan", "import", str(source), str(source)])
    assert isinstance(answer.exception, InputError)


def test_a_pack_needs_no_import(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["plan", "import", str(SHIPPED / "yangquan"), str(tmp_path / "to")])
    assert "is a pack already" in str(answer.exception)
