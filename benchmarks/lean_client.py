"""An HTTP client that costs next to nothing, for benchmarks whose client shares the cores with what is measured.

Knows just what our own server answers with: HTTP/1.1, kept-alive connections, a Content-Length.
"""

from __future__ import annotations

import asyncio
import re

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


class LeanClient:
    """As many connections as requests are under way; the one used last is used first."""

    def __init__(self, host: str, port: int, cookie: str = "") -> None:
        self.host, self.port = host, port
        self._host = (f"Host: {host}:{port}\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "")).encode()
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def get(self, path: str) -> bytes:
        """Return the body of an answer.

        Raises:
            RuntimeError: the answer is no success.
        """
        return await self._ask(b"GET %b HTTP/1.1\r\n%b\r\n" % (path.encode(), self._host))

    async def post(self, path: str, form: bytes) -> bytes:
        """Send an encoded form; as `get`."""
        length = b"Content-Length: %d\r\n" % len(form)
        return await self._ask(b"POST %b HTTP/1.1\r\n%b%b%b\r\n%b" % (path.encode(), self._host, _FORM, length, form))

    def close(self) -> None:
        """Close what is kept alive."""
        while self._idle:
            self._idle.pop()[1].close()

    async def _ask(self, request: bytes) -> bytes:
        if self._idle:
            reader, writer = self._idle.pop()
        else:
            reader, writer = await asyncio.open_connection(self.host, self.port, limit=1 << 20)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        self._idle.append((reader, writer))
        if head[9:10] not in (b"2", b"3"):
            raise RuntimeError(f"{request[:80]!r} is answered {head[9:12].decode()}: {body[:500].decode()}")
        return body
