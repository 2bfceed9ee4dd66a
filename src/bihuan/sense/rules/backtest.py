"""What a rule would have raised: the same machine over history, nothing kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import is_valid
from bihuan.core.records.signal import Signal
from bihuan.sense.rules.compiled import CompiledRule, EntityState
from bihuan.sense.rules.machine import State
from bihuan.store.connect import Connection
from bihuan.store.entities import listed
from bihuan.store.history import Series, history
from bihuan.store.lake import Lake
from bihuan.store.rows import from_microseconds

Event = tuple[datetime, Mapping[str, Any]]
"""A time, and the valid values that came with it."""


def backtest(rule: CompiledRule, connection: Connection, lake: Lake, start: datetime, end: datetime) -> list[Signal]:
    """Return the signals a rule would have raised from `start` to before `end`, by time.

    Rules of the tick are looked at at each event; what only absence tells is not found.
    """
    found: list[Signal] = []
    for kind in rule.rule.types:
        for number, entity in listed(connection, type=kind).items():
            if rule.concerns(entity):
                series = history(connection, lake, entity.urn, sorted(rule.attributes), start, end)
                found += raised(rule, number, entity, events_of(series.values()))
    return sorted(found, key=lambda signal: signal.at)


def raised(rule: CompiledRule, number: int, entity: Entity, events: Iterable[Event]) -> Iterator[Signal]:
    """Yield the signals of one entity's events, in order of time."""
    known, state = EntityState(number, entity), State()
    for at, values in events:
        known.take(at, values)
        outcome = rule.look(state, known, at)
        state = outcome.state
        if outcome.happened == "raised":
            yield rule.signal(known, outcome, at)


def events_of(series: Iterable[Series]) -> list[Event]:
    """Return what came together as one event each, oldest first; values that are not valid are left out."""
    events: dict[int, dict[str, Any]] = {}
    for one in series:
        for at, time in enumerate(one.times_us.tolist()):
            value = one.value(at)
            if value is not None and is_valid(int(one.quality[at])):
                events.setdefault(time, {})[one.attribute] = value
    return [(from_microseconds(time), events[time]) for time in sorted(events)]
