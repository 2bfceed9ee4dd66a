"""From what a request says to documents: names expanded, the concise form made normalised, what does not fit refused.

Source: ETSI GS CIM 009 V1.8.1, clauses 4.5.1 to 4.5.18 and 5.5.4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import (
    NULL,
    SAID,
    SCOPE,
    VALUE_MEMBER,
    Document,
    Instance,
    dataset_of,
    is_kind,
    is_null,
    is_uri,
    scope_instance,
    value_of,
)
from bihuan.sense.ngsi_ld.geometry import is_geometry
from bihuan.sense.ngsi_ld.instants import read_instant, write_instant
from bihuan.sense.ngsi_ld.problems import bad

_OF_ENTITY = frozenset(
    {"id", "@id", "type", "@type", "scope", "@context", "createdAt", "modifiedAt", "deletedAt", "expiresAt"}
)
_RESERVED = SAID - {"entity", "entityList", "json", "vocab", "lang", "value", "object"}
_SCOPE = re.compile(r"/?[^\W\d_]\w*(/[^\W\d_]\w*)*")
_SEALED = ("entityIdSealed", "entityTypeSealed")
_PREVIOUS = tuple(sorted(one for one in SAID if one.startswith("previous")))
_GEO_ONLY = ("location", "observationSpace", "operationSpace")
_OUTPUT_ONLY = ("type", "createdAt", "modifiedAt", "deletedAt")
_FORBIDDEN = set("<>\"'=;()")
_FOREIGN = {
    kind: frozenset({*VALUE_MEMBER.values()} - {member} | {*_PREVIOUS, *_SEALED})
    | (frozenset() if kind in ("Property", "ListProperty") else {"unitCode"})
    for kind, member in VALUE_MEMBER.items()
}
"""Members that an attribute of a type cannot have."""
_MEMBER_TYPE = {member: kind for kind, member in VALUE_MEMBER.items() if kind != "GeoProperty"}


def read_entity(
    payload: Any, context: Context, *, at: datetime, null: bool = False, temporal: bool = False
) -> Document:
    """Return the entity that a request gives.

    Args:
        payload: decoded JSON.
        context: of the request.
        at: when it came, by the platform's clock.
        null: whether NGSI-LD Null may stand for a removal.
        temporal: whether an attribute may have many instances of one datasetId.

    Raises:
        Problem: BadRequestData; the detail names the member.
    """
    fragment = read_fragment(payload, context, at=at, null=null, temporal=temporal)
    if not fragment.id:
        raise bad("id: is missing; an entity has a URI as its id")
    if not fragment.types:
        raise bad("type: is missing; an entity has at least one type")
    return fragment


def read_fragment(
    payload: Any, context: Context, *, at: datetime, null: bool = False, temporal: bool = False
) -> Document:
    """Return a part of an entity; id and type may be missing.

    Raises:
        Problem: BadRequestData; the detail names the member.
    """
    if not isinstance(payload, dict):
        raise bad("an entity as a JSON object was expected")
    document = Document("", created_at=write_instant(at), modified_at=write_instant(at))
    given_id = payload.get("id", payload.get("@id"))
    if given_id is not None:
        document.id = _read_id(given_id)
    given_type = payload.get("type", payload.get("@type"))
    if given_type is not None:
        document.types = read_types(given_type, context)
    if temporal and "scope" in payload:
        document.attributes[SCOPE] = _read_scope_history(payload["scope"], at)
        document.scopes = read_scopes(document.attributes[SCOPE][-1]["value"])
    else:
        document.scopes = read_scopes(payload.get("scope"))
    if "expiresAt" in payload and null and payload["expiresAt"] == NULL:
        document.expires_at = NULL
    elif "expiresAt" in payload:
        document.expires_at = write_instant(read_instant(payload["expiresAt"], "expiresAt"))
    for name, given in payload.items():
        if name not in _OF_ENTITY:
            read = read_attribute(name, given, context, at=at, null=null, temporal=temporal)
            document.attributes.setdefault(context.expand(name), []).extend(read)
    return document


def _read_id(given: Any) -> str:
    if not is_uri(given):
        raise bad(f"id: a URI such as urn:ngsi-ld:AirStation:01 was expected, not {given!r}")
    return str(given)


def read_types(given: Any, context: Context) -> list[str]:
    """Return the IRIs of one type or several.

    Raises:
        Problem: BadRequestData.
    """
    names = given if isinstance(given, list) else [given]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise bad("type: a name, or an array of names was expected")
    for name in names:
        if name[0].isdigit() or context.expand(name)[0] == "@":
            raise bad(f"type: '{name}' cannot be the name of a type (clause 4.6.2)")
    return list(dict.fromkeys(context.expand(name) for name in names))


def read_scopes(given: Any) -> list[str]:
    """Return scopes.

    Raises:
        Problem: BadRequestData.
    """
    if given is None:
        return []
    if isinstance(given, dict) and given.get("type") == "Property":
        given = given.get("value")
    scopes = given if isinstance(given, list) else [given]
    if not all(isinstance(scope, str) and _SCOPE.fullmatch(scope) for scope in scopes):
        raise bad("scope: a path such as /Yangquan/Chengqu, or an array of paths was expected")
    return list(dict.fromkeys(scope if scope[0] == "/" else f"/{scope}" for scope in scopes))


def _read_scope_history(given: Any, at: datetime) -> list[Instance]:
    """Return the scopes that an entity had, the last set last (clause 4.5.6); plain ones are those it has now.

    Raises:
        Problem: BadRequestData.
    """
    many = given if isinstance(given, list) else [given]
    if not many or not all(isinstance(one, dict) and one.get("type") == "Property" for one in many):
        return [scope_instance(read_scopes(given), write_instant(at))]
    found = []
    for one in many:
        scopes = read_scopes(one.get("value"))
        moment = one.get("observedAt", one.get("deletedAt", write_instant(at)))
        read_instant(moment, "scope.observedAt")
        found.append(scope_instance(scopes, moment))
    return sorted(found, key=lambda one: read_instant(one.get("observedAt") or one["deletedAt"], "scope"))


def check_name(name: str) -> None:
    """Refuse what cannot be the name of an attribute.

    Raises:
        Problem: BadRequestData.
    """
    if (
        not name
        or _FORBIDDEN & set(name)
        or " " in name
        or name[0] == "@"
        or name in _RESERVED
        or not unquote(name).strip(".")
    ):
        raise bad(f"'{name}' cannot be the name of an attribute (clause 4.6.2)")


def read_attribute(
    name: str, given: Any, context: Context, *, at: datetime, null: bool = False, temporal: bool = False
) -> list[Instance]:
    """Return the instances of an attribute.

    Raises:
        Problem: BadRequestData.
    """
    check_name(name)
    many = isinstance(given, list) and (temporal or (bool(given) and all(_is_instance(one, name) for one in given)))
    instances = [read_instance(name, one, context, at=at, null=null) for one in (given if many else [given])]
    if not temporal:
        datasets = [dataset_of(one) for one in instances]
        if len(set(datasets)) < len(datasets):
            raise bad(f"{name}: two instances have the same datasetId, or both have none")
    return instances


def _is_instance(given: Any, name: str) -> bool:
    return isinstance(given, dict) and (is_kind(given.get("type")) or bool(_MEMBER_TYPE.keys() & given.keys()))


def read_instance(name: str, given: Any, context: Context, *, at: datetime, null: bool = False) -> Instance:
    """Return one instance, normalised.

    Raises:
        Problem: BadRequestData.
    """
    instance = _normalised(name, given)
    kind = instance["type"]
    _check_members(name, kind, instance)
    read: Instance = {"type": kind}
    for member, value in instance.items():
        if member in _OUTPUT_ONLY or (
            member in ("entity", "entityList") and kind in ("Relationship", "ListRelationship")
        ):
            continue
        read.update(_read_member(name, kind, member, value, context, at, null))
    _check_value(name, kind, read, null)
    read["createdAt"] = read["modifiedAt"] = write_instant(at)
    return read


def _check_members(name: str, kind: str, instance: Mapping[str, Any]) -> None:
    """Refuse members that an attribute of this type cannot have (clauses 4.5.2 to 4.5.24)."""
    if "@context" in instance:
        raise bad(f"{name}: an @context has no place inside an attribute")
    found = _FOREIGN[kind] & instance.keys()
    if found and name == "ngsildproof":
        found -= set(_SEALED)
    if found:
        raise bad(f"{name}: a {kind} has no '{min(found)}'")
    if name in _GEO_ONLY and kind != "GeoProperty":
        raise bad(f"{name}: is a GeoProperty, not a {kind}")
    if name == "ngsildproof":
        _check_proof(instance)
    if kind == "LanguageProperty" and instance.get("valueType", "langString") != "langString":
        raise bad(f"{name}.valueType: a LanguageProperty has 'langString'")


def _check_proof(instance: Mapping[str, Any]) -> None:
    sealed = [instance[one] for one in _SEALED if one in instance]
    if not isinstance(instance.get("value"), dict) or not all(isinstance(one, str) for one in sealed):
        raise bad("ngsildproof: an object as value, and texts as sealed members were expected (clause 4.5.2.2)")


def read_part(name: str, given: Any, kind: str | None, context: Context, *, at: datetime) -> Instance:
    """Return the part of an attribute that a partial update gives; its value may be missing.

    Raises:
        Problem: BadRequestData.
    """
    if not isinstance(given, dict):
        raise bad(f"{name}: a JSON object was expected")
    said = given.get("type", kind) or next((k for m, k in _MEMBER_TYPE.items() if m in given), "Property")
    read: Instance = {"type": said} if "type" in given else {}
    for member, value in given.items():
        if member not in ("type", "createdAt", "modifiedAt", "deletedAt", "@context"):
            read.update(_read_member(name, said, member, value, context, at, null=True))
    _refuse_null_inside(name, {**read, "type": said})
    return read


def refuse_nulls_inside(fragment: Document) -> None:
    """Refuse NGSI-LD Null inside a value: only a merge reaches inside one (clause 5.5.4).

    Raises:
        Problem: BadRequestData.
    """
    for name, instances in fragment.attributes.items():
        for one in instances:
            _refuse_null_inside(name, one)


def _refuse_null_inside(name: str, instance: Mapping[str, Any]) -> None:
    if is_kind(instance["type"]) and not is_null(instance) and _has_null(value_of(instance)):
        raise bad(f"{name}: NGSI-LD Null inside a value has a meaning only in a merge")


def _normalised(name: str, given: Any) -> dict[str, Any]:
    """Return an attribute of the concise form in the normalised one (clause 4.5.1)."""
    if given is None:
        raise bad(f"{name}: null is no value; NGSI-LD has '{NULL}' for a removal")
    if not isinstance(given, dict):
        return {"type": "Property", "value": given}
    kind = given.get("type")
    if is_kind(kind):
        return given
    if is_geometry(given):
        return {"type": "GeoProperty", "value": given}
    found = next((member for member in _MEMBER_TYPE if member in given), None)
    if found is None:
        if isinstance(kind, str):
            known = ", ".join(VALUE_MEMBER)
            raise bad(f"{name}: type '{kind}' is no type of an attribute; there are {known}")
        if not given:
            raise bad(f"{name}: is empty; an attribute has a value")
        return {"type": "Property", "value": given}
    if kind is not None:
        raise bad(f"{name}: type {kind!r} is no type of an attribute")
    of_value = "GeoProperty" if found == "value" and is_geometry(given["value"]) else _MEMBER_TYPE[found]
    return {**given, "type": of_value}


def _read_member(
    name: str, kind: str, member: str, value: Any, context: Context, at: datetime, null: bool
) -> dict[str, Any]:
    if member == "observedAt":
        if not (null and value == NULL):
            read_instant(value, f"{name}.observedAt")
        return {member: value}
    if member == "unitCode":
        if not isinstance(value, str):
            raise bad(f"{name}.unitCode: a text was expected (UN/CEFACT common codes)")
        return {member: value}
    if member in ("datasetId", "instanceId"):
        if member == "datasetId" and value == "@none":
            return {}
        if not is_uri(value):
            raise bad(f"{name}.{member}: a URI was expected, not {value!r}")
        return {member: value}
    if member == "value" and kind == "GeoProperty" and isinstance(value, str):
        return {member: _decoded(value)}
    if member == "objectList" and isinstance(value, list):
        return {member: [{"object": one} if isinstance(one, str) and one != NULL else one for one in value]}
    if member in _SEALED:
        return {member: value}
    if member == "vocab":
        return {member: _expanded_vocab(value, context)}
    if member == "objectType":
        names = value if isinstance(value, list) else [value]
        expanded = [context.expand(one) for one in names]
        return {member: expanded if isinstance(value, list) else expanded[0]}
    if member in SAID:
        return {member: value}
    check_name(member)
    read = read_attribute(member, value, context, at=at, null=null)
    return {context.expand(member): read[0] if len(read) == 1 else read}


def _decoded(text: str) -> Any:
    """Return a geometry that was given as text (clause 4.7.1); anything else as it is."""
    try:
        return json.loads(text) if text.lstrip().startswith("{") else text
    except ValueError:
        return text


def _expanded_vocab(value: Any, context: Context) -> Any:
    if isinstance(value, list):
        return [context.expand(one) if isinstance(one, str) and one != NULL else one for one in value]
    return context.expand(value) if isinstance(value, str) and value != NULL else value


def _check_value(name: str, kind: str, read: Mapping[str, Any], null: bool) -> None:
    member = VALUE_MEMBER[kind]
    if read.get(member) is None:
        raise bad(f"{name}: a {kind} has its value in '{member}', which is missing or null")
    if is_null(read):
        if not null:
            raise bad(f"{name}: NGSI-LD Null has a meaning only where something can be removed")
        return
    if not null and _has_null(read[member]):
        raise bad(f"{name}: NGSI-LD Null has a meaning only where something can be removed")
    if kind in _CHECKS:
        _CHECKS[kind](name, read[member])


def _has_null(value: Any) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value == NULL or any(_has_null(one) for one in inside)


def _check_geometry(name: str, value: Any) -> None:
    if not is_geometry(value):
        raise bad(f"{name}: a GeoJSON geometry with its coordinates was expected (RFC 7946)")


def _check_object(name: str, value: Any) -> None:
    objects = value if isinstance(value, list) else [value]
    if not objects or not all(is_uri(one) for one in objects):
        raise bad(f"{name}.object: a URI, or an array of URIs was expected")


def _check_language_map(name: str, value: Any) -> None:
    texts = value.values() if isinstance(value, dict) and "" not in value else [None]
    if not all(
        isinstance(text, str) or (isinstance(text, list) and all(isinstance(t, str) for t in text)) for text in texts
    ):
        raise bad(f"{name}.languageMap: an object of texts by language tag was expected (BCP 47)")


def _check_json(name: str, value: Any) -> None:
    if not isinstance(value, dict) and not (isinstance(value, list) and all(isinstance(one, dict) for one in value)):
        raise bad(f"{name}.json: a JSON object, or an array of objects was expected")


def _check_objects(name: str, value: Any) -> None:
    fine = isinstance(value, list) and all(isinstance(one, dict) and is_uri(one.get("object")) for one in value)
    if not fine:
        raise bad(f"{name}.objectList: an array of URIs was expected")


def _check_vocab(name: str, value: Any) -> None:
    words = value if isinstance(value, list) else [value]
    if not words or not all(isinstance(word, str) for word in words):
        raise bad(f"{name}.vocab: a text, or an array of texts was expected")


def _check_list(name: str, value: Any) -> None:
    if not isinstance(value, list):
        raise bad(f"{name}: an array was expected")


_CHECKS = {
    "GeoProperty": _check_geometry,
    "Relationship": _check_object,
    "LanguageProperty": _check_language_map,
    "VocabProperty": _check_vocab,
    "ListProperty": _check_list,
    "ListRelationship": _check_objects,
    "JsonProperty": _check_json,
}
