"""Contexts that are kept here: add, list, serve, delete (clause 5.13). Nothing is fetched from a network."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import msgspec

from bihuan.sense.ngsi_ld.context import core_document, is_core, read_context
from bihuan.sense.ngsi_ld.instants import write_instant
from bihuan.sense.ngsi_ld.problems import Problem, bad, missing
from bihuan.show.api.ngsi_ld_routes import Route
from bihuan.show.api.ngsi_ld_wire import JSON, LD, ROOT, Answer, Call
from bihuan.store import ngsi_ld
from bihuan.store.ngsi_ld import ContextRow

_KINDS = ("Hosted", "Cached", "ImplicitlyCreated")


def add(call: Call) -> Answer:
    """Keep a context; it gets an address here."""
    call.media_type(JSON, LD)
    payload = call.json()
    if not isinstance(payload, dict) or "@context" not in payload:
        raise bad("a JSON object with an @context was expected")
    read_context(payload["@context"], lambda url: ngsi_ld.peek_context(call.connection, url))
    id = str(uuid.uuid4())
    ngsi_ld.keep_context(call.connection, id, _address(call, id), "Hosted", payload, at=call.now)
    return Answer(201, headers=[("Location", f"{ROOT}/jsonldContexts/{id}")])


def keep_implicit(call: Call, given: Any) -> str:
    """Keep the context that came inline with a subscription, so that notifications can name it; return its address."""
    id = hashlib.sha256(msgspec.json.encode(given)).hexdigest()[:32]
    url = _address(call, id)
    if ngsi_ld.peek_context(call.connection, url) is None:
        ngsi_ld.keep_context(call.connection, id, url, "ImplicitlyCreated", {"@context": given}, at=call.now)
    return url


def _address(call: Call, id: str) -> str:
    return f"{call.address}{ROOT}/jsonldContexts/{id}"


def list_all(call: Call) -> Answer:
    """List the contexts that are kept, with details=true what is known of them."""
    kind = call.query.get("kind")
    if kind is not None and kind not in _KINDS:
        raise bad(f"kind: {', '.join(_KINDS)} were expected, not '{kind}'")
    rows = ngsi_ld.contexts(call.connection, kind=kind)
    if call.is_true("details"):
        return Answer(200, [_details(row) for row in rows])
    return Answer(200, [row.url for row in rows])


def serve(call: Call, id: str) -> Answer:
    """Serve a context, with details=true what is known of it."""
    found = ngsi_ld.contexts(call.connection, id=id)
    if not found and is_core(id) and not call.is_true("details"):
        return Answer(200, core_document())
    if not found:
        raise missing(f"no context is kept under {id}")
    row = found[0]
    if call.is_true("details"):
        return Answer(200, _details(row))
    if row.kind == "Cached":
        raise Problem("OperationNotSupported", f"{row.url} is another's; only what is hosted here is served")
    return Answer(200, row.body)


def delete(call: Call, id: str) -> Answer:
    """Delete a context."""
    if call.is_true("reload"):
        found = ngsi_ld.contexts(call.connection, id=id)
        if not found:
            raise missing(f"no context is kept under {id}")
        raise bad("reload: nothing is fetched from the network; send the new text with POST jsonldContexts")
    if not ngsi_ld.delete_context(call.connection, id):
        raise missing(f"no context is kept under {id}")
    return Answer(204)


def _details(row: ContextRow) -> dict[str, Any]:
    told: dict[str, Any] = {
        "URL": row.url,
        "localId": row.id,
        "kind": row.kind,
        "createdAt": write_instant(row.created_at),
        "numberOfHits": row.hits,
    }
    if row.used_at is not None:
        told["lastUsage"] = write_instant(row.used_at)
    return told


ROUTES = (
    Route("POST", "jsonldContexts", add),
    Route("GET", "jsonldContexts", list_all, frozenset({"details", "kind"}), (JSON, LD)),
    Route("GET", "jsonldContexts/{id}", serve, frozenset({"details"}), (JSON, LD)),
    Route("DELETE", "jsonldContexts/{id}", delete, frozenset({"reload"})),
)
