"""Expressions of rules, in CEL (Common Expression Language).

An expression sees attributes by their names (numbers as doubles: write `75.0`), and

- `entity`: `urn`, `type`, `name`, `district`, `owner`, `synthetic`, and its registered attributes by name;
- `previous`: the values before, and `seconds`, how long ago they held;
- `age`: seconds since each attribute was last told (rules of the tick);
- `used`, `budget`, `elapsed`: a year's use, its budget and the share of the year gone, for a counter with a budget;
- `inside(fence, lon, lat)`: whether a place lies in an area of the pack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cel

from bihuan.core.errors import InputError

Context = dict[str, Any]
RESERVED = frozenset({"entity", "previous", "seconds", "age", "used", "budget", "elapsed"})


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression."""

    text: str
    attributes: frozenset[str]
    """Those it looks at."""
    _run: Callable[[Context], Any]

    def holds(self, context: Context) -> bool | None:
        """Return whether it is true; None where what it looks at is not known.

        What is not known is never taken for false: a rule neither begins nor ends on it.
        """
        try:
            result = self._run(context)
        except (RuntimeError, TypeError, ValueError, LookupError):
            return None
        return result if isinstance(result, bool) else None


def compile_expression(text: str, where: str) -> Expression:
    """Return an expression.

    Raises:
        InputError: it is no CEL, or calls what there is not.
    """
    try:
        program = cel.compile(text)
    except ValueError as error:
        raise InputError(f"is no CEL: {' '.join(str(error).split())}", where=where) from error
    references = program.references()
    attributes = frozenset(references["variables"]) - RESERVED
    strange = [name for name in attributes if not (name.isidentifier() and name == name.lower())]
    if strange:
        raise InputError(f"'{strange[0]}' is no attribute name", where=where)
    return Expression(text, attributes, program.execute)


def trial(expression: Expression, functions: Mapping[str, Any], where: str) -> None:
    """Try an expression on numbers, so that one that can never be answered is found before it is switched on.

    Raises:
        InputError: its parts cannot be compared or counted with each other (`pm25 * 2`: write `2.0`).
    """
    program = cel.compile(expression.text)
    sample: Context = {**dict.fromkeys(expression.attributes, 1.0), **_SAMPLE, **functions}
    sample["previous"] = sample["age"] = dict.fromkeys(expression.attributes | _names_after(expression.text), 1.0)
    sample["entity"] = dict.fromkeys(_names_after(expression.text), 1.0) | _TEXTS
    try:
        program.execute(sample)
    except TypeError as error:
        if "float" in str(error) and "int" in str(error):
            raise InputError(f"cannot be counted: {error}", where=where) from error
    except (RuntimeError, ValueError) as error:
        if "Undefined" in str(error):
            raise InputError(str(error), where=where) from error


_SAMPLE: Context = {"seconds": 60.0, "used": 1.0, "budget": 2.0, "elapsed": 0.5}
_TEXTS = dict.fromkeys(("urn", "type", "name", "district", "owner"), "")
_MEMBER = re.compile(r"\.(\w+)")


def _names_after(text: str) -> frozenset[str]:
    """Return the names behind a point: of registered attributes, and of values before."""
    return frozenset(_MEMBER.findall(text))
