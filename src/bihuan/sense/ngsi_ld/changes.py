"""What becomes of an entity: append, update, partial update, replace, merge and delete of attributes.

A change gives back what was done, by attribute; the caller stores it, adds it to the history and tells subscribers.

Source: ETSI GS CIM 009 V1.8.1, clauses 5.6.1 to 5.6.20 and 5.5.8, 5.5.12 (merge and NGSI-LD Null).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from bihuan.sense.ngsi_ld.documents import (
    NULL,
    VALUE_MEMBER,
    Document,
    Instance,
    dataset_of,
    is_kind,
    is_null,
)
from bihuan.sense.ngsi_ld.problems import bad, missing

Kind = Literal["created", "updated", "deleted"]


@dataclass
class Change:
    """What was done to one instance."""

    attribute: str
    """IRI."""
    kind: Kind
    after: Instance | None
    before: Instance | None = None


@dataclass
class Outcome:
    """What a request did to an entity."""

    changes: list[Change] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    """IRIs of attributes done."""
    refused: dict[str, str] = field(default_factory=dict)
    """IRIs of those not done, and why."""


def append(document: Document, fragment: Document, *, overwrite: bool = True) -> Outcome:
    """Add instances to an entity; those there are replaced, or kept where `overwrite` is false (clause 5.6.3)."""
    outcome = Outcome()
    _add_types_and_scopes(document, fragment, replace_scopes=overwrite)
    for name, instances in fragment.attributes.items():
        for one in instances:
            _append_one(document, name, one, overwrite, outcome)
    return _touched(document, fragment, outcome)


def _append_one(document: Document, name: str, one: Instance, overwrite: bool, outcome: Outcome) -> None:
    if is_null(one):
        _remove_null(document, name, one, outcome)
    elif not overwrite and _at(document, name, dataset_of(one)) is not None:
        outcome.refused[name] = "the attribute is there, and options=noOverwrite was asked for"
    else:
        _put(document, name, one, outcome)
        _note(outcome.updated, name)


def update(document: Document, fragment: Document) -> Outcome:
    """Replace instances that are there and add the others (clause 5.6.2); NGSI-LD Null removes."""
    outcome = Outcome()
    _add_types_and_scopes(document, fragment, replace_scopes=True)
    for name, instances in fragment.attributes.items():
        for one in instances:
            if is_null(one) and _at(document, name, dataset_of(one)) is not None:
                _remove_null(document, name, one, outcome)
            elif is_null(one):
                outcome.refused[name] = "the entity has no such attribute"
            else:
                _put(document, name, one, outcome)
                _note(outcome.updated, name)
    return _touched(document, fragment, outcome)


def merge(document: Document, fragment: Document) -> Outcome:
    """Merge a fragment into an entity, down to the members of an attribute (clause 5.5.12)."""
    outcome = Outcome()
    _add_types_and_scopes(document, fragment, replace_scopes=True)
    for name, instances in fragment.attributes.items():
        for one in instances:
            there = _at(document, name, dataset_of(one))
            if is_null(one):
                _remove_null(document, name, one, outcome)
                continue
            _put(document, name, one if there is None else merged(there, one), outcome)
            _note(outcome.updated, name)
    return _touched(document, fragment, outcome)


def merged(there: Instance, fragment: Instance) -> Instance:
    """Return an instance with a fragment merged in; NGSI-LD Null removes a member."""
    if fragment.get("type", there["type"]) != there["type"]:
        kept = {name: value for name, value in there.items() if name not in set(VALUE_MEMBER.values()) | {"unitCode"}}
        there = {**kept, "type": fragment["type"]}
    result = dict(there)
    for name, value in fragment.items():
        if value == NULL:
            result.pop(name, None)
        elif (name in ("languageMap", "json") and isinstance(value, dict)) or (
            name == "value" and isinstance(value, dict) and there["type"] == "Property"
        ):
            result[name] = _merged_object(there.get(name), value)
        elif isinstance(value, dict) and is_kind(value.get("type")):
            _merge_sub(result, name, value)
        elif name != "createdAt":
            result[name] = value
    return result


def _merge_sub(result: Instance, name: str, value: Instance) -> None:
    if is_null(value):
        result.pop(name, None)
    elif isinstance(result.get(name), dict):
        result[name] = merged(result[name], value)
    else:
        result[name] = value


def _merged_object(there: Any, patch: dict[str, Any]) -> dict[str, Any]:
    """Return an object with a merge patch applied (RFC 7396), NGSI-LD Null for its null."""
    result = dict(there) if isinstance(there, dict) else {}
    for name, value in patch.items():
        if value == NULL or value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            result[name] = _merged_object(result.get(name), value)
        else:
            result[name] = value
    return result


def partial_update(document: Document, name: str, part: Instance, *, at: str) -> Outcome:
    """Set the given members of one instance (clause 5.6.4).

    Raises:
        Problem: ResourceNotFound where there is no such instance; BadRequestData where the type would change.
    """
    there = _required(document, name, dataset_of(part))
    if part.get("type", there["type"]) != there["type"]:
        raise bad(f"the attribute is a {there['type']}; its type cannot be changed to {part['type']}")
    outcome = Outcome(updated=[name])
    if VALUE_MEMBER[there["type"]] in part and is_null({**part, "type": there["type"]}):
        _drop(document, name, there, outcome)
    else:
        members = {member: value for member, value in part.items() if value != NULL}
        removed = {member for member, value in part.items() if value == NULL or _is_null_sub(value)}
        after = {member: value for member, value in {**there, **members}.items() if member not in removed}
        _put(document, name, {**after, "modifiedAt": at}, outcome)
    document.modified_at = at
    return outcome


def _is_null_sub(value: Any) -> bool:
    return isinstance(value, dict) and is_kind(value.get("type")) and is_null(value)


def replace_attribute(document: Document, name: str, instance: Instance, *, at: str) -> Outcome:
    """Replace one instance (clause 5.6.19).

    Raises:
        Problem: ResourceNotFound.
    """
    _required(document, name, dataset_of(instance))
    outcome = Outcome(updated=[name])
    _put(document, name, instance, outcome)
    document.modified_at = at
    return outcome


def delete_attribute(document: Document, name: str, dataset: str | None, *, every: bool, at: str) -> Outcome:
    """Remove an instance, or with `every` all of an attribute (clause 5.6.5).

    Raises:
        Problem: ResourceNotFound.
    """
    outcome = Outcome(updated=[name])
    if every and name not in document.attributes:
        raise missing("the entity has no such attribute")
    doomed = list(document.attributes[name]) if every else [_required(document, name, dataset)]
    for one in doomed:
        _drop(document, name, one, outcome)
    document.modified_at = at
    return outcome


def replace_entity(document: Document, given: Document) -> Outcome:
    """Put a whole entity in the place of the one there (clause 5.6.18); its creation stays."""
    outcome = Outcome()
    for name, instances in list(document.attributes.items()):
        kept = {dataset_of(one) for one in given.attributes.get(name, [])}
        for one in list(instances):
            if dataset_of(one) not in kept:
                _drop(document, name, one, outcome)
    for name, instances in given.attributes.items():
        for one in instances:
            _put(document, name, one, outcome)
            _note(outcome.updated, name)
    document.attributes = {name: document.attributes[name] for name in given.attributes}
    document.types, document.scopes, document.expires_at = given.types, given.scopes, given.expires_at
    return _touched(document, given, outcome)


def created(document: Document) -> Outcome:
    """Return what the making of an entity did."""
    changes = [Change(name, "created", one) for name, many in document.attributes.items() for one in many]
    return Outcome(changes, list(document.attributes))


def deleted(document: Document, at: str) -> Outcome:
    """Return what the deletion of an entity did; the document is left with its attributes as they were."""
    changes = [
        Change(name, "deleted", nulled(one, at), one) for name, many in document.attributes.items() for one in many
    ]
    return Outcome(changes, list(document.attributes))


def nulled(instance: Instance, at: str) -> Instance:
    """Return what the history keeps of a deletion: NGSI-LD Null, and when."""
    kind = instance["type"]
    null: Any = {"@none": NULL} if kind == "LanguageProperty" else [NULL] if kind.startswith("List") else NULL
    kept: Instance = {name: instance[name] for name in ("type", "datasetId", "createdAt") if name in instance}
    return {**kept, VALUE_MEMBER[kind]: null, "modifiedAt": at, "deletedAt": at}


def _add_types_and_scopes(document: Document, fragment: Document, *, replace_scopes: bool) -> None:
    document.types.extend(one for one in fragment.types if one not in document.types)
    if fragment.scopes:
        document.scopes = list(dict.fromkeys([*([] if replace_scopes else document.scopes), *fragment.scopes]))
    document.expires_at = None if fragment.expires_at == NULL else fragment.expires_at or document.expires_at


def _touched(document: Document, fragment: Document, outcome: Outcome) -> Outcome:
    document.modified_at = fragment.modified_at or document.modified_at
    return outcome


def _note(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)


def _at(document: Document, name: str, dataset: str | None) -> Instance | None:
    return next((one for one in document.attributes.get(name, []) if dataset_of(one) == dataset), None)


def _required(document: Document, name: str, dataset: str | None) -> Instance:
    there = _at(document, name, dataset)
    if there is None:
        which = f" with datasetId {dataset}" if dataset else ""
        raise missing(f"the entity has no such attribute{which}")
    return there


def _put(document: Document, name: str, one: Instance, outcome: Outcome) -> None:
    instances = document.attributes.setdefault(name, [])
    for at, there in enumerate(instances):
        if dataset_of(there) == dataset_of(one):
            instances[at] = {**one, "createdAt": there.get("createdAt", one.get("createdAt"))}
            outcome.changes.append(Change(name, "updated", instances[at], there))
            return
    instances.append(one)
    outcome.changes.append(Change(name, "created", one))


def _drop(document: Document, name: str, one: Instance, outcome: Outcome) -> None:
    instances = document.attributes[name]
    instances.remove(one)
    if not instances:
        del document.attributes[name]
    outcome.changes.append(Change(name, "deleted", None, one))


def _remove_null(document: Document, name: str, one: Instance, outcome: Outcome) -> None:
    there = _at(document, name, dataset_of(one))
    if there is None:
        outcome.refused[name] = "the entity has no such attribute"
        return
    _drop(document, name, there, outcome)
    _note(outcome.updated, name)
