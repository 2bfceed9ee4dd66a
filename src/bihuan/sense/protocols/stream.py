"""Cutting a device's byte stream into frames, however the network cut it into segments.

Both national protocols start a frame with `##`. A protocol brings one pure function, `scan`, which looks at the bytes
from one `##` on and answers with a frame, a refusal, or "not yet": more bytes must come before this can be told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

START = b"##"
_SHOWN = 1024
Frame = dict[str, Any]
"""What `bihuan sense decode` puts out for a frame."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """A frame that cannot be taken, or bytes that belong to none."""

    code: str
    """As in docs/reference/sense-decode.md."""

    def as_frame(self) -> Frame:
        """Return what it is reported as."""
        return {"ok": False, "error": self.code}


Scanned = tuple[T | Refused, int, bool]
"""What one `##` led to: a frame or its refusal; the offset to go on from; and, after a refusal that leaves the frame's
end unknown, True: what stands before the next `##` is passed over."""

Scan = Callable[[bytes, int, bool], Scanned[T] | None]
"""(buffer, offset of `##`, whether the stream has ended) -> result, or None while more bytes are needed."""


class FrameReader(Generic[T]):
    """Reads one device's stream. Feed it segments, then `end()`; both give the frames that became certain.

    The same bytes give the same frames in whatever segments they come. At most one frame's bytes are held back.

    Args:
        scan: the protocol's function.
        between: bytes that may stand between frames and mean nothing.
    """

    __slots__ = ("_between", "_buffer", "_quiet", "_scan")

    def __init__(self, scan: Scan[T], between: bytes = b"") -> None:
        self._scan = scan
        self._between = between
        self._buffer = b""
        self._quiet = False  # stray bytes are passed over: after a refusal, or since their run was reported

    @property
    def held_bytes(self) -> int:
        """How many bytes of an unfinished frame are held back."""
        return len(self._buffer)

    def feed(self, segment: bytes) -> list[T | Refused]:
        """Take in the next segment and return the frames that are whole or refused by now."""
        self._buffer = self._buffer + segment if self._buffer else segment
        return self._read(False)

    def end(self) -> list[T | Refused]:
        """Say that the stream has ended and return what is left."""
        return self._read(True)

    def feed_with_bytes(self, segment: bytes, most: int | None = None) -> list[tuple[T | Refused, bytes]]:
        """As `feed`, each frame with its bytes; a refused one with what stands from its start on, up to 1 kB.

        Args:
            segment: the next bytes.
            most: after so many refused frames in a row no more is read; the caller ends such a connection.
        """
        spans: list[bytes] = []
        self._buffer = self._buffer + segment if self._buffer else segment
        return list(zip(self._read(False, spans, most), spans, strict=True))

    def _read(self, ended: bool, spans: list[bytes] | None = None, most: int | None = None) -> list[T | Refused]:
        frames: list[T | Refused] = []
        refused = 0
        buffer, scan, at = self._buffer, self._scan, 0
        while at < len(buffer):
            start = buffer.find(START, at)
            if start != at:
                stray_end = start if start >= 0 else self._certain_stray_end(ended)
                self._stray(buffer[at:stray_end], frames, spans)
                at = max(at, stray_end)
                if start < 0:
                    break
            self._quiet = False
            found = scan(buffer, start, ended)
            if found is None:
                break
            frame, at, self._quiet = found
            frames.append(frame)
            if spans is not None:
                spans.append(buffer[start : at if at > start + 1 else start + _SHOWN])
                refused = refused + 1 if isinstance(frame, Refused) else 0
                if refused == most:
                    break
        self._buffer = buffer[at:]
        return frames

    def _certain_stray_end(self, ended: bool) -> int:
        """A last `#` may be half of a start that the next segment completes."""
        half = not ended and self._buffer.endswith(START[:1])
        return len(self._buffer) - half

    def _stray(self, run: bytes, frames: list[T | Refused], spans: list[bytes] | None) -> None:
        """Report a run of bytes that no start leads, once."""
        meaningful = run.strip(self._between) if self._between else run
        if meaningful and not self._quiet:
            self._quiet = True
            frames.append(Refused("bad_header"))
            if spans is not None:
                spans.append(run[:_SHOWN])
