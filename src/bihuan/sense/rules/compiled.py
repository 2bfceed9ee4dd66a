"""A pack's rules made ready: expressions compiled, entities matched, signals written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bihuan.core.errors import InputError
from bihuan.core.records.entity import Entity
from bihuan.core.records.rule import Fence, Rule
from bihuan.core.records.signal import Signal
from bihuan.sense.rules.expression import Context, Expression, compile_expression, trial
from bihuan.sense.rules.machine import Outcome, State, step

_PLACE = re.compile(r"\{(\w+)\}")
SOURCE = "sense.rule"


@dataclass(slots=True)
class EntityState:
    """What is known of an entity while its events are looked at."""

    number: int
    entity: Entity
    values: dict[str, Any] = field(default_factory=dict)
    """Newest valid value of each attribute."""
    times: dict[str, datetime] = field(default_factory=dict)
    previous: dict[str, Any] = field(default_factory=dict)
    """The values before the last event."""
    seconds: float = 0.0
    last: datetime | None = None

    def take(self, at: datetime, values: Mapping[str, Any]) -> None:
        """Take in an event; a value older than the one known is left out."""
        if self.last is not None and at > self.last:
            self.previous, self.seconds = self.values.copy(), (at - self.last).total_seconds()
        self.last = at if self.last is None else max(at, self.last)
        for name, value in values.items():
            if name not in self.times or at >= self.times[name]:
                self.values[name], self.times[name] = value, at


class CompiledRule:
    """A rule ready to run.

    Raises:
        InputError: an expression is wrong; the message says which.
    """

    def __init__(self, rule: Rule, fences: Mapping[str, Fence]) -> None:
        self.rule = rule
        self._functions = {"inside": lambda fence, lon, lat: inside(fences[fence].ring, lon, lat)}
        self._when = self._compiled(rule.when, "when")
        self._clear = self._compiled(rule.clear, "clear") if rule.clear else None
        self._where = self._compiled(rule.where, "where") if rule.where else None
        self.attributes = self._when.attributes | (self._clear.attributes if self._clear else frozenset())

    def _compiled(self, text: str, name: str) -> Expression:
        where = f"rule {self.rule.id}, {name}"
        expression = compile_expression(text, where)
        trial(expression, self._functions, where)
        return expression

    def concerns(self, entity: Entity) -> bool:
        """Return whether the rule looks at an entity."""
        if entity.type not in self.rule.types:
            return False
        return self._where is None or self._where.holds({"entity": described(entity)}) is True

    def look(self, state: State, known: EntityState, at: datetime, more: Context | None = None) -> Outcome:
        """Return what an event leads to; `more` is what the context holds beside the entity's values."""
        context: Context = {**known.values, "previous": known.previous, "seconds": known.seconds,
                            "entity": described(known.entity), **self._functions, **(more or {})}  # fmt: skip
        holds = self._when.holds(context)
        over = self._clear.holds(context) if self._clear else (None if holds is None else not holds)
        return step(state, at, holds=holds, over=over, lasting=self.rule.lasting, quiet=self.rule.quiet)

    def key(self, entity: Entity, since: datetime) -> str:
        """Return the key of the signal about something that began at a time."""
        return f"{self.rule.id}|{entity.urn}|{since.isoformat()}"

    def signal(self, known: EntityState, outcome: Outcome, at: datetime, more: Context | None = None) -> Signal:
        """Return the signal of an outcome that was raised."""
        assert outcome.since is not None
        entity, rule = known.entity, self.rule
        figures = {name: known.values[name] for name in sorted(self.attributes) if name in known.values}
        words = {
            **described(entity),
            **known.values,
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
        return Signal(f"{SOURCE}.{rule.id}", rule.kind, entity.urn, rule.severity, filled(rule.text, words), at,
                      self.key(entity, outcome.since), evidence or (entity.urn,), values)  # fmt: skip


def compiled(rules: Iterable[Rule], fences: Sequence[Fence]) -> list[CompiledRule]:
    """Return rules ready to run.

    Raises:
        InputError: rules are wrong; the message names each.
    """
    by_id = {fence.id: fence for fence in fences}
    ready, faults = [], []
    for rule in rules:
        try:
            ready.append(CompiledRule(rule, by_id))
        except InputError as error:
            faults.append(str(error))
    if faults:
        raise InputError("; ".join(faults))
    return ready


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
