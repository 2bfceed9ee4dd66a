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

    def __init__(self, app: FastAPI, loop: asyncio.AbstractEventLoop, address: str = "127.0.0.1") -> None:
        self.app = app
        self._loop = loop
        self._address = address
        transport = httpx.ASGITransport(app, client=(address, 4711))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://localhost")

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self._loop.run_until_complete(self._client.get(path, **more))

    def post(self, path: str, **sent: Any) -> httpx.Response:
        return self._loop.run_until_complete(self._client.post(path, **sent))

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self._loop.run_until_complete(self._client.delete(path, **more))

    def another(self, address: str | None = None) -> Client:
        """Return another visitor, without this one's cookies, from another machine where an address is given."""
        return Client(self.app, self._loop, address or self._address)


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
