"""Entities, histories, subscriptions and contexts as NGSI-LD has them; what they mean is `bihuan.sense.ngsi_ld`.

Every function works in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from psycopg.types.json import Jsonb, set_json_loads

from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("ngsi_ld.sql")
_CENTURY_US = 946_684_800_000_000
"""Unix time in microseconds of 2000-01-01, from which PostgreSQL counts."""


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An entity as it lies in the store."""

    number: int
    urn: str
    type: str
    types: list[str] | None
    """IRIs; None where it was not made through NGSI-LD."""
    name: str
    lon: float | None
    lat: float | None
    district: str | None
    owner: str | None
    scopes: list[str]
    attributes: dict[str, Any]
    expires_at: datetime | None
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class TemporalRow:
    """An entity of which the history is kept."""

    number: int
    urn: str
    types: list[str]
    scopes: list[str]
    created_at: datetime
    modified_at: datetime
    deleted_at: datetime | None


class NumbersRow(NamedTuple):
    """The instances of one attribute, type and datasetId of a history as arrays."""

    temporal: int
    attribute: str
    kind: str
    dataset: str | None
    plain: bool
    """Whether each of them is a number; if not, the values stand for nothing."""
    times_us: NDArray[np.int64]
    """Unix time in microseconds, in any order."""
    values: NDArray[np.float64]


class InstanceRow(NamedTuple):
    """One attribute instance of a history."""

    temporal: int
    attribute: str
    number: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewInstance:
    """An attribute instance that is added to a history."""

    urn: str
    attribute: str
    dataset: str | None
    body: Mapping[str, Any]
    observed_at: str | None
    created_at: str
    modified_at: str
    deleted_at: str | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A subscription and how it fares."""

    id: str
    body: dict[str, Any]
    context: Any
    created_at: datetime
    modified_at: datetime
    sent: int
    failed: int
    notified_at: datetime | None
    succeeded_at: datetime | None
    failed_at: datetime | None
    failed_why: str | None = None
    dropped: int = 0
    """How many notifications were let go, never told."""
    dropped_at: datetime | None = None
    waiting: int = 0
    """How many notifications wait; counted where subscriptions are listed."""


@dataclass(frozen=True, slots=True)
class ContextRow:
    """A context that is kept here."""

    id: str
    url: str
    kind: str
    body: Any
    created_at: datetime
    used_at: datetime | None
    hits: int


@dataclass(frozen=True, slots=True)
class Due:
    """A notification to be sent now."""

    number: int
    subscription: str
    body: dict[str, Any]
    failures: int
    """How often the subscriber did not answer since it answered last."""
    given: dict[str, Any]
    """Body of the subscription."""
    context: Any


# -- entities --------------------------------------------------------------------------------------------------------


def insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Make entities; return the URNs of those that were not there."""
    found = connection.execute(_SQL["insert"], {"rows": _json(rows)}).fetchall()
    return {urn for _, urn in found}


def there(connection: Connection, urns: Sequence[str]) -> set[str]:
    """Return which of these entities are there now, unlocked."""
    return {urn for (urn,) in connection.execute(_SQL["there"], {"urns": list(urns)}).fetchall()}


def lock(connection: Connection, urns: Iterable[str]) -> dict[str, EntityRow]:
    """Return entities, locked in order of their URNs until the transaction ends."""
    return {row.urn: row for row in _entities(connection, "lock", {"urns": sorted(set(urns))})}


def numbered(connection: Connection, numbers: Iterable[int], *, now: datetime) -> list[EntityRow]:
    """Return entities by their numbers; those whose time is over are left out."""
    return _entities(connection, "numbered", {"ids": list(numbers), "now": now})


def update(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write entities that are locked."""
    if rows:
        connection.execute(_SQL["update"], {"rows": _json(rows)})


def with_devices(connection: Connection, numbers: Sequence[int]) -> set[str]:
    """Return the URNs of those entities whose state a registered device tells."""
    return {urn for (urn,) in connection.execute(_SQL["with_devices"], {"ids": list(numbers)}).fetchall()}


def delete(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete entities."""
    connection.execute(_SQL["delete"], {"ids": list(numbers)})


def expired(connection: Connection, *, now: datetime) -> list[str]:
    """Return entities whose time is over."""
    return [urn for (urn,) in connection.execute(_SQL["expired"], {"now": now}).fetchall()]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entities or histories are asked for, as far as an index knows."""

    now: datetime
    urns: list[str] | None = None
    types: list[str] | None = None
    """IRIs."""
    short: list[str] | None = None
    """The same types as the registry writes them."""
    pattern: str | None = None
    path: str | None = None
    """A JSON path predicate over the attributes; entities with a state that devices tell are there in any case."""
    box: tuple[float, float, float, float] | None = None
    """West, south, east, north; entities whose place is no point are there in any case."""

    def values(self) -> dict[str, Any]:
        """Return the parameters of the statements."""
        west, south, east, north = self.box or (None, None, None, None)
        return {"urns": self.urns, "types": self.types, "short": self.short, "pattern": self.pattern, "now": self.now,
                "path": self.path, "west": west, "south": south, "east": east, "north": north}  # fmt: skip


def selected(
    connection: Connection, wanted: Wanted, *, after: int = 0, offset: int = 0, limit: int = 1000
) -> list[EntityRow]:
    """Return a page of entities in order of their numbers."""
    return _entities(connection, "selected", {**wanted.values(), "after": after, "offset": offset, "limit": limit})


def count(connection: Connection, wanted: Wanted) -> int:
    """Return how many entities there are."""
    found = connection.execute(_SQL["count"], wanted.values()).fetchone()
    return int(found[0]) if found else 0


def attributes_by_type(
    connection: Connection, *, now: datetime
) -> list[tuple[list[str], bool, str | None, list[str], int]]:
    """Return (types, whether they are short, attribute, its types, how many entities) of all there are."""
    return [tuple(row) for row in connection.execute(_SQL["attributes_by_type"], {"now": now}).fetchall()]


def entities_by_type(connection: Connection, *, now: datetime) -> list[tuple[list[str], bool, int]]:
    """Return (types, whether they are short, how many entities)."""
    return [tuple(row) for row in connection.execute(_SQL["entities_by_type"], {"now": now}).fetchall()]


# -- history ---------------------------------------------------------------------------------------------------------


def keep_temporal(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Note that the history of these entities is kept; return their numbers by URN."""
    found = connection.execute(_SQL["keep_temporal"], {"rows": _json(rows)}).fetchall()
    return {urn: number for number, urn in found}


def add_instances(connection: Connection, numbers: Mapping[str, int], instances: Iterable[NewInstance]) -> None:
    """Add attribute instances to histories."""
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_instances"]) as copy:
        for one in instances:
            body = msgspec.json.encode(one.body).decode()
            copy.write_row(
                (numbers[one.urn], one.attribute, one.dataset, body, one.observed_at, one.created_at, one.modified_at,
                 one.deleted_at)
            )  # fmt: skip


def mark_deleted(connection: Connection, urns: Sequence[str], *, at: datetime) -> None:
    """Note in the history that entities were deleted."""
    connection.execute(_SQL["mark_deleted"], {"urns": list(urns), "at": at})


def lock_temporal(connection: Connection, urn: str) -> TemporalRow | None:
    """Return what is known of an entity's history, locked."""
    found = connection.execute(_SQL["lock_temporal"], {"urn": urn}).fetchone()
    return TemporalRow(*found) if found else None


def delete_temporal(connection: Connection, urn: str) -> bool:
    """Delete an entity's history; return whether there was one."""
    return connection.execute(_SQL["delete_temporal"], {"urn": urn}).rowcount > 0


@dataclass(frozen=True, slots=True)
class Window:
    """Which instances of histories are asked for, as far as an index knows."""

    property: str = "observedAt"
    """The temporal property whose time is looked at."""
    start: datetime | None = None
    """Included; None for since ever."""
    end: datetime | None = None
    """Not included; None for ever."""
    attributes: list[str] | None = None
    """IRIs; None for all."""
    datasets: list[str] | None = None
    """datasetIds, `@none` for the default instances; None for all."""

    def values(self) -> dict[str, Any]:
        """Return the parameters of the statements."""
        return {"start": self.start or "-infinity", "end": self.end or "infinity", "attributes": self.attributes,
                "datasets": self.datasets}  # fmt: skip

    def statement(self, name: str, **words: str) -> str:
        """Return a statement that looks at the temporal property."""
        text = _SQL[name].replace("{time}", _TIME_COLUMNS[self.property])
        for word, value in words.items():
            text = text.replace(f"{{{word}}}", value)
        return text


_TIME_COLUMNS = {"observedAt": "observed_at", "createdAt": "created_at", "modifiedAt": "modified_at",
                 "deletedAt": "deleted_at"}  # fmt: skip
_ORDERS = {"number": "id", "urn": "urn", "urn desc": "urn desc"}


def temporals(
    connection: Connection,
    wanted: Wanted,
    *,
    window: Window | None = None,
    but: str = "",
    order: str = "number",
    after: int = 0,
    offset: int = 0,
    limit: int | None = 1000,
) -> list[TemporalRow]:
    """Return histories.

    Args:
        connection: an open transaction.
        wanted: of which entities.
        window: only those with an instance in it; None for any.
        but: IRI of an attribute whose instances do not count.
        order: `number`, `urn` or `urn desc`.
        after: number of the last one that is known already.
        offset: so many are left out.
        limit: at most so many; None for all.
    """
    seen = window or Window()
    values = {**wanted.values(), **seen.values(), "timed": window is not None, "but": but, "after": after,
              "offset": offset, "limit": limit}  # fmt: skip
    rows = connection.execute(seen.statement("temporals", order=_ORDERS[order]).encode(), values).fetchall()
    return [TemporalRow(*row) for row in rows]


def instances(
    connection: Connection, temporals: Sequence[int], window: Window, *, limit: int | None = None, last: bool = False
) -> list[InstanceRow]:
    """Return attribute instances, oldest first for each attribute: all, or so many of each attribute, the first or the last."""
    values = {**window.values(), "temporals": list(temporals), "limit": limit}
    statement = window.statement("instances", direction="desc" if last else "asc").encode()
    with connection.cursor() as cursor:
        set_json_loads(msgspec.json.decode, cursor)  # histories are long
        return [InstanceRow(*row) for row in cursor.execute(statement, values).fetchall()]


def numbers(connection: Connection, temporals: Sequence[int], window: Window, *, but: str) -> list[NumbersRow]:
    """Return attribute instances as arrays, the attributes in order of their names, without the attribute `but`."""
    asked = {**window.values(), "temporals": list(temporals), "but": but}
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(window.statement("numbers").encode(), asked).fetchall()
    return [
        NumbersRow(temporal, name, kind, dataset, plain, _unpacked(at, ">i8") + _CENTURY_US, _unpacked(values, ">f8"))
        for temporal, name, kind, dataset, plain, at, values in rows
    ]


def _unpacked(packed: bytes, kind: str) -> NDArray[Any]:
    """Return numbers as PostgreSQL sends them, in the byte order of this machine."""
    found = np.frombuffer(packed, kind)
    return found.astype(found.dtype.newbyteorder("="))


def timeless(connection: Connection, temporals: Sequence[int], attributes: Sequence[str]) -> list[InstanceRow]:
    """Return attribute instances that were never observed at a time."""
    values = {"temporals": list(temporals), "attributes": list(attributes)}
    return [InstanceRow(*row) for row in connection.execute(_SQL["timeless"], values).fetchall()]


def instance(connection: Connection, temporal: int, attribute: str, number: int) -> InstanceRow | None:
    """Return one attribute instance."""
    values = {"temporal": temporal, "attribute": attribute, "id": number}
    found = connection.execute(_SQL["instance"], values).fetchone()
    return InstanceRow(*found) if found else None


def has_attribute(connection: Connection, temporals: Sequence[int], attributes: Sequence[str]) -> bool:
    """Return whether histories have an instance of one of some attributes at any time."""
    values = {"temporals": list(temporals), "attributes": list(attributes)}
    found = connection.execute(_SQL["has_attribute"], values).fetchone()
    return bool(found and found[0])


def delete_moments(connection: Connection, temporal: int, instances: Sequence[NewInstance]) -> None:
    """Delete what a history has of the same attributes and datasetIds at the same moments."""
    rows = [{"attribute": one.attribute, "dataset": one.dataset, "observed_at": one.observed_at}
            for one in instances if one.observed_at]  # fmt: skip
    if rows:
        connection.execute(_SQL["delete_moments"], {"temporal": temporal, "rows": _json(rows)})


def delete_instances(
    connection: Connection,
    temporal: int,
    attribute: str,
    *,
    dataset: str | None = None,
    instance: int | None = None,
    every: bool = False,
) -> int:
    """Delete instances of an attribute: one, those of a datasetId, or all; return how many."""
    values = {"temporal": temporal, "attribute": attribute, "dataset": dataset, "instance": instance, "every": every}
    return connection.execute(_SQL["delete_instances"], values).rowcount


def change_instance(connection: Connection, temporal: int, attribute: str, number: int, body: Mapping[str, Any], *,
                    at: datetime) -> bool:  # fmt: skip
    """Write an attribute instance of a history anew; return whether there is one."""
    values = {"id": number, "temporal": temporal, "attribute": attribute, "body": Jsonb(dict(body)), "at": at,
              "observed_at": body.get("observedAt"), "dataset": body.get("datasetId")}  # fmt: skip
    return connection.execute(_SQL["change_instance"], values).rowcount > 0


# -- on the way to observations --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """A value that a client wrote."""

    urn: str
    attribute: str
    """As the registry has it."""
    value: Any
    unit: str | None
    """As the client wrote it."""
    observed_at: str | None


def put_written(connection: Connection, many: Sequence[Written], *, at: datetime) -> None:
    """Put down what a request wrote and is yet to be kept as observations."""
    packed = msgspec.msgpack.encode([(one.urn, one.attribute, one.value, one.unit, one.observed_at) for one in many])
    connection.execute(_SQL["put_written"], {"at": at, "readings": packed})


def written(connection: Connection) -> list[tuple[int, datetime, list[Written]]]:
    """Return what was put down, by request with its number and when it came; the oldest first, so many at a time."""
    return [
        (number, at, [Written(*fields) for fields in msgspec.msgpack.decode(readings)])
        for number, at, readings in connection.execute(_SQL["written"]).fetchall()
    ]


def drop_written(connection: Connection, numbers: Sequence[int]) -> None:
    """Drop what has been kept."""
    connection.execute(_SQL["drop_written"], {"ids": list(numbers)})


# -- contexts --------------------------------------------------------------------------------------------------------


def context_body(connection: Connection, url: str, *, at: datetime) -> Any | None:
    """Return a context that is kept under an address, and count that it was used."""
    found = connection.execute(_SQL["context_body"], {"url": url, "at": at}).fetchone()
    return found[0] if found else None


def peek_context(connection: Connection, url: str) -> Any | None:
    """Return a context that is kept under an address, without counting."""
    found = connection.execute(_SQL["peek_context"], {"url": url}).fetchone()
    return found[0] if found else None


def keep_context(connection: Connection, id: str, url: str, kind: str, body: Any, *, at: datetime) -> None:
    """Keep a context under an address."""
    connection.execute(_SQL["keep_context"], {"id": id, "url": url, "kind": kind, "body": Jsonb(body), "at": at})


def contexts(connection: Connection, *, id: str | None = None, kind: str | None = None) -> list[ContextRow]:
    """Return the contexts that are kept, oldest first."""
    return [ContextRow(*row) for row in connection.execute(_SQL["contexts"], {"id": id, "kind": kind}).fetchall()]


def delete_context(connection: Connection, id: str) -> bool:
    """Delete a context; return whether there was one."""
    return connection.execute(_SQL["delete_context"], {"id": id}).rowcount > 0


# -- subscriptions ---------------------------------------------------------------------------------------------------


def keep_subscription(
    connection: Connection, id: str, body: Mapping[str, Any], context: Any, *, at: datetime, due_at: datetime | None
) -> bool:
    """Keep a subscription; return whether it is new."""
    values = {"id": id, "body": Jsonb(dict(body)), "context": Jsonb(context), "at": at, "due_at": due_at}
    return connection.execute(_SQL["keep_subscription"], values).fetchone() is not None


def change_subscription(
    connection: Connection, id: str, body: Mapping[str, Any], context: Any, *, at: datetime, due_at: datetime | None
) -> None:
    """Write a subscription anew."""
    values = {"id": id, "body": Jsonb(dict(body)), "context": Jsonb(context), "at": at, "due_at": due_at}
    connection.execute(_SQL["change_subscription"], values)


def subscriptions(
    connection: Connection, *, id: str | None = None, offset: int = 0, limit: int | None = None
) -> list[SubscriptionRow]:
    """Return subscriptions, oldest first."""
    values = {"id": id, "offset": offset, "limit": limit}
    return [SubscriptionRow(*row) for row in connection.execute(_SQL["subscriptions"], values).fetchall()]


def subscription_marks(connection: Connection) -> list[tuple[tuple[str, int], datetime | None]]:
    """Return of each subscription its mark, (id, a number that changes with what it says), and when it was told last."""
    found = connection.execute(_SQL["subscription_marks"]).fetchall()
    return [((id, number), notified_at) for id, number, notified_at in found]


def marked_subscriptions(connection: Connection, ids: Sequence[str]) -> list[SubscriptionRow]:
    """Return some subscriptions, in no order."""
    return [
        SubscriptionRow(*row) for row in connection.execute(_SQL["marked_subscriptions"], {"ids": list(ids)}).fetchall()
    ]


def count_subscriptions(connection: Connection) -> int:
    """Return how many subscriptions there are."""
    found = connection.execute(_SQL["count_subscriptions"]).fetchone()
    return int(found[0]) if found else 0


def delete_subscription(connection: Connection, id: str) -> bool:
    """Delete a subscription and what was to be told to it; return whether there was one."""
    return connection.execute(_SQL["delete_subscription"], {"id": id}).rowcount > 0


def due_subscriptions(connection: Connection, *, now: datetime) -> list[SubscriptionRow]:
    """Return subscriptions with a timeInterval that is over, locked."""
    return [SubscriptionRow(*row) for row in connection.execute(_SQL["due_subscriptions"], {"now": now}).fetchall()]


def set_due(connection: Connection, id: str, due_at: datetime) -> None:
    """Set when a subscription is told next."""
    connection.execute(_SQL["set_due"], {"id": id, "due_at": due_at})


def claim_turn(connection: Connection, id: str, *, at: datetime, before: datetime) -> bool:
    """Return whether a throttled subscriber may be told now: it was last told before a time. If so, it counts as told."""
    return connection.execute(_SQL["claim_turn"], {"id": id, "at": at, "before": before}).rowcount > 0


def put_notification(connection: Connection, subscription: str, body: Mapping[str, Any], *, at: datetime) -> None:
    """Put down what a subscriber is to be told."""
    connection.execute(_SQL["put_notification"], {"subscription": subscription, "body": Jsonb(dict(body)), "at": at})


def next_notification(connection: Connection, *, now: datetime) -> Due | None:
    """Return the oldest notification of a subscriber who may be told now, who is locked until the transaction ends."""
    locked = connection.execute(_SQL["lock_subscriber"], {"now": now}).fetchone()
    found = connection.execute(_SQL["oldest_notification"], {"id": locked[0]}).fetchone() if locked else None
    return Due(*found) if found else None


def begin_telling(connection: Connection, due: Due, *, at: datetime, until: datetime) -> None:
    """A subscriber is being told: nobody else does so until then, when whoever began must have ended, or died."""
    connection.execute(_SQL["begin_telling"], {"id": due.subscription, "number": due.number, "at": at, "until": until})


def note_told(connection: Connection, due: Due, *, at: datetime) -> None:
    """A subscriber has answered: drop the notification."""
    connection.execute(_SQL["drop_notification"], {"id": due.number})
    connection.execute(_SQL["note_success"], {"id": due.subscription, "at": at})


def note_untold(connection: Connection, due: Due, why: str, *, at: datetime, again_at: datetime) -> None:
    """A subscriber has not answered: the notification stays, and the subscriber is asked again later."""
    connection.execute(_SQL["note_failure"], {"id": due.subscription, "why": why, "at": at, "until": again_at})


def let_go(connection: Connection, *, most: int, before: datetime, now: datetime) -> dict[str, int]:
    """Let go of what waits too long or is too much, the oldest first, and count it on its subscription.

    Args:
        connection: an open transaction.
        most: notifications that are kept for one subscriber; what is on its way is not let go.
        before: what was put down before is let go.
        now: when.

    Returns:
        How many of each subscription; those of which nothing was let go are left out.
    """
    return dict(connection.execute(_SQL["let_go"], {"most": most, "before": before, "now": now}).fetchall())


def _entities(connection: Connection, name: str, values: Mapping[str, Any]) -> list[EntityRow]:
    with connection.cursor() as cursor:
        set_json_loads(msgspec.json.decode, cursor)  # thousands come at once
        return [EntityRow(*row) for row in cursor.execute(_SQL[name], values).fetchall()]


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()
