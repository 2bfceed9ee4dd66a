"""Linked entity retrieval: what relationships point at comes with the entities, inside them or after them (clause 4.5.23)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bihuan.sense.ngsi_ld.documents import Document, Instance
from bihuan.sense.ngsi_ld.forms import Form
from bihuan.sense.ngsi_ld.problems import Problem, bad
from bihuan.sense.ngsi_ld.projection import depth

How = Literal["inline", "flat"]
Fetch = Callable[[Sequence[str]], Sequence[Document]]
"""Gives the entities of some ids; those that are not there are left out."""
DEEPEST = 10
"""Relationships that may be followed in a row."""
MOST = 10_000
"""Linked entities of one answer."""
_HOW: Mapping[str, How | None] = {"inline": "inline", "flat": "flat", "@none": None}


@dataclass(frozen=True)
class Join:
    """How linked entities are asked for."""

    how: How
    level: int = 1
    """Relationships that are followed in a row."""
    known: frozenset[str] = frozenset()
    """Ids that the client has already (`containedBy`): not followed."""


def read_join(how: str | None, level: Any, known: Sequence[str]) -> Join | None:
    """Return how linked entities are asked for; None where they are not.

    Raises:
        Problem: BadRequestData.
    """
    if how is not None and how not in _HOW:
        raise bad(f"join: {', '.join(_HOW)} were expected, not '{how}'")
    wanted = _HOW[how] if how else None
    found = 1 if level is None else _whole(level)
    return Join(wanted, found, frozenset(known)) if wanted else None


def _whole(level: Any) -> int:
    if isinstance(level, bool) or not str(level).isdecimal() or not 1 <= int(level) <= DEEPEST:
        raise bad(f"joinLevel: a whole number from 1 to {DEEPEST} was expected, not '{level}'")
    return int(level)


def check_depth(form: Form, join: Join | None, followed: int = 0) -> None:
    """Refuse a request that speaks of entities further away than it retrieves (clauses 5.7.1.4, 5.7.2.4).

    Args:
        form: of the request.
        join: of the request.
        followed: relationships in a row that its query follows.

    Raises:
        Problem: BadRequestData.
    """
    asked = max(depth(form.pick), depth(form.omit), followed)
    level = join.level if join else 0
    if asked > level:
        raise bad(f"linked entities {asked} relationships away are spoken of, and {level} are followed; "
                  "ask for them with join=inline or join=flat and joinLevel")  # fmt: skip


def targets(instance: Instance) -> list[str]:
    """Return the ids that a relationship points at."""
    if instance["type"] == "ListRelationship":
        return [one["object"] for one in instance["objectList"] if isinstance(one, dict)]
    if instance["type"] != "Relationship":
        return []
    given = instance["object"]
    return list(given) if isinstance(given, list) else [given]


@dataclass(frozen=True)
class Linked:
    """What entities link to, and how each is shown."""

    join: Join
    documents: Mapping[str, Document]
    forms: Mapping[str, Form]
    """By id, in the order in which they were reached first."""


def linked(documents: Sequence[Document], form: Form, join: Join, fetch: Fetch) -> Linked:
    """Return what entities link to, read a level at a time.

    Raises:
        Problem: TooManyResults.
    """
    found: dict[str, Document] = {}
    forms: dict[str, Form] = {}
    roots = {one.id for one in documents}
    front = [(one, form) for one in documents]
    seen: set[tuple[str, str]] = set()
    for _ in range(join.level):
        reached = [one for document, how in front for one in _followed(document, how)]
        missing = [urn for urn in dict.fromkeys(urn for urn, _ in reached) if urn not in found]
        found |= {one.id: one for one in fetch(missing)} if missing else {}
        if len(found) > MOST:
            raise Problem(
                "TooManyResults", f"more than {MOST} linked entities; ask for fewer, or for a lower joinLevel"
            )
        front = []
        for urn, below in reached:
            way = (urn, f"{below.pick}{below.omit}")
            if urn in found and urn not in join.known and way not in seen:
                seen.add(way)
                front.append((found[urn], below))
                if urn not in roots:
                    forms.setdefault(urn, below)
    return Linked(join, found, forms)


def _followed(document: Document, form: Form) -> Iterable[tuple[str, Form]]:
    for name, instances in document.attributes.items():
        if form.shows_attribute(name):
            below = form.below(name)
            yield from ((urn, below) for one in instances for urn in targets(one))


class Inlining:
    """Puts linked entities into the relationships that point at them.

    Args:
        linked: what there is.
        show: an entity in JSON.
    """

    def __init__(self, linked: Linked, show: Callable[[Document, Form], Any]) -> None:
        self._linked = linked
        self._show = show
        self._left = MOST

    def shown(self, document: Document, form: Form) -> Any:
        """Return an entity in JSON with what it links to.

        Raises:
            Problem: TooManyResults.
        """
        return self._shown(document, form, self._linked.join.level, self._linked.join.known | {document.id})

    def _shown(self, document: Document, form: Form, level: int, passed: frozenset[str]) -> Any:
        if level == 0:
            return self._show(document, form)
        attributes = {
            name: [self._instance(one, form.below(name), level, passed) for one in instances]
            if form.shows_attribute(name) else instances
            for name, instances in document.attributes.items()
        }  # fmt: skip
        return self._show(_with(document, attributes), form)

    def _instance(self, instance: Instance, form: Form, level: int, passed: frozenset[str]) -> Instance:
        found = [
            self._shown(self._linked.documents[urn], form, level - 1, passed | {urn})
            for urn in targets(instance)
            if urn in self._linked.documents and urn not in passed
        ]
        self._left -= len(found)
        if self._left < 0:
            raise Problem("TooManyResults", f"more than {MOST} linked entities; ask for fewer, or for join=flat")
        if not found:
            return instance
        if instance["type"] == "ListRelationship":
            return {**instance, "entityList": found}
        return {**instance, "entity": found if isinstance(instance["object"], list) else found[0]}


def _with(document: Document, attributes: dict[str, list[Instance]]) -> Document:
    return Document(document.id, document.types, document.scopes, attributes, document.created_at,
                    document.modified_at, document.expires_at, document.deleted_at)  # fmt: skip


def joined(
    documents: Sequence[Document], form: Form, linked: Linked, show: Callable[[Document, Form], Any]
) -> list[Any]:
    """Return entities in JSON, what they link to inside them, or after them (clauses 4.5.23.2, 4.5.23.3).

    Raises:
        Problem: TooManyResults.
    """
    if linked.join.how == "inline":
        inlining = Inlining(linked, show)
        return [inlining.shown(one, form) for one in documents]
    shown = [show(one, form) for one in documents]
    return shown + [show(linked.documents[urn], below) for urn, below in linked.forms.items()]
