"""Expressions of rules, in CEL (Common Expression Language).

An expression sees attributes by their names (numbers as doubles: write `75.0`), and

- `entity`: `urn`, `type`, `name`, `district`, `owner`, `synthetic`, and its registered attributes by name;
- `previous`: of the attributes that the message told, the reading before, and `seconds`, how long before it came;
- `age`: seconds since each attribute was last told (rules of the tick);
- `used`, `budget`, `elapsed`: a year's use, its budget and the share of the year gone, for a counter with a budget;
- `planned`: what is expected of each attribute at the time, where a plan or a schedule tells;
- `inside(fence, lon, lat)`: whether a place lies in an area of the pack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cel

from bihuan.core.errors import InputError
from bihuan.core.messages import N_

Context = dict[str, Any]
RESERVED = frozenset({"entity", "previous", "seconds", "age", "used", "budget", "elapsed", "planned"})


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression."""

    text: str
    attributes: frozenset[str]
    """Those it looks at."""
    members: frozenset[str]
    """Names behind a point: of registered attributes, of readings before, of ages."""
    _names: frozenset[str]
    """Of all it looks at or calls: only these are handed over, for each costs time to be made the library's own."""
    _run: Callable[[Context], Any]

    @property
    def sees_plan(self) -> bool:
        """Return whether it looks at what is planned."""
        return "planned" in self._names

    def holds(self, context: Context) -> bool | None:
        """Return whether it is true; None where what it looks at is not known.

        What is not known is never taken for false: a rule neither begins nor ends on it.
        """
        try:
            result = self._run({name: context[name] for name in self._names if name in context})
        except (RuntimeError, TypeError, ValueError, LookupError):
            return None
        return result if isinstance(result, bool) else None


def compile_expression(text: str) -> Expression:
    """Return an expression.

    Raises:
        InputError: it is no CEL, or calls what there is not.
    """
    try:
        program = cel.compile(text)
    except ValueError as error:
        raise InputError(N_("is no CEL: {problem}"), problem=" ".join(str(error).split())) from error
    references = program.references()
    attributes = frozenset(references["variables"]) - RESERVED
    strange = [name for name in attributes if not (name.isidentifier() and name == name.lower())]
    if strange:
        raise InputError(N_("'{name}' is no attribute name; those are written in small letters"), name=strange[0])
    names = frozenset(references["variables"]) | frozenset(references["functions"])
    return Expression(text, attributes, frozenset(_MEMBER.findall(text)), names, program.execute)


def trial(expression: Expression, functions: Mapping[str, Any]) -> None:
    """Try an expression on numbers, so that one that can never be answered is found before it is switched on.

    Raises:
        InputError: its parts cannot be compared or counted with each other (`pm25 * 2`: write `2.0`).
    """
    program = cel.compile(expression.text)
    sample: Context = {**dict.fromkeys(expression.attributes, 1.0), **_SAMPLE, **functions}
    sample["previous"] = sample["age"] = sample["planned"] = dict.fromkeys(
        expression.attributes | expression.members, 1.0
    )
    sample["entity"] = dict.fromkeys(expression.members, 1.0) | _TEXTS
    try:
        program.execute(sample)
    except TypeError as error:
        if "float" in str(error) and "int" in str(error):
            raise InputError(
                N_("its parts cannot be counted with each other; write 2.0 for 2: {problem}"), problem=str(error)
            ) from error
    except (RuntimeError, ValueError) as error:
        if "Undefined" in str(error):
            raise InputError(N_("calls or names what there is not: {problem}"), problem=str(error)) from error


_SAMPLE: Context = {"seconds": 60.0, "used": 1.0, "budget": 2.0, "elapsed": 0.5}
_TEXTS = dict.fromkeys(("urn", "type", "name", "district", "owner"), "")
_MEMBER = re.compile(r"\.([a-z_]\w*)")
