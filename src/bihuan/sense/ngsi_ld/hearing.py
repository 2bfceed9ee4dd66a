"""What devices say, as subscribers hear it: new messages out of the outbox, notifications into the store.

Gateways know nothing of subscriptions. Notifications and the reader's place are written in one transaction: killed at any
moment, the same messages come again. Nothing is remembered between two looks but who is not concerned, so any number of
processes may hear in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from bihuan.core.records.observation import Layout, Quality
from bihuan.sense.ngsi_ld import broker
from bihuan.sense.ngsi_ld.changes import Change
from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.documents import Document
from bihuan.sense.ngsi_ld.instants import write_instant
from bihuan.sense.ngsi_ld.notifications import Event, Subscription
from bihuan.sense.ngsi_ld.rows import document_of, put_measured, reading
from bihuan.sense.ngsi_ld.selection import Selection
from bihuan.store import entities, ngsi_ld, outbox
from bihuan.store.connect import Connection, Store
from bihuan.store.rows import Layouts, Row, unfolded

READER = "subscriptions"
_UNCONCERNED_FOR = timedelta(seconds=30)
"""How long it is believed that nobody wants to know of an entity."""
_WRITTEN = int(Quality.written)  # a plain number: this is on the path of every value
_MOST_OF_ONE = 1000
"""Most entities of one notification."""


def follow(connection: Connection) -> None:
    """Have the outbox keep what devices say while there is a subscription, and only then."""
    if ngsi_ld.count_subscriptions(connection):
        outbox.start(connection, READER)
    else:
        outbox.stop(connection, READER)


@dataclass(frozen=True)
class _Concerned:
    """An entity that somebody wants to know of."""

    document: Document
    """As it was when the message came that is looked at; what that says is put in."""
    by: Sequence[Subscription]


class Hearing:
    """Hears what devices say, and puts down what subscribers are to be told of it.

    Args:
        store: where messages come from and notifications go.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._layouts = Layouts()
        self._selections: list[Selection] = []
        self._unconcerned: set[int] = set()
        self._read_at = datetime.min.replace(tzinfo=UTC)

    def hear(self) -> int:
        """Look at what is new; return how many messages that was."""
        now = self._store.clock()
        with self._store.connection() as connection:
            batches = outbox.take_batches(connection, READER)
            rows = [row for _, rows in batches for row in rows if row.period == 0]
            if rows:
                self._tell(connection, rows, batches[0][0], now)
        return len(rows)

    def _tell(self, connection: Connection, rows: Sequence[Row], received: datetime, now: datetime) -> None:
        asking = self._asking(connection, now)
        if not any(one.may_be_told(now) for one in asking):
            return
        concerned = self._meet(connection, {row.entity for row in rows} - self._unconcerned, asking, received, now)
        layouts = self._layouts.of(connection, {row.layout for row in rows if row.entity in concerned})
        letters, fetch = {one.id: _Letter() for one in asking}, broker.fetching(connection, at=now)
        for row in rows:
            known = concerned.get(row.entity)
            changes = _taken(known.document, row, layouts[row.layout]) if known else ()
            if known and changes:
                event = Event(known.document, changes)
                for one in known.by:
                    letters[one.id].add(one.told_of(event, fetch))
        for one in asking:
            for page in letters[one.id].pages:
                broker.put_down(connection, one, list(page.values()), at=now)

    def _asking(self, connection: Connection, now: datetime) -> list[Subscription]:
        """Return who is told of readings, now or at another time; where one has changed, no entity is unconcerned."""
        found = [one for one in broker.asking(connection) if one.hears_readings()]
        selections = [one.selection for one in found]
        if selections != self._selections or now - self._read_at > _UNCONCERNED_FOR:
            self._unconcerned.clear()
            self._selections, self._read_at = selections, now
        return found

    def _meet(
        self,
        connection: Connection,
        numbers: set[int],
        asking: Sequence[Subscription],
        received: datetime,
        now: datetime,
    ) -> dict[int, _Concerned]:
        """Return the entities that somebody wants to know of, as they were before the first of the messages came."""
        met: dict[int, _Concerned] = {}
        for row in ngsi_ld.numbered(connection, numbers, now=now) if numbers else ():
            document = document_of(row)
            by = [one for one in asking if one.concerns(document)]
            if by:
                met[row.number] = _Concerned(document, [one for one in by if one.may_be_told(now)])
        self._unconcerned |= numbers - met.keys()
        before = entities.latest_rows_before(connection, list(met), received) if met else []
        layouts = self._layouts.of(connection, {row.layout for row in before})
        for one in before:
            _taken(met[one.entity].document, one, layouts[one.layout])
        return met


class _Letter:
    """What one subscriber is to be told, as many notifications as it takes for each to have an entity once."""

    def __init__(self) -> None:
        self.pages: list[dict[str, Document]] = []

    def add(self, document: Document | None) -> None:
        if document is None:
            return
        if not self.pages or document.id in self.pages[-1] or len(self.pages[-1]) >= _MOST_OF_ONE:
            self.pages.append({})
        self.pages[-1][document.id] = document


def _taken(document: Document, row: Row, layout: Layout) -> list[Change]:
    """Put what a device says into an entity; return what changed: what is older than what is known changes nothing."""
    at = write_instant(row.time)
    changes = []
    for iri, (_, unit, value, quality) in zip(_iris(layout), unfolded(row, layout), strict=True):
        if not quality & _WRITTEN:
            change = put_measured(document.attributes, iri, reading(value, unit, quality, at))
            if change is not None:
                changes.append(change)
    return changes


@lru_cache(maxsize=4096)
def _iris(layout: Layout) -> tuple[str, ...]:
    return tuple(CORE.expand(name) for name in layout.attributes)
