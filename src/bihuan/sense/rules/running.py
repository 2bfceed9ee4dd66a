"""The shell of rules: new messages out of the outbox, signals into the store, each once in effect.

Signals, what rules remember and the reader's place are written in one transaction: killed at any moment, the same
messages come again and lead to the same keys.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import Layout, is_valid
from bihuan.sense.rules import beside
from bihuan.sense.rules.book import RuleBook
from bihuan.sense.rules.compiled import CompiledRule, EntityState, key_of, source_of
from bihuan.sense.rules.expression import Context
from bihuan.sense.rules.machine import State
from bihuan.store import entities, forecasts, outbox, rollups, rule_states, signals
from bihuan.store.connect import Connection, Store
from bihuan.store.rows import Layouts, Row, unfolded

READER = "rules"
_ENTITIES_FOR = timedelta(seconds=30)
"""How long the registry's word on an entity is believed before it is read again."""


@dataclass(slots=True)
class _Round:
    """One transaction of looking: what rules remember before and after it."""

    connection: Connection
    now: datetime
    states: dict[tuple[str, int], State]
    changed: set[tuple[str, int]] = field(default_factory=set)

    def look(self, rule: CompiledRule, known: EntityState, at: datetime, more: Context) -> None:
        """Look at one event by one rule; raise or clear its signal."""
        place = (rule.rule.id, known.number)
        before = self.states.get(place, State())
        outcome = rule.look(before, known, at, more)
        if outcome.state != before:
            self.states[place] = outcome.state
            self.changed.add(place)
        if outcome.happened == "raised":
            signals.raise_(self.connection, [rule.signal(known, outcome, at, more)], at=self.now)
        elif outcome.happened == "cleared" and outcome.since is not None:
            signals.clear(self.connection, rule.source, key_of(rule.rule.id, known.entity, outcome.since), at=self.now)

    def keep(self) -> None:
        """Have what rules remember written."""
        rows = [(rule, number, self.states[rule, number]) for rule, number in sorted(self.changed)]
        rule_states.keep(self.connection, [(rule, n, (s.last, s.since, s.raised)) for rule, n, s in rows])


class RuleRunner:
    """Runs a city's rules.

    Args:
        store: where messages come from and signals go.
        book: the rules; what people set about them is noticed at the next look.
    """

    def __init__(self, store: Store, book: RuleBook) -> None:
        self._store = store
        self._book = book
        self._layouts = Layouts()
        self._alone = threading.Lock()
        """What is new and what the clock brings are looked at in threads of their own, and share what is known."""
        self._rules: list[CompiledRule] = []
        self._set: dict[str, int] | None = None
        """Versions of the rules that are set otherwise than the pack has them; None: not read yet."""
        self._forget()

    def _forget(self) -> None:
        self._known: dict[int, EntityState] = {}
        self._rules_of: dict[int, list[CompiledRule]] = {}
        self._states: dict[tuple[str, int], State] = {}
        self._turn = -1
        self._read_at = datetime.min.replace(tzinfo=UTC)

    def begin(self) -> None:
        """Register as a reader of what is kept from now on; without rules nothing needs to be read."""
        with self._turn_taken():
            pass

    def run(self) -> int:
        """Look at what is new; return how many messages that was."""
        with self._turn_taken() as connection:
            batches = outbox.take_batches(connection, READER)
            rows = [row for _, rows in batches for row in rows if row.period == 0]
            if rows:
                self._look_at(connection, rows, batches[0][0])
                self._turn = rule_states.end_turn(connection)
        return len(rows)

    def tick(self) -> int:
        """Look at the rules of the clock; return how many entities were looked at."""
        now, looked = self._store.clock(), 0
        with self._turn_taken() as connection:
            rules = [rule for rule in self._rules if rule.rule.clock == "tick"]
            for kind in sorted({kind for rule in rules for kind in rule.rule.types}):
                concerned = [rule for rule in rules if kind in rule.rule.types]
                for found in entities.pages(connection, kind):
                    looked += len(found)
                    self._tick_at(connection, found, concerned, now)
        return looked

    # -- turns -----------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _turn_taken(self) -> Iterator[Connection]:
        """Have the turn while inside, in one transaction; where that fails, nothing is remembered that was not kept."""
        with self._alone:
            try:
                with self._store.connection() as connection:
                    self._remember_no_more_than_holds(connection)
                    yield connection
            except BaseException:
                self._forget()
                self._set = None
                raise

    def _remember_no_more_than_holds(self, connection: Connection) -> None:
        """Wait for the turn; where another process had it, or after a while, forget and read the rules anew."""
        turn, now = rule_states.take_turn(connection), self._store.clock()
        if turn == self._turn and now - self._read_at <= _ENTITIES_FOR:
            return
        self._forget()
        self._turn, self._read_at = turn, now
        entries = self._book.entries(connection)
        set_ = {one.id: one.version for one in entries if one.setting}
        if set_ == self._set:
            return
        self._rules, self._set = [one.ready for one in entries if one.active and one.ready], set_
        if self._rules:
            outbox.start(connection, READER)
        if entries:
            self._end_what_is_watched_no_longer(connection, now)

    def _end_what_is_watched_no_longer(self, connection: Connection, now: datetime) -> None:
        """Clear signals of rules that are off, and of entities that a rule no longer concerns; nobody else would."""
        held = rule_states.held(connection)
        known = entities.listed(connection, numbers=sorted({n for _, n, _ in held}), limit=len(held))
        rules = {rule.rule.id: rule for rule in self._rules}
        for name, number, (_, since, raised) in held:
            entity, rule = known.get(number), rules.get(name)
            if entity is not None and rule is not None and rule.concerns(entity):
                continue
            if entity is not None and raised and since is not None:
                signals.clear(connection, source_of(name), key_of(name, entity, since), at=now)
            rule_states.forget(connection, name, [number])
        rule_states.forget_others(connection, list(rules))

    # -- events ----------------------------------------------------------------------------------------------------

    def _look_at(self, connection: Connection, rows: list[Row], received: datetime) -> None:
        self._meet(connection, {row.entity for row in rows}, received)
        layouts = self._layouts.of(connection, {row.layout for row in rows})
        round_ = _Round(connection, self._store.clock(), self._states)
        for row in rows:
            known = self._known.get(row.entity)
            if known is None:
                continue
            told = _told(row, layouts[row.layout])
            known.take(row.time, told)
            valid = {name for name, value in told.items() if value is not None}
            for rule in self._rules_of[row.entity]:
                if not rule.attributes.isdisjoint(valid):
                    round_.look(rule, known, row.time, {})
        round_.keep()

    def _meet(self, connection: Connection, numbers: set[int], received: datetime) -> None:
        """Read what is kept of entities not known yet: what rules remember of them, and how they stood.

        `received`: when the first of the messages to be looked at came; what came with or after it is still to come out
        of the outbox.
        """
        missing = sorted(numbers - self._rules_of.keys())
        if not missing:
            return
        self._rules_of |= {number: [] for number in missing}
        for number, entity in entities.listed(connection, numbers=missing, limit=len(missing)).items():
            concerned = [rule for rule in self._rules if rule.rule.clock == "event" and rule.concerns(entity)]
            if concerned:
                self._rules_of[number], self._known[number] = concerned, EntityState(number, entity)
        known = [number for number in missing if number in self._known]
        self._recall(connection, self._known, entities.latest_rows_before(connection, known, received))
        _expect(connection, [self._known[number] for number in known], self._rules)
        for rule, number, state in rule_states.read(connection, known):
            self._states[rule, number] = State(*state)

    def _recall(self, connection: Connection, known: Mapping[int, EntityState], rows: list[Row]) -> None:
        layouts = self._layouts.of(connection, {row.layout for row in rows})
        for row in rows:
            known[row.entity].take(row.time, _told(row, layouts[row.layout]))

    # -- the clock -------------------------------------------------------------------------------------------------

    def _tick_at(
        self, connection: Connection, found: Mapping[int, Entity], rules: Sequence[CompiledRule], now: datetime
    ) -> None:
        known = {number: EntityState(number, entity) for number, entity in found.items()}
        self._recall(connection, known, entities.latest_rows(connection, list(known), period="now"))
        _expect(connection, list(known.values()), rules)
        states = {(rule, number): State(*state) for rule, number, state in rule_states.read(connection, list(known))}
        round_ = _Round(connection, now, states)
        for one in known.values():
            concerned = [rule for rule in rules if rule.concerns(one.entity)]
            more = _beside(connection, one, now) if concerned else {}
            for rule in concerned:
                round_.look(rule, one, now, more)
        round_.keep()


def _expect(connection: Connection, known: Sequence[EntityState], rules: Sequence[CompiledRule]) -> None:
    """Read what is planned for entities, where a rule looks at it."""
    if any(rule.sees_plan for rule in rules):
        planned = forecasts.of_entities(connection, [one.number for one in known])
        for one in known:
            one.forecasts = planned.get(one.number, ())


def _told(row: Row, layout: Layout) -> dict[str, Any]:
    """Return the values of a message by attribute; None for what may not be judged by."""
    return {name: value if is_valid(quality) else None for name, _, value, quality in unfolded(row, layout)}


def _beside(connection: Connection, known: EntityState, now: datetime) -> Context:
    budget = beside.budget_of(known.entity)
    if budget is None:
        return beside.ages(known.times, now)
    counter, amount = budget
    year = beside.year_begin(now)
    months = rollups.span(connection, known.number, "month", year, now, [counter]).get(counter, [])
    used = sum(fields["growth"] or 0.0 for _, fields in months)
    return beside.ages(known.times, now) | beside.pace(used, amount, now)
