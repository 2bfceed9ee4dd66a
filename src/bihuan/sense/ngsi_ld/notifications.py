"""Notifications: which changes a subscription is told of, and what it is told (clauses 5.3.1, 5.8.6)."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from bihuan.sense.ngsi_ld.changes import Change, nulled
from bihuan.sense.ngsi_ld.context import CORE_URL, Context
from bihuan.sense.ngsi_ld.documents import VALUE_MEMBER, Document, Instance, dataset_of
from bihuan.sense.ngsi_ld.forms import Form, feature, written
from bihuan.sense.ngsi_ld.instants import read_instant, write_instant
from bihuan.sense.ngsi_ld.linked import Fetch, joined, linked
from bihuan.sense.ngsi_ld.problems import Problem
from bihuan.sense.ngsi_ld.query import NO_LINKS, links_of
from bihuan.sense.ngsi_ld.selection import Selection
from bihuan.sense.ngsi_ld.subscriptions import ACCEPTED, DEFAULT_TRIGGERS, form_of, join_of

logger = logging.getLogger(__name__)
_KINDS = {"created": "attributeCreated", "updated": "attributeUpdated", "deleted": "attributeDeleted"}
_OF_READINGS = frozenset({"attributeCreated", "attributeUpdated", "entityUpdated"})


@dataclass(frozen=True)
class Event:
    """What was done to one entity."""

    document: Document
    """As it is now; as it was, where it was deleted."""
    changes: Sequence[Change]
    entity: str | None = None
    """`created` or `deleted`; None where it was there before and still is."""
    scopes_before: Sequence[str] | None = None
    """None where nobody looked."""


@dataclass(frozen=True)
class Subscription:
    """A subscription ready to be asked of events."""

    id: str
    body: Mapping[str, Any]
    context: Context
    """By which entities are shown."""
    selection: Selection
    notified_at: datetime | None

    def is_on(self, now: datetime) -> bool:
        """Return whether it is active and not expired."""
        expires = self.body.get("expiresAt")
        return self.body.get("isActive", True) is not False and (
            expires is None or read_instant(expires, "expiresAt") > now
        )

    def may_be_told(self, now: datetime) -> bool:
        """Return whether it is on, and not throttled."""
        pause = self.pause()
        resting = pause is not None and self.notified_at is not None and now < self.notified_at + pause
        return self.is_on(now) and not resting and "timeInterval" not in self.body

    def noted(self, notified_at: datetime | None) -> Subscription:
        """Return it with when it was told last."""
        return self if notified_at == self.notified_at else replace(self, notified_at=notified_at)

    def hears_readings(self) -> bool:
        """Return whether what devices measure can be told to it."""
        return "timeInterval" not in self.body and not _OF_READINGS.isdisjoint(self._triggers())

    def concerns(self, document: Document) -> bool:
        """Return whether an entity is one of its entities, whatever its attributes are."""
        selectors = self.selection.selectors
        return not selectors or any(one.fits(document) for one in selectors)

    def pause(self) -> timedelta | None:
        """Return how long lies at least between two notifications."""
        seconds = self.body.get("throttling")
        return None if seconds is None else timedelta(seconds=seconds)

    def told_of(self, event: Event, fetch: Fetch) -> Document | None:
        """Return the entity to be told of an event; None where it does not concern this subscription.

        `fetch` reads the entities that `q` looks at from there.
        """
        hits = self._hits(event)
        if not (hits or self._is_whole(event)):
            return None
        links = links_of(self.selection.q, [event.document], fetch) if self.selection.q else NO_LINKS
        return self._shown(event, hits) if self.selection.fits(event.document, links) else None

    def _is_whole(self, event: Event) -> bool:
        """Return whether it is the coming or going of the entity that is to be told."""
        if event.entity == "created":
            return "entityCreated" in self._triggers()
        if event.entity != "deleted" or "entityDeleted" not in self._triggers():
            return False
        return not event.changes or any(self._watches(change) for change in event.changes)

    def _hits(self, event: Event) -> list[Change]:
        """Return the changes of attributes that are to be told."""
        triggers = set(self._triggers())
        if "entityUpdated" in triggers and event.entity is None:
            triggers.update(_KINDS.values())
        return [change for change in event.changes if _KINDS[change.kind] in triggers and self._watches(change)]

    def _triggers(self) -> Sequence[str]:
        return cast(Sequence[str], self.body.get("notificationTrigger", DEFAULT_TRIGGERS))

    def _watches(self, change: Change) -> bool:
        watched = self.body.get("watchedAttributes")
        return not watched or change.attribute in watched

    def _shown(self, event: Event, hits: Sequence[Change]) -> Document:
        """Return the entity with NGSI-LD Null for what is gone, and where asked for what was before.

        Of an entity that is gone only what is told of its attributes is left.
        """
        asked = self.body["notification"]
        gone = event.entity == "deleted"
        if gone and asked.get("showChanges"):
            hits = [change for change in event.changes if self._watches(change)]
        attributes = {} if gone else {name: list(many) for name, many in event.document.attributes.items()}
        nulls = _nulls(hits, event.document, stamped=bool(asked.get("sysAttrs")))
        for name, many in nulls.items():
            is_whole = name not in attributes and len(many) > 1 and not asked.get("showChanges")
            attributes.setdefault(name, []).extend([_default(many)] if is_whole else many)
        document = replace(event.document, attributes=attributes)
        if asked.get("showChanges"):
            for change in hits:
                _show_before(document, change)
        return document


def _nulls(hits: Sequence[Change], document: Document, *, stamped: bool) -> dict[str, list[Instance]]:
    """Return what stands for the instances that are gone; with the time of it where times of the system are shown."""
    found: dict[str, list[Instance]] = {}
    for change in hits:
        if change.kind == "deleted" and change.before is not None:
            null = nulled(change.before, document.modified_at or "")
            if not stamped:
                del null["deletedAt"]
            found.setdefault(change.attribute, []).append(null)
    return found


def _default(nulls: Sequence[Instance]) -> Instance:
    """Return the one Null that tells that all instances of an attribute are gone."""
    return {name: value for name, value in nulls[0].items() if name != "datasetId"}


def _show_before(document: Document, change: Change) -> None:
    if change.before is None:
        return
    member = VALUE_MEMBER[change.before["type"]]
    name = "previous" + member[0].upper() + member[1:]
    instances = document.attributes.get(change.attribute, [])
    for at, one in enumerate(instances):
        if dataset_of(one) == dataset_of(change.before):
            instances[at] = {**one, name: change.before.get(member)}


def notification(
    subscription: Subscription, documents: Sequence[Document], fetch: Fetch, *, at: datetime
) -> dict[str, Any]:
    """Return a notification of entities (clause 5.3.1).

    Args:
        subscription: who is told.
        documents: the entities, as `told_of` gives them.
        fetch: reads the entities that they link to.
        at: when.
    """
    accept = subscription.body["notification"]["endpoint"].get("accept", ACCEPTED[0])
    context = subscription.context
    data: Any = _presented(subscription, documents, fetch, accept)
    if accept == "application/geo+json":
        data = {"type": "FeatureCollection", "features": data}
    if accept == "application/ld+json":
        data = [{**one, "@context": named(context)} for one in data]
    return {
        "id": f"urn:ngsi-ld:Notification:{uuid.uuid4()}",
        "type": "Notification",
        "subscriptionId": subscription.id,
        "notifiedAt": write_instant(at),
        "data": data,
    }


def _presented(subscription: Subscription, documents: Sequence[Document], fetch: Fetch, accept: str) -> list[Any]:
    form, join = form_of(subscription.body), join_of(subscription.body)

    def show(document: Document, how: Form) -> Any:
        if accept == "application/geo+json":
            return feature(document, how, subscription.context)
        return _with_deletion(written(document, how, subscription.context), document)

    if join is not None:
        try:
            return joined(documents, form, linked(documents, form, join, fetch), show)
        except Problem as problem:  # too many: a change that is told of must not be refused for what it links to
            logger.warning("links not told subscription=%s why=%s", subscription.id, problem)
    return [show(one, form) for one in documents]


def _with_deletion(shown: dict[str, Any], document: Document) -> dict[str, Any]:
    return {**shown, "deletedAt": document.deleted_at} if document.deleted_at else shown


def named(context: Context) -> Any:
    """Return what a body names as its context."""
    return context.source if context.source is not None else CORE_URL


def headers_of(body: Mapping[str, Any], context: Any) -> dict[str, str]:
    """Return the headers of a subscription's notifications.

    Args:
        body: of the subscription.
        context: URL by which names are shown.
    """
    endpoint = body["notification"]["endpoint"]
    accept = endpoint.get("accept", ACCEPTED[0])
    headers = {"Content-Type": accept}
    if accept != "application/ld+json":
        url = context if isinstance(context, str) else CORE_URL
        headers["Link"] = f'<{url}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    return headers | {one["key"]: one["value"] for one in endpoint.get("receiverInfo", ())}
