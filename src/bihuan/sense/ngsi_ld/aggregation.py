"""The aggregated form of a history: what is computed, over which stretches of time (clause 4.5.19).

Where an attribute has nothing but numbers, they come as arrays and no object is made of any of them; what else an attribute
can be (texts, truth values, arrays, places) is looked at one by one. Both ways give the same figures.

Source: ETSI GS CIM 009 V1.8.1, clause 4.5.19 and table 4.5.19.1-1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import SCOPE, Document, Instance, value_of
from bihuan.sense.ngsi_ld.forms import Form
from bihuan.sense.ngsi_ld.instants import read_instant, write_instant
from bihuan.sense.ngsi_ld.problems import bad
from bihuan.sense.ngsi_ld.temporal import TemporalQuery, by_dataset, head
from bihuan.store.rows import from_microseconds, to_microseconds

_DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_LATEST = datetime.max.replace(tzinfo=UTC)
Numbers = NDArray[np.float64]
Times = NDArray[np.int64]


@dataclass(frozen=True)
class Aggregation:
    """What is computed, over which stretches of time."""

    methods: tuple[str, ...]
    duration: timedelta | None
    """None: the whole time asked for."""
    months: int = 0


@dataclass(frozen=True)
class Samples:
    """Instances of one attribute, type and datasetId of which each is a number."""

    kind: str
    dataset: str | None
    times_us: Times
    """Unix time in microseconds, in any order."""
    values: Numbers


@dataclass(frozen=True)
class Gathered:
    """A history to be aggregated."""

    document: Document
    """Attributes with other values than numbers; head of all."""
    samples: Mapping[str, Sequence[Samples]]
    """The other attributes."""


@dataclass(frozen=True)
class _Stretch:
    """A stretch of time that has samples: from one position to before another."""

    start: str
    end: str
    first: int
    after: int


def read_aggregation(methods: str | None, duration: str | None) -> Aggregation:
    """Return the aggregation of a request.

    Raises:
        Problem: BadRequestData.
    """
    names = tuple(name.strip() for name in (methods or "").split(",") if name.strip())
    unknown = [name for name in names if name not in METHODS]
    if not names or unknown:
        raise bad(f"aggrMethods: some of {', '.join(METHODS)} were expected, not '{methods or ''}'")
    return Aggregation(names, *read_duration(duration or "PT0S"))


def read_duration(text: str) -> tuple[timedelta | None, int]:
    """Return an ISO 8601 duration as a span and calendar months; (None, 0) for PT0S.

    Raises:
        Problem: BadRequestData.
    """
    found = _DURATION.fullmatch(text)
    if found is None or text in ("P", "PT") or text.endswith("T"):
        raise bad(f"aggrPeriodDuration: an ISO 8601 duration such as PT1H was expected, not '{text}'")
    part = {name: float(value) for name, value in found.groupdict().items() if value}
    months = int(part.pop("years", 0) * 12 + part.pop("months", 0))
    try:
        span = timedelta(**part)
    except OverflowError:
        raise bad(f"aggrPeriodDuration: {text} is longer than time is counted here") from None
    return (None if not months and not span else span), months


def aggregates(
    gathered: Gathered, asked: TemporalQuery, how: Aggregation, form: Form, context: Context
) -> dict[str, Any]:
    """Return the aggregated form of a history."""
    shown = head(gathered.document, form, context)
    for name, instances in gathered.document.attributes.items():
        if name != SCOPE:
            _put(shown, context.compact(name), [_of_instances(many, asked, how) for many in by_dataset(instances)])
    for name, many in gathered.samples.items():
        _put(shown, context.compact(name), [_of_samples(one, asked, how) for one in many])
    return shown


def _put(shown: dict[str, Any], name: str, series: list[dict[str, Any]]) -> None:
    shown[name] = series[0] if len(series) == 1 else series


def _of_instances(instances: Sequence[Instance], asked: TemporalQuery, how: Aggregation) -> dict[str, Any]:
    moments = [to_microseconds(read_instant(one[asked.property], asked.property)) for one in instances]
    given = [value_of(one) for one in instances]
    stretches = _stretches(np.array(moments, np.int64), asked, how)
    parts = [given[one.first : one.after] for one in stretches]
    computed = {method: [METHODS[method](part) for part in parts] for method in how.methods}
    return _told(instances[0]["type"], instances[0].get("datasetId"), computed, stretches)


def _of_samples(samples: Samples, asked: TemporalQuery, how: Aggregation) -> dict[str, Any]:
    order = np.argsort(samples.times_us, kind="stable")
    stretches = _stretches(samples.times_us[order], asked, how)
    within = _Within(samples.values[order], np.array([*(one.first for one in stretches), len(order)], np.int64))
    computed = {method: _OF_NUMBERS[method](within) for method in how.methods}
    return _told(samples.kind, samples.dataset, computed, stretches)


def _told(
    kind: str, dataset: str | None, computed: Mapping[str, Sequence[Any]], stretches: Sequence[_Stretch]
) -> dict[str, Any]:
    told: dict[str, Any] = {"type": kind} | ({"datasetId": dataset} if dataset is not None else {})
    for method, values in computed.items():
        told[method] = [[value, one.start, one.end] for value, one in zip(values, stretches, strict=True)]
    return told


def _stretches(times: Times, asked: TemporalQuery, how: Aggregation) -> list[_Stretch]:
    """Return the stretches that have samples, from the first moment asked for, or the first sample."""
    start, newest = from_microseconds(int(times[0])), from_microseconds(int(times[-1]))
    first = asked.time if asked.relation in ("after", "between") and asked.time else start
    if how.duration is None:
        end = {"before": asked.time, "between": asked.end}.get(asked.relation or "")
        return [_Stretch(write_instant(first), write_instant(end or newest), 0, len(times))]
    numbers = _numbered(times, first, newest, how)
    starts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(times)]
    return [
        _Stretch(write_instant(_advanced(first, how, number)), write_instant(_advanced(first, how, number + 1)), *span)
        for span in pairwise(starts)
        for number in (int(numbers[span[0]]),)
    ]


def _numbered(times: Times, first: datetime, newest: datetime, how: Aggregation) -> Times:
    """Return in which stretch each moment lies, counted from `first`."""
    assert how.duration is not None
    if not how.months:
        return (times - to_microseconds(first)) // (how.duration // timedelta(microseconds=1))
    edges = [first]
    while edges[-1] <= newest and edges[-1] < _LATEST:
        edges.append(_advanced(first, how, len(edges)))
    found: Times = np.searchsorted(np.array([to_microseconds(one) for one in edges], np.int64), times, "right") - 1
    return found


def _advanced(first: datetime, how: Aggregation, times: int) -> datetime:
    """Return where a stretch begins; what lies beyond the calendar is its end."""
    months = first.year * 12 + first.month - 1 + how.months * times
    try:
        moved = first if not how.months else _in_month(first, months // 12, months % 12 + 1)
        return moved + (how.duration or timedelta()) * times
    except (OverflowError, ValueError):
        return _LATEST


def _in_month(first: datetime, year: int, month: int) -> datetime:
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    last_day = (following - timedelta(days=1)).day
    return first.replace(year=year, month=month, day=min(first.day, last_day))


# -- of numbers ------------------------------------------------------------------------------------------------------


class _Within:
    """Numbers in order of time, cut into stretches that each have at least one.

    Args:
        values: of all stretches.
        edges: position of the first of each stretch, and how many values there are.
    """

    def __init__(self, values: Numbers, edges: Times) -> None:
        self.values = values
        self.edges = edges
        self.first = edges[:-1]
        self.counts = np.diff(edges)

    def sums(self, values: Numbers) -> list[float]:
        """Return the sum of each stretch, rounded once."""
        flat = values.tolist()
        return [math.fsum(flat[start:after]) for start, after in pairwise(self.edges.tolist())]

    def means(self) -> list[float]:
        return [total / count for total, count in zip(self.sums(self.values), self.counts.tolist(), strict=True)]

    def deviations(self) -> list[float]:
        away = self.values - np.repeat(self.means(), self.counts)
        squares = zip(self.sums(away * away), self.counts.tolist(), strict=True)
        return [math.sqrt(total / count) for total, count in squares]

    def distinct(self) -> list[int]:
        stretch = np.repeat(np.arange(len(self.counts)), self.counts)
        order = np.lexsort((self.values, stretch))
        values = self.values[order]
        is_new = np.concatenate(([True], (np.diff(values) != 0) | (np.diff(stretch[order]) != 0)))
        found: list[int] = np.add.reduceat(is_new.astype(np.int64), self.first).tolist()
        return found


_OF_NUMBERS: Mapping[str, Callable[[_Within], Sequence[Any]]] = {
    "totalCount": lambda within: within.counts.tolist(),
    "distinctCount": _Within.distinct,
    "sum": lambda within: within.sums(within.values),
    "avg": _Within.means,
    "min": lambda within: np.minimum.reduceat(within.values, within.first).tolist(),
    "max": lambda within: np.maximum.reduceat(within.values, within.first).tolist(),
    "stddev": _Within.deviations,
    "sumsq": lambda within: within.sums(within.values * within.values),
}

# -- of anything -----------------------------------------------------------------------------------------------------


def _numbers(values: Sequence[Any]) -> list[float]:
    """Return what an arithmetic method counts (table 4.5.19.1-1): numbers, booleans as 0 and 1, lengths of arrays."""
    found: list[float] = []
    for value in values:
        if isinstance(value, int | float):
            found.append(float(value))
        elif isinstance(value, list):
            found.append(float(len(value)))
    return found


def _mean(numbers: Sequence[float]) -> float | None:
    return math.fsum(numbers) / len(numbers) if numbers else None


def _deviation(numbers: Sequence[float]) -> float | None:
    mean = _mean(numbers)
    if mean is None:
        return None
    away = [one - mean for one in numbers]
    return math.sqrt(math.fsum(one * one for one in away) / len(away))


def _extreme(values: Sequence[Any], pick: Callable[[Iterable[Any]], Any]) -> Any:
    numbers = _numbers(values)
    if numbers:
        return pick(numbers)
    texts = [value for value in values if isinstance(value, str)]
    return pick(texts) if texts else None


def _identity(value: Any) -> Any:
    """Return what two values have in common if and only if they are the same JSON: 1 and 1.0 are, 1 and true are not."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else msgspec.json.encode(value, order="sorted")


METHODS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "totalCount": len,
    "distinctCount": lambda values: len({_identity(value) for value in values}),
    "sum": lambda values: math.fsum(_numbers(values)),
    "avg": lambda values: _mean(_numbers(values)),
    "min": lambda values: _extreme(values, min),
    "max": lambda values: _extreme(values, max),
    "stddev": lambda values: _deviation(_numbers(values)),
    "sumsq": lambda values: math.fsum(one * one for one in _numbers(values)),
}
"""Aggregates by their name in the specification; the deviation is that of the whole population."""
