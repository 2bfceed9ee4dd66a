"""An entity as it is kept: names expanded, normalised, with the times of the system beside each attribute."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Instance = dict[str, Any]
"""One attribute instance: `type`, its value member, what is said about it, and under full IRIs its sub-attributes."""

VALUE_MEMBER: Mapping[str, str] = {
    "Property": "value",
    "GeoProperty": "value",
    "Relationship": "object",
    "LanguageProperty": "languageMap",
    "VocabProperty": "vocab",
    "JsonProperty": "json",
    "ListProperty": "valueList",
    "ListRelationship": "objectList",
}
"""Where each type of attribute has its value (clause 4.5)."""
PLURAL_MEMBER: Mapping[str, str] = {
    "Property": "values",
    "GeoProperty": "values",
    "Relationship": "objects",
    "LanguageProperty": "languageMaps",
    "VocabProperty": "vocabs",
    "JsonProperty": "jsons",
    "ListProperty": "valueLists",
    "ListRelationship": "objectLists",
}
"""Where the simplified temporal form has its values."""
SYSTEM = frozenset({"createdAt", "modifiedAt", "deletedAt", "expiresAt"})
SAID = frozenset(
    {"type", "observedAt", "unitCode", "datasetId", "instanceId", "lang", "objectType", "entity", "entityList",
     "valueType", "entityIdSealed", "entityTypeSealed", "previousValue", "previousObject", "previousLanguageMap", "previousVocab", "previousJson",
     "previousValueList", "previousObjectList"} | SYSTEM | set(VALUE_MEMBER.values())
)  # fmt: skip
"""Members of an attribute that are no sub-attributes."""
NULL = "urn:ngsi-ld:null"
"""Says that something is to be removed, or was (clause 4.5.0)."""
SCOPE = "https://uri.etsi.org/ngsi-ld/scope"
"""Under which a history has the scopes of an entity (clause 4.5.6)."""
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters that show nothing, by which two identifiers could look the same."""
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


@dataclass
class Document:
    """An entity."""

    id: str
    types: list[str] = field(default_factory=list)
    """IRIs."""
    scopes: list[str] = field(default_factory=list)
    attributes: dict[str, list[Instance]] = field(default_factory=dict)
    """Instances by the attribute's IRI; at most one a datasetId."""
    created_at: str | None = None
    modified_at: str | None = None
    expires_at: str | None = None
    deleted_at: str | None = None


def is_kind(given: object) -> bool:
    """Return whether something names a type of attribute; what clients send as `type` may be anything."""
    return isinstance(given, str) and given in VALUE_MEMBER


def is_uri(text: object) -> bool:
    """Return whether a text can be an identifier."""
    return (
        isinstance(text, str)
        and text != NULL
        and _URI.fullmatch(text) is not None
        and (text.isascii() or all(one.isascii() or (one.isalnum() and one not in _INVISIBLE) for one in text))
    )


def value_of(instance: Mapping[str, Any]) -> Any:
    """Return the value of an attribute instance, whatever its type."""
    return instance.get(VALUE_MEMBER[instance["type"]])


def dataset_of(instance: Mapping[str, Any]) -> str | None:
    """Return the datasetId of an instance; None for the default one."""
    return instance.get("datasetId")


def is_null(instance: Mapping[str, Any]) -> bool:
    """Return whether an instance asks for its removal."""
    value = value_of(instance)
    return (
        value == NULL
        or (isinstance(value, dict) and value.get("@none") == NULL and len(value) == 1)
        or (isinstance(value, list) and value == [NULL])
    )


def sub_attributes(instance: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sub-attributes of an instance by IRI."""
    return {name: value for name, value in instance.items() if name not in SAID}


def scope_instance(scopes: list[str], at: str) -> Instance:
    """Return what a history keeps of scopes that were set, or taken away, at a moment (clauses 4.5.6, 4.5.7)."""
    value: Any = scopes[0] if len(scopes) == 1 else scopes
    return {"type": "Property", "value": value, **({"observedAt": at} if scopes else {"deletedAt": at})}
