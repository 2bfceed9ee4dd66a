"""What lies ahead of a case, laid out so that a timer can fire without loading the case. Pure.

The whole list is made anew by every action; a timer takes its first point and keeps the rest. Each point carries
what it makes of the case, computed in advance: nothing but a point can happen between two actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from msgspec import Struct

from bihuan.act import access, limits
from bihuan.act.decide import Law, changes
from bihuan.core.records.case import Case, Light


class StoredPoint(Struct, frozen=True, array_like=True):
    """One point as it waits in the store."""

    at: datetime
    clock: str
    number: int
    clock_light: Light
    light: Light
    """Of the whole case, after it."""
    level: int
    """Of escalation, after it."""
    what: str
    """`remind`, `light`, `due` or `escalate`: the most serious of what it does."""
    tell: tuple[str, ...]
    """Units to be notified."""
    renews: bool
    """Whether the next period of the clock begins with it."""


def laid_out(law: Law, case: Case) -> list[StoredPoint]:
    """Return the points ahead, in order; up to a renewal, after which the list is made anew."""
    points: list[StoredPoint] = []
    for moment in limits.upcoming(case, law.type, law.calendar):
        roles = [law.type.roles[name] for name in moment.point.tell]
        tell = tuple(dict.fromkeys(unit for role in roles for unit in access.units_of_role(role, case, law.units)))
        case = limits.fired(case, law.type, moment.clock, moment.number, moment.point)
        clock = next(c for c in case.clocks if c.id == moment.clock)
        renews = moment.at_due and limits.renewed(case, law.type, clock, law.calendar) is not case
        points.append(
            StoredPoint(
                moment.at, moment.clock, moment.number, clock.light, case.light, case.level, _what(moment), tell, renews
            )
        )
        if renews:
            break
    return points


def _what(moment: limits.Moment) -> str:
    if moment.point.escalate:
        return "escalate"
    if moment.at_due:
        return "due"
    return "light" if moment.point.light else "remind"


def timer_body(point: StoredPoint, case_type: str, office: str, lead: str | None, now: datetime) -> dict[str, Any]:
    """Return the body of the event `case.timer`: what fired, and what it made of the case."""
    return {
        "case_type": case_type,
        "office": office,
        "lead": lead,
        "clock": point.clock,
        "number": point.number,
        "what": point.what,
        "planned": point.at.isoformat(),
        "at": now.isoformat(),
        "clock_light": point.clock_light,
        "light": point.light,
        "level": point.level,
    }


def renewal(law: Law, case: Case, clock_id: str, now: datetime) -> tuple[Case, Mapping[str, Any]]:
    """Return the case with the next period of a clock begun, and the body of the event `case.renewed`."""
    clock = next(c for c in case.clocks if c.id == clock_id)
    after = limits.renewed(case, law.type, clock, law.calendar)
    after = replace(after, version=case.version + 1, updated_at=now)
    return after, {"clock": after.clocks[-1].id, "changes": changes(case, after)}
