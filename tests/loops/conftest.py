"""Whole loops: a real server in a process of its own, a real browser, a real database."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from psycopg import sql
from tests.loops.texts import PROMISED, REPORTED
from tests.ports import free_port

from bihuan.store.embedded import Endpoint

BIHUAN = Path(sys.executable).with_name("bihuan")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
LONG_MS = 60_000
"""How long a page is waited for. Nothing should take so long; a machine that does much else at once is no failure."""
expect.set_options(timeout=LONG_MS)


@dataclass(frozen=True)
class Server:
    """A running `bihuan up`."""

    process: subprocess.Popen[Any]
    address: str
    database: str = ""

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.address}{path}", timeout=60) as answer:
            return answer.read()

    def stop(self) -> int:
        """Ctrl-C, and wait."""
        self.process.terminate()
        return self.process.wait(120)


def start(**environment: str) -> Server:
    """Start `bihuan up` and wait until it answers."""
    port = free_port()
    process = subprocess.Popen([BIHUAN, "up", "--port", str(port)], env={**os.environ, **environment})
    server = Server(process, f"http://127.0.0.1:{port}", environment.get("BIHUAN_DATABASE_URL", ""))
    wait_for(server)
    return server


def wait_for(server: Server) -> None:
    """Wait until a server answers, as long as its process lives."""
    while True:  # or until the time of the test has run out
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended with {server.process.returncode}")
        try:
            if server.get("/healthz") == b"ok":
                return
        except OSError:
            time.sleep(0.05)


@pytest.fixture(scope="module")
def server(postgres: Endpoint, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server over a database of this module alone."""
    name = sql.Identifier(request.module.__name__.replace(".", "_"))
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template bihuan").format(name))
    running = start(BIHUAN_DATABASE_URL=postgres.conninfo(name.as_string().strip('"')))
    yield running
    running.stop()


@pytest.fixture(scope="module")  # Playwright runs an event loop until it ends; other tests bring their own
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "the browser tests need Debian's Chromium: make browser"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A page in Chinese and light; whatever its script complains of fails the test."""
    context = browser.new_context(
        base_url=server.address, locale="zh-CN", color_scheme="light", viewport={"width": 1366, "height": 860}
    )
    context.set_default_timeout(LONG_MS)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text) if _is_fault(message) else None)
    yield opened
    context.close()
    assert complaints == []


def _is_fault(message: ConsoleMessage) -> bool:
    """Everything but the browser's own note that a page was not found."""
    return message.type == "error" and "404" not in message.text


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The two reports as files."""
    folder = tmp_path_factory.mktemp("reports")
    files = {"2023年报告.txt": PROMISED, "2024年报告.txt": REPORTED}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]
