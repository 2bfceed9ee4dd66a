"""`bihuan plan solve` as others script against it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.plan.hard import write_hard
from tests.plan.test_check import write

KEYS = ["status", "objective", "gap", "seconds", "rows", "columns", "nonzeros", "peak_mb"]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("bihuan")), "plan", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def answer(*arguments: object) -> dict[str, Any]:
    return dict(json.loads(run(*arguments, "--json").stdout))


def test_contract(tmp_path: Path) -> None:
    done = run("solve", write(tmp_path), "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 0
    assert done.stderr == ""
    assert list(said) == KEYS
    assert list(said["seconds"]) == ["read", "build", "solve", "results"]
    assert said["status"] == "optimal"
    assert said["gap"] == 0


@pytest.mark.parametrize("method", ["auto", "simplex", "ipm", "pdlp"])
def test_methods_agree(method: str, tmp_path: Path) -> None:
    assert answer("solve", write(tmp_path), "--method", method)["objective"] == pytest.approx(1000, rel=1e-4)


def test_hipo_where_it_is_not_installed_says_what_to_install(tmp_path: Path) -> None:
    done = run("solve", write(tmp_path), "--method", "hipo")
    assert done.returncode == 0 or "highspy-extras" in done.stderr


def test_infeasible_is_exit_1(tmp_path: Path) -> None:
    folder = write(tmp_path, global_constraints=("<=,1000", "<=,1"))
    done = run("solve", folder, "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 1
    assert (said["status"], said["objective"], said["gap"]) == ("infeasible", None, None)
    assert "no plan fits" in done.stderr


def test_unbounded_is_exit_1(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        generators="name,bus,carrier,p_nom,marginal_cost,p_min_pu\ngas,town,gas,100,50,0\nwind,hill,wind,inf,0,0\n"
        "sink,hill,,inf,9,-1\n",
    )
    done = run("solve", folder, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == "unbounded"


def test_faults_are_exit_2(tmp_path: Path) -> None:
    done = run("solve", write(tmp_path, generators=("gas,town", "gas,twon")), "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "generators, 'gas', bus: got 'twon'" in done.stderr


def test_nothing_there_is_exit_2(tmp_path: Path) -> None:
    done = run("solve", tmp_path / "nowhere")
    assert done.returncode == 2
    assert "expected a PyPSA folder" in done.stderr


def test_a_city_without_an_energy_folder_is_told_what_is_missing(tmp_path: Path) -> None:
    done = run("solve", tmp_path, "--hours", "168")
    assert done.returncode == 2
    assert "is a folder; expected" in done.stderr
    assert "a pack's energy folder" in done.stderr


def test_out(tmp_path: Path) -> None:
    folder, out = write(tmp_path), tmp_path / "out"
    assert run("solve", folder, "--out", out, "--parquet", tmp_path / "parquet").returncode == 0
    assert answer("solve", out)["objective"] == pytest.approx(1000)
    assert (tmp_path / "parquet" / "generators-p.parquet").is_file()


def test_words(tmp_path: Path) -> None:
    done = run("solve", write(tmp_path))
    assert done.stdout.startswith("status      optimal\nobjective   1,000.00\n")
    assert "co2: one more unit changes the cost by" in done.stdout


def test_a_time_limit_is_said_as_such(tmp_path: Path) -> None:
    hard = write_hard(tmp_path)
    done = run("solve", hard, "--time-limit", 3, "--gap", 0, "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 1
    assert said["status"] == "time_limit"
    assert said["objective"] is None or said["gap"] > 0
    assert "no optimum is proven" in done.stderr


def test_sweep(tmp_path: Path) -> None:
    done = run("sweep", write(tmp_path), "--from", 1000, "--to", 8, "--steps", 3, "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 0
    assert said["constraint"] == "co2"
    assert [point["constant"] for point in said["points"]] == [1000, 504, 8]
    assert {point["status"] for point in said["points"]} == {"optimal"}
    assert "is no number" in run("sweep", tmp_path, "--values", "1,many").stderr


def test_roll(tmp_path: Path) -> None:
    folder = write(tmp_path)
    refused = run("roll", folder)
    assert refused.returncode == 2
    assert "capacities are given" in refused.stderr
    run("solve", folder, "--out", tmp_path / "solved")
    done = run("roll", tmp_path / "solved", "--built", "--horizon", 2, "--parquet", tmp_path / "rolled", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["status"], said["windows"], said["solved"]) == (0, "optimal", 2, 2)
    assert said["objective"] >= 1000 - 1e-6
    assert (tmp_path / "rolled" / "generators-p.parquet").is_file()
