"""What is to be thought of a value, by rule; the value itself is never changed.

Range, jump and frozen are looked for in values of the moment, against what the attribute can be and what the same
sensor said before. Late and skewed are told of a whole message, by the platform's clock.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bihuan.core.records.observation import DEVICE_FLAG_BITS, Layout, Quality

LATE_AFTER = timedelta(minutes=10)
"""A message of the moment that is older than this is late."""
SKEW = timedelta(minutes=5)
"""How far a device's clock may run ahead."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an attribute can be."""

    lowest: float | None = None
    highest: float | None = None
    jump: float | None = None
    """Furthest it can move from one message to the next; None: any."""
    frozen_seconds: float | None = None
    """A live sensor does not give one value for longer; None: it may."""


@dataclass(slots=True)
class _Last:
    """The last value of one sensor."""

    value: float
    since: datetime
    """When it began to be this."""


_Watched = tuple[int, str, float, float, Limits | None]
"""Position, name, bounds, and the limits again where movement counts."""
_OUT_OF_RANGE = int(Quality.out_of_range)  # a plain number: this is on the path of every value


def _watched(at: int, name: str, limits: Limits) -> _Watched:
    lowest = -math.inf if limits.lowest is None else limits.lowest
    highest = math.inf if limits.highest is None else limits.highest
    moves = limits.jump is not None or limits.frozen_seconds is not None
    return at, name, lowest, highest, limits if moves else None


class Judge:
    """Judges the values of many entities; remembers the last value of each where a limit needs it.

    Args:
        limits: by attribute.
        most: how many sensors are remembered; beyond, all are forgotten and learnt anew.
    """

    def __init__(self, limits: Mapping[str, Limits], most: int = 200_000) -> None:
        self._limits = limits
        self._last: dict[tuple[int, str], _Last] = {}
        self._most = most
        self._watched: dict[Layout, list[_Watched]] = {}
        self._messages: dict[tuple[int, Layout, str], tuple[datetime, int]] = {}

    def is_second(self, entity: int, layout: Layout, period: str, time: datetime, key: int) -> bool:
        """Return whether another message has just told of the same time; the same message again is none."""
        place = (entity, layout, period)
        last = self._messages.get(place)
        if last is not None and last[0] == time:
            return last[1] != key
        if len(self._messages) >= self._most:
            self._messages.clear()
        self._messages[place] = (time, key)
        return False

    def judge(
        self, entity: int, layout: Layout, time: datetime, values: Sequence[Any], flags: bytes | None
    ) -> list[int] | None:
        """Return the quality of each value, None where all are good.

        Args:
            entity: whose values they are.
            layout: their names.
            time: when they held.
            values: in the order of the layout.
            flags: the device's own word on each, None where it calls all normal.
        """
        quality: list[int] | None = list(flags) if flags else None
        watched = self._watched.get(layout)
        if watched is None:
            watched = self._watched[layout] = self._watch(layout)
        for at, name, lowest, highest, moving in watched:
            value = values[at]
            if not isinstance(value, float | int) or (quality and quality[at] & DEVICE_FLAG_BITS):
                continue
            found = 0 if lowest <= value <= highest else _OUT_OF_RANGE
            if moving is not None:
                found |= self._of_movement(entity, name, moving, time, value)
            if found:
                quality = quality or [0] * len(values)
                quality[at] |= found
        return quality

    def _watch(self, layout: Layout) -> list[_Watched]:
        """Return what is looked at in messages of a layout."""
        known = [(at, name, self._limits.get(name)) for at, name in enumerate(layout.attributes)]
        return [_watched(at, name, limits) for at, name, limits in known if limits is not None]

    def _of_movement(self, entity: int, name: str, limits: Limits, time: datetime, value: float) -> int:
        last = self._last.get((entity, name))
        found = self._against_last(limits, last, time, value) if last is not None and time >= last.since else 0
        if last is None or (value != last.value and time >= last.since):
            self._remember(entity, name, _Last(value, time))
        return found

    def _against_last(self, limits: Limits, last: _Last, time: datetime, value: float) -> int:
        if limits.jump is not None and abs(value - last.value) > limits.jump:
            return int(Quality.jump)
        if limits.frozen_seconds is not None and value == last.value:
            return int(Quality.frozen) if (time - last.since).total_seconds() > limits.frozen_seconds else 0
        return 0

    def _remember(self, entity: int, name: str, last: _Last) -> None:
        if len(self._last) >= self._most:
            self._last.clear()
        self._last[entity, name] = last


def of_message(time: datetime, period: str, received: datetime, *, resent: bool) -> int:
    """Return what its times say of a whole message: late (or sent again), or from the future."""
    if time > received + SKEW:
        return int(Quality.clock_skew)
    return int(Quality.late) if resent or (period == "now" and time < received - LATE_AFTER) else 0
