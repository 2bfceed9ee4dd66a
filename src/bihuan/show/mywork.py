"""What waits for somebody: the cases where it is his unit's turn, as the leading unit or as the one that assigned them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bihuan.act.case_type import CaseType
from bihuan.act.turns import Side, turns
from bihuan.core.records.case import LIGHTS
from bihuan.core.records.principal import Principal
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.case_tallies import Tallies


@dataclass(frozen=True, slots=True)
class Waiting:
    """How the cases stand that wait for one side."""

    total: int
    overdue: int
    soon: int
    lights: dict[str, int]
    """Light -> how many, the most urgent first; lights that are out are left out."""


def filter_of(
    types: Iterable[CaseType], side: Side, who: Principal, lights: tuple[int, ...] = (), *, mine: bool = False
) -> CaseFilter:
    """Return which cases wait for somebody's unit on one side.

    Args:
        types: all of the pack.
        side: as the leading unit, or as the office that assigned them.
        who: whose unit, and for which types his account may act.
        lights: only these, by their position.
        mine: only what this person has accepted.
    """
    units = (who.unit,) if who.unit else ()
    return CaseFilter(
        units=units, lead=units if side == "lead" else (), office=units if side == "office" else (),
        turns=turns(types, side, who), light=lights, handler=who.id if mine else None,
    )  # fmt: skip


def waiting(counted: Tallies) -> Waiting:
    """Return how what was counted stands."""
    lights = {LIGHTS[place]: count for place, count in sorted(counted.by("light").items(), reverse=True) if count}
    return Waiting(
        counted.total,
        sum(tally.overdue for tally in counted.all),
        sum(tally.soon for tally in counted.all),
        lights,
    )
