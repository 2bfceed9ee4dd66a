"""The shell of NGSI-LD: entities changed in the caller's transaction, their history and what subscribers are told with them.

    with store.connection() as connection:
        changed(connection, [urn], lambda document: append(document, fragment), at=now)

Whoever writes locks entities in the order of their URNs, so that two batches never wait for each other in a circle.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bihuan.sense.ngsi_ld import changes, landing
from bihuan.sense.ngsi_ld.changes import Outcome
from bihuan.sense.ngsi_ld.context import CORE, Context, read_context
from bihuan.sense.ngsi_ld.documents import SCOPE, Document, scope_instance
from bihuan.sense.ngsi_ld.forms import LOCATION
from bihuan.sense.ngsi_ld.instants import write_instant
from bihuan.sense.ngsi_ld.linked import Fetch
from bihuan.sense.ngsi_ld.notifications import Event, Subscription, notification
from bihuan.sense.ngsi_ld.ordering import Ordering
from bihuan.sense.ngsi_ld.prefilter import condition
from bihuan.sense.ngsi_ld.problems import Problem, missing
from bihuan.sense.ngsi_ld.query import links_of
from bihuan.sense.ngsi_ld.rows import document_of, row_of
from bihuan.sense.ngsi_ld.selection import Selection
from bihuan.sense.ngsi_ld.subscriptions import next_due, selection_of, shown_by
from bihuan.store import entities, ngsi_ld
from bihuan.store.connect import Connection
from bihuan.store.ngsi_ld import EntityRow, NewInstance, SubscriptionRow, Wanted

logger = logging.getLogger(__name__)
Work = Callable[[Document], Outcome]
_CHUNK = 1000
_MOST_READ = 50_000
_READ: dict[tuple[str, int], Subscription] = {}
"""Subscriptions by their marks; what one says is in its mark, so that it is the same whichever database it comes from."""


def context_of(connection: Connection, given: Any, *, at: datetime) -> Context:
    """Return a context from what is kept here.

    Raises:
        Problem: LdContextNotAvailable, BadRequestData.
    """
    return read_context(given, lambda url: ngsi_ld.context_body(connection, url, at=at))


# -- reading ---------------------------------------------------------------------------------------------------------


def document(connection: Connection, urn: str, *, at: datetime) -> Document:
    """Return one entity as it is now.

    Raises:
        Problem: ResourceNotFound.
    """
    found = ngsi_ld.selected(connection, Wanted(at, urns=[urn]))
    if not found:
        raise missing(f"there is no entity {urn}")
    return documents(connection, found)[0]


def is_there(connection: Connection, urn: str, *, at: datetime) -> bool:
    """Return whether there is an entity now."""
    return bool(ngsi_ld.selected(connection, Wanted(at, urns=[urn])))


def documents(connection: Connection, rows: Sequence[EntityRow]) -> list[Document]:
    """Return entities with what their devices measured last."""
    latest = entities.latest(connection, [row.urn for row in rows]) if rows else {}
    return [document_of(row, latest.get(row.urn)) for row in rows]


def wanted_of(selection: Selection, *, at: datetime) -> tuple[Wanted, bool]:
    """Return what an index can answer of a selection, and whether that is all of it."""
    path = condition(selection.q) if selection.q else None
    box = selection.geo.box() if selection.geo and selection.geo.geoproperty == LOCATION else None
    if len(selection.selectors) != 1:
        return Wanted(at, path=path, box=box), not selection.selectors and not selection.needs_looking()
    one = selection.selectors[0]
    names = one.type.names() if one.type else None
    short = None if names is None else [CORE.compact(name) for name in names]
    wanted = Wanted(at, list(one.ids) or None, names, short, None if one.ids else one.id_pattern, path, box)
    simple = one.type is None or all(len(together) == 1 for together in one.type.any_of)
    return wanted, simple and not selection.needs_looking()


def query(
    connection: Connection,
    selection: Selection,
    *,
    at: datetime,
    offset: int,
    limit: int,
    count: bool,
    ordering: Ordering | None = None,
) -> tuple[list[Document], int | None]:
    """Return a page of entities, and where asked for how many there are."""
    if ordering is not None:
        found = ordering.sorted(list(matching(connection, selection, at=at)))
        return found[offset : offset + limit], len(found) if count else None
    wanted, simple = wanted_of(selection, at=at)
    if simple:
        rows = ngsi_ld.selected(connection, wanted, offset=offset, limit=limit) if limit else []
        return documents(connection, rows), ngsi_ld.count(connection, wanted) if count else None
    page: list[Document] = []
    number = 0
    for one in matching(connection, selection, at=at):
        if offset <= number < offset + limit:
            page.append(one)
        number += 1
        if not count and number >= offset + limit:
            break
    return page, number if count else None


def matching(connection: Connection, selection: Selection, *, at: datetime) -> Iterable[Document]:
    """Yield the entities that are asked for, in order of their numbers."""
    wanted, _ = wanted_of(selection, at=at)
    fetch = fetching(connection, at=at)
    after = 0
    while rows := ngsi_ld.selected(connection, wanted, after=after, limit=_CHUNK):
        found = documents(connection, rows)
        links = links_of(selection.q, found, fetch) if selection.q else {}
        yield from (one for one in found if selection.fits(one, links))
        after = rows[-1].number


def fetching(connection: Connection, *, at: datetime) -> Fetch:
    """Return what reads entities by their ids; those that are not there are left out."""

    def fetch(urns: Sequence[str]) -> list[Document]:
        rows = ngsi_ld.selected(connection, Wanted(at, urns=list(urns)), limit=len(urns))
        return documents(connection, rows)

    return fetch


# -- writing ---------------------------------------------------------------------------------------------------------


def create(connection: Connection, given: Sequence[Document], *, at: datetime) -> set[str]:
    """Make entities; return the URNs of those that were not there."""
    clear_expired(connection, [one.id for one in given], at=at)
    new = ngsi_ld.insert(connection, [row_of(one) for one in given]) if given else set()
    events = [Event(one, changes.created(one).changes, "created", ()) for one in given if one.id in new]
    _after(connection, events, at=at)
    return new


def changed(connection: Connection, work: Mapping[str, Work], *, at: datetime) -> dict[str, Outcome | Problem]:
    """Change entities, each by its own work; return what came of each; a refused one is left as it was.

    An entity that is not there comes back as ResourceNotFound.
    """
    rows = ngsi_ld.lock(connection, work)
    outcomes: dict[str, Outcome | Problem] = {}
    events: list[Event] = []
    for urn, one in work.items():
        row = rows.get(urn)
        if row is None or (row.expires_at is not None and row.expires_at <= at):
            outcomes[urn] = missing(f"there is no entity {urn}")
            continue
        there = document_of(row)
        scopes = list(there.scopes)
        try:
            outcome = outcomes[urn] = one(there)
        except Problem as problem:
            outcomes[urn] = problem
            continue
        events.append(Event(there, outcome.changes, scopes_before=scopes))
    ngsi_ld.update(connection, [row_of(event.document) for event in events])
    _after(connection, events, at=at)
    return outcomes


def upsert(
    connection: Connection, given: Sequence[Document], work: Callable[[Document, Document], Outcome], *, at: datetime
) -> tuple[set[str], dict[str, Outcome | Problem]]:
    """Make those entities that are not there, change the others; return the new ones and what came of the others."""
    clear_expired(connection, [one.id for one in given], at=at)
    known = ngsi_ld.there(connection, [one.id for one in given])  # most are: what is there is not sent twice
    new = create(connection, [one for one in given if one.id not in known], at=at)
    rest = {one.id: _bound(work, one) for one in given if one.id not in new}
    return new, changed(connection, rest, at=at) if rest else {}


def _bound(work: Callable[[Document, Document], Outcome], given: Document) -> Work:
    return lambda there: work(there, given)


def delete(connection: Connection, urns: Sequence[str], *, at: datetime) -> dict[str, Problem | None]:
    """Delete entities; return None by URN, or why not."""
    rows = ngsi_ld.lock(connection, urns)
    bound = ngsi_ld.with_devices(connection, [row.number for row in rows.values()])
    outcomes: dict[str, Problem | None] = {}
    doomed: list[EntityRow] = []
    for urn in dict.fromkeys(urns):
        row = rows.get(urn)
        if row is None:
            outcomes[urn] = missing(f"there is no entity {urn}")
        elif urn in bound:
            outcomes[urn] = Problem(
                "OperationNotSupported", f"registered devices tell the state of {urn}; take them out first"
            )
        else:
            outcomes[urn] = None
            doomed.append(row)
    _delete(connection, doomed, at)
    return outcomes


def _delete(connection: Connection, rows: Sequence[EntityRow], at: datetime) -> None:
    if not rows:
        return
    moment = write_instant(at)
    events = []
    for row in rows:
        there = document_of(row)
        there.deleted_at = there.modified_at = moment
        events.append(Event(there, changes.deleted(there, moment).changes, "deleted", there.scopes))
    _after(connection, events, at=at)
    ngsi_ld.mark_deleted(connection, [row.urn for row in rows], at=at)
    ngsi_ld.delete(connection, [row.number for row in rows])


def clear_expired(connection: Connection, urns: Sequence[str] | None, *, at: datetime) -> int:
    """Delete entities whose time is over; of these, or any."""
    over = set(ngsi_ld.expired(connection, now=at))
    doomed = sorted(over if urns is None else over & set(urns))
    if doomed:
        delete(connection, doomed, at=at)
    return len(doomed)


def _after(connection: Connection, events: Sequence[Event], *, at: datetime) -> None:
    """Keep the history of what was done, and put down what rules are to see and subscribers to be told."""
    if events:
        _keep_history(connection, events)
        landing.put_down(connection, events, at=at)
        tell(connection, events, at=at)


def _keep_history(connection: Connection, events: Sequence[Event]) -> None:
    heads = {
        event.document.id: {"urn": event.document.id, "types": event.document.types, "scopes": event.document.scopes,
                            "modified_at": event.document.modified_at}
        for event in events
    }  # fmt: skip
    numbers = ngsi_ld.keep_temporal(connection, list(heads.values()))
    ngsi_ld.add_instances(connection, numbers, (one for event in events for one in _instances(event)))


def _instances(event: Event) -> Iterable[NewInstance]:
    moment = event.document.modified_at or ""
    for change in event.changes:
        body = change.after
        if body is None and change.before is not None:
            body = changes.nulled(change.before, moment)
        if body is not None:
            yield new_instance(event.document.id, change.attribute, body, moment)
    scopes = [] if event.entity == "deleted" else event.document.scopes
    if event.scopes_before is not None and list(event.scopes_before) != scopes:
        yield new_instance(event.document.id, SCOPE, scope_instance(scopes, moment), moment)


def new_instance(urn: str, attribute: str, body: Mapping[str, Any], moment: str) -> NewInstance:
    """Return an instance of a history; its times of the system are those of the change."""
    kept = {**body, "createdAt": body.get("createdAt", moment), "modifiedAt": body.get("modifiedAt", moment)}
    return NewInstance(urn, attribute, body.get("datasetId"), kept, body.get("observedAt"), kept["createdAt"],
                       kept["modifiedAt"], body.get("deletedAt"))  # fmt: skip


# -- subscriptions ---------------------------------------------------------------------------------------------------


def tell(connection: Connection, events: Sequence[Event], *, at: datetime) -> int:
    """Put down what subscribers are to be told of events; return how many notifications."""
    told, fetch = 0, fetching(connection, at=at)
    for subscription in asking(connection):
        if not subscription.may_be_told(at):
            continue
        found = [document for event in events if (document := subscription.told_of(event, fetch)) is not None]
        told += put_down(connection, subscription, found, at=at)
    return told


def put_down(
    connection: Connection, subscription: Subscription, documents: Sequence[Document], *, at: datetime
) -> bool:
    """Put down what a subscriber is to be told; return whether there is something, and it is not throttled."""
    if not documents:
        return False
    pause = subscription.pause()
    if pause is not None and not ngsi_ld.claim_turn(connection, subscription.id, at=at, before=at - pause):
        return False
    told = notification(subscription, documents, fetching(connection, at=at), at=at)
    ngsi_ld.put_notification(connection, subscription.id, told, at=at)
    return True


def asking(connection: Connection) -> list[Subscription]:
    """Return all subscriptions that can be read, oldest first; each is read once, for every change asks all of them."""
    marks = ngsi_ld.subscription_marks(connection)
    unread = {mark[0]: mark for mark, _ in marks if mark not in _READ}
    if len(_READ) + len(unread) > _MOST_READ:
        _READ.clear()
        unread = {mark[0]: mark for mark, _ in marks}
    for row in ngsi_ld.marked_subscriptions(connection, list(unread)) if unread else ():
        subscription = usable(connection, row)
        if subscription is not None:
            _READ[unread[row.id]] = subscription
    return [one.noted(told_at) for mark, told_at in marks if (one := _READ.get(mark)) is not None]


def usable(connection: Connection, row: SubscriptionRow) -> Subscription | None:
    """Return a subscription; None where its context is no longer kept here, which must not stop others' changes."""
    try:
        return subscription_of(connection, row)
    except Problem as problem:
        logger.warning("subscription cannot be read subscription=%s why=%s", row.id, problem)
        return None


def subscription_of(connection: Connection, row: SubscriptionRow) -> Subscription:
    """Return a subscription ready to be asked of events.

    Raises:
        Problem: LdContextNotAvailable.
    """

    def read(given: Any) -> Context:
        return read_context(given, lambda url: ngsi_ld.peek_context(connection, url))

    selection = selection_of(row.body, read(row.context))
    return Subscription(row.id, row.body, read(shown_by(row.body, row.context)), selection, row.notified_at)


def switch(connection: Connection, row: SubscriptionRow, *, active: bool, at: datetime) -> None:
    """Pause a subscription, or have it go on; one that goes on is told at once what waits for it."""
    body = {**row.body, "isActive": active}
    ngsi_ld.change_subscription(connection, row.id, body, row.context, at=at, due_at=next_due(body, at))


def tell_periodic(connection: Connection, *, at: datetime) -> int:
    """Put down what subscribers with a timeInterval are to be told now; return how many notifications."""
    told = 0
    for row in ngsi_ld.due_subscriptions(connection, now=at):
        subscription = usable(connection, row)
        due = next_due(row.body, at)
        assert due is not None
        ngsi_ld.set_due(connection, row.id, due)
        if subscription is not None and subscription.is_on(at):
            found, _ = query(connection, subscription.selection, at=at, offset=0, limit=_CHUNK, count=False)
            told += put_down(connection, subscription, found, at=at)
    return told
