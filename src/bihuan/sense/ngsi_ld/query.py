"""The query language `q` (clause 4.9), read to a tree that is asked whether it holds of an entity.

expression = read_query('pm25>75;(almostFull==true|name~="^阳")', context)
expression.holds(document)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import SYSTEM, VALUE_MEMBER, Document, Instance, sub_attributes
from bihuan.sense.ngsi_ld.problems import bad

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[()]|[;|]|==|!=|>=|<=|!~=|~=|>|<|,|!?[^()\s;|=!<>~,"]+)')
_COMPARATORS = {"==", "!=", ">", "<", ">=", "<=", "~=", "!~="}
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": lambda a, b: bool(a > b), "<": lambda a, b: bool(a < b),
    ">=": lambda a, b: bool(a >= b), "<=": lambda a, b: bool(a <= b),
}  # fmt: skip
_NAME = re.compile(r"(?P<attribute>[^\[\].]+(?:\.[^\[\].]+)*)(?P<path>(?:\[[^\]]+\])*)")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_DEEPEST = 100


class Expression:
    """Something that holds of an entity or not."""

    def holds(self, document: Document) -> bool:
        """Return whether it holds."""
        raise NotImplementedError

    def attributes(self) -> set[str]:
        """Return the IRIs of the attributes it looks at."""
        raise NotImplementedError


@dataclass(frozen=True)
class All(Expression):
    """`a;b`."""

    parts: tuple[Expression, ...]

    def holds(self, document: Document) -> bool:
        """Return whether all parts hold."""
        return all(part.holds(document) for part in self.parts)

    def attributes(self) -> set[str]:
        """Return the attributes of all parts."""
        return set().union(*(part.attributes() for part in self.parts))


@dataclass(frozen=True)
class Any_(Expression):
    """`a|b`."""

    parts: tuple[Expression, ...]

    def holds(self, document: Document) -> bool:
        """Return whether one part holds."""
        return any(part.holds(document) for part in self.parts)

    def attributes(self) -> set[str]:
        """Return the attributes of all parts."""
        return set().union(*(part.attributes() for part in self.parts))


@dataclass(frozen=True)
class Range:
    """`a..b`, both included."""

    low: Any
    high: Any


@dataclass(frozen=True)
class Term(Expression):
    """`name.sub[path]`, alone (it exists) or compared."""

    names: tuple[str, ...]
    """IRI of the attribute, then of sub-attributes; or a member such as `observedAt` at the end."""
    path: tuple[str, ...]
    comparator: str | None
    wanted: tuple[Any, ...]
    """Values, any of them."""
    negated: bool = False

    def holds(self, document: Document) -> bool:
        """Return whether one of the attribute's instances is as asked."""
        if self.comparator is None:
            return any(True for _ in self._values(document)) != self.negated
        values = list(self._values(document))
        if self.comparator in ("!=", "!~="):
            return bool(values) and all(self._fits(value) for value in values)
        return any(self._fits(value) for value in values)

    def attributes(self) -> set[str]:
        """Return the attribute."""
        return {self.names[0]}

    def _values(self, document: Document) -> Iterator[Any]:
        first = self.names[0]
        if len(self.names) == 1 and first in _OF_ENTITY:
            found = _OF_ENTITY[first](document)
            if found is not None:
                yield found
            return
        for instance in document.attributes.get(first, []):
            yield from _inside(instance, self.names[1:], self.path)

    def _fits(self, value: Any) -> bool:
        values = value if isinstance(value, list) and self.comparator not in ("!=", "!~=") else [value]
        return any(_compare(self.comparator or "==", one, self.wanted) for one in values)


_OF_ENTITY: Mapping[str, Callable[[Document], Any]] = {
    "https://uri.etsi.org/ngsi-ld/createdAt": lambda one: one.created_at,
    "https://uri.etsi.org/ngsi-ld/modifiedAt": lambda one: one.modified_at,
    "https://uri.etsi.org/ngsi-ld/expiresAt": lambda one: one.expires_at,
    "@id": lambda one: one.id,
}


def _inside(instance: Instance, names: tuple[str, ...], path: tuple[str, ...]) -> Iterator[Any]:
    """Yield the values under sub-attributes and a path."""
    if not names:
        yield from _at_path(_plain(instance, path), path)
        return
    first = names[0].rsplit("/", 1)[-1]
    if len(names) == 1 and (first in SYSTEM or first in ("observedAt", "unitCode", "datasetId")) and first in instance:
        yield instance[first]
        return
    below = sub_attributes(instance).get(names[0])
    if below is not None:
        for one in below if isinstance(below, list) else [below]:
            yield from _inside(one, names[1:], path)
    elif not path:
        yield from _at_path(_plain(instance, ()), tuple(name.rsplit("/", 1)[-1] for name in names))


def _plain(instance: Instance, path: tuple[str, ...]) -> Any:
    value = instance.get(VALUE_MEMBER[instance["type"]])
    if instance["type"] == "LanguageProperty" and isinstance(value, dict) and (not path or path == ("*",)):
        return list(value.values()) if not path else {"*": list(value.values())}
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

    def _term(self) -> Term:
        name = self._next("the name of an attribute")
        negated = name.startswith("!")
        names, path = self._name(name.lstrip("!"))
        if not self.tokens or self.tokens[0] not in _COMPARATORS:
            return Term(names, path, None, (), negated)
        comparator = self.tokens.pop(0)
        wanted = self._wanted(names[0])
        if comparator in ("~=", "!~="):
            _check_patterns(wanted)
        return Term(names, path, comparator, wanted)

    def _name(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if name in ("id", "@id"):
            return ("@id",), ()
        found = _NAME.fullmatch(name) if not name.startswith("http") else None
        if name.startswith("http"):
            return (name,), ()
        if found is None:
            raise bad(f"q: '{name}' is no name of an attribute")
        path = tuple(re.findall(r"\[([^\]]+)\]", found["path"]))
        path = tuple(part for one in path for part in one.split("."))
        return tuple(self.context.expand(one) for one in found["attribute"].split(".")), path

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


def _check_patterns(wanted: tuple[Any, ...]) -> None:
    for one in wanted:
        try:
            re.compile(one)
        except (re.error, TypeError) as error:
            raise bad(f"q: '{one}' is no pattern: {error}") from None
