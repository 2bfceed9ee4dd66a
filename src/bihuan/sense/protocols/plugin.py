"""What a device protocol is made of: `decode`, `encode`, `handshake`, and the registration that names them.

A protocol turns bytes into frames (`decode`), messages into bytes (`encode`), and knows how a talk goes on
(`handshake`): what a frame asks to be kept, and what is said to the device once it is kept, and not before.
docs/how-to/add-a-protocol.md builds one from nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from bihuan.core.records.observation import Layout, Period
from bihuan.sense.protocols.stream import Frame, FrameReader


@dataclass(slots=True)
class Upload:
    """Values a device wants kept."""

    time: datetime
    """When they held, by the device; aware."""
    period: Period
    key: int
    """What makes a repeat of this message the same message; 64 bits, signed."""
    layout: Layout
    values: list[Any]
    """In the order of the layout: a number, None where the device has none, anything JSON knows otherwise."""
    flags: bytes | None = None
    """What the device says of each value, a code of `bihuan.core.records.observation.DeviceFlag` each; None: all normal."""
    late_by_protocol: bool = False
    """Whether the device says itself that this is sent again or afterwards."""


@dataclass(slots=True)
class Step:
    """What one frame leads to."""

    device: str | None
    """Who sent it; None where the frame does not tell."""
    upload: Upload | None = None
    answer: bytes = b""
    """Said to the device once the frame is kept; empty where the protocol asks for none."""
    refusal: bytes = b""
    """Said instead where the frame is refused."""
    unsupported: str | None = None
    """Name of what is not spoken (`unsupported_edition`); the raw frame is kept, nothing is read from it."""
    result: CommandResult | None = None
    """What the device says about a command it was given."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What it tells of itself: identifiers, login, running state."""
    secret: str | None = None
    """Password the frame carries; compared with the registry, never kept or logged."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """A device's word on a command."""

    number: str
    """Of the request, as it was sent with it."""
    stage: Literal["ready", "done", "noted"]
    outcome: str
    """`ready`, `done`, or why not."""


class Command(Protocol):
    """Something to be said to a device, as it is queued."""

    @property
    def device(self) -> str:
        """Who is asked."""

    @property
    def number(self) -> str:
        """Of the request."""

    @property
    def code(self) -> str:
        """What is asked."""

    @property
    def fields(self) -> Mapping[str, str]:
        """With what."""


class Conversation(Protocol):
    """One connection: what its frames lead to. Holds what the protocol must remember between them."""

    def receive(self, frame: Any, raw: bytes, *, edition: str | None = None) -> Step:
        """Return what a good frame leads to; pure but for what the conversation remembers.

        Args:
            frame: as the protocol's reader gives it.
            raw: its bytes.
            edition: what the device speaks by the registry, where its frames tell wrongly.
        """
        ...


@dataclass(frozen=True, slots=True)
class DeviceProtocol:
    """A protocol as the gateway, the simulator and the command line use it."""

    name: str
    """Short, lower case: `hj212`."""
    title: str
    """For people: `HJ 212-2017`."""
    port: int
    """Where its gateway listens by default."""
    decode: Callable[[list[bytes]], list[Frame]]
    """Segments of one whole stream to frames as `sense decode` prints them."""
    encode: Callable[..., bytes]
    """A message to the bytes of one frame."""
    handshake: Callable[[], Conversation]
    """A new conversation, for a new connection."""
    tell_time: Callable[[Any, bytes, datetime], bytes]
    """(frame, its bytes, now) -> what is said to a device that asks for the time."""
    command: Callable[[Command], bytes]
    """What is said to a device on somebody's behalf."""
    is_later_edition: Callable[[bytes], bool]
    """Whether refused bytes begin as a frame of an edition that is not spoken."""
    reader: Callable[[], FrameReader[Any]]
    """A new reader of one connection's bytes."""
    largest_frame: int
    """No frame is longer [bytes]; a connection that holds back more is closed."""


def key_of(*parts: str | bytes) -> int:
    """Return the 64-bit key of a message from what identifies it, each part kept apart from the next."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(4, "big") + data)
    return int.from_bytes(digest.digest(), "big", signed=True)
