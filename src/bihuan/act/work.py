"""One round of what runs by itself: timers, messages out, erasing. What `bihuan act tick` and the server repeat."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from bihuan.act import intake, post, scorecard, timers
from bihuan.act.engine import Engine
from bihuan.store.connect import Store


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did."""

    fired: int = 0
    """Points of timers."""
    opened: int = 0
    """Cases, of signals."""
    sent: int = 0
    """Messages that got through."""
    erased: int = 0
    """Personal values."""

    def __add__(self, other: Round) -> Round:
        return Round(
            self.fired + other.fired, self.opened + other.opened, self.sent + other.sent, self.erased + other.erased
        )

    def __str__(self) -> str:
        return f"{self.fired} timers fired, {self.opened} cases opened, {self.sent} messages sent, {self.erased} personal values erased"

    def as_dict(self) -> dict[str, int]:
        """Return it as a JSON object."""
        return asdict(self)


def once(store: Store, engine: Engine, now: datetime) -> Round:
    """Do all that has come due."""
    fired = timers.tick(store, engine, now)
    opened = intake.take_in(store, engine, now)
    sent = post.send_waiting(store, engine, now)
    with store.connection() as connection:
        erased = engine.erase_expired(connection, now)
    scorecard.seal(store, now)
    return Round(fired, opened, sent, erased)
