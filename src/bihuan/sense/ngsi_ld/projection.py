"""Which members of an entity, and of those linked to it, are shown: the attribute projection language (clause 4.21).

read_projection("id,locatedAt{name,isIn{name}}", "pick", context)
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.problems import Problem, bad

Projection = Mapping[str, "Projection"]
"""Members by IRI (`id`, `type`, `scope` as they are), each with the members of the entities it links to; empty for all."""

OF_ENTITY = frozenset({"id", "type", "scope"})
_TOKEN = re.compile(r"[{},|]|[^{},|]+")
_NO_NAME = frozenset(";()<>\"'= ")
_DEEPEST = 100


def read_projection(text: str, parameter: str, context: Context) -> Projection:
    """Return what a projection names.

    Args:
        text: `name,locatedAt{name}`.
        parameter: `pick`, `omit` or `attrs`, for the error.
        context: expands the names.

    Raises:
        Problem: BadRequestData; the detail names the parameter.
    """
    reader = _Reader(_TOKEN.findall(text), context, bad(f"{parameter}: names joined with commas were expected, those of "
                     f"linked entities in braces, such as name,locatedAt{{name}}, not '{text}'"))  # fmt: skip
    return reader.whole()


class _Reader:
    def __init__(self, tokens: list[str], context: Context, refusal: Problem) -> None:
        self._tokens = tokens[::-1]
        self._context = context
        self._refusal = refusal

    def whole(self) -> Projection:
        found = self._names(0)
        if self._tokens:
            raise self._refusal
        return found

    def _names(self, depth: int) -> Projection:
        if depth > _DEEPEST:
            raise self._refusal
        found: dict[str, Projection] = {}
        while True:
            name = self._name()
            found[name] = {}
            if self._next() == "{":
                self._tokens.pop()
                found[name] = self._names(depth + 1)
                if self._next() != "}":
                    raise self._refusal
                self._tokens.pop()
            if self._next() not in (",", "|"):
                return found
            self._tokens.pop()

    def _next(self) -> str | None:
        return self._tokens[-1] if self._tokens else None

    def _name(self) -> str:
        name = self._tokens.pop().strip() if self._tokens else ""
        if not name or name in "{},|" or _NO_NAME & set(name):
            raise self._refusal
        return name if name in OF_ENTITY else self._context.expand(name)


def depth(projection: Projection) -> int:
    """Return over how many relationships a projection reaches."""
    return max((1 + depth(below) for below in projection.values() if below), default=0)
