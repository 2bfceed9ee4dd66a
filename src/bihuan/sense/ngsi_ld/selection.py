"""Which entities are meant: by id, pattern of ids, type, attributes, scope, place and values (clauses 4.17, 4.19, 4.9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import Document, is_uri
from bihuan.sense.ngsi_ld.geometry import GeoQuery
from bihuan.sense.ngsi_ld.problems import Problem, bad
from bihuan.sense.ngsi_ld.query import NO_LINKS, Expression, Links

_TOKEN = re.compile(r"[(),;|]|[^(),;|\s]+")
_MOST_ALTERNATIVES = 1000


@dataclass(frozen=True)
class TypeSelection:
    """One entity type, or several joined with `,` or `|` (any of them) and `;` (all of them)."""

    any_of: tuple[tuple[str, ...], ...]
    """Alternatives; each holds the IRIs that an entity must have together."""

    def fits(self, types: Sequence[str]) -> bool:
        """Return whether an entity of these types is meant."""
        return any(set(together) <= set(types) for together in self.any_of)

    def names(self) -> list[str]:
        """Return all types that are named."""
        return sorted({name for together in self.any_of for name in together})


@dataclass(frozen=True)
class EntitySelector:
    """One line of `entities` of a subscription or a query."""

    type: TypeSelection | None = None
    ids: tuple[str, ...] = ()
    id_pattern: str | None = None

    def fits(self, document: Document) -> bool:
        """Return whether an entity is meant."""
        return (
            (self.type is None or self.type.fits(document.types))
            and (not self.ids or document.id in self.ids)
            and (bool(self.ids) or self.id_pattern is None or re.search(self.id_pattern, document.id) is not None)
        )


@dataclass(frozen=True)
class Selection:
    """What a query asks for, names expanded."""

    selectors: tuple[EntitySelector, ...] = ()
    """Any of them; empty for all entities."""
    attributes: tuple[str, ...] = ()
    """An entity has at least one of them; empty for any."""
    q: Expression | None = None
    geo: GeoQuery | None = None
    scope: str | None = None
    datasets: tuple[str, ...] = ()

    def fits(self, document: Document, links: Links = NO_LINKS) -> bool:
        """Return whether an entity is meant; `links` are the entities that `q` looks at from it."""
        return (
            (not self.selectors or any(one.fits(document) for one in self.selectors))
            and (not self.attributes or any(name in document.attributes for name in self.attributes))
            and (self.q is None or self.q.holds(document, links))
            and (self.geo is None or self._is_there(document, self.geo))
            and (self.scope is None or fits_scope(self.scope, document.scopes))
            and (not self.datasets or self._has_dataset(document))
        )

    def needs_looking(self) -> bool:
        """Return whether more is asked than ids and types."""
        return bool(self.attributes or self.q or self.geo or self.scope or self.datasets)

    def _is_there(self, document: Document, geo: GeoQuery) -> bool:
        instances = document.attributes.get(geo.geoproperty, [])
        return any(one["type"] == "GeoProperty" and geo.fits(one.get("value")) for one in instances)

    def _has_dataset(self, document: Document) -> bool:
        wanted = {None if one == "@none" else one for one in self.datasets}
        return any(one.get("datasetId") in wanted for many in document.attributes.values() for one in many)


def read_type_selection(text: str, context: Context) -> TypeSelection:
    """Return the types that are meant (clause 4.17).

    Raises:
        Problem: BadRequestData.
    """
    alternatives = _alternatives(text, "type", context.expand)
    return TypeSelection(tuple(tuple(dict.fromkeys(one)) for one in alternatives))


def _alternatives(text: str, parameter: str, read: Callable[[str], str]) -> list[list[str]]:
    """Return words joined with `,` or `|` (any of them), `;` (all of them) and brackets as alternatives of words."""
    tokens = _TOKEN.findall(text)
    refusal = bad(f"{parameter}: words joined with , | ; and brackets were expected, not '{text}'")

    def either() -> list[list[str]]:
        found = both()
        while tokens and tokens[0] in ",|":
            tokens.pop(0)
            found = found + both()
        return found

    def both() -> list[list[str]]:
        found = one()
        while tokens and tokens[0] == ";":
            tokens.pop(0)
            more = one()
            found = [first + second for first in found for second in more]
            if len(found) > _MOST_ALTERNATIVES:
                raise Problem("TooComplexQuery", f"{parameter}: more than {_MOST_ALTERNATIVES} alternatives")
        return found

    def one() -> list[list[str]]:
        word = tokens.pop(0) if tokens else ")"
        if word in "),;|":
            raise refusal
        if word != "(":
            return [[read(word)]]
        found = either()
        if not tokens or tokens.pop(0) != ")":
            raise refusal
        return found

    found = either()
    if tokens:
        raise refusal
    return found


def read_ids(text: str) -> tuple[str, ...]:
    """Return ids.

    Raises:
        Problem: BadRequestData.
    """
    ids = tuple(one.strip() for one in text.split(",") if one.strip())
    if not ids or not all(is_uri(one) for one in ids):
        raise bad(f"id: URIs joined with commas were expected, not '{text}'")
    return ids


def read_pattern(text: str) -> str:
    """Return a pattern of ids.

    Raises:
        Problem: BadRequestData.
    """
    try:
        re.compile(text)
    except re.error as error:
        raise bad(f"idPattern: {error}") from None
    return text


def read_selectors(given: Any, context: Context) -> tuple[EntitySelector, ...]:
    """Return the `entities` of a subscription or a query.

    Raises:
        Problem: BadRequestData.
    """
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise bad("entities: an array of objects with type, id or idPattern was expected")
    return tuple(_selector(one, context) for one in given)


def _selector(given: dict[str, Any], context: Context) -> EntitySelector:
    if not isinstance(given.get("type"), str):
        raise bad("entities: each has a type")
    ids = given.get("id", [])
    ids = ids if isinstance(ids, list) else [ids]
    if not all(is_uri(one) for one in ids):
        raise bad("entities: id is a URI, or an array of URIs")
    pattern = read_pattern(given["idPattern"]) if isinstance(given.get("idPattern"), str) else None
    return EntitySelector(read_type_selection(given["type"], context), tuple(ids), pattern)


def fits_scope(asked: str, scopes: Sequence[str]) -> bool:
    """Return whether scopes are those of a scope query (clause 4.19): `/a/b`, `/a/+`, `/a/#`, joined with `,` `|` `;`.

    Raises:
        Problem: BadRequestData where it cannot be read.
    """
    return any(
        all(any(pattern.fullmatch(scope) for scope in scopes) for pattern in together)
        for together in _scope_patterns(asked)
    )


@lru_cache(maxsize=256)
def _scope_patterns(asked: str) -> list[list[re.Pattern[str]]]:
    return [[_scope_pattern(one) for one in together] for together in _alternatives(asked, "scopeQ", str)]


def _scope_pattern(asked: str) -> re.Pattern[str]:
    path = "/" + asked.strip().lstrip("/")
    pattern = re.escape(path).replace(r"\+", "[^/]+")
    if path == "/#":
        pattern = "/.*"
    elif path.endswith("/#"):
        pattern = pattern[:-3] + "(/.*)?"
    return re.compile(pattern)
