"""The whole loop in a browser: a promise is read, opened as a case, worked on, answered by the next year's report, struck off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect
from psycopg import sql
from tests.loops.conftest import Server, start

from bihuan.act import demo_accounts
from bihuan.act.engine import Engine
from bihuan.store.connect import open_store
from bihuan.store.embedded import Endpoint
from bihuan.store.events import verify
from bihuan.store.packs import load_pack


@pytest.fixture(scope="module")
def database(postgres: Endpoint) -> str:
    """A database of this module with the demo accounts."""

    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("create database loop_of_a_promise template bihuan"))
    url = postgres.conninfo("loop_of_a_promise")
    with open_store(url=url) as store, store.connection() as connection:
        demo_accounts.make(connection, Engine.of(load_pack("yangquan")), store.clock())
    return url


@pytest.fixture(scope="module")
def server(database: str) -> Iterator[Server]:
    running = start(BIHUAN_DATABASE_URL=database)
    yield running
    running.stop()


def sign_in(page: Page, login: str) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", demo_accounts.PASSWORD)
    page.click("main button.main")
    expect(page).to_have_url(re.compile("/cases"))


def do(page: Page, case: str, action: str, *, file: Path | None = None, **entered: str) -> None:
    """Open an action of a case, fill it in, and press its button."""
    page.goto(case)
    form = page.locator(f"form:has(button[name=action][value={action}])")
    page.locator("details.act", has=form).locator("summary").click()
    for name, text in entered.items():
        field = form.locator(f"[name='{name}']")
        field.select_option(text) if field.evaluate("one => one.tagName") == "SELECT" else field.fill(text)
    if file is not None:
        form.locator("input[type=file]").set_input_files(file)
    form.locator("button[name=action]").click()
    expect(page.locator(".note.bad")).to_have_count(0)


def test_from_the_promise_to_its_closing(page: Page, reports: list[Path], tmp_path: Path, database: str) -> None:
    promised, reported = reports
    evidence = tmp_path / "现场.png"
    evidence.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    sign_in(page, "demo-chief")
    page.goto("/documents")
    page.set_input_files("#files", promised)
    expect(page.locator(".upload.good")).to_have_count(1)

    page.goto("/promises/2023")
    page.locator("input[name=entry]").first.check()
    page.click("#open-cases button")
    expect(page).to_have_url(re.compile("/cases/CN"))
    case = page.url
    do(page, case, "assign", lead="housing")

    sign_in(page, "demo-housing")
    do(page, case, "report", note="按计划推进", file=evidence, **{"f.progress": "60"})

    sign_in(page, "demo-chief")
    page.goto("/documents")
    page.set_input_files("#files", reported)
    expect(page.locator(".upload.good")).to_have_count(1)
    page.goto(case)
    expect(page.locator(".note.warn")).to_contain_text("载明")

    sign_in(page, "demo-housing")
    do(page, case, "apply", note="已完成", file=evidence, **{"f.result": "任务完成"})
    sign_in(page, "demo-chief")
    do(page, case, "review", note="核验属实", grade="良好")
    do(page, case, "close")
    expect(page.locator("main .lead").first).to_contain_text("销号")
    with open_store(url=database) as store, store.connection() as connection:
        assert verify(connection).broken is None
