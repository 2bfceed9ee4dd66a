"""Histories of entities: create, append, change, delete, retrieve, query (clauses 5.6.11 to 5.6.16, 5.7.3, 5.7.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bihuan.sense.ngsi_ld import past
from bihuan.sense.ngsi_ld.aggregation import Gathered, aggregates, read_aggregation
from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import NULL, Document, is_uri
from bihuan.sense.ngsi_ld.forms import Form
from bihuan.sense.ngsi_ld.gathering import gathered, gathered_page
from bihuan.sense.ngsi_ld.instants import write_instant
from bihuan.sense.ngsi_ld.intake import check_name, read_entity, read_fragment, read_instance
from bihuan.sense.ngsi_ld.linked import check_depth
from bihuan.sense.ngsi_ld.ordering import Ordering
from bihuan.sense.ngsi_ld.problems import bad, invalid, missing
from bihuan.sense.ngsi_ld.query import Path
from bihuan.sense.ngsi_ld.selection import Selection
from bihuan.sense.ngsi_ld.temporal import (
    TemporalQuery,
    cut,
    history,
    instance_number,
    read_temporal_query,
    values,
)
from bihuan.show.api.ngsi_ld_entities import check_id
from bihuan.show.api.ngsi_ld_queries import (
    SELECTION,
    body_ordering,
    check_width,
    ordering_of,
    read_query_body,
    read_selection,
)
from bihuan.show.api.ngsi_ld_routes import Route
from bihuan.show.api.ngsi_ld_wire import JSON, LD, MERGE, ROOT, Answer, Call, shown
from bihuan.store import ngsi_ld

_TIME = {"timerel", "timeAt", "endTimeAt", "timeproperty", "lastN", "aggrMethods", "aggrPeriodDuration"}
_FORM = {"options", "format", "attrs", "pick", "omit", "lang", "datasetId", "local", "sysAttrs"}
_PAGE = {"limit", "offset", "count", "orderBy", "collation"}
_TEMPORAL_FORMS = ("temporalValues", "aggregatedValues", "simplified")


def create(call: Call) -> Answer:
    """Make a history, or add to one."""
    payload, context = call.payload()
    given = read_entity(payload, context, at=call.now, null=True, temporal=True)
    if given.expires_at == NULL:
        raise bad("expiresAt: NGSI-LD Null has a meaning only where something can be removed")
    is_new = past.add(call.connection, given)
    if not is_new:
        return Answer(204)
    return Answer(201, headers=[("Location", f"{ROOT}/temporal/entities/{given.id}")])


def append(call: Call, id: str) -> Answer:
    """Add attribute instances to a history."""
    check_id(id)
    payload, context = call.payload()
    fragment = read_fragment(payload, context, at=call.now, null=True, temporal=True)
    past.required(call.connection, id)
    fragment.id = id
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
    known = None if number is None else ngsi_ld.instance(call.connection, there.number, name, number)
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
    headers: list[tuple[str, str]] = []
    if shape == "aggregatedValues":
        found = gathered(call.connection, id, asked, form, at=call.now)
        (content,) = _aggregated(call, [found], asked, form, context)
    else:
        document = past.document(call.connection, id, asked, form, at=call.now, most=call.instances)
        (content,), headers = _presented(call, [document], asked, form, context, shape)
    if not content:
        raise missing(f"the history of {id} has none of the members asked for")
    return _answer(call, content, headers, context)


def query(call: Call) -> Answer:
    """Show the histories that a query asks for."""
    context = call.context()
    return _listed(call, read_selection(call, context), ordering_of(call, context), context)


def query_by_post(call: Call) -> Answer:
    """Show the histories that a query in the body asks for."""
    payload, context = call.payload()
    selection, more = read_query_body(payload, context)
    ordering = body_ordering(payload, context) or ordering_of(call, context)
    call.query = {**more, **_times(payload), **call.query}
    return _listed(call, selection, ordering, context)


def _times(payload: dict[str, Any]) -> dict[str, str]:
    """Return `temporalQ` and `aggrParams` of a query as the parameters that they are elsewhere (5.2.21, 5.2.44).

    Raises:
        Problem: BadRequestData.
    """
    found: dict[str, str] = {}
    for member in ("temporalQ", "aggrParams"):
        given = payload.get(member, {})
        if not isinstance(given, dict):
            raise bad(f"{member}: an object was expected")
        for name in _TIME & given.keys():
            value = given[name]
            found[name] = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    if "aggrMethods" in found or "aggrParams" in payload:
        found["format"] = "aggregatedValues"
    return found


def _listed(call: Call, selection: Selection, ordering: Ordering | None, context: Context) -> Answer:
    check_width(call, selection)
    asked, form, shape = _asked(call), _form(call, context), _shape(call)
    check_depth(form, None, selection.q.hops() if selection.q else 0)
    offset, limit = call.page()
    page: dict[str, Any] = {"at": call.now, "offset": offset, "limit": limit + 1 if limit else 0,
                            "count": call.is_true("count"), "order": _order(ordering)}  # fmt: skip
    cut_headers: list[tuple[str, str]] = []
    if shape == "aggregatedValues":
        many, count = gathered_page(call.connection, selection, asked, form, **page)
        content, is_more = _aggregated(call, many[:limit], asked, form, context), len(many) > limit
    else:
        found, count = past.query(call.connection, selection, asked, form, most=call.instances, **page)
        content, cut_headers = _presented(call, found[:limit], asked, form, context, shape)
        is_more = len(found) > limit
    headers = call.page_headers(offset, limit, count, is_more) + cut_headers
    return _answer(call, [one for one in content if one], headers, context)


def _order(ordering: Ordering | None) -> str:
    """Return the order of histories: by id, or as they began (clause 5.7.4.4).

    Raises:
        Problem: BadRequestData.
    """
    if ordering is None:
        return "number"
    (first, *rest) = ordering.terms
    if rest or first.where != Path(("@id",)) or first.direction.startswith("dist"):
        raise bad("orderBy: histories can be ordered by id only")
    return "urn" if first.direction == "asc" else "urn desc"


def _answer(call: Call, content: Any, headers: list[tuple[str, str]], context: Context) -> Answer:
    """Return histories: in part where they are more than one answer holds (206, clause 6.3.10)."""
    answer = shown(call, content, context, headers)
    if any(name == "Content-Range" for name, _ in headers):
        answer.status = 206
    return answer


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
        form = call.form(context)
    finally:
        call.query = kept
    check_depth(form, None)
    return form


def _shape(call: Call) -> str:
    """Return the temporal form; `format` goes before `options` (clause 6.3.12)."""
    if "format" in call.query:
        return call.query["format"] if call.query["format"] in _TEMPORAL_FORMS else "normalized"
    found = [word for word in _TEMPORAL_FORMS if word in call.options()]
    if "temporalValues" in found and "aggregatedValues" in found:
        raise bad("options: temporalValues and aggregatedValues exclude each other")
    return found[0] if found else "normalized"


def _aggregated(
    call: Call, many: Sequence[Gathered], asked: TemporalQuery, form: Form, context: Context
) -> list[dict[str, Any]]:
    """Return histories aggregated: of every instance, so whole."""
    how = read_aggregation(call.query.get("aggrMethods"), call.query.get("aggrPeriodDuration"))
    return [aggregates(one, asked, how, form, context) for one in many]


def _presented(
    call: Call, documents: Sequence[Document], asked: TemporalQuery, form: Form, context: Context, shape: str
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Return histories in their form, and the header that tells which part of them it is."""
    part = cut(documents, asked, call.instances)
    headers = [("Content-Range", part.range)] if part.range else []
    if shape == "normalized":
        return [history(one, asked, form, context) for one in part.documents], headers
    both = zip(part.documents, documents, strict=True)
    return [values(one, asked, form, context, whole=whole) for one, whole in both], headers


_INSTANCE = "temporal/entities/{id}/attrs/{attribute}/{instance}"
ROUTES = (
    Route("POST", "temporal/entities", create, frozenset({"local"})),
    Route("GET", "temporal/entities", query, SELECTION | _FORM | _PAGE | _TIME, (JSON, LD)),
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
        SELECTION | _FORM | _PAGE | _TIME,
        (JSON, LD),
        reads=True,
    ),
)
