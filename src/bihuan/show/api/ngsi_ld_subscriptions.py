"""Subscriptions: create, list, retrieve, update, delete (clause 5.8)."""

from __future__ import annotations

import uuid
from typing import Any

from bihuan.sense.ngsi_ld import broker
from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import NULL, is_uri
from bihuan.sense.ngsi_ld.instants import write_instant
from bihuan.sense.ngsi_ld.problems import Problem, bad, missing
from bihuan.sense.ngsi_ld.subscriptions import compacted, expanded, next_due
from bihuan.show.api.ngsi_ld_contexts import keep_implicit
from bihuan.show.api.ngsi_ld_routes import Route
from bihuan.show.api.ngsi_ld_wire import JSON, LD, MERGE, ROOT, Answer, Call, shown
from bihuan.store import ngsi_ld
from bihuan.store.ngsi_ld import SubscriptionRow


def create(call: Call) -> Answer:
    """Make a subscription."""
    payload, context = call.payload()
    body = expanded(payload, context)
    id = body.setdefault("id", f"urn:ngsi-ld:Subscription:{uuid.uuid4()}")
    named = _named(call, body, context)
    due = next_due(body, call.now)
    if not ngsi_ld.keep_subscription(call.connection, id, body, named, at=call.now, due_at=due):
        raise Problem("AlreadyExists", f"there is a subscription {id}")
    return Answer(201, headers=[("Location", f"{ROOT}/subscriptions/{id}")])


def _named(call: Call, body: dict[str, Any], context: Context) -> Any:
    """Return the address of the context by which the subscription's notifications are shown."""
    given = body.get("jsonldContext")
    if given is not None:
        if not is_uri(given):
            raise bad(f"jsonldContext: a URI was expected, not {given!r}")
        broker.context_of(call.connection, given, at=call.now)
        return given
    return context.source if isinstance(context.source, str) else keep_implicit(call, context.source)


def list_all(call: Call) -> Answer:
    """List subscriptions."""
    context = call.context()
    offset, limit = call.page()
    rows = ngsi_ld.subscriptions(call.connection, offset=offset, limit=limit + 1) if limit else []
    count = ngsi_ld.count_subscriptions(call.connection) if call.is_true("count") else None
    headers = call.page_headers(offset, limit, len(rows[:limit]), count, len(rows) > limit)
    return shown(call, [_shown(row, context, call) for row in rows[:limit]], context, headers)


def retrieve(call: Call, id: str) -> Answer:
    """Show a subscription."""
    context = call.context()
    return shown(call, _shown(_row(call, id), context, call), context)


def update(call: Call, id: str) -> Answer:
    """Change some members of a subscription."""
    row = _row(call, id)
    payload, context = call.payload(JSON, LD, MERGE)
    if not isinstance(payload, dict) or set(payload) <= {"@context"}:
        raise bad("members to change were expected")
    stored = broker.context_of(call.connection, row.context, at=call.now)
    fragment = {name: value for name, value in payload.items() if name not in ("@context", "id")}
    if call.link() is None and "@context" not in payload:
        context = stored
    there = compacted(row.body, context)
    _refuse_null(fragment)
    body = expanded(_merged(there, fragment), context)
    body["id"] = id
    named = row.context if context is stored and "jsonldContext" not in fragment else _named(call, body, context)
    ngsi_ld.change_subscription(call.connection, id, body, named, at=call.now, due_at=next_due(body, call.now))
    return Answer(204)


def _refuse_null(fragment: dict[str, Any]) -> None:
    for name, value in fragment.items():
        if value is None and name in ("type", "notification"):
            raise bad(f"{name}: cannot be removed")


def _merged(there: dict[str, Any], fragment: dict[str, Any]) -> dict[str, Any]:
    result = dict(there)
    for name, value in fragment.items():
        if value is None or value == NULL:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict) and name in ("notification", "endpoint"):
            result[name] = _merged(result[name], value)
        else:
            result[name] = value
    return result


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
    subscription = broker.subscription_of(call.connection, row, at=call.now)
    expired = row.body.get("expiresAt") is not None and not subscription.is_on(call.now)
    active = row.body.get("isActive", True)
    told["isActive"] = bool(active)
    told["status"] = "paused" if not active else "expired" if expired else "active"
    if isinstance(row.context, str):
        told["jsonldContext"] = row.body.get("jsonldContext", row.context)
    told["notification"] = told["notification"] | _faring(row)
    if "sysAttrs" in call.options() or call.is_true("sysAttrs"):
        told |= {"createdAt": write_instant(row.created_at), "modifiedAt": write_instant(row.modified_at)}
    return told


def _faring(row: SubscriptionRow) -> dict[str, Any]:
    times = {"lastNotification": row.notified_at, "lastSuccess": row.succeeded_at, "lastFailure": row.failed_at}
    told: dict[str, Any] = {name: write_instant(time) for name, time in times.items() if time is not None}
    if row.sent:
        told["timesSent"] = row.sent
    if row.failed:
        told["timesFailed"] = row.failed
    failed = row.failed_at is not None and (row.succeeded_at is None or row.succeeded_at < row.failed_at)
    return told | {"status": "failed" if failed else "ok"}


ROUTES = (
    Route("POST", "subscriptions", create, frozenset({"local"})),
    Route("GET", "subscriptions", list_all, frozenset({"limit", "offset", "count", "options", "sysAttrs"}), (JSON, LD)),
    Route("GET", "subscriptions/{id}", retrieve, frozenset({"options", "sysAttrs"}), (JSON, LD)),
    Route("PATCH", "subscriptions/{id}", update),
    Route("DELETE", "subscriptions/{id}", delete),
)
