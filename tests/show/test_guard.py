"""What must not reach a page: other sites' writes, other names, bodies too big."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from bihuan.show.failures import refused
from bihuan.show.guard import BodyTooLargeError, Guard, host_name, refusal

HOSTS = ("localhost", "127.0.0.1", "::1")


@pytest.mark.parametrize(
    ("authority", "name"),
    [("127.0.0.1:8137", "127.0.0.1"), ("[::1]:8137", "::1"), ("LOCALHOST", "localhost"), ("", ""), ("[::1", "")],
)
def test_name_of_a_host_header(authority: str, name: str) -> None:
    assert host_name(authority) == name


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8137", "", "127.0.0.1@evil.example"])
def test_a_foreign_name_is_refused(host: str) -> None:
    answer = refusal("GET", {"host": host}, HOSTS, 10)
    assert answer is not None
    assert answer[0] == 421


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "http://localhost:8137"}, True),
        ({"origin": "http://localhost:9000"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
    ],
)
def test_only_our_own_pages_may_write(headers: dict[str, str], passes: bool) -> None:
    answer = refusal("POST", {"host": "localhost:8137", **headers}, HOSTS, 10)
    assert (answer is None) is passes
    assert passes or answer is not None
    assert refusal("GET", {"host": "localhost:8137", **headers}, HOSTS, 10) is None, "reading is never refused"


@pytest.mark.parametrize(("length", "status"), [("10", None), ("11", 413), ("-1", 400), ("abc", 400)])
def test_declared_length_is_limited(length: str, status: int | None) -> None:
    answer = refusal("POST", {"host": "localhost", "content-length": length}, HOSTS, 10)
    assert (answer[0] if answer else None) == status


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def _page(request: Request) -> HTMLResponse:
    return HTMLResponse("<p>")


def _ask(method: str, path: str, content: AsyncIterator[bytes] | None = None) -> httpx.Response:
    app = Starlette(routes=[Route("/", _echo, methods=["POST"]), Route("/page", _page)])
    guarded = Guard(app, allowed_hosts=("localhost",), max_body_bytes=10, refused=refused)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(guarded)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, content=content)

    return asyncio.run(ask())


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def test_a_body_without_declared_length_is_limited_too() -> None:
    assert _ask("POST", "/", _chunks(b"12345", b"12345")).text == "10"
    with pytest.raises(BodyTooLargeError):
        _ask("POST", "/", _chunks(b"12345", b"123456"))


def test_every_answer_forbids_foreign_script() -> None:
    headers = _ask("GET", "/page").headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers
