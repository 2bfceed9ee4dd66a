"""Server-sent events: a part of a page, sent anew whenever it has changed.

The part is the whole last state, not a difference: whoever connects late or again has it with the first message.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from bihuan.core.errors import BihuanError

EVERY_SECONDS = 3.0
STILL_HERE = ": still here\n\n"
STALE = "event: stale\ndata: the store does not answer\n\n"
"""Named: the page says that what it shows is the last state known."""


def stream(request: Request, render: Callable[[], str]) -> StreamingResponse:
    """Return the answer that keeps a part of a page alive until the server stops or the reader goes."""
    parts = messages(render, request.app.state.stopping)
    return StreamingResponse(parts, media_type="text/event-stream", headers={"cache-control": "no-store"})


async def messages(
    render: Callable[[], str], stopping: asyncio.Event, every_seconds: float = EVERY_SECONDS
) -> AsyncIterator[str]:
    """Yield messages until `stopping` is set.

    Args:
        render: gives the part as it is now; called in a thread, for it asks the store.
        stopping: set when the server stops.
        every_seconds: how often it is looked.
    """
    sent: str | None = None
    while True:
        try:
            part = await run_in_threadpool(render)
        except BihuanError:
            sent = None
            yield STALE
        else:
            yield STILL_HERE if part == sent else message(part)
            sent = part
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), every_seconds)
        if stopping.is_set():
            return


def message(text: str) -> str:
    """Return a text as one message (HTML Living Standard, 9.2.5)."""
    return "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"
