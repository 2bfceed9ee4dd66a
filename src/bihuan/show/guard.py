"""What every request passes before it reaches a page: is it for us, from us, and not too big?

The rooms of the ledger trust whoever sits at the machine, without an account (changing.py). So the machine's own browser must
not be made to act for somebody else: another site's form (cross-site request), or another site's name that resolves to this machine
(DNS rebinding). Both are refused here, on the headers that browsers set and pages cannot forge (Fetch Metadata, W3C;
Origin, RFC 6454 section 7).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Only our own files run or style a page: text of a document can never become script."""

ANSWER_HEADERS: Mapping[str, str] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class BodyTooLargeError(Exception):
    """A request body went over the limit while it was being received."""


def host_name(authority: str) -> str:
    """Return the name part of a Host header: `127.0.0.1:8137` -> `127.0.0.1`, `[::1]:80` -> `::1`; "" if malformed."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def is_cross_site(headers: Mapping[str, str]) -> bool:
    """Tell whether a browser sent this request on behalf of another site.

    A request with neither Sec-Fetch-Site nor Origin does not come from a page (a script, a test, curl) and passes.
    """
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def refusal(
    method: str, headers: Mapping[str, str], allowed_hosts: Collection[str], limit: int
) -> tuple[int, str] | None:
    """Return status and reason where a request must not go on, else None.

    Args:
        method: of the request.
        headers: names in lower case.
        allowed_hosts: names by which this server may be called; `*` allows all.
        limit: most bytes of a body.
    """
    name = host_name(headers.get("host", ""))
    if "*" not in allowed_hosts and name not in allowed_hosts:
        return 421, f"This server does not answer to the name {name!r}. Start it with --allow-host {name} if it should."
    if method not in SAFE_METHODS and is_cross_site(headers):
        return 403, "Refused: the request was made by another site. Open the cockpit itself and try again there."
    length = headers.get("content-length", "0")
    if not length.isdigit():
        return 400, "The Content-Length header is not a number."
    if int(length) > limit:
        return (
            413,
            f"The request has {int(length):,} bytes; at most {limit:,} are taken at once. Upload fewer.",
        )
    return None


class Guard:
    """ASGI middleware: refuse what is not meant for us, limit bodies, set the headers of every answer.

    Args:
        app: what is guarded.
        allowed_hosts: names by which this server may be called; `*` allows all.
        max_body_bytes: most bytes of a body.
        refused: makes the answer of a refusal from the request, the status and the reason.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_hosts: Collection[str],
        max_body_bytes: int,
        refused: Callable[[Request, int, str], Response],
    ) -> None:
        self.app = app
        self.allowed_hosts = frozenset(allowed_hosts)
        self.max_body_bytes = max_body_bytes
        self.refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an HTTP request on, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = refusal(scope["method"], Headers(scope=scope), self.allowed_hosts, self.max_body_bytes)
        target = self.refused(Request(scope), *answer) if answer else self.app
        await target(scope, self._limited(receive), _with_headers(send))

    def _limited(self, receive: Receive) -> Receive:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_body_bytes:
                raise BodyTooLargeError
            return message

        return counted


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in ANSWER_HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-cache")
        await send(message)

    return wrapped
