"""Subscriptions: create, list, retrieve, update, delete (clause 5.8)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from bihuan.sense.ngsi_ld import broker
from bihuan.sense.ngsi_ld.context import CORE_URL, Context, is_core
from bihuan.sense.ngsi_ld.documents import NULL, is_uri
from bihuan.sense.ngsi_ld.hearing import follow
from bihuan.sense.ngsi_ld.instants import read_instant, write_instant
from bihuan.sense.ngsi_ld.problems import Problem, bad, missing
from bihuan.sense.ngsi_ld.subscriptions import DEFAULT_TRIGGERS, compacted, expanded, next_due
from bihuan.show.api.ngsi_ld_contexts import keep_implicit
from bihuan.show.api.ngsi_ld_routes import Route
from bihuan.show.api.ngsi_ld_wire import JSON, LD, MERGE, ROOT, Answer, Call, shown
from bihuan.store import ngsi_ld
from bihuan.store.ngsi_ld import SubscriptionRow

_READ_BY_CONTEXT = frozenset({"q", "csf", "geoQ"})
"""Members that are kept as they were written, and read by the subscription's context."""


def create(call: Call) -> Answer:
    """Make a subscription."""
    payload, context = call.payload()
    body = expanded(payload, context)
    _check_now(call, body)
    id = body.setdefault("id", f"urn:ngsi-ld:Subscription:{uuid.uuid4()}")
    due = next_due(body, call.now)
    if not ngsi_ld.keep_subscription(call.connection, id, body, _address(call, context), at=call.now, due_at=due):
        raise Problem("AlreadyExists", f"there is a subscription {id}")
    follow(call.connection)
    return Answer(201, headers=[("Location", f"{ROOT}/subscriptions/{id}")])


def _check_now(call: Call, given: dict[str, Any]) -> None:
    """Refuse what cannot be had now: an end that is past, a context that is not kept here (clauses 5.8.1.4, 5.8.2.4)."""
    ends = given.get("expiresAt")
    if ends is not None and read_instant(ends, "expiresAt") <= call.now:
        raise bad(f"expiresAt: {ends} is past")
    shown_by = given.get("jsonldContext")
    if shown_by is not None:
        if not is_uri(shown_by):
            raise bad(f"jsonldContext: a URI was expected, not {shown_by!r}")
        broker.context_of(call.connection, shown_by, at=call.now)


def _address(call: Call, context: Context) -> str:
    """Return an address of the context by which the subscription is read: its own, or that of a copy kept here."""
    given = context.source if isinstance(context.source, list) else [context.source]
    own = [one for one in given if not (isinstance(one, str) and is_core(one))]
    if len(own) <= 1 and all(isinstance(one, str) for one in own):
        return own[0] if own else CORE_URL
    return keep_implicit(call, context.source)


def list_all(call: Call) -> Answer:
    """List subscriptions."""
    context = call.context()
    offset, limit = call.page()
    rows = ngsi_ld.subscriptions(call.connection, offset=offset, limit=limit + 1) if limit else []
    count = ngsi_ld.count_subscriptions(call.connection) if call.is_true("count") else None
    headers = call.page_headers(offset, limit, count, len(rows) > limit) + call.preferred()
    return shown(call, [_shown(row, context, call) for row in rows[:limit]], context, headers)


def retrieve(call: Call, id: str) -> Answer:
    """Show a subscription."""
    context = call.context()
    return shown(call, _shown(_row(call, id), context, call), context, call.preferred())


def update(call: Call, id: str) -> Answer:
    """Change some members of a subscription."""
    row = _row(call, id)
    payload, context = call.payload(JSON, LD, MERGE)
    if not isinstance(payload, dict) or set(payload) <= {"@context"}:
        raise bad("members to change were expected")
    fragment = {name: value for name, value in payload.items() if name not in ("@context", "id")}
    if call.link() is None and "@context" not in payload:
        context = broker.context_of(call.connection, row.context, at=call.now)
    body = expanded(_updated(compacted(row.body, context), fragment), context)
    _check_now(call, fragment)
    body["id"] = id
    named = _address(call, context) if _READ_BY_CONTEXT & fragment.keys() else row.context
    ngsi_ld.change_subscription(call.connection, id, body, named, at=call.now, due_at=next_due(body, call.now))
    return Answer(204)


def _updated(there: dict[str, Any], fragment: dict[str, Any]) -> dict[str, Any]:
    """Return members with those of a fragment in their place, each as a whole; null removes one (clause 5.5.8)."""
    members = there | fragment
    return {name: value for name, value in members.items() if value is not None and value != NULL}


def delete(call: Call, id: str) -> Answer:
    """Delete a subscription."""
    _check(id)
    if not ngsi_ld.delete_subscription(call.connection, id):
        raise missing(f"there is no subscription {id}")
    return Answer(204)


def _check(id: str) -> None:
    if not is_uri(id):
        raise bad(f"'{id}' is no URI, so it is no id of a subscription")


def _row(call: Call, id: str) -> SubscriptionRow:
    _check(id)
    found = ngsi_ld.subscriptions(call.connection, id=id)
    if not found:
        raise missing(f"there is no subscription {id}")
    return found[0]


def _shown(row: SubscriptionRow, context: Context, call: Call) -> dict[str, Any]:
    told = compacted(row.body, context)
    told.setdefault("notificationTrigger", list(DEFAULT_TRIGGERS))
    told["status"] = status(row, call.now)
    told.setdefault("jsonldContext", row.context)
    told["notification"] = told["notification"] | _faring(row)
    if "sysAttrs" in call.options() or call.is_true("sysAttrs"):
        told |= {"createdAt": write_instant(row.created_at), "modifiedAt": write_instant(row.modified_at)}
    return told


def status(row: SubscriptionRow, now: datetime) -> str:
    """Return whether a subscription is active, paused or expired (clause 5.2.12)."""
    ends = row.body.get("expiresAt")
    if ends is not None and read_instant(ends, "expiresAt") <= now:
        return "expired"
    return "active" if row.body.get("isActive", True) else "paused"


def is_failing(row: SubscriptionRow) -> bool:
    """Return whether the last notification was not answered."""
    return row.failed_at is not None and (row.succeeded_at is None or row.succeeded_at < row.failed_at)


def _faring(row: SubscriptionRow) -> dict[str, Any]:
    """Return how notifications went; nothing before the first was sent."""
    times = {"lastNotification": row.notified_at, "lastSuccess": row.succeeded_at, "lastFailure": row.failed_at}
    told: dict[str, Any] = {name: write_instant(time) for name, time in times.items() if time is not None}
    if row.sent:
        told["timesSent"] = row.sent
    if row.failed:
        told |= {"timesFailed": row.failed, "lastFailureReason": row.failed_why}
    if row.waiting:
        told["waiting"] = row.waiting
    if row.dropped and row.dropped_at is not None:
        told |= {"timesDropped": row.dropped, "lastDropped": write_instant(row.dropped_at)}
    if is_failing(row):
        told["status"] = "failed"
    elif row.succeeded_at is not None:
        told["status"] = "ok"
    return told


ROUTES = (
    Route("POST", "subscriptions", create, frozenset({"local"})),
    Route("GET", "subscriptions", list_all, frozenset({"limit", "offset", "count", "options", "sysAttrs"}), (JSON, LD)),
    Route("GET", "subscriptions/{id}", retrieve, frozenset({"options", "sysAttrs"}), (JSON, LD)),
    Route("PATCH", "subscriptions/{id}", update),
    Route("DELETE", "subscriptions/{id}", delete),
)
