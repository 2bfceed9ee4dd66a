"""Entities: create, retrieve, query, replace, merge, delete, purge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bihuan.sense.ngsi_ld import broker, changes
from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import Document, is_uri
from bihuan.sense.ngsi_ld.forms import Form, feature, written
from bihuan.sense.ngsi_ld.instants import write_instant
from bihuan.sense.ngsi_ld.intake import read_entity, read_fragment
from bihuan.sense.ngsi_ld.linked import Join, check_depth, joined, linked
from bihuan.sense.ngsi_ld.ordering import Ordering
from bihuan.sense.ngsi_ld.problems import Problem, bad, missing
from bihuan.sense.ngsi_ld.projection import Projection
from bihuan.sense.ngsi_ld.selection import Selection, read_type_selection
from bihuan.show.api.ngsi_ld_queries import (
    LINKED,
    ORDER,
    SELECTION,
    body_ordering,
    check_width,
    join_of,
    ordering_of,
    read_query_body,
    read_selection,
)
from bihuan.show.api.ngsi_ld_routes import Route
from bihuan.show.api.ngsi_ld_wire import GEO, JSON, LD, MERGE, ROOT, Answer, Call, shown

_FORM = LINKED | {"options", "format", "attrs", "pick", "omit", "lang", "datasetId", "geometryProperty", "sysAttrs",
                  "local", "jsonKeys", "entityMap", "splitEntities"}  # fmt: skip
_PAGE = frozenset({"limit", "offset", "count"})


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
    form, join = call.form(context), join_of(call)
    check_depth(form, join)
    document = broker.document(call.connection, id, at=call.now)
    if form.attributes and not any(name in document.attributes for name in form.attributes):
        raise missing(f"the entity {id} has none of the attributes asked for")
    if not written(document, form, context):
        raise missing(f"the entity {id} has none of the members asked for")
    content = presented(call, [document], form, join, context)
    if join is None or join.how == "inline":
        return shown(call, content[0], context)
    return shown(call, collected(call, content), context)


def presented(call: Call, documents: Sequence[Document], form: Form, join: Join | None, context: Context) -> list[Any]:
    """Return entities as they are asked for, with what they link to; without those of which nothing is shown."""

    def show(document: Document, how: Form) -> Any:
        return (feature if call.accepted == GEO else written)(document, how, context)

    if join is None:
        return [content for one in documents if (content := show(one, form))]
    fetch = broker.fetching(call.connection, at=call.now)
    return joined(documents, form, linked(documents, form, join, fetch), show)


def collected(call: Call, content: list[Any]) -> Any:
    """Return many entities as one content."""
    return {"type": "FeatureCollection", "features": content} if call.accepted == GEO else content


def query(call: Call) -> Answer:
    """Show the entities that a query asks for."""
    context = call.context()
    return listed(call, read_selection(call, context), ordering_of(call, context), context)


def listed(call: Call, selection: Selection, ordering: Ordering | None, context: Context) -> Answer:
    """Show a page of entities.

    Raises:
        Problem: BadRequestData where the query is too wide, or speaks of entities further away than it retrieves.
    """
    check_width(call, selection)
    form, join = call.form(context), join_of(call)
    check_depth(form, join, selection.q.hops() if selection.q else 0)
    offset, limit = call.page()
    found, count = broker.query(
        call.connection, selection, at=call.now, offset=offset, limit=limit + 1 if limit else 0,
        count=call.is_true("count"), ordering=ordering,
    )  # fmt: skip
    page, more = found[:limit], len(found) > limit
    headers = call.page_headers(offset, limit, count, more)
    return shown(call, collected(call, presented(call, page, form, join, context)), context, headers)


def query_by_post(call: Call) -> Answer:
    """Show the entities that a query in the body asks for (clause 5.2.23)."""
    payload, context = call.payload()
    selection, more = read_query_body(payload, context)
    if "temporalQ" in payload:
        raise bad("temporalQ: belongs to temporal/entityOperations/query")
    call.query = {**more, **call.query}
    return listed(call, selection, body_ordering(payload, context) or ordering_of(call, context), context)


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
    if not selection.selectors:
        check_width(call, selection)
    keep, drop = call.names("keep", context), call.names("drop", context)
    if keep and drop:
        raise bad("keep and drop: only one of them")
    urns = [one.id for one in broker.matching(call.connection, selection, at=call.now)]
    if not keep and not drop:
        broker.delete(call.connection, urns, at=call.now)
        return Answer(204)
    moment = write_instant(call.now)
    work = {urn: (lambda there: _without(there, keep, drop, moment)) for urn in urns}
    broker.changed(call.connection, work, at=call.now)
    return Answer(204)


def _without(there: Document, keep: Projection, drop: Projection, moment: str) -> changes.Outcome:
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
    Route("GET", "entities", query, _FORM | SELECTION | ORDER | _PAGE, (JSON, LD, GEO)),
    Route(
        "DELETE",
        "entities",
        purge,
        SELECTION | {"keep", "drop", "local"},
    ),
    Route("GET", "entities/{id}", retrieve, _FORM | {"type"}, (JSON, LD, GEO)),
    Route("PUT", "entities/{id}", replace, frozenset({"local", "type"})),
    Route("PATCH", "entities/{id}", merge, frozenset({"local", "options", "type", "lang", "observedAt"})),
    Route("DELETE", "entities/{id}", delete, frozenset({"local", "type"})),
    Route(
        "POST",
        "entityOperations/query",
        query_by_post,
        _FORM | SELECTION | ORDER | _PAGE,
        (JSON, LD, GEO),
        reads=True,
    ),
)
