"""What the store itself can tell of a query: a condition that every entity that fits meets, in SQL's JSON path.

It says too little rather than too much; who asks looks at what is left. Reading an entity costs a hundred times more
than such a condition, so a query over many entities reads few.
"""

from __future__ import annotations

import json
import math
from typing import Any

from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.forms import LOCATION
from bihuan.sense.ngsi_ld.query import All, Any_, Expression, Following, Range, Term

_OF_REGISTRY = frozenset({LOCATION, *(CORE.expand(name) for name in ("name", "district", "owner"))})
"""Attributes that an entity may have without their standing among its attributes (`rows.document_of`)."""


def condition(expression: Expression) -> str | None:
    """Return a JSON path predicate over the attributes of an entity that is true wherever a query holds; None for none."""
    if isinstance(expression, All):
        known = [one for part in expression.parts if (one := condition(part)) is not None]
        return " && ".join(f"({one})" for one in known) or None
    if isinstance(expression, Any_):
        parts = [condition(part) for part in expression.parts]
        return None if None in parts else " || ".join(f"({one})" for one in parts)
    if isinstance(expression, Following):
        return _there(expression.where.names[0])
    if isinstance(expression, Term) and not expression.negated:
        return _of_term(expression)
    return None


def _there(attribute: str) -> str | None:
    if attribute in _OF_REGISTRY or attribute[0] == "@" or attribute in _OF_SYSTEM:
        return None
    return f"exists({_key(attribute)})"


_OF_SYSTEM = frozenset(CORE.expand(name) for name in ("createdAt", "modifiedAt", "deletedAt", "expiresAt"))


def _key(attribute: str) -> str:
    return f"$.{json.dumps(CORE.compact(attribute), ensure_ascii=False)}"


def _of_term(term: Term) -> str | None:
    there = _there(term.where.names[0])
    whole = len(term.where.names) == 1 and not term.where.path
    if there is None or not whole or term.comparator not in ("==", ">", ">=", "<", "<="):
        return there
    tests = [_compared(term.comparator, one) for one in term.wanted]
    if None in tests:
        return there
    return f"exists({_key(term.where.names[0])} ? ({' || '.join(str(one) for one in tests)}))"


def _compared(comparator: str, wanted: Any) -> str | None:
    """Return that something in an instance, however deep, is as wanted."""
    if isinstance(wanted, Range):
        low, high = _literal(wanted.low), _literal(wanted.high)
        return None if low is None or high is None else f"exists(@.** ? (@ >= {low} && @ <= {high}))"
    literal = _literal(wanted)
    if literal is None or (comparator != "==" and isinstance(wanted, str)):
        return None
    return f"@.** {comparator} {literal}"


def _literal(value: Any) -> str | None:
    """Return a number, truth value or text as JSON path has it; None for a time, and for what JSON has no number for."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return json.dumps(value, ensure_ascii=False) if isinstance(value, int | float | str) else None
