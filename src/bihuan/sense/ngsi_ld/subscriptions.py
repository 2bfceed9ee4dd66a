"""Subscriptions: what may be said in one (clauses 5.2.12, 5.2.14, 5.2.15, 5.8.1). What they are told: `notifications`."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import is_uri
from bihuan.sense.ngsi_ld.forms import Form, Shape
from bihuan.sense.ngsi_ld.geometry import read_geo_query
from bihuan.sense.ngsi_ld.instants import read_instant
from bihuan.sense.ngsi_ld.linked import Join, check_depth, read_join
from bihuan.sense.ngsi_ld.mqtt_endpoint import SCHEMES, read_mqtt_endpoint
from bihuan.sense.ngsi_ld.problems import bad
from bihuan.sense.ngsi_ld.projection import OF_ENTITY, read_projection
from bihuan.sense.ngsi_ld.query import read_query
from bihuan.sense.ngsi_ld.selection import Selection, fits_scope, read_selectors

TRIGGERS = (
    "entityCreated",
    "entityUpdated",
    "entityDeleted",
    "attributeCreated",
    "attributeUpdated",
    "attributeDeleted",
)
DEFAULT_TRIGGERS = ("attributeCreated", "attributeUpdated")
SHAPES: Mapping[str, Shape] = {
    "normalized": "normalized",
    "concise": "concise",
    "keyValues": "simplified",
    "simplified": "simplified",
}
ACCEPTED = ("application/json", "application/ld+json", "application/geo+json")
_NAMES = ("watchedAttributes",)
_NAMES_OF_NOTIFICATION = ("attributes", "pick", "omit")
_MEMBERS = frozenset(
    {"id", "type", "subscriptionName", "description", "entities", "notificationTrigger", "watchedAttributes",
     "timeInterval", "q", "geoQ", "csf", "isActive", "notification", "expiresAt", "throttling", "temporalQ", "scopeQ",
     "lang", "datasetId", "jsonldContext"}
)  # fmt: skip
"""What a subscriber may say (table 5.2.12-1); anything else is ignored, so what the system tells of it is not taken."""
_MEMBERS_OF_NOTIFICATION = frozenset(
    {"attributes", "sysAttrs", "format", "showChanges", "endpoint", "join", "joinLevel", "pick", "omit"}
)
"""The same of `notification` (table 5.2.14.1-1)."""
_LONGEST = 1_000_000_000
"""Seconds, or milliseconds, that anything may last: what is longer is no time that a clock can be set to."""


def expanded(payload: Any, context: Context) -> dict[str, Any]:
    """Return a subscription with its names expanded, checked.

    Raises:
        Problem: BadRequestData; the detail names the member.
    """
    if not isinstance(payload, dict):
        raise bad("a subscription as a JSON object was expected")
    body = _said(payload, _MEMBERS)
    if body.get("type") != "Subscription":
        raise bad("type: 'Subscription' was expected")
    if isinstance(body.get("notification"), dict):
        body["notification"] = _said(body["notification"], _MEMBERS_OF_NOTIFICATION)
    _check(body)
    notification = body["notification"]
    _map_names(body, _NAMES, context.expand)
    _map_names(notification, _NAMES_OF_NOTIFICATION, lambda name: name if name in OF_ENTITY else context.expand(name))
    _map_names_of_types(body, context.expand)
    selection_of(body, context)
    check_depth(form_of(body), join_of(body))
    if "csf" in body:
        read_query(body["csf"], context)
    return body


def _said(given: Mapping[str, Any], members: frozenset[str]) -> dict[str, Any]:
    """Return those of some members that are said; null says nothing."""
    return {name: copy.deepcopy(value) for name, value in given.items() if name in members and value is not None}


def compacted(body: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return a subscription with its names as a context has them."""
    shown = copy.deepcopy(dict(body))
    shown.setdefault("notification", {})
    _map_names(shown, _NAMES, context.compact)
    _map_names(shown["notification"], _NAMES_OF_NOTIFICATION, context.compact)
    _map_names_of_types(shown, context.compact)
    return shown


def _map_names(body: dict[str, Any], members: Sequence[str], change: Callable[[str], str]) -> None:
    for member in members:
        if isinstance(body.get(member), list):
            body[member] = [_mapped(text, "{}", change) for text in body[member]]


def _map_names_of_types(body: dict[str, Any], change: Callable[[str], str]) -> None:
    for one in body.get("entities", []):
        one["type"] = _mapped(one["type"], "(),;|", change)


def _mapped(text: str, marks: str, change: Callable[[str], str]) -> str:
    """Return a text with the names between marks changed."""
    parts = re.split(f"([{re.escape(marks)}])", text)
    return "".join(part if part in marks else change(part) for part in parts)


def _check(body: dict[str, Any]) -> None:
    if "id" in body and not is_uri(body["id"]):
        raise bad(f"id: a URI was expected, not {body['id']!r}")
    if not body.get("entities") and not body.get("watchedAttributes"):
        raise bad("entities or watchedAttributes: at least one of them is needed")
    if "entities" in body:
        read_selectors(body["entities"], Context({}))
    if "timeInterval" in body and ("watchedAttributes" in body or "throttling" in body):
        raise bad("timeInterval: cannot stand beside watchedAttributes or throttling")
    for name in ("timeInterval", "throttling"):
        if name in body and not _is_positive(body[name]):
            raise bad(f"{name}: seconds above 0, {_LONGEST} at most, were expected, not {body[name]!r}")
    for name in ("q", "csf", "scopeQ", "subscriptionName", "description", "lang"):
        if name in body and not isinstance(body[name], str):
            raise bad(f"{name}: a text was expected")
    if "isActive" in body and not isinstance(body["isActive"], bool):
        raise bad("isActive: true or false was expected")
    if body.get("expiresAt") is not None:
        read_instant(body["expiresAt"], "expiresAt")
    _check_names(body, ("notificationTrigger", "datasetId", *_NAMES))
    if any(one not in TRIGGERS for one in body.get("notificationTrigger", [])):
        raise bad(f"notificationTrigger: some of {', '.join(TRIGGERS)} were expected")
    _check_notification(body.get("notification"))


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _LONGEST


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
    _check_endpoint(given.get("endpoint"))
    if not isinstance(given.get("join", ""), str):
        raise bad("notification.join: a text was expected")
    if given.get("format", "normalized") not in tuple(SHAPES):
        raise bad(f"notification.format: {', '.join(SHAPES)} were expected")
    if given.get("showChanges") and given.get("format") in ("keyValues", "simplified"):
        raise bad("notification.showChanges: cannot be shown in the simplified form")
    _check_names(given, _NAMES_OF_NOTIFICATION)
    chosen = [name for name in ("attributes", "pick", "omit") if given.get(name)]
    if "attributes" in chosen and len(chosen) > 1:
        raise bad("notification.attributes: cannot stand beside pick or omit")


def _check_endpoint(given: Any) -> None:
    if not isinstance(given, dict) or not is_uri(given.get("uri")):
        raise bad("notification.endpoint.uri: a URI was expected")
    if given.get("accept", ACCEPTED[0]) not in ACCEPTED:
        raise bad(f"notification.endpoint.accept: {', '.join(ACCEPTED)} were expected")
    for name in ("timeout", "cooldown"):
        if name in given and not _is_positive(given[name]):
            raise bad(
                f"notification.endpoint.{name}: milliseconds above 0, {_LONGEST} at most, were expected, not {given[name]!r}"
            )
    for name in ("receiverInfo", "notifierInfo"):
        if name in given and not _are_pairs(given[name]):
            raise bad(f"notification.endpoint.{name}: an array of objects with the texts key and value was expected")
    if given["uri"].partition(":")[0].lower() in SCHEMES:
        read_mqtt_endpoint(given)


def _are_pairs(given: Any) -> bool:
    """Return whether something is an array of key-value pairs (clause 5.2.22)."""
    return isinstance(given, list) and all(
        isinstance(one, dict) and isinstance(one.get("key"), str) and isinstance(one.get("value"), str) for one in given
    )


def selection_of(body: Mapping[str, Any], context: Context) -> Selection:
    """Return which entities a subscription is about; names of `entities` are expanded already.

    Raises:
        Problem: BadRequestData.
    """
    geo = body.get("geoQ")
    if geo is not None and not isinstance(geo, dict):
        raise bad("geoQ: an object with georel, geometry and coordinates was expected")
    if geo is not None and not all(isinstance(geo.get(n, ""), str) for n in ("georel", "geometry", "geoproperty")):
        raise bad("geoQ: georel, geometry and geoproperty are texts")
    if "scopeQ" in body:
        fits_scope(body["scopeQ"], [])
    asked = None if geo is None else read_geo_query(geo.get("georel"), geo.get("geometry"), geo.get("coordinates"),
                                   context.expand(geo.get("geoproperty", "location")))  # fmt: skip
    return Selection(
        selectors=read_selectors(body["entities"], Context({})) if body.get("entities") else (),
        q=read_query(body["q"], context) if body.get("q") else None,
        geo=asked,
        scope=body.get("scopeQ"),
        datasets=tuple(body.get("datasetId", ())),
    )


def form_of(body: Mapping[str, Any]) -> Form:
    """Return what a subscription's notifications look like; names are expanded already.

    Raises:
        Problem: BadRequestData.
    """
    given = body["notification"]
    pick, omit = (
        read_projection(",".join(given[name]), f"notification.{name}", Context({})) if given.get(name) else {}
        for name in ("pick", "omit")
    )
    if any(not pick[name] and not omit[name] for name in pick.keys() & omit.keys()):
        raise bad("notification: the same member is in pick and in omit")
    return Form(
        shape=SHAPES[given.get("format", "normalized")],
        system=bool(given.get("sysAttrs")),
        attributes=tuple(given.get("attributes", ())),
        pick=pick,
        omit=omit,
        lang=body.get("lang"),
        datasets=tuple(body.get("datasetId", ())),
    )


def join_of(body: Mapping[str, Any]) -> Join | None:
    """Return how linked entities are asked for in a subscription's notifications.

    Raises:
        Problem: BadRequestData.
    """
    given = body["notification"]
    return read_join(given.get("join"), given.get("joinLevel"), ())


def shown_by(body: Mapping[str, Any], context: Any) -> Any:
    """Return the address of the context by which notifications are shown: its own, or that by which it was read."""
    return body.get("jsonldContext", context)


def next_due(body: Mapping[str, Any], now: datetime) -> datetime | None:
    """Return when a subscription with a timeInterval is told next."""
    return now + timedelta(seconds=body["timeInterval"]) if "timeInterval" in body else None
