"""Whose turn it is: the leading unit's wherever it can take a case a step further, else the office's that assigned it.

Nothing in a case type says so; it follows from who may do what in a step. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from bihuan.act.case_type import ActionSpec, CaseType
from bihuan.core.records.principal import Principal

Side = Literal["lead", "office"]
SIDES: tuple[Side, ...] = get_args(Side)
Turn = tuple[str, str]
"""A type and one of its steps."""


def next_actions(spec: CaseType, step: str, side: Side) -> list[ActionSpec]:
    """Return what a side may do in a step to take a case to another, in the order of the type."""
    roles = {name for name, role in spec.roles.items() if role.party in _parties(side)}
    return [
        action
        for action in spec.actions.values()
        if step in action.from_ and action.to not in (None, step) and not roles.isdisjoint(action.by)
    ]


def side_of(spec: CaseType, step: str) -> Side | None:
    """Return whose turn a step of a type is; None where neither can go on, and in steps that end a case."""
    if spec.steps[step].end:
        return None
    return next((side for side in SIDES if next_actions(spec, step, side)), None)


def turns(types: Iterable[CaseType], side: Side, who: Principal) -> tuple[Turn, ...]:
    """Return the steps that wait for a side, of the types in which somebody's account may act for it."""
    return tuple(
        (spec.type, step)
        for spec in types
        if any(role.party in _parties(side) and role.account in (None, *who.roles) for role in spec.roles.values())
        for step in spec.steps
        if side_of(spec, step) == side
    )


def _parties(side: Side) -> tuple[str, ...]:
    return ("lead", "handler") if side == "lead" else ("office",)
