"""The operations centre in a browser: what devices say arrives by itself, and a broken stream is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.loops.conftest import Server

from bihuan.core.records.signal import Signal
from bihuan.sense.simulation.small_city import SmallCity
from bihuan.store import entities, signals
from bihuan.store.connect import open_store, utc_now
from bihuan.store.embedded import Endpoint
from bihuan.store.lake import Lake
from bihuan.store.packs import load_pack


def _raise(url: str, subject: str) -> None:
    """As a rule would, while somebody looks at the page."""
    told = Signal("sense.rule.y", "nothing.opens", subject, "critical", "瓦斯超限（演练）", utc_now(), "y", (subject,))
    with open_store(url=url) as store, store.connection() as connection:
        signals.raise_(connection, [told], at=utc_now())


@pytest.fixture(scope="module")
def url(postgres: Endpoint, server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    address = postgres.conninfo(__name__.replace(".", "_"))
    with open_store(url=address) as store:
        SmallCity(store, load_pack("yangquan").folder, Lake(tmp_path_factory.mktemp("lake")), share=0.02).fill()
    return address


def test_a_signal_arrives_by_itself_and_the_map_shows_it(page: Page, server: Server, url: str) -> None:
    with open_store(url=url) as store, store.connection() as connection:
        (number, mine), *_ = entities.listed(connection, type="MineFace").items()
        vehicle = next(iter(entities.listed(connection, type="Vehicle")))
    page.goto("/operations")
    expect(page.locator("[data-live-good]")).to_be_visible()
    expect(page.get_by_text("没有未结信号")).to_be_visible()
    _raise(url, mine.urn)
    expect(page.get_by_role("link", name="瓦斯超限（演练）")).to_be_visible()

    page.goto("/operations/map")
    expect(page.locator("#map svg")).to_be_visible()
    expect(page.locator(f"#e{number}")).to_contain_text("报警")
    page.locator(f"#e{vehicle} a.jump").click()
    expect(page.locator("#card svg")).to_be_visible()
    expect(page.locator("#card h2")).to_be_in_viewport()  # however far down in the table it was chosen
    expect(page.locator("#card")).to_contain_text("图上的线")
    expect(page).to_have_url(f"{server.address}/operations/map")


def test_the_map_is_driven_by_keyboard(page: Page) -> None:
    page.goto("/operations/map")
    expect(page.locator("#map svg")).to_be_visible()
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#map-said")).to_contain_text("·")
    first = page.locator("#map-said").inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#map-said")).not_to_have_text(first)
    second = page.locator("#map-said").inner_text().partition(" · ")[0]
    page.keyboard.press("+")
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_contain_text(second)


def test_a_server_stops_with_streams_open_and_the_page_keeps_its_last_state(
    browser: Browser, server: Server, url: str
) -> None:
    page = browser.new_page(base_url=server.address, locale="zh-CN")
    with page.expect_response("**/operations/stream"):
        page.goto("/operations")
    expect(page.locator("[data-live-good]")).to_be_visible()
    assert server.stop() == 0
    expect(page.locator("[data-live-bad]")).to_contain_text("最后状态")
    expect(page.locator("[data-live-bad]")).to_be_visible(timeout=15_000)
    expect(page.locator("#now-signals")).to_be_visible()
    page.close()
