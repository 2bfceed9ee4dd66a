"""What one connection, and all together, may ask of a gateway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep memory bounded and good devices unaffected by bad ones."""

    connections: int = 10_000
    """Open at once; a further one is closed at once."""
    first_frame_seconds: float = 60
    """A connection that has not sent one good frame by then is closed."""
    frame_seconds: float = 30
    """A frame once begun must be whole by then (slow-loris)."""
    idle_seconds: float = 1800
    """A connection that sends nothing is closed; devices connect again."""
    refusals: int = 50
    """Refused frames in a row before a connection is closed."""
    stray_bytes: int = 1_000_000
    """Bytes without one good frame among them before a connection is closed."""
    held_seconds: float = 5
    """How long a connection that is to be closed is held, unread, so that it does not come back at once."""
    held: int = 2000
    """Connections held so; further ones are closed at once."""
    unanswered: int = 2000
    """Frames of one connection that wait for their commit; beyond, it is not read from."""
    quarantine_a_second: int = 200
    """Frames put into quarantine a second, over all connections; more are counted and dropped."""
    quarantine_a_connection: int = 100
    """Frames one connection may put into quarantine before it is closed."""
    oldest: timedelta = timedelta(days=400)
    """A message older than this is not taken from a device; history of before goes in by file."""
    furthest: timedelta = timedelta(days=1)
    """A message from further ahead is not taken: its device's clock is wrong."""

    def take(self, time: datetime, now: datetime) -> bool:
        """Return whether what holds at a time is taken now."""
        return now - self.oldest <= time <= now + self.furthest
