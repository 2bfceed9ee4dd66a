"""The energy room: a run is asked for, watched, read, exported and compared; another is cancelled; a gap is told."""

from __future__ import annotations

import io
import urllib.error
import urllib.parse
import urllib.request

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook
from tests.loops.conftest import Server
from tests.loops.test_every_page import AXE, RULES

SOLVED = 200_000


def _ask(page: Page, scenario: str, hours: str = "168") -> int:
    page.goto("/energy")
    page.locator("form[action='/energy/runs'] select[name=scenario]").select_option(scenario)
    form = page.locator("form[action='/energy/runs']")
    form.locator("select[name=hours]").select_option(hours)
    form.get_by_role("button", name="求解", exact=True).click()
    page.wait_for_url("**/energy/runs/*")
    return int(page.url.rsplit("/", 1)[1])


def faults_of(page: Page) -> list[str]:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    answer = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in answer["violations"]]


def test_a_run_from_asking_to_export(page: Page, server: Server) -> None:
    run = _ask(page, "spot")
    expect(page.locator("#run-state")).to_contain_text("已证最优", timeout=SOLVED)
    expect(page.get_by_text("合成序列")).to_be_visible()
    expect(page.locator("[data-energy] svg").first).to_be_visible()
    expect(page.locator("[data-energy]")).to_have_count(4)  # a summer week asks for no heat
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert faults_of(page) == []
    for width in (360, 1366):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    book = CalamineWorkbook.from_filelike(io.BytesIO(server.get(f"/energy/runs/{run}.xlsx")))
    assert {"capacity", "dispatch", "costs", "sources"} <= set(book.sheet_names)
    assert b"<svg" in server.get(f"/energy/runs/{run}/charts/dispatch.svg")
    assert server.get(f"/energy/runs/{run}/charts/capacity.png").startswith(b"\x89PNG")


def test_a_budget_is_tightened_and_its_curve_taken_away(page: Page, server: Server) -> None:
    page.goto("/energy")
    form = page.locator("form[action='/energy/curves']")
    form.locator("select[name=of]").select_option("base:碳排放上限")
    form.locator("select[name=hours]").select_option("168")
    for name, value in (("widest", "100"), ("tightest", "98"), ("steps", "2")):
        form.locator(f"input[name={name}]").fill(value)
    form.get_by_role("button", name="求解").click()
    page.wait_for_url("**/energy/runs/*")
    expect(page.locator("#run-state")).to_contain_text("已证最优", timeout=SOLVED)
    expect(page.get_by_text("碳排放上限每放宽一吨二氧化碳")).to_be_visible()
    expect(page.locator("[data-energy] svg").first).to_be_visible()
    assert faults_of(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    run = page.url.rsplit("/", 1)[1]
    assert server.get(f"/energy/runs/{run}/charts/curve_cost.png").startswith(b"\x89PNG")
    book = CalamineWorkbook.from_filelike(io.BytesIO(server.get(f"/energy/runs/{run}.xlsx")))
    assert len(book.get_sheet_by_name("sweep").to_python()) == 3 + 2


def test_runs_stand_side_by_side_and_can_be_removed(page: Page, server: Server) -> None:
    first, second = _ask(page, "base"), _ask(page, "spot")
    expect(page.locator("#run-state")).to_contain_text("已证最优", timeout=SOLVED)
    page.goto("/energy")
    for run in (first, second):
        page.locator(f"input[name=run][value='{run}']").check()
    page.get_by_role("button", name="并列比较").click()
    expect(page.get_by_role("columnheader", name="2022 现货开放")).to_have_count(1)
    expect(page.locator("[data-energy] svg").first).to_be_visible()
    assert server.get(f"/energy/compare/costs.svg?run={first}&run={second}").startswith(b"<svg")
    page.goto(f"/energy/runs/{first}")
    page.get_by_role("button", name="移除").click()
    page.wait_for_url("**/energy")
    expect(page.locator(f"a[href='/energy/runs/{first}']")).to_have_count(0)


def test_a_run_is_cancelled(page: Page, server: Server) -> None:
    run = _ask(page, "2030", "1344")
    expect(page.locator("#run-state progress")).to_be_visible()
    page.get_by_role("button", name="取消").click()
    expect(page.locator("#run-state")).to_contain_text("已取消")
    page.goto("/energy")
    expect(page.locator(f"tr[data-row=r{run}]")).to_contain_text("已取消")


def test_an_odd_request_is_refused_with_its_reason(server: Server) -> None:
    for asked in ({"scenario": "nowhere", "hours": 168}, {"scenario": "base", "hours": 5}):
        body = urllib.parse.urlencode(asked).encode()
        request = urllib.request.Request(f"{server.address}/energy/runs", body, {"origin": server.address})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=60)
        assert refused.value.code == 422
        refused.value.close()
