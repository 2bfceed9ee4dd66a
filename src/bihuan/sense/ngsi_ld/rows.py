"""Between documents and what lies in the store: short names there, the registry's own columns, what devices measured.

In the store an attribute's key is its IRI, or the plain name where that is a core term or in the default vocabulary,
so that attributes that rules and the registry know by `capacity_kw` are those that NGSI-LD shows as `capacity_kw`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.core.records.observation import Observation, Quality
from bihuan.sense.ngsi_ld.changes import Change
from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.documents import VALUE_MEMBER, Document, Instance, is_kind
from bihuan.sense.ngsi_ld.forms import LOCATION
from bihuan.sense.ngsi_ld.geometry import point_of
from bihuan.sense.ngsi_ld.instants import read_instant, write_instant
from bihuan.store.ngsi_ld import EntityRow

_NAME = CORE.expand("name")
_QUALITY = CORE.expand("quality")


def document_of(row: EntityRow, latest: Mapping[str, Observation] | None = None) -> Document:
    """Return an entity of the store, with what its devices measured last."""
    times = {"createdAt": write_instant(row.created_at), "modifiedAt": write_instant(row.modified_at)}
    attributes = {CORE.expand(name): _instances(given, times) for name, given in row.attributes.items()}
    if row.types is None:
        for name, value in (("name", row.name), ("district", row.district), ("owner", row.owner)):
            if value:
                attributes.setdefault(CORE.expand(name), [{"type": "Property", "value": value, **times}])
    _place(attributes, row, times)
    for name, one in (latest or {}).items():
        if not one.quality & Quality.written:
            put_measured(attributes, CORE.expand(name), measured(one))
    return Document(
        row.urn,
        list(row.types) if row.types else [CORE.expand(row.type)],
        list(row.scopes),
        attributes,
        times["createdAt"],
        times["modifiedAt"],
        write_instant(row.expires_at) if row.expires_at else None,
    )


def _instances(given: Any, times: Mapping[str, str]) -> list[Instance]:
    if isinstance(given, list) and given and all(_is_instance(one) for one in given):
        return list(given)
    return [given if _is_instance(given) else {"type": "Property", "value": given, **times}]


def _is_instance(given: Any) -> bool:
    return isinstance(given, dict) and is_kind(given.get("type")) and VALUE_MEMBER[given["type"]] in given


def _place(attributes: dict[str, list[Instance]], row: EntityRow, times: Mapping[str, str]) -> None:
    """Show where an entity is now: a vehicle is moved by what it reports."""
    if row.lon is None or row.lat is None:
        return
    there = attributes.get(LOCATION)
    if there is None:
        value = {"type": "Point", "coordinates": [row.lon, row.lat]}
        attributes[LOCATION] = [{"type": "GeoProperty", "value": value, **times}]
    elif _is_point(there[0]) and point_of(there[0]["value"]) != (row.lon, row.lat):
        there[0] = {**there[0], "value": {"type": "Point", "coordinates": [row.lon, row.lat]}}


def _is_point(instance: Instance) -> bool:
    return bool(instance["type"] == "GeoProperty" and instance["value"]["type"] == "Point")


def put_measured(attributes: dict[str, list[Instance]], iri: str, instance: Instance) -> Change | None:
    """Put what a device measured among an entity's attributes; None where what is there was observed later."""
    known = attributes.get(iri, ())
    there = next((one for one in known if "datasetId" not in one), None)
    if instance["value"] is None or (there is not None and _is_before(instance, there)):
        return None
    attributes[iri] = [instance]
    if len(known) > 1 or there is None:
        attributes[iri] += [one for one in known if "datasetId" in one]
    return Change(iri, "created" if there is None else "updated", instance, there)


def _is_before(one: Instance, other: Instance) -> bool:
    at, other_at = one["observedAt"], other.get("observedAt")
    if other_at is None:
        return False
    if len(at) == len(other_at):  # texts of one shape stand in the order of their times; this is done for every value
        return bool(at < other_at)
    return read_instant(at, "observedAt") < read_instant(other_at, "observedAt")


def measured(one: Observation) -> Instance:
    """Return what a device measured as an attribute instance."""
    return reading(one.value, one.unit, one.quality, write_instant(one.time))


def reading(value: Any, unit: str | None, quality: int, at: str) -> Instance:
    """Return a value that was measured at an instant as an attribute instance."""
    instance: Instance = {"type": "Property", "value": value, "observedAt": at, "createdAt": at, "modifiedAt": at}
    if unit:
        instance["unitCode"] = unit
    if quality:
        instance[_QUALITY] = {"type": "Property", "value": quality}
    return instance


def row_of(document: Document) -> dict[str, Any]:
    """Return an entity as the store keeps it."""
    attributes = {CORE.compact(name): many[0] if len(many) == 1 else many for name, many in document.attributes.items()}
    place = next((point_of(one.get("value")) for one in document.attributes.get(LOCATION, [])), None)
    return {
        "urn": document.id,
        "type": CORE.compact(document.types[0]),
        "types": document.types,
        "name": _name(document),
        "lon": place[0] if place else None,
        "lat": place[1] if place else None,
        "scopes": document.scopes,
        "attributes": attributes,
        "expires_at": document.expires_at,
        "created_at": document.created_at,
        "modified_at": document.modified_at,
    }


def _name(document: Document) -> str:
    for name, instances in document.attributes.items():
        value = instances[0].get("value")
        if (name == _NAME or name.rsplit("#", 1)[-1].rsplit("/", 1)[-1] == "name") and isinstance(value, str):
            return value
    return document.id.rsplit(":", 1)[-1]
