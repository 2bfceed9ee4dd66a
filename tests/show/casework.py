"""A cockpit with demo accounts at a fixed hour, and a browser without script: what tests of casework share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from httpx import Response
from tests.show.browsing import Client, browsing

from bihuan.act import demo_accounts
from bihuan.act.engine import Engine
from bihuan.act.personal import new_key_file
from bihuan.show.app import create_app
from bihuan.show.settings import Settings
from bihuan.store.connect import Store
from bihuan.store.packs import load_pack

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Browser:
    """What a browser without script does: keeps its cookie, sends a page's hidden inputs back."""

    def __init__(self, client: Client) -> None:
        self.client = client.another()
        self.page = ""

    def get(self, path: str) -> Response:
        return self._seen(self.client.get(path))

    def post(self, path: str, files: dict[str, object] | None = None, **form: str) -> Response:
        sent = {"csrf": self._hidden("csrf"), "version": self._hidden("version"), **form}
        return self._seen(self.client.post(path, data=sent, files=files))

    def sign_in(self, login: str) -> None:
        self.post("/sign-in", login=login, password=demo_accounts.PASSWORD, next="/cases")

    def _hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return found[1] if found else ""

    def _seen(self, answer: Response) -> Response:
        self.page = answer.text
        return answer


@contextmanager
def cockpit(store: Store, folder: Path) -> Iterator[Client]:
    """Give a client of a cockpit whose clock stands at `NOW`; set BIHUAN_KEY_FILE to `folder / "personal.key"` before."""
    new_key_file(folder / "personal.key")
    app = create_app(replace(store, clock=lambda: NOW), Settings(), load_pack("yangquan"))
    engine: Engine = app.state.engine
    with store.connection() as connection:
        demo_accounts.make(connection, engine, NOW)
    with browsing(app) as opened:
        yield opened


def signed_in(client: Client, login: str) -> Browser:
    """Return the browser of a demo account."""
    browser = Browser(client)
    browser.sign_in(login)
    return browser
