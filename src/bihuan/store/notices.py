"""Notices: what units are told, who has read it, and what goes out over which channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg.rows import class_row, dict_row

from bihuan.store.connect import Connection
from bihuan.store.sql import statements

_SQL = statements("notices.sql")
ChannelKind = Literal["smtp", "wecom", "dingtalk", "sms", "webhook"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of an in-app inbox."""

    id: int
    number: str
    title: str
    type: str
    unit: str
    what: str
    """`case.assign`, `timer.due`: the event, or what a timer did."""
    at: datetime
    version: int
    unread: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """A way out: a mail address, a robot, a gateway, a webhook."""

    id: int
    kind: ChannelKind
    unit: str | None
    """Whose notices it carries; None for all units'."""
    address: str
    key_id: str | None
    secret: bytes | None
    """Sealed."""
    created_at: datetime
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery that a worker has claimed."""

    id: int
    attempts: int
    channel_id: int
    kind: ChannelKind
    address: str
    key_id: str | None
    secret: bytes | None
    event_stream: str | None
    """Of a webhook."""
    event_seq: int | None
    number: str | None
    """Of a notice, as are the rest."""
    title: str | None
    type: str | None
    unit: str | None
    what: str | None
    at: datetime | None
    light: int | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class Failing:
    """A delivery that did not get through (yet)."""

    id: int
    kind: str
    address: str
    attempts: int
    next_try: datetime | None
    """None: given up; `retry` takes it up again."""
    error: str
    what: str | None
    number: str


def inbox(
    connection: Connection, units: Sequence[str], account_id: int, *, before: int = 2**62, limit: int = 50
) -> list[Notice]:
    """Return notices of some units, newest first; `before` is the id where the page before ended."""
    row = {"units": list(units), "account": account_id, "before": before, "limit": limit}
    with connection.cursor(row_factory=class_row(Notice)) as cursor:
        return cursor.execute(_SQL["inbox"], row).fetchall()


def unread(connection: Connection, units: Sequence[str], account_id: int) -> int:
    """Return how many notices of some units an account has not read."""
    row = connection.execute(_SQL["unread"], {"units": list(units), "account": account_id}).fetchone()
    return int(row[0]) if row else 0


def mark_read(connection: Connection, units: Sequence[str], account_id: int, up_to: int) -> None:
    """Mark notices of some units as read, up to an id."""
    connection.execute(_SQL["mark_read"], {"units": list(units), "account": account_id, "up_to": up_to})


def add_channel(connection: Connection, kind: ChannelKind, unit: str | None, address: str, at: datetime) -> int:
    """Store a channel and return its id; its secret, where it has one, is sealed with `seal_channel`."""
    row = {"kind": kind, "unit": unit, "address": address, "key_id": None, "secret": None, "at": at}
    found = connection.execute(_SQL["add_channel"], row).fetchone()
    assert found is not None
    return int(found[0])


def seal_channel(connection: Connection, channel_id: int, key_id: str, secret: bytes) -> None:
    """Keep a channel's sealed secret."""
    connection.execute(_SQL["seal_channel"], {"id": channel_id, "key_id": key_id, "secret": secret})


def channels(connection: Connection) -> list[Channel]:
    """Return all channels, stopped ones too."""
    with connection.cursor(row_factory=class_row(Channel)) as cursor:
        return cursor.execute(_SQL["channels"]).fetchall()


def stop_channel(connection: Connection, channel_id: int, at: datetime) -> bool:
    """Stop a channel; False where there is none to stop."""
    return connection.execute(_SQL["stop_channel"], {"id": channel_id, "at": at}).fetchone() is not None


def queue_webhooks(connection: Connection, stream: str, seq: int, units: Sequence[str], at: datetime) -> None:
    """Queue an event for the webhooks that listen to one of some units."""
    connection.execute(_SQL["queue_webhooks"], {"stream": stream, "seq": seq, "units": list(units), "at": at})


def queue_webhooks_of_cases(connection: Connection, case_ids: Sequence[int], at: datetime) -> None:
    """Queue the newest event of many cases for the webhooks that listen to a unit of theirs."""
    heard = connection.execute(_SQL["listened"]).fetchone()
    if heard and heard[0]:
        connection.execute(_SQL["queue_webhooks_of_cases"], {"ids": list(case_ids), "at": at})


def lay_out(connection: Connection, at: datetime, limit: int = 5000) -> int:
    """Make deliveries of fresh notices; return how many notices there were."""
    return connection.execute(_SQL["lay_out"], {"at": at, "limit": limit}).rowcount


def claim(connection: Connection, now: datetime, lease: datetime) -> Outgoing | None:
    """Claim the delivery that waits longest; nobody else takes it before `lease`."""
    row = connection.execute(_SQL["claim"], {"now": now, "lease": lease}).fetchone()
    if row is None:
        return None
    with connection.cursor(row_factory=class_row(Outgoing)) as cursor:
        return cursor.execute(_SQL["claimed"], {"id": row[0]}).fetchone()


def event(connection: Connection, stream: str, seq: int) -> dict[str, Any] | None:
    """Return one event, for a webhook."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL["event"], {"stream": stream, "seq": seq}).fetchone()


def settle(
    connection: Connection, delivery_id: int, *, sent_at: datetime | None, next_try: datetime | None, error: str | None
) -> None:
    """Note what became of an attempt."""
    row = {"id": delivery_id, "sent_at": sent_at, "next_try": next_try, "error": error}
    connection.execute(_SQL["settle"], row)


def failing(connection: Connection, limit: int = 100) -> list[Failing]:
    """Return deliveries that failed, newest first."""
    with connection.cursor(row_factory=class_row(Failing)) as cursor:
        return cursor.execute(_SQL["failing"], {"limit": limit}).fetchall()


def retry(connection: Connection, delivery_id: int, at: datetime) -> bool:
    """Try a failed delivery again; False where there is none."""
    return connection.execute(_SQL["retry"], {"id": delivery_id, "at": at}).fetchone() is not None
