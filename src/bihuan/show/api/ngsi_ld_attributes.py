"""Attributes of an entity: append, update, partial update, replace, delete."""

from __future__ import annotations

from typing import Any

from bihuan.sense.ngsi_ld import broker, changes, past
from bihuan.sense.ngsi_ld.changes import Outcome
from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import SCOPE, Document, is_uri
from bihuan.sense.ngsi_ld.instants import write_instant
from bihuan.sense.ngsi_ld.intake import check_name, read_attribute, read_fragment, read_part, refuse_nulls_inside
from bihuan.sense.ngsi_ld.problems import Problem, bad
from bihuan.show.api.ngsi_ld_entities import check_id, check_type
from bihuan.show.api.ngsi_ld_routes import Route
from bihuan.show.api.ngsi_ld_wire import JSON, LD, MERGE, Answer, Call


def append(call: Call, id: str) -> Answer:
    """Add attributes; those there are replaced, or kept with options=noOverwrite."""
    check_id(id)
    payload, context = call.payload()
    fragment = read_fragment(payload, context, at=call.now)
    overwrite = "noOverwrite" not in call.options()
    return _changed(call, id, context, lambda there: changes.append(there, fragment, overwrite=overwrite))


def update(call: Call, id: str) -> Answer:
    """Replace attributes that are there."""
    check_id(id)
    payload, context = call.payload(JSON, LD, MERGE)
    fragment = read_fragment(payload, context, at=call.now, null=True)
    refuse_nulls_inside(fragment)
    return _changed(call, id, context, lambda there: changes.update(there, fragment))


def partial_update(call: Call, id: str, attribute: str) -> Answer:
    """Set some members of an attribute instance."""
    _check(id, attribute)
    _check_no_scope(attribute)
    payload, context = call.payload(JSON, LD, MERGE)
    name, moment = context.expand(attribute), write_instant(call.now)
    part = _unwrapped(payload, attribute)

    def work(there: Any) -> Outcome:
        known = next((one["type"] for one in there.attributes.get(name, [])), None)
        read = read_part(attribute, part, known, context, at=call.now)
        return changes.partial_update(there, name, read, at=moment)

    return _changed(call, id, context, work)


def replace(call: Call, id: str, attribute: str) -> Answer:
    """Replace an attribute instance."""
    _check(id, attribute)
    _check_no_scope(attribute)
    payload, context = call.payload()
    (instance,) = read_attribute(attribute, _unwrapped(payload, attribute), context, at=call.now)
    name, moment = context.expand(attribute), write_instant(call.now)
    return _changed(call, id, context, lambda there: changes.replace_attribute(there, name, instance, at=moment))


def delete(call: Call, id: str, attribute: str) -> Answer:
    """Delete an attribute instance, or with deleteAll=true all of the attribute."""
    _check(id, attribute)
    context = call.context()
    dataset = call.query.get("datasetId")
    if dataset is not None and not is_uri(dataset):
        raise bad(f"datasetId: a URI was expected, not '{dataset}'")
    name, every, moment = context.expand(attribute), call.is_true("deleteAll"), write_instant(call.now)

    def work(there: Document) -> Outcome:
        if name == SCOPE:
            return _without_scope(there)
        return changes.delete_attribute(there, name, dataset, every=every, at=moment)

    if broker.is_there(call.connection, id, at=call.now):
        return _changed(call, id, context, work)
    past.note_deleted(call.connection, id, name, dataset, every=every, at=moment)
    return Answer(204)


def _without_scope(there: Document) -> Outcome:
    there.scopes = []
    return Outcome(updated=["scope"])


def _check_no_scope(attribute: str) -> None:
    if attribute == "scope":
        raise bad("scope: is no attribute; append or update it instead")


def _check(id: str, attribute: str) -> None:
    check_id(id)
    check_name(attribute)


def _unwrapped(payload: Any, attribute: str) -> Any:
    """Return an attribute's instance, which may be given under its name."""
    if not isinstance(payload, dict):
        raise bad("a JSON object was expected")
    rest = {name: value for name, value in payload.items() if name != "@context"}
    if set(rest) == {attribute} and isinstance(rest[attribute], dict):
        return rest[attribute]
    return rest


def _changed(call: Call, id: str, context: Context, work: Any) -> Answer:
    check_type(call, id)
    outcome = broker.changed(call.connection, {id: work}, at=call.now)[id]
    if isinstance(outcome, Problem):
        raise outcome
    if not outcome.refused:
        return Answer(204)
    refused = [{"attributeName": context.compact(name), "reason": why} for name, why in outcome.refused.items()]
    updated = [context.compact(name) for name in outcome.updated]
    return Answer(207, {"updated": updated, "notUpdated": refused})


_COMMON = frozenset({"local", "type"})
ROUTES = (
    Route("POST", "entities/{id}/attrs", append, _COMMON | {"options"}),
    Route("PATCH", "entities/{id}/attrs", update, _COMMON | {"options"}),
    Route("PATCH", "entities/{id}/attrs/{attribute}", partial_update, _COMMON),
    Route("PUT", "entities/{id}/attrs/{attribute}", replace, _COMMON),
    Route("DELETE", "entities/{id}/attrs/{attribute}", delete, _COMMON | {"datasetId", "deleteAll"}),
)
