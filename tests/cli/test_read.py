"""`bihuan read` as others script against it: files in, records out, no database."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import polars
import pytest
from tests.cli.conftest import Command
from tests.cli.test_ledger import PROMISE, RESULT, read

from bihuan.core.records.statement import Commitment, Link, Statement
from bihuan.read.export import columns

PROMISE = f"{PROMISE}推动市中心医院年内开工。\n"
RESULT = f"{RESULT}市中心医院开工建设。\n"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "2023.txt", tmp_path / "2024.txt"]
    for path, text in zip(paths, (PROMISE, RESULT), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_DATABASE_URL", "postgresql://127.0.0.1:9/none")


QUOTES = ["280亿千瓦时", "4.7亿斤", "6%", "262.5亿千瓦时", "4.9亿斤"]


def test_statements_are_json_lines_on_stdout_and_stand_at_their_place(run: Command, files: list[Path]) -> None:
    code, out, err = run("read", *files)
    assert (code, err) == (0, "")
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["quote"] for record in records] == QUOTES
    texts = {"2023.txt": PROMISE, "2024.txt": RESULT}
    for record in records:
        assert texts[record["doc"]].startswith(record["quote"], record["start"])
    assert tuple(records[0]) == columns(Statement)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".xlsx", ".parquet"])
def test_every_format_holds_the_same_rows(run: Command, files: list[Path], tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"out{suffix}"
    assert run("read", *files, "-o", target) == (0, "", "")
    frame = read(target)
    assert tuple(frame.columns) == columns(Statement)
    assert frame["quote"].to_list() == QUOTES
    assert frame["value"].cast(polars.Float64).to_list() == [2.8e10, 4.7e8, 6, 2.625e10, 4.9e8]


def test_commitments_links_and_restored_texts_go_to_their_files(
    run: Command, files: list[Path], tmp_path: Path
) -> None:
    targets = [tmp_path / name for name in ("s.jsonl", "c.csv", "l.parquet", "restored")]
    options = zip(("-o", "--commitments", "--links", "--restored"), targets, strict=True)
    assert run("read", *files, *(word for option in options for word in option)) == (0, "", "")
    assert tuple(read(targets[1]).columns) == columns(Commitment)
    assert read(targets[1])["verb"].to_list() == ["开工", "开工"]
    links = read(targets[2])
    assert tuple(links.columns) == columns(Link)
    assert set(links["verdict"].to_list()) >= {"met", "missed"}
    assert (targets[3] / "2023.txt").read_text(encoding="utf-8") == PROMISE


def test_the_whole_ledger_is_one_object(run: Command, files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    code, out, err = run("read", *files, tmp_path / "empty.txt", "--json")
    ledger = json.loads(out)
    assert code == 1
    assert err.startswith("bihuan: empty.txt: ")
    assert [one["name"] for one in ledger["documents"]] == ["2023.txt", "2024.txt"]
    assert (len(ledger["statements"]), len(ledger["commitments"])) == (5, 2)
    assert [one["name"] for one in ledger["refused"]] == ["empty.txt"]


def test_standard_input_is_a_document(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(RESULT.encode("gb18030"))))
    code, out, _ = run("read", "-")
    assert code == 0
    assert [(one["doc"], one["quote"]) for one in map(json.loads, out.splitlines())] == [
        ("stdin", "262.5亿千瓦时"), ("stdin", "4.9亿斤"),
    ]  # fmt: skip


def test_two_inputs_of_one_name_are_refused(run: Command, files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    twin = tmp_path / "other/2023.txt"
    twin.write_text(RESULT, encoding="utf-8")
    code, out, err = run("read", files[0], twin)
    assert (code, out) == (2, "")
    assert "two inputs are called 2023.txt" in err


def test_an_output_never_overwrites_an_input_or_another_output(run: Command, files: list[Path], tmp_path: Path) -> None:
    data = tmp_path / "x.csv"
    data.write_text("a,b\n1,2\n", encoding="utf-8")
    assert run("read", data, "-o", data)[0] == 2
    assert data.read_text(encoding="utf-8") == "a,b\n1,2\n"
    assert run("read", files[0], "-o", tmp_path / "o.csv", "--links", tmp_path / "o.csv")[0] == 2
    assert run("read", files[0], "--restored", tmp_path)[0] == 2
    assert files[0].read_text(encoding="utf-8") == PROMISE
    assert not (tmp_path / "o.csv").exists()


def test_where_nothing_was_read_no_target_is_touched(run: Command, tmp_path: Path) -> None:
    target = tmp_path / "old.csv"
    target.write_text("kept", encoding="utf-8")
    code, _, err = run("read", tmp_path / "gone.txt", "-o", target)
    assert (code, target.read_text(encoding="utf-8")) == (2, "kept")
    assert "gone.txt: cannot be read: No such file or directory." in err
    (tmp_path / "empty.txt").touch()
    assert run("read", tmp_path / "empty.txt", "-o", target)[0] == 1
    assert target.read_text(encoding="utf-8") == "kept"


def test_a_file_above_the_limit_is_refused_by_name(run: Command, files: list[Path]) -> None:
    code, _, err = run("read", files[0], "--max-mb", 0.001)
    assert code == 0
    files[0].write_text(PROMISE * 20, encoding="utf-8")
    code, _, err = run("read", files[0], "--max-mb", 0.001)
    assert code == 1
    assert err.startswith("bihuan: 2023.txt: ")


@pytest.mark.parametrize("over", [("--workers", "2"), ("--ray", "local", "--workers", "1")])
def test_processes_and_a_cluster_give_the_same_in_the_same_order(files: list[Path], over: tuple[str, ...]) -> None:
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "bihuan", "read", *map(str, files), *over]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["quote"] for line in done.stdout.splitlines()] == QUOTES


@pytest.mark.parametrize("address", ["127.0.0.1:9", "ray://127.0.0.1:9"])
def test_a_cluster_that_does_not_answer_is_told(run: Command, files: list[Path], address: str) -> None:
    code, out, err = run("read", files[0], "--ray", address)
    assert (code, out) == (1, "")
    assert err == f"bihuan: {address}: no Ray cluster answers there: Connection refused\n"
