"""Server-sent events: a part of a page, sent anew whenever it has changed.

Whoever looks at the same part shares one watcher, which asks the store for all of them: a thousand readers cost the store
what one does. The part is the whole last state, not a difference: whoever connects late or again has it with the first
message.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Hashable

from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from bihuan.core.errors import BihuanError

EVERY_SECONDS = 3.0
STILL_HERE = ": still here\n\n"
STALE = "event: stale\ndata: the store does not answer\n\n"
"""Named: the page says that what it shows is the last state known."""
Render = Callable[[], str]


class Watchers:
    """The parts of pages that somebody looks at now.

    Args:
        stopping: set when the server stops; all streams end then.
        every_seconds: how often the store is asked.
    """

    def __init__(self, stopping: asyncio.Event, every_seconds: float = EVERY_SECONDS) -> None:
        self._stopping = stopping
        self._every = every_seconds
        self._watched: dict[Hashable, _Watched] = {}

    def stream(self, what: Hashable, render: Render) -> StreamingResponse:
        """Return the answer that keeps a part of a page alive until the server stops or the reader goes.

        Args:
            what: names the part; readers of the same share what the first one's `render` gives.
            render: gives the part as it is now; called in a thread, for it asks the store.
        """
        headers = {"cache-control": "no-store"}
        return StreamingResponse(self.messages(what, render), media_type="text/event-stream", headers=headers)

    async def messages(self, what: Hashable, render: Render) -> AsyncIterator[str]:
        """Yield the messages of one reader: the whole part first, then what changes, and a sign of life between."""
        watched = self._watched.get(what)
        if watched is None or watched.has_ended:
            watched = self._watched[what] = _Watched()
            watched.task = asyncio.create_task(self._watch(watched, render))
        watched.readers += 1
        seen, said = 0, ""
        try:
            while not watched.has_ended or watched.looks > seen:
                if watched.looks == seen:
                    await watched.looked.wait()
                    continue
                seen = watched.looks
                yield STILL_HERE if watched.message == said != STALE else watched.message
                said = watched.message
        finally:
            watched.readers -= 1
            if not watched.readers and watched.task:
                watched.task.cancel()
                if self._watched.get(what) is watched:
                    del self._watched[what]

    async def _watch(self, watched: _Watched, render: Render) -> None:
        """Look again and again, until the server stops or the last reader has gone."""
        try:
            while not watched.has_ended:
                try:
                    watched.message = message(await run_in_threadpool(render))
                except BihuanError:
                    watched.message = STALE
                watched.looks += 1
                watched.tell()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._every)
                watched.has_ended = self._stopping.is_set()
        finally:
            watched.has_ended = True
            watched.tell()


class _Watched:
    """One part of a page and who looks at it."""

    def __init__(self) -> None:
        self.readers = 0
        self.message = ""
        self.looks = 0
        """How often it was looked; a reader knows by it whether there is something it has not sent."""
        self.looked = asyncio.Event()
        """Set at the next look; then there is another one."""
        self.has_ended = False
        self.task: asyncio.Task[None] | None = None

    def tell(self) -> None:
        """Wake whoever waits."""
        self.looked.set()
        self.looked = asyncio.Event()


def message(text: str) -> str:
    """Return a text as one message (HTML Living Standard, 9.2.5)."""
    return "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"
