"""The order of entities in an answer: the entity ordering language (clause 4.23)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from bihuan.sense.ngsi_ld.collation import ROOT, check_collation, sort_keys
from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import Document
from bihuan.sense.ngsi_ld.geometry import distance_m, is_geometry, read_geometry
from bihuan.sense.ngsi_ld.problems import bad
from bihuan.sense.ngsi_ld.query import Path, read_path

Direction = Literal["asc", "desc", "dist-asc", "dist-desc"]
_DIRECTIONS: dict[str, Direction] = {"asc": "asc", "desc": "desc", "dist-asc": "dist-asc", "dist-desc": "dist-desc"}
_GEOMETRY, _NUMBER, _TEXT, _OBJECT, _ARRAY, _BOOLEAN, _TIME, _DATE, _DATE_TIME, _NULL = range(10)
"""Kinds of values in the order of clause 4.23.2; an attribute that is not there comes after all of them."""
_TYPED = {"Time": _TIME, "Date": _DATE, "DateTime": _DATE_TIME}


@dataclass(frozen=True)
class OrderTerm:
    """One member by which entities are ordered."""

    where: Path
    direction: Direction = "asc"


@dataclass(frozen=True)
class Ordering:
    """What entities are ordered by, the first term first."""

    terms: tuple[OrderTerm, ...]
    collation: str = ROOT
    origin: BaseGeometry | None = None
    """From where distances are measured."""

    def sorted(self, documents: Sequence[Document]) -> list[Document]:
        """Return entities in order; those that lack what they are ordered by come last."""
        found = list(documents)
        for term in reversed(self.terms):
            found = self._by(term, found)
        return found

    def _by(self, term: OrderTerm, documents: Sequence[Document]) -> list[Document]:
        values = [next((value for _, value in term.where.targets(one)), None) for one in documents]
        origin = self.origin if term.direction.startswith("dist") else None
        ranked = [_ranked(value, origin) for value in values]
        keys = _collated(ranked, self.collation)
        there = [at for at, (kind, _) in enumerate(ranked) if kind != _NULL]
        there.sort(key=keys.__getitem__, reverse=term.direction.endswith("desc"))
        return [documents[at] for at in there] + [
            one for one, (kind, _) in zip(documents, ranked, strict=True) if kind == _NULL
        ]


def _ranked(value: Any, origin: BaseGeometry | None) -> tuple[int, Any]:
    """Return the kind of a value, and what it is compared by among its kind."""
    if origin is not None and is_geometry(value):
        return _GEOMETRY, distance_m(shape(value), origin)
    if value is None:
        return _NULL, None
    if isinstance(value, bool):
        return _BOOLEAN, value
    if isinstance(value, int | float):
        return _NUMBER, value
    if isinstance(value, dict) and value.get("@type") in _TYPED:
        return _TYPED[value["@type"]], str(value.get("@value"))
    if isinstance(value, dict | list):
        return (_OBJECT if isinstance(value, dict) else _ARRAY), json.dumps(value, ensure_ascii=False, sort_keys=True)
    return _TEXT, str(value)


def _collated(ranked: Sequence[tuple[int, Any]], collation: str) -> list[tuple[int, Any]]:
    texts = [value for kind, value in ranked if kind == _TEXT]
    keys = iter(sort_keys(texts, collation) if texts else ())
    return [(kind, next(keys)) if kind == _TEXT else (kind, value) for kind, value in ranked]


def read_ordering(
    order: Sequence[str], context: Context, *, collation: str | None, origin: Any, geometry: str | None
) -> Ordering:
    """Return the ordering of a request.

    Args:
        order: `name`, `address[city];desc`, `location;dist-asc`.
        context: expands the names.
        collation: `de`; None for the root order.
        origin: coordinates from which distances are measured, JSON text or the array itself; None for none.
        geometry: their type; None for a point.

    Raises:
        Problem: BadRequestData.
    """
    if not order:
        raise bad("orderBy: at least one name was expected")
    terms = tuple(_term(one, context) for one in order)
    place = None if origin is None else read_geometry(geometry or "Point", origin, "orderFrom")
    if place is None and any(one.direction.startswith("dist") for one in terms):
        raise bad("orderFrom: is missing; an order by distance has coordinates from which it is measured")
    return Ordering(terms, check_collation(collation or ROOT), place)


def _term(text: str, context: Context) -> OrderTerm:
    name, semicolon, direction = text.strip().partition(";")
    if (semicolon and direction not in _DIRECTIONS) or not re.fullmatch(r"[^\s;,<>\"'(){}]+", name):
        raise bad(f"orderBy: names, each with {', '.join(f';{one}' for one in _DIRECTIONS)} or without, were expected, "
                  f"not '{text}'")  # fmt: skip
    return OrderTerm(read_path(name, context), _DIRECTIONS[direction] if semicolon else "asc")
