"""Histories of entities: create, append, change, delete, retrieve, query (clauses 5.6.11 to 5.6.16, 5.7.3, 5.7.4)."""

from __future__ import annotations

from typing import Any

from bihuan.sense.ngsi_ld import past
from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import Document, is_uri
from bihuan.sense.ngsi_ld.forms import Form
from bihuan.sense.ngsi_ld.instants import write_instant
from bihuan.sense.ngsi_ld.intake import check_name, read_entity, read_fragment, read_instance
from bihuan.sense.ngsi_ld.problems import bad, invalid, missing
from bihuan.sense.ngsi_ld.selection import Selection
from bihuan.sense.ngsi_ld.temporal import (
    TemporalQuery,
    aggregates,
    chosen,
    history,
    instance_number,
    read_aggregation,
    read_temporal_query,
    values,
)
from bihuan.show.api.ngsi_ld_entities import check_id
from bihuan.show.api.ngsi_ld_queries import read_query_body, read_selection
from bihuan.show.api.ngsi_ld_routes import Route
from bihuan.show.api.ngsi_ld_wire import JSON, LD, MERGE, ROOT, Answer, Call, shown
from bihuan.store import ngsi_ld

_TIME = {"timerel", "timeAt", "endTimeAt", "timeproperty", "lastN", "aggrMethods", "aggrPeriodDuration"}
_FORM = {"options", "format", "attrs", "pick", "omit", "lang", "datasetId", "local", "sysAttrs"}
_SELECTION = {"id", "type", "idPattern", "q", "georel", "geometry", "coordinates", "geoproperty", "scopeQ", "csf",
              "expandValues", "limit", "offset", "count", "orderBy"}  # fmt: skip
_TEMPORAL_FORMS = ("temporalValues", "aggregatedValues", "simplified")


def create(call: Call) -> Answer:
    """Make a history, or add to one."""
    payload, context = call.payload()
    given = read_entity(payload, context, at=call.now, temporal=True)
    is_new = past.add(call.connection, given)
    if not is_new:
        return Answer(204)
    return Answer(201, headers=[("Location", f"{ROOT}/temporal/entities/{given.id}")])


def append(call: Call, id: str) -> Answer:
    """Add attribute instances to a history."""
    check_id(id)
    payload, context = call.payload()
    fragment = read_fragment(payload, context, at=call.now, temporal=True)
    there = past.required(call.connection, id)
    fragment.id = id
    fragment.types = list(dict.fromkeys([*there.types, *fragment.types]))
    fragment.scopes = fragment.scopes or there.scopes
    past.add(call.connection, fragment)
    return Answer(204)


def delete(call: Call, id: str) -> Answer:
    """Delete a history."""
    check_id(id)
    if not ngsi_ld.delete_temporal(call.connection, id):
        raise missing(f"no history is kept of {id}")
    return Answer(204)


def delete_attribute(call: Call, id: str, attribute: str) -> Answer:
    """Delete an attribute from a history: its default instances, those of a datasetId, or all."""
    check_id(id)
    check_name(attribute)
    dataset = call.query.get("datasetId")
    if dataset is not None and not is_uri(dataset):
        raise bad(f"datasetId: a URI was expected, not '{dataset}'")
    there, name = past.required(call.connection, id), call.context().expand(attribute)
    every = call.is_true("deleteAll")
    if not ngsi_ld.delete_instances(call.connection, there.number, name, dataset=dataset, every=every):
        raise missing(f"the history of {id} has no such attribute")
    return Answer(204)


def change_instance(call: Call, id: str, attribute: str, instance: str) -> Answer:
    """Change one attribute instance of a history."""
    number = _number(id, attribute, instance)
    payload, context = call.payload(JSON, LD, MERGE)
    there = past.required(call.connection, id)
    name = context.expand(attribute)
    known = next((one for one in ngsi_ld.instances(call.connection, [there.number], attributes=[name])
                  if one.number == number), None)  # fmt: skip
    if known is None:
        raise missing(f"the history of {id} has no such instance")
    body = read_instance(attribute, _unwrapped(payload, attribute), context, at=call.now)
    kept = {**known.body, **body, "createdAt": known.body.get("createdAt"), "modifiedAt": write_instant(call.now)}
    ngsi_ld.change_instance(call.connection, there.number, name, known.number, kept, at=call.now)
    return Answer(204)


def delete_instance(call: Call, id: str, attribute: str, instance: str) -> Answer:
    """Delete one attribute instance of a history."""
    number = _number(id, attribute, instance)
    there, name = past.required(call.connection, id), call.context().expand(attribute)
    if number is None or not ngsi_ld.delete_instances(call.connection, there.number, name, instance=number):
        raise missing(f"the history of {id} has no such instance")
    return Answer(204)


def _number(id: str, attribute: str, instance: str) -> int | None:
    check_id(id)
    check_name(attribute)
    if not is_uri(instance):
        raise bad(f"'{instance}' is no URI, so it is no instanceId")
    return instance_number(instance)


def _unwrapped(payload: Any, attribute: str) -> Any:
    rest = (
        {name: value for name, value in payload.items() if name != "@context"} if isinstance(payload, dict) else payload
    )
    if isinstance(rest, dict) and set(rest) == {attribute}:
        rest = rest[attribute]
    return rest[0] if isinstance(rest, list) and len(rest) == 1 else rest


def retrieve(call: Call, id: str) -> Answer:
    """Show the history of an entity."""
    check_id(id)
    context = call.context()
    asked, form, shape = _asked(call), _form(call, context), _shape(call)
    document = past.document(call.connection, id, asked, form.attributes, at=call.now)
    if form.attributes and not any(name in document.attributes for name in form.attributes):
        raise missing(f"the history of {id} has none of the attributes asked for")
    content = _presented(call, document, asked, form, context, shape)
    if form.pick and not content:
        raise missing(f"the history of {id} has none of the members asked for")
    return shown(call, content, context)


def query(call: Call) -> Answer:
    """Show the histories that a query asks for."""
    context = call.context()
    selection = read_selection(call, context)
    return _listed(call, selection, context)


def query_by_post(call: Call) -> Answer:
    """Show the histories that a query in the body asks for."""
    payload, context = call.payload()
    selection, more = read_query_body(payload, context)
    times = payload.get("temporalQ", {})
    if not isinstance(times, dict):
        raise bad("temporalQ: an object was expected")
    methods = times.get("aggrMethods")
    listed = {"aggrMethods": ",".join(methods) if isinstance(methods, list) else methods} if methods else {}
    plain = {name: str(value) for name, value in times.items() if name in _TIME and name != "aggrMethods"}
    call.query = {**more, **plain, **listed, **call.query}
    return _listed(call, selection, context)


def _listed(call: Call, selection: Selection, context: Context) -> Answer:
    narrow = selection.attributes or selection.q or selection.geo or any(one.type for one in selection.selectors)
    if not narrow and not call.is_true("local"):
        raise bad("a temporal query has at least one of type, attrs, q, georel")
    asked, form, shape = _asked(call), _form(call, context), _shape(call)
    if asked.relation is None and "lastN" not in call.query and not call.is_true("local") and "timerel" in call.query:
        raise bad("timerel: is missing")
    offset, limit = call.page()
    found = past.query(call.connection, selection, asked, form, at=call.now)
    page = found[offset : offset + limit]
    count = len(found) if call.is_true("count") else None
    headers = call.page_headers(offset, limit, count, len(found) > offset + limit)
    content = [_presented(call, one, asked, form, context, shape) for one in page]
    return shown(call, content, context, headers)


def _asked(call: Call) -> TemporalQuery:
    given = call.query
    return read_temporal_query(
        given.get("timerel"), given.get("timeAt"), given.get("endTimeAt"), given.get("timeproperty"), given.get("lastN")
    )


def _form(call: Call, context: Context) -> Form:
    """Return the form, where the words of the temporal forms are none of its own."""
    kept = dict(call.query)
    options = call.options() - set(_TEMPORAL_FORMS)
    call.query = {**kept, "options": ",".join(options)}
    if kept.get("format") in _TEMPORAL_FORMS:
        del call.query["format"]
    try:
        unknown = options - {"sysAttrs", "normalized", "concise", "count"}
        if unknown:
            raise invalid(f"options: '{sorted(unknown)[0]}' is none of temporalValues, aggregatedValues, sysAttrs")
        return call.form(context)
    finally:
        call.query = kept


def _shape(call: Call) -> str:
    asked = call.options() | {call.query.get("format", "")}
    found = [word for word in _TEMPORAL_FORMS if word in asked]
    if "temporalValues" in found and "aggregatedValues" in found:
        raise bad("options: temporalValues and aggregatedValues exclude each other")
    return found[0] if found else "normalized"


def _presented(
    call: Call, document: Document, asked: TemporalQuery, form: Form, context: Context, shape: str
) -> dict[str, Any]:
    kept = chosen(document, asked, form)
    if shape == "aggregatedValues":
        how = read_aggregation(call.query.get("aggrMethods"), call.query.get("aggrPeriodDuration"))
        return aggregates(kept, asked, how, form, context, call.now)
    show = values if shape in ("temporalValues", "simplified") else history
    return show(kept, asked, form, context)


_INSTANCE = "temporal/entities/{id}/attrs/{attribute}/{instance}"
ROUTES = (
    Route("POST", "temporal/entities", create, frozenset({"local"})),
    Route("GET", "temporal/entities", query, frozenset(_FORM | _SELECTION | _TIME), (JSON, LD)),
    Route("GET", "temporal/entities/{id}", retrieve, frozenset(_FORM | _TIME), (JSON, LD)),
    Route("DELETE", "temporal/entities/{id}", delete, frozenset({"local"})),
    Route("POST", "temporal/entities/{id}/attrs", append, frozenset({"local"})),
    Route(
        "DELETE",
        "temporal/entities/{id}/attrs/{attribute}",
        delete_attribute,
        frozenset({"local", "datasetId", "deleteAll"}),
    ),
    Route("PATCH", _INSTANCE, change_instance, frozenset({"local"})),
    Route("DELETE", _INSTANCE, delete_instance, frozenset({"local"})),
    Route(
        "POST",
        "temporal/entityOperations/query",
        query_by_post,
        frozenset(_FORM | _SELECTION | _TIME),
        (JSON, LD),
        reads=True,
    ),
)
