"""What a rule makes of one entity's events: a small machine, pure, the same live and on history.

    idle --when--> held (since) --for long enough--> raised (key) --clear--> idle

An event older than one already looked at changes nothing: what was told in its time is not told again for what comes
late. So the same events in the same order end in the same signals, each with a key of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from bihuan.sense.times import CHINA


@dataclass(frozen=True, slots=True)
class State:
    """What a rule remembers of an entity."""

    last: datetime | None = None
    """Time of the newest event looked at."""
    since: datetime | None = None
    """Since when it holds without a break; None while it does not."""
    raised: bool = False
    """Whether somebody was told."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event led to."""

    state: State
    happened: Literal["raised", "cleared"] | None = None
    since: datetime | None = None
    """Begin of what was raised or cleared; part of the signal's key."""


def step(
    state: State,
    at: datetime,
    *,
    holds: bool | None,
    over: bool | None,
    lasting: timedelta,
    quiet: tuple[time, time] | None = None,
) -> Outcome:
    """Return what one event leads to.

    Args:
        state: as left by the event before.
        at: time of the event.
        holds: whether the rule's condition does; None: not known, nothing changes.
        over: whether what was raised is over; None: not known.
        lasting: how long it must hold first.
        quiet: time of day in which nothing is raised.
    """
    if state.last is not None and at < state.last:
        return Outcome(state)
    state = State(at, state.since, state.raised)
    if state.raised:
        if over:
            return Outcome(State(at), "cleared", state.since)
        return Outcome(state)
    if holds is None:
        return Outcome(state)
    if not holds:
        return Outcome(State(at))
    since = state.since or at
    if at - since >= lasting and not (quiet and is_quiet(at, quiet)):
        return Outcome(State(at, since, raised=True), "raised", since)
    return Outcome(State(at, since))


def is_quiet(at: datetime, quiet: tuple[time, time]) -> bool:
    """Return whether a moment lies in a span of the Chinese day, which may go over midnight."""
    begin, end = quiet
    now = at.astimezone(CHINA).time()
    return begin <= now < end if begin <= end else now >= begin or now < end
