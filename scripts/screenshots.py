"""Take the pictures of the README anew, from the sample city: .venv/bin/python scripts/screenshots.py

Starts `bihuan demo` in a folder of its own and opens it in Chromium (`make browser`); both are gone afterwards.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parents[1] / "docs/images"
MOST_BYTES = 300_000


@contextmanager
def demo() -> Iterator[str]:
    """Run the sample city; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="bihuan-pictures-") as home:
        command = [Path(sys.executable).with_name("bihuan"), "demo", "--port", str(port)]
        with subprocess.Popen(command, env={**os.environ, "BIHUAN_HOME": home}, stdout=subprocess.DEVNULL) as process:
            try:
                _wait(f"http://127.0.0.1:{port}/healthz", process)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("bihuan demo does not start")


def take(page: Page) -> None:
    """Take each picture."""
    page.goto("/promises/2023")
    _keep(page, "promises")
    page.goto("/documents")
    page.get_by_role("link", name="新闻发布会").first.click()
    page.locator("#panel-statements .jump").first.click()
    _keep(page, "evidence")
    page.goto("/ledger?year=2023")
    _keep(page, "ledger")


def _keep(page: Page, name: str) -> None:
    path = IMAGES / f"{name}.png"
    page.wait_for_load_state("load")
    page.screenshot(path=path, animations="disabled")
    size = path.stat().st_size
    print(f"{path}: {size // 1000} kB")
    if size > MOST_BYTES:
        raise SystemExit(f"{path} is larger than {MOST_BYTES // 1000} kB")


def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(
            base_url=address,
            viewport={"width": 1280, "height": 800},
            locale="zh-CN",
            color_scheme="light",
            reduced_motion="reduce",
        )
        take(page)
        browser.close()


if __name__ == "__main__":
    main()
