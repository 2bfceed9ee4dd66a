"""政策找企业: which enterprises have a right to which policies; all of them at once, or one that has changed.

All at once goes by columns (polars), one by its conditions; both give the same (held by tests).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from bihuan.core.records.policy import Condition, Policy
from bihuan.store import policies as kept
from bihuan.store.connect import Connection, Store
from bihuan.store.policies import Enterprise, Match

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Matched:
    """What a run came to."""

    matches: int
    new: int
    gone: int


def match_all(store: Store, policies: Sequence[Policy]) -> Matched:
    """Look at every enterprise; tell what matches anew."""
    with store.connection() as connection:
        everybody = kept.enterprises(connection)
        return _settle(connection, store, policies, matching(everybody, policies), None)


def match_changed(store: Store, policies: Sequence[Policy], numbers: Sequence[int]) -> Matched:
    """Look again at enterprises that have changed, by their numbers."""
    with store.connection() as connection:
        changed = kept.enterprises(connection, numbers)
        found = {(policy.id, one.number) for one in changed for policy in policies if is_eligible(one.facts, policy)}
        return _settle(connection, store, policies, found, numbers)


def _settle(
    connection: Connection, store: Store, policies: Sequence[Policy], found: set[Match], numbers: Sequence[int] | None
) -> Matched:
    before = kept.matches(connection, numbers)
    new, gone = found - before, before - found
    kept.keep(connection, policies, sorted(new), sorted(gone), at=store.clock())
    return Matched(len(found), len(new), len(gone))


def matching(enterprises: Sequence[Enterprise], policies: Sequence[Policy]) -> set[Match]:
    """Return which enterprises match which policies, by columns."""
    names = sorted({condition.attribute for policy in policies for condition in policy.conditions})
    columns = {name: [one.facts.get(name) for one in enterprises] for name in names}
    table = pl.DataFrame(
        {"#": [one.number for one in enterprises]}
        | {
            f"n {name}": pl.Series([_number(value) for value in values], dtype=pl.Float64)
            for name, values in columns.items()
        }
        | {
            f"t {name}": pl.Series([_text(value) for value in values], dtype=pl.String)
            for name, values in columns.items()
        }
    )
    held = table.select("#", *(_expression(policy).alias(f"p {policy.id}") for policy in policies))
    return {
        (policy.id, number)
        for policy in policies
        for number in held.filter(pl.col(f"p {policy.id}")).get_column("#").to_list()
    }


def _expression(policy: Policy) -> pl.Expr:
    holds = [_holds(condition) for condition in policy.conditions]
    return pl.all_horizontal(holds).fill_null(False) if holds else pl.lit(True)


def _holds(condition: Condition) -> pl.Expr:
    numbers = [value for value in condition.values if isinstance(value, float)]
    number, text = pl.col(f"n {condition.attribute}"), pl.col(f"t {condition.attribute}")
    if condition.operator in _COMPARE:
        return _COMPARE[condition.operator](number, numbers[0])  # type: ignore[return-value]
    among = (
        number.is_in(numbers) if len(numbers) == len(condition.values) else text.is_in(list(map(str, condition.values)))
    )
    known = number.is_not_null() | text.is_not_null()
    return known & (among.fill_null(False) if condition.operator in ("==", "in") else ~among.fill_null(False))


def is_eligible(facts: Mapping[str, Any], policy: Policy) -> bool:
    """Return whether one enterprise's facts meet a policy."""
    return all(_meets(facts.get(condition.attribute), condition) for condition in policy.conditions)


def _meets(value: Any, condition: Condition) -> bool:
    number, text = _number(value), _text(value)
    if number is None and text is None:
        return False
    if condition.operator in _COMPARE:
        return number is not None and _COMPARE[condition.operator](number, condition.values[0])
    are_numbers = all(isinstance(one, float) for one in condition.values)
    among = number in condition.values if are_numbers else text in tuple(map(str, condition.values))
    return among if condition.operator in ("==", "in") else not among


def _number(value: Any) -> float | None:
    """A registered value as a number; None where it is none."""
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _text(value: Any) -> str | None:
    """A registered value as a text: what is so is `yes`; None where it is no text."""
    value = _plain(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else None


def _plain(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) else value
