"""What there is: types of entities and their attributes (clauses 5.7.5 to 5.7.10)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from bihuan.sense.ngsi_ld.context import CORE, Context
from bihuan.sense.ngsi_ld.documents import VALUE_MEMBER
from bihuan.sense.ngsi_ld.problems import missing
from bihuan.show.api.ngsi_ld_routes import Route
from bihuan.show.api.ngsi_ld_wire import JSON, LD, Answer, Call, shown
from bihuan.store import ngsi_ld


@dataclass
class _Found:
    """What all entities have, by type and attribute (IRIs)."""

    entities: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    kinds: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """Types of attribute by entity type and attribute."""
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def attributes(self, type_: str) -> list[str]:
        """Return the attributes of a type."""
        return sorted({attribute for one, attribute in self.kinds if one == type_})

    def types(self, attribute: str) -> list[str]:
        """Return the types that have an attribute."""
        return sorted({one for one, name in self.kinds if name == attribute})


def _found(call: Call) -> _Found:
    found = _Found()
    for types, short, count in ngsi_ld.entities_by_type(call.connection, now=call.now):
        for one in types:
            found.entities[CORE.expand(one) if short else one] += count
    for types, short, name, kinds, count in ngsi_ld.attributes_by_type(call.connection, now=call.now):
        if name is None:
            continue
        iri = CORE.expand(name)
        found.counts[iri] += count
        for one in types:
            known = {kind for kind in kinds if kind in VALUE_MEMBER} or {"Property"}
            found.kinds[CORE.expand(one) if short else one, iri] |= known
    return found


def list_types(call: Call) -> Answer:
    """List the types of entities, with details=true their attributes."""
    context, found = call.context(), _found(call)
    names = sorted(found.entities)
    if not call.is_true("details"):
        listed = {"id": f"urn:ngsi-ld:EntityTypeList:{uuid.uuid4()}", "type": "EntityTypeList",
                  "typeList": [context.compact(name) for name in names]}  # fmt: skip
        return shown(call, listed, context)
    return shown(call, [
        {"id": name, "type": "EntityType", "typeName": context.compact(name),
         "attributeNames": [context.compact(one) for one in found.attributes(name)]}
        for name in names
    ], context)  # fmt: skip


def show_type(call: Call, type_name: str) -> Answer:
    """Tell of one type of entities."""
    context, found = call.context(), _found(call)
    name = context.expand(type_name)
    if name not in found.entities:
        raise missing(f"there is no entity of type {type_name}")
    details = [
        {"id": one, "type": "Attribute", "attributeName": context.compact(one),
         "attributeTypes": sorted(found.kinds[name, one])}
        for one in found.attributes(name)
    ]  # fmt: skip
    told = {"id": name, "type": "EntityTypeInfo", "typeName": context.compact(name),
            "entityCount": found.entities[name], "attributeDetails": details}  # fmt: skip
    return shown(call, told, context)


def list_attributes(call: Call) -> Answer:
    """List the attributes of all entities, with details=true the types that have them."""
    context, found = call.context(), _found(call)
    names = sorted(found.counts)
    if not call.is_true("details"):
        listed = {"id": f"urn:ngsi-ld:AttributeList:{uuid.uuid4()}", "type": "AttributeList",
                  "attributeList": [context.compact(name) for name in names]}  # fmt: skip
        return shown(call, listed, context)
    return shown(call, [
        {"id": name, "type": "Attribute", "attributeName": context.compact(name), "typeNames": _types(found, name, context)}
        for name in names
    ], context)  # fmt: skip


def show_attribute(call: Call, attribute: str) -> Answer:
    """Tell of one attribute."""
    context, found = call.context(), _found(call)
    name = context.expand(attribute)
    if name not in found.counts:
        raise missing(f"no entity has an attribute {attribute}")
    kinds: set[str] = set().union(*(kinds for (_, one), kinds in found.kinds.items() if one == name))
    told: dict[str, Any] = {"id": name, "type": "Attribute", "attributeName": context.compact(name),
            "attributeCount": found.counts[name], "attributeTypes": sorted(kinds),
            "typeNames": _types(found, name, context)}  # fmt: skip
    return shown(call, told, context)


def _types(found: _Found, attribute: str, context: Context) -> list[str]:
    return [context.compact(one) for one in found.types(attribute)]


_LOCAL = frozenset({"local"})
_LISTED = _LOCAL | {"details"}
ROUTES = (
    Route("GET", "types", list_types, _LISTED, (JSON, LD)),
    Route("GET", "types/{type_name}", show_type, _LOCAL, (JSON, LD)),
    Route("GET", "attributes", list_attributes, _LISTED, (JSON, LD)),
    Route("GET", "attributes/{attribute}", show_attribute, _LOCAL, (JSON, LD)),
)
