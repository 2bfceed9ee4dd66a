"""What a query asks for, in the parameters of a GET or the body of a POST (clauses 5.2.23, 5.7.2.4, 6.4.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bihuan.sense.ngsi_ld.context import CORE, Context
from bihuan.sense.ngsi_ld.documents import SYSTEM, is_uri
from bihuan.sense.ngsi_ld.geometry import GeoQuery, read_geo_query
from bihuan.sense.ngsi_ld.linked import Join, read_join
from bihuan.sense.ngsi_ld.ordering import Ordering, read_ordering
from bihuan.sense.ngsi_ld.problems import bad
from bihuan.sense.ngsi_ld.projection import OF_ENTITY
from bihuan.sense.ngsi_ld.query import read_query
from bihuan.sense.ngsi_ld.selection import (
    EntitySelector,
    Selection,
    read_ids,
    read_pattern,
    read_selectors,
    read_type_selection,
)
from bihuan.show.api.ngsi_ld_wire import Call

SELECTION = frozenset({"id", "type", "idPattern", "attrs", "q", "georel", "geometry", "coordinates", "geoproperty",
                       "scopeQ", "csf", "expandValues", "jsonKeys", "datasetId"})  # fmt: skip
"""Parameters that select entities."""
LINKED = frozenset({"join", "joinLevel", "containedBy"})
"""Parameters by which linked entities are retrieved."""
ORDER = frozenset({"orderBy", "collation", "orderFrom", "orderGeometry"})
"""Parameters by which entities are ordered."""
_SYSTEM = frozenset({CORE.expand(name) for name in SYSTEM} | OF_ENTITY | {"@id", "@type"})
_TEXTS = ("q", "scopeQ", "lang", "csf", "join", "geometryProperty", "splitEntities")
_LISTS = ("attrs", "pick", "omit", "datasetId", "containedBy", "expandValues", "jsonKeys")


def read_selection(call: Call, context: Context) -> Selection:
    """Return what the parameters of a query ask for.

    Raises:
        Problem: BadRequestData.
    """
    given = call.query
    type_ = read_type_selection(given["type"], context) if "type" in given and given["type"] != "*" else None
    ids = read_ids(given["id"]) if "id" in given else ()
    pattern = read_pattern(given["idPattern"]) if "idPattern" in given else None
    if given.get("type") == "*" and "local" in given and not call.is_true("local"):
        raise bad("type: * selects all types held here, which local=false contradicts (clause 6.4.3.2)")
    selectors = (EntitySelector(type_, ids, pattern),) if type_ or ids or pattern or given.get("type") == "*" else ()
    if "csf" in given:
        read_query(given["csf"], context)  # no other context sources are asked; only its form matters
    return Selection(
        selectors=selectors,
        attributes=tuple(call.names("attrs", context)),
        q=read_query(given["q"], context, expand_values=tuple(call.names("expandValues", context)))
        if "q" in given else None,
        geo=_geo(call, context),
        scope=given.get("scopeQ"),
        datasets=tuple(one for one in given.get("datasetId", "").split(",") if one),
    )  # fmt: skip


def _geo(call: Call, context: Context) -> GeoQuery | None:
    given = call.query
    if not {"georel", "geometry", "coordinates", "geoproperty"} & given.keys():
        return None
    geoproperty = context.expand(given.get("geoproperty", "location"))
    return read_geo_query(given.get("georel"), given.get("geometry"), given.get("coordinates"), geoproperty)


def check_width(call: Call, selection: Selection) -> None:
    """Refuse a query that says too little of what it wants (clause 5.7.2.4): types, attributes, values or a place.

    Raises:
        Problem: BadRequestData.
    """
    named = {*selection.attributes, *(selection.q.attributes() if selection.q else ())} - _SYSTEM
    typed = any(one.type is not None or one == EntitySelector() for one in selection.selectors)
    if not (typed or named or selection.geo or call.is_true("local")):
        raise bad("a query has at least one of type, attrs, q, georel; what the system itself writes is not enough")


def join_of(call: Call) -> Join | None:
    """Return how linked entities are asked for.

    Raises:
        Problem: BadRequestData.
    """
    known = [one for one in call.query.get("containedBy", "").split(",") if one]
    if not all(is_uri(one) for one in known):
        raise bad("containedBy: URIs joined with commas were expected")
    return read_join(call.query.get("join"), call.query.get("joinLevel"), known)


def ordering_of(call: Call, context: Context) -> Ordering | None:
    """Return in which order entities are asked for.

    Raises:
        Problem: BadRequestData.
    """
    given = call.query
    if "orderBy" not in given:
        return None
    return read_ordering(given["orderBy"].split(","), context, collation=given.get("collation"),
                         origin=given.get("orderFrom"), geometry=given.get("orderGeometry"))  # fmt: skip


def read_query_body(payload: Any, context: Context) -> tuple[Selection, dict[str, str]]:
    """Return what a query in a body asks for, and its other members as the parameters that they are elsewhere.

    Raises:
        Problem: BadRequestData.
    """
    if not isinstance(payload, dict) or payload.get("type") != "Query":
        raise bad("type: 'Query' was expected")
    _check_members(payload)
    geo = payload.get("geoQ")
    values = tuple(context.expand(name) for name in payload.get("expandValues", ()))
    selection = Selection(
        selectors=read_selectors(payload["entities"], context) if "entities" in payload else (),
        attributes=tuple(context.expand(name) for name in payload.get("attrs", ())),
        q=read_query(payload["q"], context, expand_values=values) if payload.get("q") else None,
        geo=geo and read_geo_query(geo.get("georel"), geo.get("geometry"), geo.get("coordinates"),
                                   context.expand(geo.get("geoproperty", "location"))),
        scope=payload.get("scopeQ"),
        datasets=tuple(payload.get("datasetId", ())),
    )  # fmt: skip
    if "csf" in payload:
        read_query(payload["csf"], context)
    more = {name: payload[name] for name in ("lang", "join", "geometryProperty") if name in payload}
    more |= {name: ",".join(payload[name]) for name in _LISTS if payload.get(name)}
    if "joinLevel" in payload:
        more["joinLevel"] = str(payload["joinLevel"])
    return selection, more


def _check_members(payload: dict[str, Any]) -> None:
    for name in _TEXTS:
        if not isinstance(payload.get(name, ""), str | bool):
            raise bad(f"{name}: a text was expected")
    for name in _LISTS:
        given = payload.get(name, ["-"])
        if isinstance(given, str) and name != "attrs":
            payload[name] = given = [given]
        if not isinstance(given, list) or not given or not all(isinstance(one, str) for one in given):
            raise bad(f"{name}: an array of texts was expected, with at least one")
    if not isinstance(payload.get("geoQ", {}), dict):
        raise bad("geoQ: an object with georel, geometry and coordinates was expected")


def body_ordering(payload: dict[str, Any], context: Context) -> Ordering | None:
    """Return the `ordering` of a query in a body (clause 5.2.43).

    Raises:
        Problem: BadRequestData.
    """
    given = payload.get("ordering")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise bad("ordering: an object with orderBy was expected")
    order = given.get("orderBy", [])
    terms: Sequence[Any] = [order] if isinstance(order, str) else order
    if not isinstance(terms, list) or not all(isinstance(one, str) for one in terms):
        raise bad("ordering.orderBy: an array of texts was expected")
    for name in ("collation", "geometry"):
        if not isinstance(given.get(name, ""), str):
            raise bad(f"ordering.{name}: a text was expected")
    return read_ordering(terms, context, collation=given.get("collation"), origin=given.get("coordinates"),
                         geometry=given.get("geometry"))  # fmt: skip
