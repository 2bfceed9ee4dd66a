"""Scorecards: on-time rate, average days, returns, red lights, grades, satisfaction and a score, by unit and type.

All figures come from the events up to a moment, so that a card of a past day is the same whenever it is asked for.
The score is a sum that anybody can follow: a base, and points for each thing that happened (`scores.yaml` of the pack).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
import yaml
from msgspec import Struct

from bihuan.act.clock import CHINA
from bihuan.core.errors import InputError, PackError
from bihuan.core.messages import N_
from bihuan.store.connect import Connection, Store
from bihuan.store.scores import MEASURES, Counts, counted, seal_next_day

SEALED_AT_ONCE = 31
"""Days of a round; years that were never counted are caught up with in some rounds."""


class Formula(Struct, frozen=True, forbid_unknown_fields=True):
    """How a score follows from what happened."""

    base: float = 100
    least: float = 0
    most: float = 100
    points: dict[str, float] = {}
    """Measure -> points for each."""


@dataclass(frozen=True, slots=True)
class Card:
    """The figures of one unit (or of one unit and type) in a span of time."""

    unit: str
    type: str | None
    """None: all types together."""
    counts: Counts
    score: float
    because: Mapping[str, float]
    """Measure -> points it brought: the sum is explained."""

    @property
    def on_time_rate(self) -> float | None:
        """Share of met and overdue clocks that were met in time; None where none was."""
        ended = self.counts.on_time + max(self.counts.late, self.counts.red)
        return self.counts.on_time / ended if ended else None

    @property
    def average_days(self) -> float | None:
        """Days from opening to closing; None where nothing was closed."""
        return self.counts.days / self.counts.closed if self.counts.closed else None

    @property
    def satisfaction(self) -> float | None:
        """Mean rating, 1 to 5; None where nobody rated."""
        return self.counts.stars / self.counts.rated if self.counts.rated else None


def read_formula(folder: Path) -> Formula:
    """Return the formula of a pack; the plain one where it has none.

    Raises:
        PackError: `scores.yaml` does not fit.
    """
    path = folder / "scores.yaml"
    if not path.exists():
        return Formula()
    try:
        formula = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Formula)
    except (yaml.YAMLError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise PackError(f"is no formula: {' '.join(str(error).split())}", where=path.name) from error
    if unknown := sorted(formula.points.keys() - set(MEASURES)):
        raise PackError(f"'{unknown[0]}' is no measure; there are {', '.join(MEASURES)}", where=path.name)
    return formula


def cards(connection: Connection, formula: Formula, start: date, end: date, *, by_type: bool = False) -> list[Card]:
    """Return the cards of all units for the days `start` to `end`, both counted, the best first.

    Raises:
        InputError: the span ends before it begins.
    """
    if end < start:
        raise InputError(N_("the span ends before it begins"), where="end", key="act.no_span")
    counts = counted(connection, start, end + timedelta(days=1))
    groups = [(c.unit, c.type, [c]) for c in counts] if by_type else _by_unit(counts)
    made = [_card(unit, kind, together, formula) for unit, kind, together in groups]
    return sorted(made, key=lambda card: (-card.score, card.unit, card.type or ""))


def seal(store: Store, now: datetime) -> int:
    """Count days for good that have ended a day ago or earlier, a transaction each; return how many."""
    before = now.astimezone(CHINA).date() - timedelta(days=1)
    for number in range(SEALED_AT_ONCE):
        with store.connection() as connection:
            if not seal_next_day(connection, before):
                return number
    return SEALED_AT_ONCE


def months(end: date, count: int) -> list[tuple[date, date]]:
    """Return first and last day of the `count` months up to and with that of `end`: a trend."""
    spans, first = [], end.replace(day=1)
    for _ in range(count):
        following = (first + timedelta(days=32)).replace(day=1)
        spans.append((first, following - timedelta(days=1)))
        first = (first - timedelta(days=1)).replace(day=1)
    return spans[::-1]


def _by_unit(counts: Iterable[Counts]) -> list[tuple[str, str | None, list[Counts]]]:
    together: dict[str, list[Counts]] = {}
    for each in counts:
        together.setdefault(each.unit, []).append(each)
    return [(unit, None, found) for unit, found in together.items()]


def _card(unit: str, kind: str | None, together: list[Counts], formula: Formula) -> Card:
    sums = {name: sum(getattr(each, name) for each in together) for name in MEASURES}
    because = {name: points * sums[name] for name, points in formula.points.items() if sums[name]}
    score = min(formula.most, max(formula.least, formula.base + sum(because.values())))
    return Card(unit, kind, Counts(unit, kind or "", **sums), round(score, 2), because)
