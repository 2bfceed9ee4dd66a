"""Every page in both languages, light and dark, wide and narrow: for everybody, by keyboard too."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.loops.conftest import Server

from bihuan.act import demo_accounts
from bihuan.act.command import Command, Opening
from bihuan.act.engine import Engine
from bihuan.core.records.principal import Principal
from bihuan.sense.simulation.small_city import SmallCity
from bihuan.store import entities
from bihuan.store.connect import open_store
from bihuan.store.embedded import Endpoint
from bihuan.store.lake import Lake
from bihuan.store.packs import load_pack

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = (
    "/", "/documents", "/documents/{document}", "/ledger", "/ledger?family=commitment", "/ledger?q=nothing",
    "/promises/2023", "/promises/2023?verdict=partly", "/indicators", "/indicators/gdp", "/energy", "/energy?scenario=2030", "/energy/compare", "/events", "/rows/{row}",
    "/sign-in", "/ask", "/ask/hotline", "/public", "/nowhere",
    "/operations", "/operations/map", "/operations/air", "/operations/energy", "/operations/water?standing=silent",
    "/entities/{entity}", "/entities/{entity}?span=year", "/devices", "/subscriptions", "/rules", "/rules/mine-gas", "/rules/mine-gas/trials/1",
)  # fmt: skip
DESK = (
    "/work", "/supervision", "/scores?month=2026-02", "/scores/ecology?month=2026-02", "/cases", "/cases?state=all", "/cases/board?type=13710",
    "/cases/board", "/cases/import/13710", "/cases/new/13710", "/cases/{number}", "/notices", "/password",
    "/rules/new", "/rules/mine-gas/edit", "/devices/new", "/cases?light=red", "/cases/lists/project", "/public/project", "/public/cases/{project}",
)  # fmt: skip
"""What is seen after signing in."""


@pytest.fixture(scope="module")
def desk(server: Server) -> list[str]:
    """The pages of casework, of a city with a case that is late."""
    engine, then = Engine.of(load_pack("yangquan")), datetime(2026, 2, 10, 9, 0, tzinfo=UTC)
    chief = Principal("account:chief", "督查员", "government-office", frozenset({"supervisor"}), "city")
    opening = Opening("13710", {"title": "河道排口整治", "requirement": "查清并封堵"}, lead="ecology")
    with open_store(url=server.database) as store, store.connection() as connection:
        demo_accounts.make(connection, engine, store.clock())
        number = engine.open(connection, chief, opening, then).case.number
        project = Opening(
            "project", {"title": "产业园", "year_plan_yuan": 3e8, "year_done_yuan": 1e8, "goal": "投产"}, lead="ecology"
        )
        pipeline = engine.open(connection, chief, project, then).case
        engine.act(connection, chief, pipeline.number, Command("block", 1, other=number), then)
    return [place.format(number=number, project=pipeline.number) for place in DESK]


def _sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("input[name=login]", "demo-chief")
    page.fill("input[name=password]", demo_accounts.PASSWORD)
    page.click("main button.main")
    expect(page).to_have_url(re.compile("/cases"))


@pytest.fixture(scope="module")
def entity(postgres: Endpoint, server: Server, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Number of an entity of a small made-up city that this module's server shows."""
    with open_store(url=postgres.conninfo(__name__.replace(".", "_"))) as store:
        city = SmallCity(store, load_pack("yangquan").folder, Lake(tmp_path_factory.mktemp("lake")), share=0.02)
        city.fill()
        city.house.run_rules()
        city.house.roll_up()
        with store.connection() as connection:
            return next(iter(entities.listed(connection, type="Vehicle")))


@pytest.fixture(scope="module")
def places(server: Server, browser: Any, reports: list[Path], entity: int) -> list[str]:
    """The pages of a cockpit that has read both reports and shows a small made-up city."""
    page = browser.new_page(base_url=server.address, locale="zh-CN")
    page.goto("/documents")
    page.set_input_files("#files", reports)
    expect(page.locator(".upload.good")).to_have_count(2)
    page.goto("/rules/mine-gas")
    page.get_by_role("button", name="试算").click()
    expect(page.locator("#trial-state")).to_contain_text("试算完毕")
    page.close()
    documents = json.loads(server.get("/api/documents"))["items"]
    row = json.loads(server.get("/api/statements"))["items"][0]["id"]
    return [place.format(document=documents[0]["id"], row=row, entity=entity) for place in PAGES]


def _open(page: Page, place: str) -> None:
    page.goto(place)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")


def test_no_page_shuts_anybody_out(page: Page, places: list[str], desk: list[str]) -> None:
    axe, found = AXE.read_text(encoding="utf-8"), {}
    _sign_in(page)
    for place in places + desk:
        page.emulate_media(color_scheme="light")
        _open(page, place)
        page.evaluate(axe)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            answer = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
            faults = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in answer["violations"]]
            if faults:
                found[place, scheme] = faults
    assert found == {}


def test_charts_take_the_colours_of_the_scheme(page: Page, places: list[str]) -> None:
    """What axe cannot see: text in a drawn chart is light on dark and dark on light."""
    inks = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto("/indicators/gdp")
        inks[scheme] = page.locator("[data-chart] svg text").first.get_attribute("fill")
        assert inks[scheme] == page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink-2')")
    assert inks["light"] != inks["dark"]


def test_every_chart_has_its_numbers_in_a_table(page: Page, places: list[str]) -> None:
    page.goto("/indicators/gdp")
    charts = page.locator("figure")
    expect(charts).to_have_count(2)
    for chart in charts.all():
        chart.get_by_text("数据表").click()
        points = json.loads(chart.locator("[data-chart]").get_attribute("data-chart") or "")["series"]
        drawn = {point["text"] for one in points for point in one["data"] if point}
        assert drawn <= set(chart.locator("td.num").all_inner_texts())


def test_a_promise_opens_the_chart_of_its_series(page: Page, places: list[str]) -> None:
    page.goto("/promises/2023")
    page.get_by_text("历年序列").first.click()
    expect(page.locator("[data-chart] svg").first).to_be_visible()


def test_nothing_sticks_out(page: Page, places: list[str], desk: list[str]) -> None:
    wide = {}
    _sign_in(page)
    for place in places + desk:
        page.goto(place)
        for width in (1366, 768, 360):
            page.set_viewport_size({"width": width, "height": 800})
            excess = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if excess > 0:
                wide[place, width] = excess
    assert wide == {}


def test_no_room_is_cut_off_on_a_desktop(page: Page, server: Server) -> None:
    for language in ("zh-CN", "en"):
        page.context.add_cookies([{"name": "bihuan_language", "value": language, "url": server.address}])
        page.goto("/documents")
        expect(page.locator("html")).to_have_attribute("lang", language)
        for width in (1280, 1366, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            rooms = page.locator(".rooms")
            assert rooms.evaluate("one => one.scrollWidth - one.clientWidth") == 0, (language, width)
            bar = page.locator(".top").evaluate("one => one.offsetHeight")
            top = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--top')")
            assert f"{bar}px" == top.strip(), (language, width)


def test_both_languages_are_whole(page: Page, places: list[str], desk: list[str]) -> None:
    _sign_in(page)
    page.goto("/ledger")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(re.compile("/ledger$"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    left = {}
    for place in places + desk:
        page.goto(place)
        # The texts of documents stay Chinese and say so; all else is English.
        own = page.evaluate(
            """() => { document.querySelectorAll('[lang^=zh], script').forEach(e => e.remove());
                       return document.body.innerText }"""
        )
        chinese = [line for line in own.split("\n") if re.search("[\u4e00-\u9fff]", line)]
        if chinese:
            left[place] = chinese
    assert left == {}
    page.goto("/")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_the_theme_is_kept(page: Page, places: list[str]) -> None:
    page.goto("/")
    page.get_by_role("button", name="外观").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/events")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_first_tab_skips_to_the_content(page: Page, places: list[str]) -> None:
    page.goto("/ledger")
    page.keyboard.press("Tab")
    expect(page.get_by_text("跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_reviewer_needs_no_mouse(page: Page, places: list[str]) -> None:
    page.goto(next(place for place in places if re.fullmatch(r"/documents/\d+", place)))
    page.keyboard.press("j")
    page.keyboard.press("j")
    row = page.locator("#panel-statements li").nth(1)
    expect(row).to_have_class(re.compile("at"))
    expect(row.locator(".jump")).to_be_focused()
    page.keyboard.press("Enter")
    span = page.locator(".clean .mk:focus")
    expect(span).to_have_class(re.compile("at"))
    page.keyboard.press("Enter")
    expect(row.locator(".jump")).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator("#editor")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#editor")).to_be_hidden()
    page.get_by_role("tab", name="表述").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="事项承诺")).to_be_focused()
    expect(page.locator("#panel-commitments")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("就业")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/ledger"))
    expect(page.locator("tbody tr")).to_have_count(4)
