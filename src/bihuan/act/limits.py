"""The clocks of a case: how they start, stop, move, and what happens around their due times. Pure.

A clock of a type becomes a `Clock` of a case where an action starts it. Its points (reminders, lights, escalations)
are laid out in time by `upcoming`; timers walk through that list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from bihuan.act.case_type import CaseType, ClockSpec, Offset, Point, RuleSpec
from bihuan.act.clock import CHINA, Rule, due
from bihuan.core.errors import CalendarError, InputError
from bihuan.core.messages import N_
from bihuan.core.records.case import LIGHTS, Case, Clock, Light
from bihuan.core.workdays import Calendar

_AT_DUE = Point(light="red")
"""What happens at a due time where the type says nothing."""
_ONE_DAY = timedelta(days=1)


class Moment(NamedTuple):
    """One point of one clock, at its time."""

    at: datetime
    clock: str
    number: int
    """Position among the clock's points, from 1: what `Clock.fired` becomes."""
    point: Point
    at_due: bool


def spec_of(case_type: CaseType, clock: Clock) -> ClockSpec:
    """Return the specification of a case's clock."""
    return case_type.clocks[clock.id.partition("#")[0]]


def started(case: Case, case_type: CaseType, names: Iterable[str], at: datetime, calendar: Calendar) -> Case:
    """Return the case with clocks `names` begun at `at`; those that do not concern it are left out."""
    clocks = case.clocks
    for name in names:
        spec = case_type.clocks[name]
        if not _concerns(spec, case, at) or any(c.id.partition("#")[0] == name and c.is_open for c in clocks):
            continue
        kept = tuple(c for c in clocks if c.id.partition("#")[0] != name)
        first = f"{name}#1" if _has_periods(spec, case) else name
        clocks = (*kept, _timed(Clock(first, at, None), case, case_type, calendar))
    return replace(case, clocks=clocks)


def _concerns(spec: ClockSpec, case: Case, at: datetime) -> bool:
    """A clock runs where its conditions hold; one for a date also needs a date, and a single one not yet past."""
    if not all(case.values.get(name) in values for name, values in spec.when.items()):
        return False
    day = case.values.get(spec.date) if spec.date else True
    return bool(day) and not (isinstance(day, str) and date.fromisoformat(day) < at.astimezone(CHINA).date())


def _has_periods(spec: ClockSpec, case: Case) -> bool:
    return spec.repeats or bool(spec.date and isinstance(case.values.get(spec.date), list))


def renewed(case: Case, case_type: CaseType, clock: Clock, calendar: Calendar) -> Case:
    """Return the case with the period after `clock` begun, where its type has one and it has not begun."""
    name, _, number = clock.id.partition("#")
    spec, following = case_type.clocks[name], f"{name}#{int(number or 0) + 1}"
    dates = case.values.get(spec.date) if spec.date else None
    ended = isinstance(dates, list) and int(number or 0) >= len(dates)
    if not number or ended or any(other.id == following for other in case.clocks):
        return case
    fresh = _timed(Clock(following, clock.started_at, None), case, case_type, calendar)
    return replace(case, clocks=(*case.clocks, fresh))


def _timed(clock: Clock, case: Case, case_type: CaseType, calendar: Calendar) -> Clock:
    return replace(clock, due_at=due_of(clock, case, case_type, calendar))


def due_of(clock: Clock, case: Case, case_type: CaseType, calendar: Calendar) -> datetime | None:
    """Return when a clock is due; None where that lies past the loaded calendar."""
    spec = spec_of(case_type, clock)
    period = int(clock.id.partition("#")[2] or 1)
    if clock.until:
        return _end_of(clock.until, "18:00")
    if spec.date:
        value = case.values[spec.date]
        return _end_of(date.fromisoformat(value[period - 1] if isinstance(value, list) else value), "18:00")
    rule = _rule_spec(clock, spec, case, case_type)
    start = _counted_from(clock.started_at, rule, calendar)
    if start is None:
        return None
    n = rule.n * period if spec.repeats else rule.n
    timed = replace(_rule(rule, n), suspended=clock.suspended, extend=clock.extended)
    return due(start, timed, calendar).at


def counts_working_days(clock: Clock, case: Case, case_type: CaseType) -> bool:
    """Return whether a clock can be suspended or extended by days: only working days can."""
    spec = spec_of(case_type, clock)
    return spec.date is None and _rule_spec(clock, spec, case, case_type).unit == "working_day"


def _rule_spec(clock: Clock, spec: ClockSpec, case: Case, case_type: CaseType) -> RuleSpec:
    profile = case_type.profiles.get(case.profile or "", {})
    chosen = spec.rules.get(str(case.values.get(spec.by))) if spec.by else None
    rule = profile.get(clock.id.partition("#")[0]) or chosen or spec.rule
    if rule is None:
        raise InputError(
            N_("no time limit is set for '{given}'; choose another value"),
            where=spec.by,
            key="act.no_limit",
            given=case.values.get(spec.by or "") or "—",
        )
    return rule


def _rule(spec: RuleSpec, n: int) -> Rule:
    hours = tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in spec.office_hours)
    end = None if spec.day_end == "24:00" else time.fromisoformat(spec.day_end)
    return Rule(spec.unit, n, spec.roll, end, office_hours=hours)


def rule_of(spec: RuleSpec) -> Rule:
    """Return a plain rule of a type as the clock takes it."""
    return _rule(spec, spec.n)


def _counted_from(received: datetime, rule: RuleSpec, calendar: Calendar) -> datetime | None:
    """Return the instant that counting begins from: what comes after hours may count as of the next working day."""
    local = received.astimezone(CHINA)
    if rule.after_hours == "as_received":
        return received
    try:
        late = rule.day_end != "24:00" and local.time() > time.fromisoformat(rule.day_end)
        if calendar.is_workday(local.date()) and not late:
            return received
        return datetime.combine(calendar.add_workdays(local.date(), 1), time(0), CHINA)
    except CalendarError:
        return None


def _end_of(day: date, day_end: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(day_end), CHINA)


# -- meeting, stopping, moving ---------------------------------------------------------------------------------------


def changed(case: Case, clock: Clock) -> Case:
    """Return the case with one of its clocks replaced."""
    return replace(case, clocks=tuple(clock if c.id == clock.id else c for c in case.clocks))


def open_clocks(case: Case, names: Sequence[str]) -> list[Clock]:
    """Return the open clocks of `names` (all periods of each), in the order of `names`."""
    return [c for name in names for c in case.clocks if c.is_open and name in (c.id, c.id.partition("#")[0])]


def met(case: Case, case_type: CaseType, clocks: Iterable[Clock], at: datetime, calendar: Calendar) -> Case:
    """Return the case with `clocks` met at `at`; a repeating one begins its next period."""
    for clock in clocks:
        case = changed(case, replace(clock, status="met", met_at=at, light="green"))
        case = renewed(case, case_type, clock, calendar)
    return case


def is_on_time(clock: Clock) -> bool:
    """Return whether a met clock was met in time: at the due instant still is."""
    return clock.met_at is not None and (clock.due_at is None or clock.met_at <= clock.due_at)


def dropped(case: Case, names: Sequence[str] | None = None) -> Case:
    """Return the case with open clocks of `names` (None: all) made pointless."""
    for clock in case.clocks if names is None else open_clocks(case, names):
        if clock.is_open:
            case = changed(case, replace(clock, status="dropped", light="green"))
    return case


def reopened(case: Case, case_type: CaseType, names: Sequence[str], calendar: Calendar) -> Case:
    """Return the case with what met or dropped `names` taken back: they run again, due when they were."""
    for clock in case.clocks:
        if clock.id.partition("#")[0] in names and not clock.is_open:
            case = moved(case, case_type, replace(clock, status="running", met_at=None), calendar)
    return case


def moved(case: Case, case_type: CaseType, clock: Clock, calendar: Calendar) -> Case:
    """Return the case with a clock's due time computed anew; a former one that differs is kept."""
    before = next(c.due_at for c in case.clocks if c.id == clock.id)
    after = None if clock.status == "suspended" else due_of(clock, case, case_type, calendar)
    former = clock.former if before == after else (*clock.former, before)
    return changed(case, replace(clock, due_at=after, former=former, fired=0, light="green"))


def recalculated(case: Case, case_type: CaseType, calendar: Calendar) -> Case:
    """Return the case with every running clock as the calendar has it now: what a new holiday notice does."""
    for clock in case.clocks:
        if clock.status == "running" and due_of(clock, case, case_type, calendar) != clock.due_at:
            case = moved(case, case_type, clock, calendar)
    return case


# -- lights and points -----------------------------------------------------------------------------------------------


def worst(lights: Iterable[Light]) -> Light:
    """Return the worst of some lights, green for none."""
    return max(lights, key=LIGHTS.index, default="green")


def lit(case: Case, case_type: CaseType) -> Case:
    """Return the case with its light: the worst of its open clocks and of how far it lags behind its plan."""
    lights = [clock.light for clock in case.clocks if clock.is_open]
    lag = _lag_light(case, case_type)
    light = worst([*lights, *([lag] if lag else [])]) if case.is_open else "green"
    return case if light == case.light else replace(case, light=light)


def _lag_light(case: Case, case_type: CaseType) -> Light | None:
    spec = case_type.light
    if spec is None or case.values.get(spec.planned) is None:
        return None
    lag = case.values[spec.planned] - (case.values.get(spec.done) or 0)
    return "red" if lag > spec.red else "yellow" if lag >= spec.yellow else "green"


def fired(case: Case, case_type: CaseType, clock_id: str, number: int, point: Point) -> Case:
    """Return the case after a point: the clock remembers it, lights change, the level rises."""
    clock = next(c for c in case.clocks if c.id == clock_id)
    case = changed(case, replace(clock, fired=number, light=point.light or clock.light))
    return lit(replace(case, level=case.level + point.escalate), case_type)


def upcoming(case: Case, case_type: CaseType, calendar: Calendar) -> list[Moment]:
    """Return what is still to happen around the due times, in order; at one instant in the order of the clocks."""
    if not case.is_open:
        return []
    order = {name: number for number, name in enumerate(case_type.clocks)}
    running = [clock for clock in case.clocks if clock.status == "running"]
    moments = [moment for clock in running for moment in _moments(clock, case_type, calendar)]
    return sorted(moments, key=lambda m: (m.at, order[m.clock.partition("#")[0]], m.clock, m.number))


def _moments(clock: Clock, case_type: CaseType, calendar: Calendar) -> Iterator[Moment]:
    if clock.due_at is None:
        return
    points = case_type.points_of(spec_of(case_type, clock))
    if not any(point.before is None and point.after is None for point in points):
        points = [*points, _AT_DUE]
    timed = sorted(((_at(p, clock.due_at, calendar), p) for p in points), key=lambda pair: pair[0])
    for number, (at, point) in enumerate(timed, 1):
        if number > clock.fired and at >= clock.started_at:
            yield Moment(at, clock.id, number, point, at == clock.due_at and not (point.before or point.after))


def _at(point: Point, due_at: datetime, calendar: Calendar) -> datetime:
    if point.before is not None:
        return _before(due_at, point.before, calendar)
    if point.after is not None:
        return _after(due_at, point.after, calendar)
    return due_at


def _before(due_at: datetime, offset: Offset, calendar: Calendar) -> datetime:
    if offset.unit != "working_day":
        return due_at - timedelta(**{"days" if offset.unit == "calendar_day" else "hours": offset.n})
    day, left = due_at.astimezone(CHINA), offset.n
    while left and day.date() > calendar.first_day:
        day -= _ONE_DAY
        left -= calendar.last_day < day.date() or calendar.is_workday(day.date())
    return day


def _after(due_at: datetime, offset: Offset, calendar: Calendar) -> datetime:
    """Return an instant after the due time; past the loaded calendar weekdays stand in for working days."""
    if offset.unit != "working_day":
        return due_at + timedelta(**{"days" if offset.unit == "calendar_day" else "hours": offset.n})
    local = due_at.astimezone(CHINA)
    exact = due(due_at, Rule("working_day", offset.n, day_end=local.time()), calendar).at
    return exact or due_at + timedelta(days=offset.n + 2 * (offset.n // 5 + 1))
