"""Entities: create, retrieve, query, replace, merge, delete, purge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bihuan.sense.ngsi_ld import broker, changes
from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import Document, is_uri
from bihuan.sense.ngsi_ld.forms import Form, feature, written
from bihuan.sense.ngsi_ld.geometry import read_geo_query
from bihuan.sense.ngsi_ld.instants import write_instant
from bihuan.sense.ngsi_ld.intake import read_entity, read_fragment
from bihuan.sense.ngsi_ld.problems import Problem, bad, missing
from bihuan.sense.ngsi_ld.query import read_query
from bihuan.sense.ngsi_ld.selection import (
    EntitySelector,
    Selection,
    read_ids,
    read_pattern,
    read_selectors,
    read_type_selection,
)
from bihuan.show.api.ngsi_ld_routes import Route
from bihuan.show.api.ngsi_ld_wire import GEO, JSON, LD, MERGE, ROOT, Answer, Call, shown

_FORM = {"options", "format", "attrs", "pick", "omit", "lang", "datasetId", "geometryProperty", "sysAttrs", "local",
         "join", "joinLevel", "containedBy", "jsonKeys", "entityMap", "splitEntities"}  # fmt: skip
_SELECTION = {"id", "type", "idPattern", "q", "georel", "geometry", "coordinates", "geoproperty", "scopeQ", "csf",
              "expandValues"}  # fmt: skip
_PAGE = {"limit", "offset", "count", "orderBy", "collation"}


def check_id(id: str) -> None:
    """Refuse an address whose id is none.

    Raises:
        Problem: BadRequestData.
    """
    if not is_uri(id):
        raise bad(f"'{id}' is no URI, so it is no id of an entity")


def check_type(call: Call, id: str) -> None:
    """Refuse an entity that is not of the types the parameter `type` names (clause 4.17).

    Raises:
        Problem: ResourceNotFound.
    """
    if "type" in call.query:
        selection = read_type_selection(call.query["type"], call.context())
        if not selection.fits(broker.document(call.connection, id, at=call.now).types):
            raise missing(f"there is no entity {id} of type {call.query['type']}")


def create(call: Call) -> Answer:
    """Make an entity."""
    payload, context = call.payload()
    entity = read_entity(payload, context, at=call.now)
    if not broker.create(call.connection, [entity], at=call.now):
        raise Problem("AlreadyExists", f"there is an entity {entity.id}")
    return Answer(201, headers=[("Location", f"{ROOT}/entities/{entity.id}")])


def retrieve(call: Call, id: str) -> Answer:
    """Show an entity."""
    check_id(id)
    check_type(call, id)
    context = call.context()
    form = call.form(context)
    document = broker.document(call.connection, id, at=call.now)
    if form.attributes and not any(name in document.attributes for name in form.attributes):
        raise missing(f"the entity {id} has none of the attributes asked for")
    content = presented(call, [document], form, context)[0]
    if form.pick and set(content) <= {"@context"}:
        raise missing(f"the entity {id} has none of the members asked for")
    return shown(call, content, context)


def presented(call: Call, documents: Sequence[Document], form: Form, context: Context) -> list[Any]:
    """Return entities as they are asked for."""
    show = feature if call.accepted == GEO else written
    return [show(document, form, context) for document in documents]


def query(call: Call) -> Answer:
    """Show the entities that a query asks for."""
    context = call.context()
    selection = read_selection(call, context)
    if not _is_narrow(selection) and not call.is_true("local"):
        raise bad("a query has at least one of type, attrs, q, georel")
    return listed(call, selection, call.form(context), context)


def listed(call: Call, selection: Selection, form: Form, context: Context) -> Answer:
    """Show a page of entities."""
    offset, limit = call.page()
    wants_count = call.is_true("count")
    found, count = broker.query(
        call.connection, selection, at=call.now, offset=offset, limit=limit + 1 if limit else 0, count=wants_count
    )
    page, more = found[:limit], len(found) > limit
    headers = call.page_headers(offset, limit, len(page), count, more)
    content: Any = presented(call, page, form, context)
    if call.accepted == GEO:
        content = {"type": "FeatureCollection", "features": content}
    return shown(call, content, context, headers)


def read_selection(call: Call, context: Context) -> Selection:
    """Return what the parameters of a query ask for.

    Raises:
        Problem: BadRequestData.
    """
    given = call.query
    type_ = read_type_selection(given["type"], context) if "type" in given and given["type"] != "*" else None
    ids = read_ids(given["id"]) if "id" in given else ()
    pattern = read_pattern(given["idPattern"]) if "idPattern" in given else None
    selectors = (EntitySelector(type_, ids, pattern),) if type_ or ids or pattern or given.get("type") == "*" else ()
    values = call.names("expandValues", context)
    return Selection(
        selectors=selectors,
        attributes=tuple(one for one in call.names("attrs", context)),
        q=read_query(given["q"], context, expand_values=values) if "q" in given else None,
        geo=_geo(call, context),
        scope=given.get("scopeQ"),
        datasets=tuple(one for one in given.get("datasetId", "").split(",") if one),
    )


def _geo(call: Call, context: Context) -> Any:
    given = call.query
    if not {"georel", "geometry", "coordinates", "geoproperty"} & given.keys():
        return None
    geoproperty = context.expand(given.get("geoproperty", "location"))
    return read_geo_query(given.get("georel"), given.get("geometry"), given.get("coordinates"), geoproperty)


def _is_narrow(selection: Selection) -> bool:
    typed = any(one.type is not None for one in selection.selectors)
    return bool(typed or _is_any(selection) or selection.attributes or selection.q or selection.geo)


def _is_any(selection: Selection) -> bool:
    """Return whether every type is asked for by name: `type=*`."""
    return any(one == EntitySelector() for one in selection.selectors)


def query_by_post(call: Call) -> Answer:
    """Show the entities that a query in the body asks for (clause 5.2.23)."""
    payload, context = call.payload()
    selection, more = read_query_body(payload, context)
    call.query = {**more, **call.query}
    if not _is_narrow(selection) and not call.is_true("local"):
        raise bad("a query has at least one of entities, attrs, q, geoQ")
    return listed(call, selection, call.form(context), context)


def read_query_body(payload: Any, context: Context) -> tuple[Selection, dict[str, str]]:
    """Return what a query in a body asks for, and its members that are parameters elsewhere.

    Raises:
        Problem: BadRequestData.
    """
    if not isinstance(payload, dict) or payload.get("type") != "Query":
        raise bad("type: 'Query' was expected")
    geo = payload.get("geoQ")
    attributes = payload.get("attrs", [])
    if "attrs" in payload and (not isinstance(attributes, list) or not attributes):
        raise bad("attrs: an array of names was expected, with at least one")
    for name in ("q", "scopeQ", "lang"):
        if not isinstance(payload.get(name, ""), str):
            raise bad(f"{name}: a text was expected")
    for name in ("pick", "omit", "datasetId", "attrs"):
        if not all(isinstance(one, str) for one in payload.get(name, [])):
            raise bad(f"{name}: an array of texts was expected")
    if not isinstance(payload.get("geoQ", {}), dict):
        raise bad("geoQ: an object with georel, geometry and coordinates was expected")
    selection = Selection(
        selectors=read_selectors(payload["entities"], context) if payload.get("entities") else (),
        attributes=tuple(context.expand(name) for name in attributes),
        q=read_query(payload["q"], context) if payload.get("q") else None,
        geo=geo and read_geo_query(geo.get("georel"), geo.get("geometry"), geo.get("coordinates"),
                                   context.expand(geo.get("geoproperty", "location"))),
        scope=payload.get("scopeQ"),
    )  # fmt: skip
    listed = {name: ",".join(payload[name]) for name in ("attrs", "pick", "omit", "datasetId") if payload.get(name)}
    return selection, listed | ({"lang": payload["lang"]} if isinstance(payload.get("lang"), str) else {})


def replace(call: Call, id: str) -> Answer:
    """Put a whole entity in the place of the one there."""
    check_id(id)
    check_type(call, id)
    payload, context = call.payload()
    given = read_fragment(payload, context, at=call.now)
    if given.id and given.id != id:
        raise bad(f"id: '{given.id}' is not that of the address")
    given.id = id

    def work(there: Document) -> changes.Outcome:
        given.types = given.types or there.types
        return changes.replace_entity(there, given)

    _done(broker.changed(call.connection, {id: work}, at=call.now)[id])
    return Answer(204)


def merge(call: Call, id: str) -> Answer:
    """Merge a fragment into an entity."""
    check_id(id)
    check_type(call, id)
    payload, context = call.payload(JSON, LD, MERGE)
    fragment = read_fragment(payload, context, at=call.now, null=True)
    if fragment.id and fragment.id != id:
        raise bad(f"id: '{fragment.id}' is not that of the address")
    _done(broker.changed(call.connection, {id: lambda there: changes.merge(there, fragment)}, at=call.now)[id])
    return Answer(204)


def delete(call: Call, id: str) -> Answer:
    """Delete an entity."""
    check_id(id)
    check_type(call, id)
    problem = broker.delete(call.connection, [id], at=call.now)[id]
    if problem is not None:
        raise problem
    return Answer(204)


def purge(call: Call) -> Answer:
    """Delete the entities that a query asks for, or some of their attributes (clause 5.6.21)."""
    context = call.context()
    selection = read_selection(call, context)
    if not _is_narrow(selection) and not selection.selectors and not call.is_true("local"):
        raise bad("a purge has at least one of id, type, attrs, q, georel")
    keep, drop = call.names("keep", context), call.names("drop", context)
    if keep and drop:
        raise bad("keep and drop: only one of them")
    wanted, _ = broker.wanted_of(selection, at=call.now)
    urns = [one.id for one in broker.scan(call.connection, wanted) if selection.fits(one)]
    if not keep and not drop:
        broker.delete(call.connection, urns, at=call.now)
        return Answer(204)
    moment = write_instant(call.now)
    work = {urn: (lambda there: _without(there, keep, drop, moment)) for urn in urns}
    broker.changed(call.connection, work, at=call.now)
    return Answer(204)


def _without(there: Document, keep: Sequence[str], drop: Sequence[str], moment: str) -> changes.Outcome:
    outcome = changes.Outcome()
    for name in [one for one in there.attributes if one in drop or (keep and one not in keep)]:
        outcome.changes += changes.delete_attribute(there, name, None, every=True, at=moment).changes
    return outcome


def _done(outcome: changes.Outcome | Problem) -> changes.Outcome:
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


ROUTES = (
    Route("POST", "entities", create, frozenset({"local"})),
    Route("GET", "entities", query, frozenset(_FORM | _SELECTION | _PAGE), (JSON, LD, GEO)),
    Route(
        "DELETE",
        "entities",
        purge,
        frozenset(_SELECTION | {"attrs", "keep", "drop", "local", "datasetId", "expandValues"}),
    ),
    Route("GET", "entities/{id}", retrieve, frozenset(_FORM | {"type"}), (JSON, LD, GEO)),
    Route("PUT", "entities/{id}", replace, frozenset({"local", "type"})),
    Route("PATCH", "entities/{id}", merge, frozenset({"local", "options", "type", "lang", "observedAt"})),
    Route("DELETE", "entities/{id}", delete, frozenset({"local", "type"})),
    Route(
        "POST",
        "entityOperations/query",
        query_by_post,
        frozenset(_FORM | _SELECTION | _PAGE),
        (JSON, LD, GEO),
        reads=True,
    ),
)
