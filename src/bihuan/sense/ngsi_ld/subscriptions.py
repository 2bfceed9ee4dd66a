"""Subscriptions: what may be said in one, which changes it is told of, and what it is told (clauses 5.2.12, 5.8)."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from bihuan.sense.ngsi_ld.changes import Change, nulled
from bihuan.sense.ngsi_ld.context import CORE_URL, Context
from bihuan.sense.ngsi_ld.documents import VALUE_MEMBER, Document, Instance, dataset_of, is_uri
from bihuan.sense.ngsi_ld.forms import Form, Shape, feature, written
from bihuan.sense.ngsi_ld.geometry import read_geo_query
from bihuan.sense.ngsi_ld.instants import read_instant, write_instant
from bihuan.sense.ngsi_ld.problems import bad
from bihuan.sense.ngsi_ld.query import read_query
from bihuan.sense.ngsi_ld.selection import Selection, read_selectors

TRIGGERS = (
    "entityCreated",
    "entityUpdated",
    "entityDeleted",
    "attributeCreated",
    "attributeUpdated",
    "attributeDeleted",
)
_DEFAULT_TRIGGERS = ("attributeCreated", "attributeUpdated")
_SHAPES: Mapping[str, Shape] = {
    "normalized": "normalized",
    "concise": "concise",
    "keyValues": "simplified",
    "simplified": "simplified",
}
ACCEPTED = ("application/json", "application/ld+json", "application/geo+json")
_NAMES = ("watchedAttributes",)
_NAMES_OF_NOTIFICATION = ("attributes", "pick", "omit")
_OF_ENTITY = ("id", "type", "scope")
_OF_SYSTEM = ("status", "createdAt", "modifiedAt")
_KINDS = {"created": "attributeCreated", "updated": "attributeUpdated", "deleted": "attributeDeleted"}


@dataclass(frozen=True)
class Event:
    """What was done to one entity."""

    document: Document
    """As it is now; as it was, where it was deleted."""
    changes: Sequence[Change]
    entity: str | None = None
    """`created` or `deleted`; None where it was there before and still is."""


def expanded(payload: Any, context: Context) -> dict[str, Any]:
    """Return a subscription with its names expanded, checked.

    Raises:
        Problem: BadRequestData; the detail names the member.
    """
    if not isinstance(payload, dict):
        raise bad("a subscription as a JSON object was expected")
    body = {name: copy.deepcopy(value) for name, value in payload.items() if name not in ("@context", *_OF_SYSTEM)}
    if body.get("type") != "Subscription":
        raise bad("type: 'Subscription' was expected")
    _check(body)
    notification = body["notification"]
    _map_names(body, _NAMES, context.expand)
    _map_names(notification, _NAMES_OF_NOTIFICATION, lambda name: name if name in _OF_ENTITY else context.expand(name))
    for one in body.get("entities", []):
        one["type"] = "".join(context.expand(t) if t not in "(),;|" else t for t in _type_parts(one["type"]))
    selection_of(body, context)
    return body


def _type_parts(text: str) -> list[str]:
    parts: list[str] = [""]
    for character in text:
        if character in "(),;|":
            parts += [character, ""]
        else:
            parts[-1] += character
    return [part for part in parts if part]


def compacted(body: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return a subscription with its names as a context has them."""
    shown = copy.deepcopy(dict(body))
    shown.setdefault("notification", {})
    _map_names(shown, _NAMES, context.compact)
    _map_names(shown["notification"], _NAMES_OF_NOTIFICATION, context.compact)
    for one in shown.get("entities", []):
        one["type"] = _compacted_types(one["type"], context)
    return shown


def _compacted_types(text: str, context: Context) -> str:
    return "".join(part if part in "(),;|" else context.compact(part) for part in _type_parts(text))


def _map_names(body: dict[str, Any], members: Sequence[str], change: Any) -> None:
    for member in members:
        if isinstance(body.get(member), list):
            body[member] = [change(name) for name in body[member]]


def _check(body: dict[str, Any]) -> None:
    if "id" in body and not is_uri(body["id"]):
        raise bad(f"id: a URI was expected, not {body['id']!r}")
    if not body.get("entities") and not body.get("watchedAttributes"):
        raise bad("entities or watchedAttributes: at least one of them is needed")
    if "timeInterval" in body and ("watchedAttributes" in body or "throttling" in body):
        raise bad("timeInterval: cannot stand beside watchedAttributes or throttling")
    for name in ("timeInterval", "throttling"):
        if name in body and not _is_positive(body[name]):
            raise bad(f"{name}: seconds above 0 were expected, not {body[name]!r}")
    for name in ("q", "csf", "scopeQ", "subscriptionName", "description", "lang"):
        if name in body and not isinstance(body[name], str):
            raise bad(f"{name}: a text was expected")
    if "isActive" in body and not isinstance(body["isActive"], bool):
        raise bad("isActive: true or false was expected")
    if body.get("expiresAt") is not None:
        read_instant(body["expiresAt"], "expiresAt")
    if any(one not in TRIGGERS for one in body.get("notificationTrigger", [])):
        raise bad(f"notificationTrigger: some of {', '.join(TRIGGERS)} were expected")
    _check_names(body, _NAMES)
    _check_notification(body.get("notification"))


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _check_names(body: Mapping[str, Any], members: Sequence[str]) -> None:
    for member in members:
        names = body.get(member)
        if names is not None and (
            not isinstance(names, list) or not names or not all(isinstance(n, str) and n for n in names)
        ):
            raise bad(f"{member}: an array of names was expected, with at least one")


def _check_notification(given: Any) -> None:
    if not isinstance(given, dict):
        raise bad("notification: is missing; an object with an endpoint was expected")
    endpoint = given.get("endpoint")
    if not isinstance(endpoint, dict) or not is_uri(endpoint.get("uri")):
        raise bad("notification.endpoint.uri: a URI was expected")
    if endpoint.get("accept", ACCEPTED[0]) not in ACCEPTED:
        raise bad(f"notification.endpoint.accept: {', '.join(ACCEPTED)} were expected")
    if given.get("format", "normalized") not in _SHAPES:
        raise bad(f"notification.format: {', '.join(_SHAPES)} were expected")
    if given.get("showChanges") and given.get("format") in ("keyValues", "simplified"):
        raise bad("notification.showChanges: cannot be shown in the simplified form")
    _check_names(given, _NAMES_OF_NOTIFICATION)
    chosen = [name for name in ("attributes", "pick", "omit") if given.get(name)]
    if "attributes" in chosen and len(chosen) > 1:
        raise bad("notification.attributes: cannot stand beside pick or omit")
    if set(given.get("pick", ())) & set(given.get("omit", ())):
        raise bad("notification: the same member is in pick and in omit")


def selection_of(body: Mapping[str, Any], context: Context) -> Selection:
    """Return which entities a subscription is about; names of `entities` are expanded already.

    Raises:
        Problem: BadRequestData.
    """
    geo = body.get("geoQ")
    if geo is not None and not isinstance(geo, dict):
        raise bad("geoQ: an object with georel, geometry and coordinates was expected")
    asked = None if geo is None else read_geo_query(geo.get("georel"), geo.get("geometry"), geo.get("coordinates"),
                                   context.expand(geo.get("geoproperty", "location")))  # fmt: skip
    return Selection(
        selectors=read_selectors(body["entities"], Context({})) if body.get("entities") else (),
        q=read_query(body["q"], context) if body.get("q") else None,
        geo=asked,
        scope=body.get("scopeQ"),
        datasets=tuple(body.get("datasetId", ())),
    )


@dataclass(frozen=True)
class Subscription:
    """A subscription ready to be asked of events."""

    id: str
    body: Mapping[str, Any]
    context: Context
    selection: Selection
    notified_at: datetime | None
    succeeded_at: datetime | None = None

    def is_on(self, now: datetime) -> bool:
        """Return whether it is active and not expired."""
        expires = self.body.get("expiresAt")
        return self.body.get("isActive", True) is not False and (
            expires is None or read_instant(expires, "expiresAt") > now
        )

    def may_be_told(self, now: datetime) -> bool:
        """Return whether it is on, and not throttled."""
        pause = self.body.get("throttling")
        resting = (
            pause is not None and self.notified_at is not None and now < self.notified_at + timedelta(seconds=pause)
        )
        return self.is_on(now) and not resting and "timeInterval" not in self.body

    def told_of(self, event: Event) -> Document | None:
        """Return the entity to be told of an event; None where it does not concern this subscription."""
        hits = self._hits(event)
        if not hits and not self._is_whole(event):
            return None
        if not self.selection.fits(_before(event) if event.entity == "deleted" else event.document):
            return None
        return self._shown(event, hits)

    def _triggers(self) -> Sequence[str]:
        return cast(Sequence[str], self.body.get("notificationTrigger", _DEFAULT_TRIGGERS))

    def _is_whole(self, event: Event) -> bool:
        triggers = self._triggers()
        if event.entity == "created":
            return "entityCreated" in triggers
        return event.entity == "deleted" and "entityDeleted" in triggers and not self.body.get("watchedAttributes")

    def _hits(self, event: Event) -> list[Change]:
        watched = self.body.get("watchedAttributes")
        triggers = set(self._triggers())
        if "entityUpdated" in triggers and event.entity is None:
            triggers |= {"attributeCreated", "attributeUpdated", "attributeDeleted"}
        if event.entity == "created" and "entityCreated" in triggers:
            triggers |= {"attributeCreated"}
        if event.entity == "deleted" and "entityDeleted" in triggers:
            triggers |= {"attributeDeleted"}
        return [
            change for change in event.changes
            if _KINDS[change.kind] in triggers and (not watched or change.attribute in watched)
        ]  # fmt: skip

    def _shown(self, event: Event, hits: Sequence[Change]) -> Document:
        """Return the entity with deletions as NGSI-LD Null, and where asked for what was before."""
        changes = bool(self.body["notification"].get("showChanges"))
        document = replace(event.document, attributes={n: list(many) for n, many in event.document.attributes.items()})
        if event.entity == "deleted":
            document.attributes = {}
        for change in event.changes:
            if (
                change.kind == "deleted"
                and change.before is not None
                and (event.entity != "deleted" or changes or hits)
            ):
                null = nulled(change.before, document.modified_at or "")
                document.attributes.setdefault(change.attribute, []).append(null)
        if changes:
            for change in hits:
                _show_before(document, change)
        return document


def _before(event: Event) -> Document:
    return event.document


def _show_before(document: Document, change: Change) -> None:
    if change.before is None or (change.after is not None and change.kind == "created"):
        return
    member = VALUE_MEMBER[change.before["type"]]
    name = "previous" + member[0].upper() + member[1:]
    instances = document.attributes.get(change.attribute, [])
    for at, one in enumerate(instances):
        if dataset_of(one) == dataset_of(change.before):
            instances[at] = cast(Instance, {**one, name: change.before.get(member)})


def form_of(body: Mapping[str, Any]) -> Form:
    """Return what a subscription's notifications look like; names are expanded already."""
    given = body["notification"]
    return Form(
        shape=_SHAPES[given.get("format", "normalized")],
        system=bool(given.get("sysAttrs")),
        attributes=tuple(given.get("attributes", ())),
        pick=tuple(given.get("pick", ())),
        omit=tuple(given.get("omit", ())),
        lang=body.get("lang"),
        datasets=tuple(body.get("datasetId", ())),
    )


def notification(subscription: Subscription, documents: Sequence[Document], *, at: datetime) -> dict[str, Any]:
    """Return a notification of entities (clause 5.3.1)."""
    form, context = form_of(subscription.body), subscription.context
    accept = subscription.body["notification"]["endpoint"].get("accept", ACCEPTED[0])
    data: Any
    if accept == "application/geo+json":
        data = {"type": "FeatureCollection", "features": [feature(one, form, context) for one in documents]}
    else:
        data = [_with_deletion(written(one, form, context), one) for one in documents]
    if accept == "application/ld+json":
        data = [{**one, "@context": linked(context)} for one in data]
    return {
        "id": f"urn:ngsi-ld:Notification:{uuid.uuid4()}",
        "type": "Notification",
        "subscriptionId": subscription.id,
        "notifiedAt": write_instant(at),
        "data": data,
    }


def _with_deletion(shown: dict[str, Any], document: Document) -> dict[str, Any]:
    return {**shown, "deletedAt": document.deleted_at} if document.deleted_at else shown


def linked(context: Context) -> Any:
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
    headers = {"content-type": accept}
    if accept != "application/ld+json":
        url = context if isinstance(context, str) else CORE_URL
        headers["link"] = f'<{url}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    for one in endpoint.get("receiverInfo", ()):
        headers[str(one["key"])] = str(one["value"])
    return headers


def next_due(body: Mapping[str, Any], now: datetime) -> datetime | None:
    """Return when a subscription with a timeInterval is told next."""
    return now + timedelta(seconds=body["timeInterval"]) if "timeInterval" in body else None
