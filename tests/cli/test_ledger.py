import json
from pathlib import Path

import polars
import pytest
from python_calamine import CalamineWorkbook
from tests.cli.conftest import Command

from bihuan.core.records.statement import Statement
from bihuan.read.export import columns
from bihuan.store.packs import load_pack

PROMISE = """2023年政府工作报告
——2023年3月1日在阳泉市人民代表大会会议上
二、2023年工作安排
今年主要预期目标是：发电量不少于280亿千瓦时。粮食产量达到4.7亿斤。地区生产总值增长6%。
"""
RESULT = """2024年政府工作报告
——2024年3月1日在阳泉市人民代表大会会议上
一、2023年工作回顾
2023年，发电量262.5亿千瓦时。粮食产量4.9亿斤。
"""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "2023.txt", tmp_path / "2024.txt"]
    for path, text in zip(paths, (PROMISE, RESULT), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


@pytest.fixture
def filled(bihuan: Command, files: list[Path]) -> Command:
    assert bihuan("ledger", "import", *files)[0] == 0
    return bihuan


def test_import_tells_of_each_file_and_again_adds_nothing(bihuan: Command, files: list[Path]) -> None:
    code, out, err = bihuan("ledger", "import", *files)
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split("\t") == ["imported", "2023.txt", "3 statements", "0 commitments"]
    code, out, _ = bihuan("ledger", "import", *files, "--json")
    assert code == 0
    assert [one["change"] for one in json.loads(out)["documents"]] == ["unchanged", "unchanged"]
    code, out, _ = bihuan("ledger", "import", files[0], "--again")
    assert (code, out.split("\t")[0]) == (0, "reread")


def test_a_bad_file_is_named_and_the_good_ones_go_on(bihuan: Command, files: list[Path], tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    code, out, err = bihuan("ledger", "import", files[0], empty, tmp_path / "gone.txt", files[1])
    assert code == 1
    assert [line.split("\t")[1] for line in out.splitlines()] == ["2023.txt", "2024.txt"]
    assert [line.split(":")[1].strip() for line in err.splitlines()] == ["empty.txt", str(tmp_path / "gone.txt")]


def test_nothing_that_can_be_opened_is_2(bihuan: Command, tmp_path: Path) -> None:
    code, out, err = bihuan("ledger", "import", tmp_path / "gone.txt", "--json")
    assert code == 2
    assert json.loads(out) == {
        "documents": [],
        "refused": [{"name": "gone.txt", "error": "cannot be read: No such file or directory."}],
    }
    assert "gone.txt: cannot be read" in err


def test_compare_puts_promise_beside_result(filled: Command) -> None:
    code, out, err = filled("ledger", "compare", 2023)
    assert code == 0
    rows = [line.split("\t") for line in out.splitlines()]
    assert rows[0] == ["light", "what", "promised", "reached", "promised in", "told in"]
    assert rows[1:] == [
        ["missed", "发电量", "≥280 亿千瓦时", "262.5 亿千瓦时", "2023.txt", "2024.txt"],
        ["met", "粮食产量", "4.7 亿斤", "4.9 亿斤", "2023.txt", "2024.txt"],
        ["open", "地区生产总值", "+6 %", "", "2023.txt", ""],
    ]
    assert err == "2023: 1 met, 1 missed, 1 open\n"


def test_compare_answers_programs_and_one_light(filled: Command) -> None:
    _, out, _ = filled("ledger", "compare", 2023, "--light", "missed", "--json")
    found = json.loads(out)
    assert found["counts"] == {"met": 1, "missed": 1, "partly": 0, "unknown": 0, "open": 1}
    (promise,) = found["promises"]
    assert (promise["light"], promise["target"]["quote"], promise["result"]["quote"]) == (
        "missed", "280亿千瓦时", "262.5亿千瓦时",
    )  # fmt: skip


def test_a_year_without_promises_says_which_have_some(filled: Command) -> None:
    code, _, err = filled("ledger", "compare", 1999)
    assert (code, err) == (0, "no promise for 1999; there are for 2023\n")


def test_list_searches_and_filters(filled: Command) -> None:
    _, out, err = filled("ledger", "list", "发电量", "--kind", "target")
    (_, row) = out.splitlines()
    assert row.split("\t")[:4] == ["target", "发电量", "≥280 亿千瓦时", "2023"]
    assert err == "1 rows, all shown\n"
    _, out, _ = filled("ledger", "list", "--document", "2024.txt", "--json")
    assert [one["quote"] for one in json.loads(out)["rows"]] == ["262.5亿千瓦时", "4.9亿斤"]
    _, out, _ = filled("ledger", "list", "--jsonl", "--year", 2023)
    assert [json.loads(line)["document"] for line in out.splitlines()] == ["2023.txt"] * 3 + ["2024.txt"] * 2
    _, out, err = filled("ledger", "list", "--size", 2, "--page", 2, "--sort", "value", "--descending")
    assert len(out.splitlines()) == 3
    assert err == "5 rows, page 2 of 3\n"


def test_list_says_why_it_is_empty(bihuan: Command, files: list[Path]) -> None:
    assert bihuan("ledger", "list")[2].startswith("the ledger is empty; `bihuan ledger import FILE`")
    bihuan("ledger", "import", *files)
    assert bihuan("ledger", "list", "无此事")[2] == "no row is like that; leave out a word or a filter\n"
    code, _, err = bihuan("ledger", "list", "--document", "x.txt")
    assert (code, err) == (2, "bihuan: x.txt: no document has this name; there are 2024.txt, 2023.txt\n")


def read(file: Path) -> polars.DataFrame:
    if file.suffix == ".xlsx":
        head, *rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
        return polars.DataFrame(rows, schema=[str(name) for name in head], orient="row")
    readers = {".jsonl": polars.read_ndjson, ".csv": polars.read_csv, ".parquet": polars.read_parquet}
    return readers[file.suffix](file)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".xlsx", ".parquet"])
def test_export_writes_every_format(filled: Command, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"out{suffix}"
    code, out, err = filled("ledger", "export", target, "--kind", "target")
    assert (code, out, err) == (0, "", f"{target}: 3 statements\n")
    frame = read(target)
    assert tuple(frame.columns) == columns(Statement)
    assert frame["quote"].to_list() == ["280亿千瓦时", "4.7亿斤", "6%"]


def test_export_of_links_and_commitments(filled: Command, tmp_path: Path) -> None:
    assert filled("ledger", "export", tmp_path / "l.jsonl", "--what", "link")[2].endswith(": 2 links\n")
    link = json.loads((tmp_path / "l.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (link["a"]["doc"], link["b"]["doc"], link["verdict"]) == ("2023.txt", "2024.txt", "missed")
    assert filled("ledger", "export", tmp_path / "c.csv", "--what", "commitment")[2].endswith(": 0 commitments\n")


def test_export_to_an_unknown_format_is_refused_before_anything_is_written(filled: Command, tmp_path: Path) -> None:
    code, _, err = filled("ledger", "export", tmp_path / "out.doc")
    assert (code, err) == (
        2,
        f"bihuan: {tmp_path}/out.doc: the name must end in one of .jsonl, .csv, .xlsx, .parquet.\n",
    )
    assert not (tmp_path / "out.doc").exists()


def test_the_packs_own_documents_show_every_light(bihuan: Command) -> None:
    assert bihuan("ledger", "import", *load_pack("yangquan").documents)[0] == 0
    counts = json.loads(bihuan("ledger", "compare", 2023, "--json")[1])["counts"]
    assert all(counts[light] for light in ("met", "missed", "partly", "open"))
