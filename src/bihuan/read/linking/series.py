"""Statements of one indicator and one holder, in the order of their periods: promise and result, value and next value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bihuan.core.errors import UnitError
from bihuan.core.quantity import read_unit
from bihuan.core.records.document import Document
from bihuan.core.records.statement import Anchor, Link, Statement
from bihuan.read.linking.names import indicator_key, is_bare
from bihuan.read.linking.registry import Registry
from bihuan.read.linking.verdict import is_year_to_date, judge_figure

MOST_PER_PERIOD = 6
"""So many statements of one indicator in one period take part; more are a table, whose rows name other things."""
_VALUES = ("level", "growth", "share")


@dataclass(frozen=True, slots=True)
class Dated:
    """A statement with the year its text counts from, and where in time it stands."""

    statement: Statement
    time: str
    """End of its period, else the year of its document; empty where neither is known, which sorts first."""


def link_statements(statements: Iterable[tuple[Document, str, Statement]], registry: Registry) -> Iterator[Link]:
    """Yield the links between statements.

    Args:
        statements: each with its document and the city it is about.
        registry: the pack's; what it does not know is matched by the noun itself.
    """
    groups: dict[tuple[str, str | None, str], list[Dated]] = defaultdict(list)
    for document, city, statement in statements:
        known = registry.indicator(statement.indicator)
        key = known.id if known else indicator_key(statement.indicator)
        if known is None and is_bare(key):
            continue
        groups[city, statement.subject, key].append(Dated(statement, time_of(statement.period, document)))
    for group in groups.values():
        yield from _link_group(group, registry)


def time_of(period: str | None, document: Document) -> str:
    """Return when a record holds: the end of its period, else its document's year, else nothing."""
    if period:
        return period.rsplit("/", 1)[-1][:4]
    return str(document.year) if document.year else ""


def _link_group(group: list[Dated], registry: Registry) -> Iterator[Link]:
    known = registry.indicator(group[0].statement.indicator)
    name = known.name if known else group[0].statement.indicator
    by_time: dict[str, list[Statement]] = defaultdict(list)
    for dated in group:
        by_time[dated.time].append(dated.statement)
    periods = [_told_once(by_time[time]) for time in sorted(by_time)]
    for members in periods:
        for target, result in _promised_and_reached(members):
            if _is_next_aim(target, result):
                yield Link(_anchor(result), _anchor(target), name, "series", None)
            else:
                verdict = judge_figure(target, result, known.good if known else None)
                yield Link(_anchor(target), _anchor(result), name, "target_result", verdict)
    for at in range(1, len(periods)):
        for a, b in _followed(periods[:at], periods[at]):
            yield Link(_anchor(a), _anchor(b), name, "series", None)


def _told_once(statements: list[Statement]) -> list[Statement]:
    """Leave out what is no value (a gap, a rank) where there are values, and all beyond a sane number."""
    values = [s for s in statements if s.measure in _VALUES]
    kept = values or statements
    return kept if len(kept) <= MOST_PER_PERIOD else []


def _promised_and_reached(members: list[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Each promise with what was reached; a figure of the year so far counts only where none of the whole year is."""
    for target in members:
        if target.kind == "target":
            results = [s for s in members if s.kind == "result" and is_alike(target, s)]
            whole = [s for s in results if not is_year_to_date(target, s)]
            yield from ((target, result) for result in whole or results)


def _is_next_aim(target: Statement, result: Statement) -> bool:
    """Tell whether one document reports a figure and then aims further; it judges a promise only of a year it names."""
    return target.doc == result.doc and (target.period is None or target.period != result.period)


def _followed(earlier: list[list[Statement]], later: list[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Pairs with the nearest earlier figure of one sort; where no figure has one, level beside growth of the last."""
    alike = [(a, b) for b in later for a in _nearest(earlier, b)]
    if alike:
        yield from alike
        return
    yield from ((a, b) for a in earlier[-1] for b in later if {a.measure, b.measure} == {"level", "growth"})


def _nearest(earlier: list[list[Statement]], later: Statement) -> list[Statement]:
    for members in reversed(earlier):
        alike = [member for member in members if is_alike(member, later)]
        if alike:
            return alike
    return []


def is_alike(a: Statement, b: Statement) -> bool:
    """Tell whether two figures can be compared: one measure (a rate is level or share alike) and one sort of unit."""
    rate = {a.measure, b.measure} <= {"level", "share"} and a.unit == b.unit == "%"
    if a.measure != b.measure and not rate:
        return False
    return a.unit == b.unit or (is_count(a.unit) and is_count(b.unit)) or _dimension(a.unit) == _dimension(b.unit)


def is_count(unit: str) -> bool:
    """Tell whether a unit counts things: 家, 个, 处."""
    try:
        return read_unit(unit)[1].is_classifier
    except UnitError:
        return False


def _dimension(unit: str) -> str:
    try:
        return read_unit(unit)[1].dimension
    except UnitError:
        return unit


def _anchor(statement: Statement) -> Anchor:
    return Anchor(statement.doc, statement.start, statement.quote)
