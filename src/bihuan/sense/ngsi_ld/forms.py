"""How entities are shown: normalised, concise, simplified, GeoJSON; picked, filtered by language and datasetId.

Source: ETSI GS CIM 009 V1.8.1, clauses 4.5.1 (concise), 4.5.4 (simplified), 4.5.16 (GeoJSON), 4.15 (language filter),
4.21 (pick and omit).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import (
    SAID,
    SYSTEM,
    VALUE_MEMBER,
    Document,
    Instance,
)
from bihuan.sense.ngsi_ld.geometry import is_geometry
from bihuan.sense.ngsi_ld.projection import Projection

Shape = Literal["normalized", "concise", "simplified"]
LOCATION = "https://uri.etsi.org/ngsi-ld/location"


@dataclass(frozen=True)
class Form:
    """What an answer looks like."""

    shape: Shape = "normalized"
    system: bool = False
    """With the times of the system."""
    attributes: tuple[str, ...] = ()
    """IRIs of those shown; empty for all."""
    pick: Projection = field(default_factory=dict)
    """Members that are shown; empty for all."""
    omit: Projection = field(default_factory=dict)
    lang: str | None = None
    datasets: tuple[str, ...] = ()
    """Instances shown, `@none` for the default one; empty for all."""
    geometry: str = LOCATION
    """IRI of the attribute that is a feature's geometry."""

    def shows(self, name: str) -> bool:
        """Return whether a member of an entity is shown: an IRI, or `id`, `type`, `scope`."""
        return (not self.pick or name in self.pick) and (name not in self.omit or bool(self.omit[name]))

    def shows_attribute(self, iri: str) -> bool:
        """Return whether an attribute is shown."""
        return (not self.attributes or iri in self.attributes) and self.shows(iri)

    def below(self, relationship: str) -> Form:
        """Return the form of the entities that a relationship links to (clause 4.21)."""
        return replace(self, attributes=(), pick=self.pick.get(relationship, {}), omit=self.omit.get(relationship, {}))


def written(document: Document, form: Form, context: Context) -> dict[str, Any]:
    """Return an entity in JSON, without its @context."""
    types = [context.compact(one) for one in document.types]
    shown: dict[str, Any] = {"id": document.id, "type": types[0] if len(types) == 1 else types}
    if document.scopes:
        shown["scope"] = document.scopes[0] if len(document.scopes) == 1 else document.scopes
    if form.system:
        if document.expires_at:
            shown["expiresAt"] = document.expires_at
        shown |= {"createdAt": document.created_at, "modifiedAt": document.modified_at}
        if document.deleted_at:
            shown["deletedAt"] = document.deleted_at
    shown = {name: value for name, value in shown.items() if form.shows(name)}
    for iri, instances in document.attributes.items():
        if form.shows_attribute(iri):
            kept = [one for one in instances if _is_dataset(one, form)]
            if kept:
                shown[context.compact(iri)] = _attribute(kept, form, context)
    return shown


def _is_dataset(one: Instance, form: Form) -> bool:
    return not form.datasets or one.get("datasetId", "@none") in form.datasets


def _attribute(instances: list[Instance], form: Form, context: Context) -> Any:
    if form.shape == "simplified":
        return _simplified_many(instances, form, context)
    shown = [shown_instance(one, form, context) for one in instances]
    return shown[0] if len(shown) == 1 else shown


def _simplified_many(instances: list[Instance], form: Form, context: Context) -> Any:
    if len(instances) == 1 and (not instances[0].get("datasetId") or form.datasets):
        return simplified(instances[0], form, context)
    return {"dataset": {one.get("datasetId", "@none"): simplified(one, form, context) for one in instances}}


def simplified(instance: Instance, form: Form, context: Context) -> Any:
    """Return the value alone; in place of what is linked to, the entities themselves where they are retrieved, too."""
    if "entity" in instance or "entityList" in instance:
        return instance.get("entity", instance.get("entityList"))
    shown = shown_value(instance, form, context)
    kind = instance["type"] if shown["type"] == instance["type"] else shown["type"]
    value = shown[VALUE_MEMBER[kind]]
    if kind in ("LanguageProperty", "VocabProperty", "JsonProperty"):
        return {VALUE_MEMBER[kind]: value}
    if kind == "ListRelationship":
        return [one["object"] if isinstance(one, dict) else one for one in value]
    return value


def shown_value(instance: Instance, form: Form, context: Context) -> dict[str, Any]:
    """Return type and value, by the language asked for, vocabulary compacted."""
    kind = instance["type"]
    value = instance.get(VALUE_MEMBER[kind])
    if kind == "LanguageProperty" and form.lang and isinstance(value, dict):
        tag, text = in_language(value, form.lang)
        return {"type": "Property", "value": text} | ({"lang": tag} if tag != "@none" else {})
    if kind == "VocabProperty":
        return {"type": kind, "vocab": _compacted(value, context)}
    return {"type": kind, VALUE_MEMBER[kind]: value}


def _compacted(value: Any, context: Context) -> Any:
    if isinstance(value, list):
        return [_compacted(one, context) for one in value]
    return context.compact(value) if isinstance(value, str) else value


def in_language(texts: Mapping[str, Any], asked: str) -> tuple[str, Any]:
    """Return the best tag and its text for a list of languages as of Accept-Language (RFC 4647, lookup)."""
    for tag in _preferred(asked):
        if tag == "*":
            break
        for given in (tag, tag.split("-")[0]):
            found = next((one for one in texts if one.lower() == given.lower()), None)
            found = found or next((one for one in texts if one.lower().startswith(given.lower() + "-")), None)
            if found is not None:
                return found, texts[found]
    if "@none" in texts:
        return "@none", texts["@none"]
    tag = "en" if "en" in texts else next(iter(texts))
    return tag, texts[tag]


def _preferred(asked: str) -> list[str]:
    weighted = []
    for at, part in enumerate(asked.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), at, tag))
        except ValueError:
            weighted.append((0.0, at, tag))
    return [tag for _, _, tag in sorted(weighted)]


def shown_instance(instance: Instance, form: Form, context: Context) -> Any:
    """Return one instance, normalised or concise."""
    shown = shown_value(instance, form, context)
    for name, value in instance.items():
        if name in shown or name in VALUE_MEMBER.values() or name == "type":
            continue
        if name in SYSTEM and name != "deletedAt" and not form.system:
            continue
        shown |= _shown_member(name, value, form, context)
    return _concise(shown) if form.shape == "concise" else shown


def _shown_member(name: str, value: Any, form: Form, context: Context) -> dict[str, Any]:
    if name in ("objectType", "previousVocab"):
        return {name: _compacted(value, context)}
    if name in SAID:
        return {name: value}
    below = value if isinstance(value, list) else [value]
    shown = [shown_instance(one, form, context) for one in below]
    return {context.compact(name): shown if isinstance(value, list) else shown[0]}


def _concise(shown: dict[str, Any]) -> Any:
    kind = shown["type"]
    rest = {name: value for name, value in shown.items() if name != "type"}
    if kind == "GeoProperty" and set(rest) == {"value"}:
        return rest["value"]
    if kind == "Property" and set(rest) == {"value"} and not _is_ambiguous(rest["value"]):
        return rest["value"]
    if kind in ("ListProperty", "ListRelationship", "JsonProperty", "VocabProperty", "LanguageProperty"):
        return rest
    return rest


def _is_ambiguous(value: Any) -> bool:
    return isinstance(value, dict | list) and (is_geometry(value) or (isinstance(value, dict) and "type" in value))


def feature(document: Document, form: Form, context: Context) -> dict[str, Any]:
    """Return an entity as a GeoJSON Feature."""
    shown = written(document, form, context)
    shown.pop("id", None)
    return {
        "id": document.id,
        "type": "Feature",
        "geometry": _geometry(document, form),
        "properties": shown,
    }


def _geometry(document: Document, form: Form) -> Any:
    if not form.shows_attribute(form.geometry):
        return None
    instances = [one for one in document.attributes.get(form.geometry, []) if one["type"] == "GeoProperty"]
    wanted = form.datasets[0] if form.datasets and form.datasets != ("@none",) else None
    found = next((one for one in instances if one.get("datasetId") == wanted), None)
    return found["value"] if found else None
