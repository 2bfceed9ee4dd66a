"""The cockpit asked over HTTP inside the test's own process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import httpx
from fastapi import FastAPI


class Client:
    """One visitor of an application: waits for each answer, keeps cookies, follows no redirect."""

    def __init__(self, app: FastAPI, loop: asyncio.AbstractEventLoop) -> None:
        self.app = app
        self._loop = loop
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self._loop.run_until_complete(self._client.get(path, **more))

    def post(self, path: str, **sent: Any) -> httpx.Response:
        return self._loop.run_until_complete(self._client.post(path, **sent))

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self._loop.run_until_complete(self._client.delete(path, **more))

    def another(self) -> Client:
        """Return another visitor, without this one's cookies."""
        return Client(self.app, self._loop)


@contextmanager
def browsing(app: FastAPI, *, reads: bool = False) -> Iterator[Client]:
    """Give a client of an application; only with `reads` its reader process and linker are started."""
    loop = asyncio.new_event_loop()
    life = app.router.lifespan_context(app) if reads else nullcontext()
    try:
        loop.run_until_complete(life.__aenter__())
        yield Client(app, loop)
    finally:
        loop.run_until_complete(life.__aexit__(None, None, None))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
