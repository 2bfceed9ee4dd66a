"""What a rule would have raised: the same machine over history, nothing kept."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import is_valid
from bihuan.core.records.signal import Signal
from bihuan.sense.rules import beside
from bihuan.sense.rules.compiled import CompiledRule, EntityState
from bihuan.sense.rules.expression import Context
from bihuan.sense.rules.machine import State
from bihuan.store import entities, forecasts, rollups
from bihuan.store.connect import Connection
from bihuan.store.history import Series, history
from bihuan.store.lake import Lake
from bihuan.store.rows import from_microseconds

Event = tuple[datetime, Mapping[str, Any]]
"""A time, and the values that came with it; None for one that may not be judged by."""
Beside = tuple[datetime, Context]
"""A time at which the clock looks, and what the rule sees then beside values."""
_WARM_UP = timedelta(hours=1)
"""Beside the time that a rule must hold: how far before the span events are looked at, so that what held then counts."""
_TICK = timedelta(minutes=1)
_MOST_TICKS = 3000
"""Of an entity; over a long span the clock looks less often than live."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one entity."""

    done: int
    """Entities tried so far, this one included."""
    total: int
    signals: list[Signal]
    """In order of time."""


def backtest(rule: CompiledRule, connection: Connection, lake: Lake, start: datetime, end: datetime) -> list[Signal]:
    """Return the signals a rule would have raised from `start` to before `end`, by time."""
    tried = try_rule(rule, connection, lake, start, end)
    return sorted((signal for one in tried for signal in one.signals), key=lambda signal: signal.at)


def try_rule(
    rule: CompiledRule, connection: Connection, lake: Lake, start: datetime, end: datetime
) -> Iterator[Tried]:  # fmt: skip
    """Yield what a rule would have raised from `start` to before `end`, entity by entity.

    What came late is looked at in its time, as if it had not been late. Rules of the clock are looked at each minute,
    over more than two days less often.
    """
    pages = (page for kind in rule.rule.types for page in entities.pages(connection, kind))
    concerned = [(n, entity) for page in pages for n, entity in page.items() if rule.concerns(entity)]
    since = start - rule.rule.lasting - _WARM_UP
    for done, (number, entity) in enumerate(concerned, 1):
        series = history(connection, lake, entity.urn, sorted(rule.reads), since, end)
        events = events_of(series.values())
        planned = forecasts.of_entities(connection, [number]).get(number, ()) if rule.sees_plan else ()
        known = EntityState(number, entity, forecasts=planned)
        if rule.rule.clock == "tick":
            found = clocked(rule, known, events, _looks(connection, number, entity, since, end))
        else:
            found = raised(rule, known, events)
        yield Tried(done, len(concerned), [signal for signal in found if signal.at >= start])


def raised(rule: CompiledRule, known: EntityState, events: Iterable[Event]) -> Iterator[Signal]:
    """Yield the signals of one entity's events, in order of time."""
    state = State()
    for at, told in events:
        known.take(at, told)
        if any(told.get(name) is not None for name in rule.attributes):
            outcome = rule.look(state, known, at)
            state = outcome.state
            if outcome.happened == "raised":
                yield rule.signal(known, outcome, at)


def clocked(
    rule: CompiledRule, known: EntityState, events: Sequence[Event], looks: Iterable[Beside]
) -> Iterator[Signal]:
    """Yield the signals of one entity at the looks of the clock, in order of time."""
    state, coming = State(), iter([*events, None])
    event = next(coming)
    for at, more in looks:
        while event is not None and event[0] <= at:
            known.take(*event)
            event = next(coming)
        seen = beside.ages(known.times, at) | more
        outcome = rule.look(state, known, at, seen)
        state = outcome.state
        if outcome.happened == "raised":
            yield rule.signal(known, outcome, at, seen)


def events_of(series: Iterable[Series]) -> list[Event]:
    """Return what came together as one event each, oldest first."""
    events: dict[int, dict[str, Any]] = {}
    for one in series:
        for at, time in enumerate(one.times_us.tolist()):
            value = one.value(at) if is_valid(int(one.quality[at])) else None
            events.setdefault(time, {})[one.attribute] = value
    return [(from_microseconds(time), events[time]) for time in sorted(events)]


def _looks(connection: Connection, number: int, entity: Entity, start: datetime, end: datetime) -> Iterator[Beside]:
    """Yield when the clock looks, each with the entity's pace where it has a budget."""
    step = max(_TICK, (end - start) / _MOST_TICKS)
    times = (start + step * n for n in range(int((end - start) / step) + 1))
    budget = beside.budget_of(entity)
    if budget is None:
        yield from ((at, {}) for at in times)
        return
    counter, amount = budget
    begun = beside.year_begin(start)
    hours = rollups.span(connection, number, "hour", begun, end, [counter]).get(counter, [])
    starts, sums = [at for at, _ in hours], [0.0, *accumulate(fields["growth"] or 0.0 for _, fields in hours)]
    for at in times:
        used = sums[bisect_left(starts, at)] - sums[bisect_left(starts, beside.year_begin(at))]
        yield at, beside.pace(used, amount, at)
