"""The query language `q` (clause 4.9), read to a tree that is asked whether it holds of an entity.

expression = read_query('pm25>75;(almostFull==true|name~="^阳")', context)
expression.holds(document)

A term may ask of an entity that a relationship points at: `sensor{Device:humidity}==40`. Who asks then gives those
entities by id; `links_of` says which are needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import SYSTEM, VALUE_MEMBER, Document, Instance, sub_attributes
from bihuan.sense.ngsi_ld.problems import bad

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[(){}]|[;|]|==|!=|>=|<=|!~=|~=|>|<|,|!?[^(){}\s;|=!<>~,"]+)')
_COMPARATORS = {"==", "!=", ">", "<", ">=", "<=", "~=", "!~="}
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": lambda a, b: bool(a > b), "<": lambda a, b: bool(a < b),
    ">=": lambda a, b: bool(a >= b), "<=": lambda a, b: bool(a <= b),
}  # fmt: skip
_NAME = re.compile(r"(?P<attribute>[^\[\].]+(?:\.[^\[\].]+)*)(?P<path>(?:\[[^\]]+\])*)")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_DEEPEST = 100


Links = Mapping[str, Document]
"""Entities that relationships point at, by id."""
NO_LINKS: Links = {}


class Expression:
    """Something that holds of an entity or not."""

    def holds(self, document: Document, links: Links = NO_LINKS) -> bool:
        """Return whether it holds."""
        raise NotImplementedError

    def attributes(self) -> set[str]:
        """Return the IRIs of the attributes it looks at."""
        raise NotImplementedError

    def followed(self) -> list[Following]:
        """Return the terms that follow a relationship."""
        return []

    def hops(self) -> int:
        """Return how many relationships it follows in a row."""
        return max((1 + one.below.hops() for one in self.followed()), default=0)


@dataclass(frozen=True)
class All(Expression):
    """`a;b`."""

    parts: tuple[Expression, ...]

    def holds(self, document: Document, links: Links = NO_LINKS) -> bool:
        """Return whether all parts hold."""
        return all(part.holds(document, links) for part in self.parts)

    def attributes(self) -> set[str]:
        """Return the attributes of all parts."""
        return set().union(*(part.attributes() for part in self.parts))

    def followed(self) -> list[Following]:
        """Return those of all parts."""
        return [one for part in self.parts for one in part.followed()]


@dataclass(frozen=True)
class Any_(Expression):
    """`a|b`."""

    parts: tuple[Expression, ...]

    def holds(self, document: Document, links: Links = NO_LINKS) -> bool:
        """Return whether one part holds."""
        return any(part.holds(document, links) for part in self.parts)

    def attributes(self) -> set[str]:
        """Return the attributes of all parts."""
        return set().union(*(part.attributes() for part in self.parts))

    def followed(self) -> list[Following]:
        """Return those of all parts."""
        return [one for part in self.parts for one in part.followed()]


@dataclass(frozen=True)
class Range:
    """`a..b`, both included."""

    low: Any
    high: Any


@dataclass(frozen=True)
class Path:
    """`name.sub[path]`: where in an entity a value is looked for."""

    names: tuple[str, ...]
    """IRI of the attribute, then of sub-attributes; or a member such as `observedAt` at the end."""
    path: tuple[str, ...] = ()
    """Members of a compound value."""

    def targets(self, document: Document) -> Iterator[tuple[str, Any]]:
        """Yield what is there: type of the attribute, and value."""
        first = self.names[0]
        if len(self.names) == 1 and first in _OF_ENTITY:
            found = _OF_ENTITY[first](document)
            if found is not None:
                yield "Property", found
            return
        for instance in document.attributes.get(first, []):
            yield from _inside(instance, self.names[1:], self.path)


@dataclass(frozen=True)
class Term(Expression):
    """A path alone (it exists) or compared."""

    where: Path
    comparator: str | None
    wanted: tuple[Any, ...]
    """Values, any of them."""
    negated: bool = False

    def holds(self, document: Document, links: Links = NO_LINKS) -> bool:
        """Return whether one of the attribute's instances is as asked."""
        found = list(self.where.targets(document))
        if self.comparator is None:
            return bool(found) != self.negated
        if self.comparator in ("!=", "!~="):
            return bool(found) and all(self._fits(kind, value) for kind, value in found)
        return any(self._fits(kind, value) for kind, value in found)

    def attributes(self) -> set[str]:
        """Return the attribute."""
        return {self.where.names[0]}

    def _fits(self, kind: str, value: Any) -> bool:
        if kind in _RELATIONSHIPS and self.comparator not in ("==", "!="):
            return False
        values = value if isinstance(value, list) and self.comparator not in ("!=", "!~=") else [value]
        return any(_compare(self.comparator or "==", one, self.wanted) for one in values)


@dataclass(frozen=True)
class Following(Expression):
    """`relationship{term}`: an entity that the relationship points at is as asked (clause 4.9, examples 13 and 14)."""

    where: Path
    """The relationship."""
    types: tuple[str, ...]
    """IRIs; only entities of one of these types are looked at; empty for any."""
    below: Expression

    def holds(self, document: Document, links: Links = NO_LINKS) -> bool:
        """Return whether one of the entities it points at is as asked."""
        return any(self.below.holds(one, links) for one in self.reached(document, links))

    def reached(self, document: Document, links: Links) -> Iterator[Document]:
        """Yield the entities that a document's relationship points at."""
        for urn in self.targets(document):
            found = links.get(urn)
            if found is not None and (not self.types or set(self.types) & set(found.types)):
                yield found

    def targets(self, document: Document) -> Iterator[str]:
        """Yield the ids that a document's relationship points at."""
        for kind, value in self.where.targets(document):
            if kind in _RELATIONSHIPS:
                yield from value if isinstance(value, list) else [value]

    def attributes(self) -> set[str]:
        """Return the relationship."""
        return {self.where.names[0]}

    def followed(self) -> list[Following]:
        """Return itself."""
        return [self]


def links_of(
    expression: Expression, documents: Sequence[Document], fetch: Callable[[Sequence[str]], Sequence[Document]]
) -> dict[str, Document]:
    """Return the entities that an expression looks at from these, by id, read a relationship at a time."""
    found: dict[str, Document] = {}
    for one in expression.followed():
        urns = list(dict.fromkeys(urn for document in documents for urn in one.targets(document)))
        found |= {document.id: document for document in fetch(urns)} if urns else {}
        reached = {there.id: there for document in documents for there in one.reached(document, found)}
        found |= links_of(one.below, list(reached.values()), fetch)
    return found


_RELATIONSHIPS = ("Relationship", "ListRelationship")
_OF_ENTITY: Mapping[str, Callable[[Document], Any]] = {
    "https://uri.etsi.org/ngsi-ld/createdAt": lambda one: one.created_at,
    "https://uri.etsi.org/ngsi-ld/modifiedAt": lambda one: one.modified_at,
    "https://uri.etsi.org/ngsi-ld/expiresAt": lambda one: one.expires_at,
    "@id": lambda one: one.id,
    "@type": lambda one: one.types,
}


def _inside(instance: Instance, names: tuple[str, ...], path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield type and value of what lies under sub-attributes and a path."""
    kind = instance["type"]
    if not names:
        yield from ((kind, value) for value in _at_path(_plain(instance, path), path))
        return
    first = names[0].rsplit("/", 1)[-1]
    if len(names) == 1 and (first in SYSTEM or first in ("observedAt", "unitCode", "datasetId")) and first in instance:
        yield "Property", instance[first]
        return
    below = sub_attributes(instance).get(names[0])
    if below is not None:
        for one in below if isinstance(below, list) else [below]:
            yield from _inside(one, names[1:], path)
    elif not path:
        inner = tuple(name.rsplit("/", 1)[-1] for name in names)
        yield from ((kind, value) for value in _at_path(_plain(instance, ()), inner))


def _plain(instance: Instance, path: tuple[str, ...]) -> Any:
    value = instance.get(VALUE_MEMBER[instance["type"]])
    if instance["type"] == "LanguageProperty" and isinstance(value, dict) and (not path or path == ("*",)):
        texts = [text for one in value.values() for text in (one if isinstance(one, list) else [one])]
        return texts if not path else {"*": texts}
    if instance["type"] == "ListRelationship" and isinstance(value, list):
        return [one["object"] if isinstance(one, dict) else one for one in value]
    return value


def _at_path(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    for name in path:
        if isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return
    yield value


def _compare(comparator: str, value: Any, wanted: tuple[Any, ...]) -> bool:
    if comparator == "==":
        return any(_equal(value, one) for one in wanted)
    if comparator == "!=":
        return not any(_equal(value, one) for one in wanted)
    if comparator in ("~=", "!~="):
        found = isinstance(value, str) and any(_matches(one, value) for one in wanted)
        return found == (comparator == "~=") and isinstance(value, str)
    return any(_ordered(comparator, value, one) for one in wanted)


def _matches(pattern: Any, value: str) -> bool:
    return re.search(pattern, value) is not None


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Range):
        return _ordered(">=", value, wanted.low) and _ordered("<=", value, wanted.high)
    if isinstance(value, list) and not isinstance(wanted, list):
        return any(_equal(one, wanted) for one in value)
    value, wanted = _comparable(value, wanted)
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _ordered(comparator: str, value: Any, wanted: Any) -> bool:
    value, wanted = _comparable(value, wanted)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return False
    try:
        return _ORDER[comparator](value, wanted)
    except TypeError:
        return False


def _comparable(value: Any, wanted: Any) -> tuple[Any, Any]:
    """Return both, a stored text read as what it is compared with."""
    if isinstance(value, dict) and "@value" in value:
        value = value["@value"]
    if isinstance(value, str) and isinstance(wanted, datetime | date | time):
        return _moment(value, type(wanted)), wanted
    return value, wanted


def _moment(text: str, kind: type[Any]) -> Any:
    try:
        return kind.fromisoformat(text)
    except ValueError:
        return text


def read_query(text: str, context: Context, *, expand_values: tuple[str, ...] = ()) -> Expression:
    """Return the tree of a query.

    Args:
        text: of `q`, percent-decoded.
        context: expands the names.
        expand_values: IRIs of attributes whose compared words are names, too.

    Raises:
        Problem: BadRequestData; the detail shows where.
    """
    reader = _Reader(text, _tokens(text), context, expand_values)
    expression = reader.either(0)
    if reader.tokens:
        raise bad(f"q: '{reader.tokens[0]}' was not expected in '{text}'")
    return expression


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise bad(f"q: cannot be read from '{text[at : at + 20]}' on")
        tokens.append(found[1])
        at = found.end()
    return tokens


@dataclass
class _Reader:
    text: str
    tokens: list[str]
    context: Context
    expand_values: tuple[str, ...]

    def either(self, depth: int) -> Expression:
        parts = [self.both(depth)]
        while self._took("|"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Any_(tuple(parts))

    def both(self, depth: int) -> Expression:
        parts = [self.one(depth)]
        while self._took(";"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise bad(f"q: brackets are more than {_DEEPEST} deep")
        if self._took("("):
            inner = self.either(depth + 1)
            if not self._took(")"):
                raise bad(f"q: a bracket is not closed in '{self.text}'")
            return inner
        return self._term()

    def _term(self) -> Expression:
        name = self._next("the name of an attribute")
        followed, where = self._attribute(name.lstrip("!"), 0)
        found: Expression = self._compared(where, name.startswith("!"))
        for relationship, types in reversed(followed):
            found = Following(relationship, types, found)
        return found

    def _attribute(self, name: str, depth: int) -> tuple[list[tuple[Path, tuple[str, ...]]], Path]:
        """Return the relationships that a path follows, each with the types wanted there, and where it ends."""
        where = read_path(name, self.context)
        if not self._took("{"):
            return [], where
        if depth > _DEEPEST:
            raise bad(f"q: braces are more than {_DEEPEST} deep")
        inside = [self._next("the name of an attribute")]
        while self._took(","):
            inside.append(self._next("the name of a type"))
        *rest, last = inside
        given, colon, inner = last.rpartition(":")
        if rest and not colon:
            raise bad(f"q: types of linked entities end with a colon, such as {{{','.join(inside)}:name}}")
        types = tuple(self.context.expand(one) for one in (*rest, *([given] if colon else [])))
        followed, end = self._attribute(inner, depth + 1)
        if not self._took("}"):
            raise bad(f"q: a brace is not closed in '{self.text}'")
        return [(where, types), *followed], end

    def _compared(self, where: Path, negated: bool) -> Term:
        if not self.tokens or self.tokens[0] not in _COMPARATORS:
            return Term(where, None, (), negated)
        comparator = self.tokens.pop(0)
        wanted = self._wanted(where.names[0])
        if comparator in ("~=", "!~="):
            _check_patterns(wanted)
        elif comparator in _ORDER and (len(wanted) > 1 or isinstance(wanted[0], Range)):
            raise bad(f"q: one value was expected after '{comparator}' in '{self.text}'")
        return Term(where, comparator, wanted)

    def _wanted(self, attribute: str) -> tuple[Any, ...]:
        values = [self._ranged(attribute)]
        while self._took(","):
            values.append(self._ranged(attribute))
        return tuple(values)

    def _ranged(self, attribute: str) -> Any:
        text = self._next("a value")
        if text[0] != '"' and ".." in text:
            low, _, high = text.partition("..")
            return Range(self._value(low, attribute), self._value(high, attribute))
        return self._value(text, attribute)

    def _value(self, text: str, attribute: str) -> Any:
        if text[:1] == '"':
            said = re.sub(r"\\(.)", r"\1", text[1:-1])
            said = said if "\\" not in text else re.sub(r'\\(["\\])', r"\1", text[1:-1])
            return self.context.expand(said) if attribute in self.expand_values else said
        if text in ("true", "false"):
            return text == "true"
        return self._bare(text, attribute)

    def _bare(self, text: str, attribute: str) -> Any:
        try:
            return float(text) if any(mark in text for mark in ".eE") else int(text)
        except ValueError:
            pass
        kind = datetime if _DATE_TIME.fullmatch(text) else date if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
        try:
            return kind.fromisoformat(text) if kind else self._word(text, attribute)
        except ValueError:
            raise bad(f"q: '{text}' is no date") from None

    def _word(self, text: str, attribute: str) -> str:
        return self.context.expand(text) if attribute in self.expand_values else text

    def _took(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False

    def _next(self, what: str) -> str:
        if not self.tokens or self.tokens[0] in _COMPARATORS or self.tokens[0] in "()|;,":
            raise bad(f"q: {what} is missing in '{self.text}'")
        return self.tokens.pop(0)


def read_path(name: str, context: Context) -> Path:
    """Return where `name.sub[path]` lies.

    Raises:
        Problem: BadRequestData.
    """
    if name in ("id", "@id"):
        return Path(("@id",))
    if name.startswith("http"):
        return Path((name,))
    found = _NAME.fullmatch(name)
    if found is None:
        raise bad(f"'{name}' is no name of an attribute (clause 4.9)")
    members = tuple(part for one in re.findall(r"\[([^\]]+)\]", found["path"]) for part in one.split("."))
    return Path(tuple(context.expand(one) for one in found["attribute"].split(".")), members)


def _check_patterns(wanted: tuple[Any, ...]) -> None:
    for one in wanted:
        try:
            re.compile(one)
        except (re.error, TypeError) as error:
            raise bad(f"q: '{one}' is no pattern: {error}") from None
