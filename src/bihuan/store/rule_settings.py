"""What people have set about rules: another text, on or off. Every version stands in the event log and can come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from bihuan.core.errors import StaleError
from bihuan.store import events, rule_states
from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("rule_settings.sql")
Change = Literal["rule.changed", "rule.switched_on", "rule.switched_off", "rule.restored"]
"""Type of the event that tells of it."""


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """How a rule is set."""

    rule: str
    version: int
    """1, 2, 3 … of this rule; what the pack has is version 0."""
    text: str | None
    """YAML; None: as the pack has it."""
    active: bool
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """How a rule was set once."""

    version: int
    change: str
    text: str | None
    active: bool
    at: datetime
    actor: str


def settings(connection: Connection) -> dict[str, RuleSetting]:
    """Return what is set, by rule; rules that are as the pack has them are left out."""
    with connection.cursor(row_factory=class_row(RuleSetting)) as cursor:
        return {one.rule: one for one in cursor.execute(_SQL["all"]).fetchall()}


def set_rule(
    connection: Connection,
    rule: str,
    change: Change,
    *,
    text: str | None,
    active: bool,
    version: int,
    actor: str,
    at: datetime,
) -> RuleSetting:
    """Set a rule in the caller's transaction, with an event in its stream; whoever runs rules notices at its next look.

    Args:
        connection: an open transaction; rules are looked at again once it has ended.
        rule: its identifier.
        change: what is done, as the event says it.
        text: YAML, sound; None: as the pack has it.
        active: whether it is on.
        version: the one it is changed from; 0 where nothing was set.
        actor: who does it.
        at: when.

    Raises:
        StaleError: it has been changed since that version.
    """
    rule_states.take_turn(connection)
    present = settings(connection).get(rule)
    if (present.version if present else 0) != version:
        raise StaleError("the rule was changed meanwhile; look at what it is now, and change that", where=rule)
    stream = stream_of(rule)
    events.append(connection, stream, [events.NewEvent(change, {"text": text, "active": active}, actor)], at=at)
    made = RuleSetting(rule, events.latest(connection, stream=stream, limit=1)[0].seq, text, active, at, actor)
    values = {"rule": rule, "version": made.version, "text": text, "active": active, "at": at, "actor": actor}
    connection.execute(_SQL["keep"], values)
    rule_states.end_turn(connection)
    return made


def versions(connection: Connection, rule: str, *, limit: int = 50) -> list[RuleVersion]:
    """Return how a rule was set, newest first."""
    told = events.latest(connection, stream=stream_of(rule), limit=limit)
    return [RuleVersion(one.seq, one.type, one.body["text"], one.body["active"], one.time, one.actor) for one in told]


def stream_of(rule: str) -> str:
    """Return the stream of a rule's events."""
    return f"rule:{rule}"
