"""The shell of rules: new messages out of the outbox, signals into the store, each once in effect.

Signals, what rules remember and the reader's place are written in one transaction: killed at any moment, the same
messages come again and lead to the same keys.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bihuan.core.records.observation import Layout, is_valid
from bihuan.sense import rollups
from bihuan.sense.rules.compiled import SOURCE, CompiledRule, EntityState
from bihuan.sense.rules.expression import Context
from bihuan.sense.rules.machine import State
from bihuan.store import entities, outbox, rule_states, signals
from bihuan.store import rollups as kept_rollups
from bihuan.store.connect import Connection, Store
from bihuan.store.rows import Layouts, Row, unfolded

READER = "rules"
_ENTITIES_FOR = timedelta(seconds=30)
"""How long the registry's word on an entity is believed before it is read again."""


class RuleRunner:
    """Runs a city's rules.

    Args:
        store: where messages come from and signals go.
        rules: ready to run.
    """

    def __init__(self, store: Store, rules: Sequence[CompiledRule]) -> None:
        self._store = store
        self._rules = rules
        self._layouts = Layouts()
        self._alone = threading.Lock()
        """What is new and what the clock brings are looked at in threads of their own, and share what is known."""
        self._forget()

    def _forget(self) -> None:
        self._known: dict[int, EntityState] = {}
        self._rules_of: dict[int, list[CompiledRule]] = {}
        self._states: dict[tuple[str, int], State] = {}
        self._changed: set[tuple[str, int]] = set()
        self._read_at = datetime.min.replace(tzinfo=UTC)

    def begin(self) -> None:
        """Register as a reader of what is kept from now on; without rules nothing needs to be read."""
        if not self._rules:
            return
        with self._store.connection() as connection:
            outbox.start(connection, READER)

    def run(self) -> int:
        """Look at what is new; return how many messages that was."""
        if not self._rules:
            return 0
        try:
            with self._alone, self._store.connection() as connection:
                rows = [row for row in outbox.take(connection, READER) if row.period == 0]
                self._look_at(connection, rows)
        except BaseException:
            with self._alone:
                self._forget()  # what was remembered was not kept
            raise
        return len(rows)

    def tick(self) -> int:
        """Look at the rules of the clock; return how many entities were looked at."""
        rules = [rule for rule in self._rules if rule.rule.clock == "tick"]
        if not rules:
            return 0
        now, looked = self._store.clock(), 0
        with self._alone, self._store.connection() as connection:
            for kind in sorted({kind for rule in rules for kind in rule.rule.types}):
                numbers = list(entities.listed(connection, type=kind))
                self._meet(connection, dict.fromkeys(numbers, now))
                for number in numbers:
                    looked += 1
                    for rule in self._rules_of[number]:
                        if rule.rule.clock == "tick":
                            more = self._more(connection, rule, self._known[number], now)
                            self._look(connection, rule, self._known[number], now, more)
            self._keep(connection)
        return looked

    # -- events ----------------------------------------------------------------------------------------------------

    def _look_at(self, connection: Connection, rows: list[Row]) -> None:
        if not rows:
            return
        if self._store.clock() - self._read_at > _ENTITIES_FOR:
            self._forget()
            self._read_at = self._store.clock()
        first: dict[int, datetime] = {}
        for row in rows:
            first[row.entity] = min(first.get(row.entity, row.time), row.time)
        self._meet(connection, first)
        layouts = self._layouts.of(connection, {row.layout for row in rows})
        for row in rows:
            known = self._known.get(row.entity)
            if known is None:
                continue
            values = _valid(row, layouts[row.layout])
            known.take(row.time, values)
            for rule in self._rules_of[row.entity]:
                if rule.rule.clock == "event" and not rule.attributes.isdisjoint(values):
                    self._look(connection, rule, known, row.time, {})
        self._keep(connection)

    def _look(
        self, connection: Connection, rule: CompiledRule, known: EntityState, at: datetime, more: Context
    ) -> None:
        place = (rule.rule.id, known.number)
        before = self._states.get(place, State())
        outcome = rule.look(before, known, at, more)
        if outcome.state != before:
            self._states[place] = outcome.state
            self._changed.add(place)
        now = self._store.clock()
        if outcome.happened == "raised":
            signals.raise_(connection, [rule.signal(known, outcome, at, more)], at=now)
        elif outcome.happened == "cleared" and outcome.since is not None:
            source = f"{SOURCE}.{rule.rule.id}"
            signals.clear(connection, source, rule.key(known.entity, outcome.since), at=now)

    # -- what is known ---------------------------------------------------------------------------------------------

    def _meet(self, connection: Connection, first: Mapping[int, datetime]) -> None:
        """Read what is kept of entities not known yet: their latest values, and what rules remember of them.

        `first`: when the first event to be looked at was, by entity. What is newer is still to come out of the outbox.
        """
        missing = sorted(first.keys() - self._rules_of.keys())
        if not missing:
            return
        for number, entity in entities.listed(connection, numbers=missing).items():
            concerned = [rule for rule in self._rules if rule.concerns(entity)]
            self._rules_of[number] = concerned
            if concerned:
                self._known[number] = EntityState(number, entity)
        for number in missing:
            self._rules_of.setdefault(number, [])
        known = [number for number in missing if number in self._known]
        rows = entities.latest_rows(connection, known, period="now")
        layouts = self._layouts.of(connection, {row.layout for row in rows})
        for row in rows:
            if row.time < first[row.entity]:
                self._known[row.entity].take(row.time, _valid(row, layouts[row.layout]))
        for rule, number, state in rule_states.read(connection, known):
            self._states[rule, number] = State(*state)

    def _keep(self, connection: Connection) -> None:
        rows = [(rule, number, self._states[rule, number]) for rule, number in sorted(self._changed)]
        rule_states.keep(connection, [(rule, n, (s.last, s.since, s.raised)) for rule, n, s in rows])
        self._changed.clear()

    def _more(self, connection: Connection, rule: CompiledRule, known: EntityState, now: datetime) -> Context:
        """What rules of the clock see beside values: how old each is, and a year's use against its budget."""
        more: Context = {"age": {name: (now - at).total_seconds() for name, at in known.times.items()}}
        budget = known.entity.attributes.get("year_budget")
        counter = known.entity.attributes.get("budget_attribute")
        if isinstance(budget, int | float) and isinstance(counter, str):
            more |= _pace(connection, known.number, counter, float(budget), now)
        return more


def _valid(row: Row, layout: Layout) -> dict[str, Any]:
    """Return the values of a message that may be judged by."""
    return {name: value for name, _, value, quality in unfolded(row, layout) if value is not None and is_valid(quality)}


def _pace(connection: Connection, number: int, counter: str, budget: float, now: datetime) -> Mapping[str, Any]:
    """Return the use of a year so far, its budget, and the share of the year gone."""
    month = rollups.begin(now, "month")
    year = month.replace(month=1)
    months = kept_rollups.span(connection, number, "month", year, now, [counter]).get(counter, [])
    used = sum(fields["growth"] or 0.0 for _, fields in months)
    following = year.replace(year=year.year + 1)
    return {"used": used, "budget": budget, "elapsed": (now - year) / (following - year)}
