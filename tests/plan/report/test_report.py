"""Reports: everything inside one file, the label of synthetic data on it, the tables behind the charts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from tests.store.test_plans import CURVE
from typer.testing import CliRunner

from bihuan.cli import app
from bihuan.plan import Plan
from bihuan.plan.pack import read_energy_pack
from bihuan.plan.report import write_html, write_workbook
from bihuan.plan.report.charts import capacity_chart, picture, svg
from bihuan.plan.report.words import Names
from bihuan.plan.summary import summary
from bihuan.store.packs import SHIPPED


@pytest.fixture(name="solved", scope="module")
def _solved(shipped: Callable[[str], Plan]):
    pack = read_energy_pack(SHIPPED / "yangquan")
    return pack, [summary(shipped(scenario), pack, scenario) for scenario in ("2030-cap80", "base")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_whole_in_itself(solved, tmp_path: Path, lang) -> None:
    pack, summaries = solved
    path = tmp_path / "plan.html"
    write_html(summaries, path, lang, pack, CURVE)
    page = path.read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|src=|url\(|https?://(?!www\.w3\.org)", page.split("<section>", 1)[0])
    assert "<script" not in page
    assert page.count("<svg") >= 5
    assert (pack.synthetic if lang == "zh" else pack.synthetic_english) in page
    for told in (
        "168",
        "上社抽水蓄能" if lang == "zh" else "Shangshe pumped hydro",
        summaries[0].shadow_prices[0].sentence_zh if lang == "zh" else summaries[0].shadow_prices[0].sentence_en,
        "预算为 90% 时" if lang == "zh" else "At 90 % of the limit",
    ):
        assert told in page


def test_an_english_page_says_english_names(solved, tmp_path: Path) -> None:
    pack, summaries = solved
    path = tmp_path / "plan.html"
    write_html(summaries, path, "en", pack)
    text = re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8"))
    body = text.split("Where each figure comes from")[0].split("Beside published")[0]
    assert not re.findall(r"[\u4e00-\u9fff]{2,}", body)


def test_the_workbook_holds_every_table(solved, tmp_path: Path) -> None:
    pack, summaries = solved
    path = tmp_path / "plan.xlsx"
    write_workbook(summaries, path, "zh", pack, CURVE)
    book = CalamineWorkbook.from_path(str(path))
    assert {
        "summary",
        "compare",
        "sweep",
        "stored",
        "capacity",
        "costs",
        "shadow",
        "dispatch",
        "heat",
        "prices",
        "sources",
    } <= set(book.sheet_names)
    assert all(book.get_sheet_by_name(name).to_python()[1][0] == pack.synthetic for name in book.sheet_names)
    dispatch = book.get_sheet_by_name("dispatch").to_python()
    assert len(dispatch) == 3 + 168
    assert sum(cell for cell in dispatch[3][1:]) == pytest.approx(0, abs=1e-2)


def test_a_chart_is_a_picture_too(solved) -> None:
    _, summaries = solved
    assert picture(svg(capacity_chart(summaries[0], Names(summaries, "zh"), "zh"))).startswith(b"\x89PNG")


def test_the_command_writes_both(tmp_path: Path) -> None:
    page, book = tmp_path / "plan.html", tmp_path / "plan.xlsx"
    arguments = ["plan", "report", str(SHIPPED / "yangquan"), "-o", str(page), "--hours", "168", "--excel", str(book)]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exit_code == 0, answer.output
    assert page.stat().st_size > 10_000
    assert book.is_file()


def test_studies_answer_on_the_command_line() -> None:
    folder = str(SHIPPED / "yangquan")
    short = ["--hours", "168", "--json"]
    told = CliRunner().invoke(app, ["plan", "compare", folder, "--scenario", "base", "--scenario", "spot", *short])
    assert [s["scenario"] for s in json.loads(told.stdout)["scenarios"]] == ["base", "spot"]
    budget = [
        "plan",
        "budget",
        folder,
        "碳排放预算",
        "--scenario",
        "2030-cap80",
        "--factor",
        "1",
        "--factor",
        "0.95",
        *short,
    ]
    points = json.loads(CliRunner().invoke(app, budget).stdout)["points"]
    assert points[1]["cost_cny"] >= points[0]["cost_cny"]
    odd = CliRunner().invoke(app, ["plan", "stochastic", folder, "--future", "base"])
    assert odd.exit_code == 2
