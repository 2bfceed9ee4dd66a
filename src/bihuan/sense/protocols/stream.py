"""Cutting a device's byte stream into frames, however the network cut it into segments.

Both national protocols start a frame with `##`. A protocol brings one pure function, `scan`, which looks at the bytes
from one `##` on and answers with a frame, a refusal, or "not yet": more bytes must come before this can be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

START = b"##"
Frame = dict[str, Any]


def refusal(code: str) -> Frame:
    """Return what a refused frame is reported as."""
    return {"ok": False, "error": code}


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one `##` led to."""

    frame: Frame
    resume: int
    """Offset to go on from."""
    resynchronise: bool = False
    """True after a refusal that leaves the frame's end unknown: what stands before the next `##` is passed over."""


Scan = Callable[[bytes, int, bool], Scanned | None]
"""(buffer, offset of `##`, whether the stream has ended) -> result, or None while more bytes are needed."""


class FrameReader:
    """Reads one device's stream. Feed it segments, then `end()`; both give the frames that became certain.

    The same bytes give the same frames in whatever segments they come. At most one frame's bytes are held back.

    Args:
        scan: the protocol's function.
        between: bytes that may stand between frames and mean nothing.
    """

    def __init__(self, scan: Scan, between: bytes = b"") -> None:
        self._scan = scan
        self._between = between
        self._buffer = b""
        self._resynchronising = False
        self._in_stray_run = False

    def feed(self, segment: bytes) -> Iterator[Frame]:
        """Take in the next segment and give the frames that are whole or refused by now."""
        self._buffer += segment
        return self._read(ended=False)

    def end(self) -> Iterator[Frame]:
        """Say that the stream has ended and give what is left."""
        return self._read(ended=True)

    def _read(self, *, ended: bool) -> Iterator[Frame]:
        at = 0
        while at < len(self._buffer):
            start = self._buffer.find(START, at)
            stray_end = start if start >= 0 else self._certain_stray_end(ended)
            yield from self._stray(self._buffer[at:stray_end])
            at = max(at, stray_end)
            if start < 0:
                break
            self._resynchronising = self._in_stray_run = False
            found = self._scan(self._buffer, start, ended)
            if found is None:
                break
            at, self._resynchronising = found.resume, found.resynchronise
            yield found.frame
        self._buffer = self._buffer[at:]

    def _certain_stray_end(self, ended: bool) -> int:
        """A last `#` may be half of a start that the next segment completes."""
        half = not ended and self._buffer.endswith(START[:1])
        return len(self._buffer) - half

    def _stray(self, run: bytes) -> Iterator[Frame]:
        meaningful = run.strip(self._between) if self._between else run
        if not meaningful or self._resynchronising or self._in_stray_run:
            return
        self._in_stray_run = True
        yield refusal("bad_header")
