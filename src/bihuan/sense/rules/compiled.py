"""A pack's rules made ready: expressions compiled, entities matched, signals written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bihuan.core.errors import InputError
from bihuan.core.messages import N_, Message
from bihuan.core.records.entity import Entity
from bihuan.core.records.forecast import Forecast
from bihuan.core.records.rule import Fence, Rule
from bihuan.core.records.signal import Signal
from bihuan.sense.rules.expression import Context, Expression, compile_expression, trial
from bihuan.sense.rules.machine import Outcome, State, step

_PLACE = re.compile(r"\{(\w+)\}")
EXPRESSIONS = ("when", "clear", "where")
"""Fields of a rule that are CEL."""


@dataclass(slots=True)
class EntityState:
    """What is known of an entity while its events are looked at."""

    number: int
    entity: Entity
    values: dict[str, Any] = field(default_factory=dict)
    """Newest reading of each attribute; one that may not be judged by is left out."""
    times: dict[str, datetime] = field(default_factory=dict)
    """When each attribute was last told, whatever it was."""
    previous: dict[str, Any] = field(default_factory=dict)
    """Of the attributes that the last event told: the reading before."""
    _since: dict[str, datetime] = field(default_factory=dict)
    forecasts: Sequence[Forecast] = ()
    """What is expected of it."""

    def take(self, at: datetime, told: Mapping[str, Any]) -> None:
        """Take in an event: values by attribute, None for one that may not be judged by; what is older is left out."""
        self.previous, self._since = {}, {}
        for name, value in told.items():
            last = self.times.get(name)
            if last is not None and at < last:
                continue
            if last is not None and at > last and name in self.values:
                self.previous[name], self._since[name] = self.values[name], last
            self.times[name] = at
            if value is None:
                self.values.pop(name, None)
            else:
                self.values[name] = value

    def planned(self, at: datetime) -> dict[str, float]:
        """Return what is expected at a moment, by attribute."""
        expected = ((one.attribute, one.at(at)) for one in self.forecasts)
        return {attribute: value for attribute, value in expected if value is not None}

    def seconds(self, at: datetime, attributes: Iterable[str]) -> float:
        """Return how long ago the newest of the readings before was; 0 where there is none."""
        times = [self._since[name] for name in attributes if name in self._since]
        return (at - max(times)).total_seconds() if times else 0.0


class CompiledRule:
    """A rule ready to run.

    Raises:
        InputError: an expression is wrong; the message says which.
    """

    def __init__(self, rule: Rule, fences: Sequence[Fence] = ()) -> None:
        self.rule = rule
        self._functions = _functions(fences)
        expressions, faults = _expressions(rule, self._functions)
        if faults:
            raise InputError("; ".join(f"rule {rule.id}, {name}: {fault}" for name, fault in faults.items()))
        self._when, self._clear, self._where = (expressions.get(name) for name in EXPRESSIONS)
        looked_at = [one for one in (self._when, self._clear) if one]
        self.attributes: frozenset[str] = frozenset().union(*(one.attributes for one in looked_at))
        """What a message must tell to be looked at."""
        self.sees_plan = any(one.sees_plan for one in looked_at)
        """Whether it holds readings against what is planned."""
        self.reads = self.attributes.union(*(one.members for one in looked_at))
        """What history it needs: those, and what stands behind a point (`age.pm25`)."""

    def concerns(self, entity: Entity) -> bool:
        """Return whether the rule looks at an entity."""
        if entity.type not in self.rule.types:
            return False
        return self._where is None or self._where.holds({"entity": described(entity)}) is True

    def look(self, state: State, known: EntityState, at: datetime, more: Context | None = None) -> Outcome:
        """Return what an event leads to; `more` is what the context holds beside the entity's values."""
        assert self._when is not None
        seconds = known.seconds(at, self.attributes)
        context: Context = {**known.values, "previous": known.previous, "seconds": seconds,
                            "planned": known.planned(at) if self.sees_plan else {},
                            "entity": described(known.entity), **self._functions, **(more or {})}  # fmt: skip
        holds = self._when.holds(context)
        over = self._clear.holds(context) if self._clear else (None if holds is None else not holds)
        return step(state, at, holds=holds, over=over, lasting=self.rule.lasting, quiet=self.rule.quiet)

    @property
    def source(self) -> str:
        """Return the source of its signals."""
        return source_of(self.rule.id)

    def signal(self, known: EntityState, outcome: Outcome, at: datetime, more: Context | None = None) -> Signal:
        """Return the signal of an outcome that was raised."""
        assert outcome.since is not None
        entity, rule = known.entity, self.rule
        figures = {name: known.values[name] for name in sorted(self.attributes) if name in known.values}
        words = {
            **described(entity),
            **known.values,
            **{f"planned_{attribute}": value for attribute, value in known.planned(at).items()},
            **(more or {}),
            "name": entity.name,
            "district": entity.district or "",
        }
        values: dict[str, Any] = {
            "title": rule.name,
            "severity": rule.severity,
            "rule": rule.id,
            "basis": rule.source,
            "address": entity.district or entity.name,
            "lat": entity.lat,
            "long": entity.lon,
            "owner": entity.owner,
            "synthetic": entity.synthetic,
            **{name: value for name, value in figures.items() if isinstance(value, str | int | float | bool)},
            **{name: filled(text, words) for name, text in rule.values.items()},
        }
        evidence = tuple(f"{entity.urn}|{name}|{known.times[name].isoformat()}" for name in figures)
        return Signal(self.source, rule.kind, entity.urn, rule.severity, filled(rule.text, words), at,
                      key_of(rule.id, entity, outcome.since), evidence or (entity.urn,), values)  # fmt: skip


def source_of(rule: str) -> str:
    """Return the source of a rule's signals."""
    return f"sense.rule.{rule}"


def key_of(rule: str, entity: Entity, since: datetime) -> str:
    """Return the key of the signal about something that began at a time."""
    return f"{rule}|{entity.urn}|{since.isoformat()}"


def compiled(rules: Iterable[Rule], fences: Sequence[Fence]) -> list[CompiledRule]:
    """Return rules ready to run.

    Raises:
        InputError: rules are wrong; the message names each.
    """
    ready, faults = [], []
    for rule in rules:
        try:
            ready.append(CompiledRule(rule, fences))
        except InputError as error:
            faults.append(str(error))
    if faults:
        raise InputError("; ".join(faults))
    return ready


def expression_faults(rule: Rule, fences: Sequence[Fence]) -> dict[str, Message]:
    """Return what is wrong with the expressions of a rule, by field; empty where all are sound."""
    return _expressions(rule, _functions(fences))[1]


def _expressions(rule: Rule, functions: Mapping[str, Any]) -> tuple[dict[str, Expression], dict[str, Message]]:
    """Return the expressions of a rule and what is wrong with them, each by field."""
    sound: dict[str, Expression] = {}
    faults: dict[str, Message] = {}
    for name in EXPRESSIONS:
        text = getattr(rule, name)
        try:
            if text:
                expression = compile_expression(text)
                trial(expression, functions)
                sound[name] = expression
        except InputError as error:
            faults[name] = error.reason
    if rule.clock == "event" and "when" in sound and not sound["when"].attributes:
        faults["when"] = Message(
            N_("looks at no attribute, so no message would have it looked at; name one, or write clock: tick")
        )
    return sound, faults


def _functions(fences: Sequence[Fence]) -> dict[str, Any]:
    """Return what expressions may call."""
    rings = {fence.id: fence.ring for fence in fences}

    def inside_fence(fence: str, lon: float, lat: float) -> bool:
        if fence not in rings:
            raise ValueError(f"Undefined fence '{fence}'; there are {', '.join(rings) or 'none'}")
        return inside(rings[fence], lon, lat)

    return {"inside": inside_fence}


def described(entity: Entity) -> dict[str, Any]:
    """Return what an expression sees of an entity: its fields, and its registered attributes as plain values."""
    plain = {name: _plain(value) for name, value in entity.attributes.items()}
    return {**plain, "urn": entity.urn, "type": entity.type, "name": entity.name, "district": entity.district or "",
            "owner": entity.owner or "", "synthetic": entity.synthetic}  # fmt: skip


def filled(text: str, values: Mapping[str, Any]) -> str:
    """Return a text with {name} filled in; what is not known stands as a dash."""

    def one(match: re.Match[str]) -> str:
        value = values.get(match[1])
        if isinstance(value, float):
            return f"{value:.6g}"
        return "–" if value is None else str(value)

    return _PLACE.sub(one, text)


def inside(ring: Sequence[tuple[float, float]], lon: float, lat: float) -> bool:
    """Return whether a point lies in a polygon (even-odd rule); the ring closes of itself."""
    crossings = False
    for (lon_a, lat_a), (lon_b, lat_b) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (lat_a > lat) != (lat_b > lat) and lon < (lon_b - lon_a) * (lat - lat_a) / (lat_b - lat_a) + lon_a:
            crossings = not crossings
    return crossings


def _plain(value: Any) -> Any:
    """An attribute's plain value: of an NGSI-LD property what it holds; whole numbers as doubles, as measured ones are."""
    if isinstance(value, dict) and "type" in value:
        value = value.get("value", value.get("object"))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
