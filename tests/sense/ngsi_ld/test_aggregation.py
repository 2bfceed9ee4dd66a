"""Aggregates of histories equal a naive recomputation, whether values come as arrays or one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.sense.ngsi_ld.aggregation import METHODS, Gathered, Samples, aggregates, read_aggregation, read_duration
from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.documents import Document
from bihuan.sense.ngsi_ld.forms import Form
from bihuan.sense.ngsi_ld.instants import write_instant
from bihuan.sense.ngsi_ld.problems import Problem
from bihuan.sense.ngsi_ld.temporal import TemporalQuery
from bihuan.store.rows import to_microseconds

ORIGIN = datetime(2026, 1, 31, 10, 20, tzinfo=UTC)
PM25 = CORE.expand("pm25")
SAMPLES = st.lists(
    st.tuples(
        st.integers(0, 400 * 86_400 * 1_000_000),
        st.floats(-1e9, 1e9, allow_nan=False).map(lambda one: round(one, 3)) | st.integers(-5, 5),
    ),
    min_size=1,
    max_size=40,
)
DURATIONS = ("PT0S", "PT7M", "PT1H", "P1D", "P1W", "P1M", "P2M3DT4H", "P1Y", "PT0.5S", "P9999Y")


def after(start: datetime, months: int, span: timedelta, times: int) -> datetime | None:
    """Return the start of a stretch as the calendar has it, said again on its own: None beyond its end."""
    year, month = divmod(start.year * 12 + start.month - 1 + months * times, 12)
    for day in range(start.day, 0, -1) if year <= 9999 else ():
        try:
            return start.replace(year=year, month=month + 1, day=day) + span * times
        except ValueError:
            continue
        except OverflowError:
            break
    return None


def naive(samples: Sequence[tuple[datetime, float]], first: datetime, duration: str) -> dict[str, list[list[Any]]]:
    span, months = read_duration(duration)
    parts: list[tuple[str, str, list[float]]] = []
    if span is None:
        last = max(at for at, _ in samples)
        parts = [(write_instant(first), write_instant(last), [value for _, value in samples])]
    else:
        number, end = 0, first
        while end is not None and end <= max(at for at, _ in samples):
            start, number = end, number + 1
            end = after(first, months, span, number)
            within = [value for at, value in samples if start <= at and (end is None or at < end)]
            if within:
                stop = write_instant(end or datetime.max.replace(tzinfo=UTC))
                parts.append((write_instant(start), stop, within))
    told: dict[str, list[list[Any]]] = {}
    for method in METHODS:
        told[method] = [[by_hand(method, values), start, end] for start, end, values in parts]
    return told


def by_hand(method: str, values: list[float]) -> float:
    total, mean = math.fsum(values), math.fsum(values) / len(values)
    return {
        "totalCount": len(values),
        "distinctCount": len({float(one) for one in values}),
        "sum": total,
        "avg": mean,
        "min": min(values),
        "max": max(values),
        "stddev": math.sqrt(math.fsum((one - mean) ** 2 for one in values) / len(values)),
        "sumsq": math.fsum(one**2 for one in values),
    }[method]


def same(found: dict[str, Any], expected: dict[str, list[list[Any]]]) -> None:
    for method, rows in expected.items():
        assert [row[1:] for row in found[method]] == [row[1:] for row in rows], method
        got, want = ([row[0] for row in many] for many in (found[method], rows))
        assert got == pytest.approx(want, rel=1e-12, abs=1e-9), method


def document(**attributes: Any) -> Document:
    return Document("urn:ngsi-ld:A:1", [CORE.expand("A")], [], dict(attributes), "", "")


@given(SAMPLES, st.sampled_from(DURATIONS), st.booleans())
def test_arrays_and_instances_give_what_is_computed_by_hand(
    given_samples: list[tuple[int, float]], duration: str, anchored: bool
) -> None:
    if duration in ("PT7M", "PT0.5S"):  # by hand a stretch at a time: not a year of them
        given_samples = [(at % 3_600_000_000, value) for at, value in given_samples]
    samples = sorted((ORIGIN + timedelta(microseconds=at), value) for at, value in given_samples)
    asked = TemporalQuery("after", ORIGIN) if anchored else TemporalQuery()
    how = read_aggregation(",".join(METHODS), duration)
    expected = naive(samples, ORIGIN if anchored else samples[0][0], duration)
    instances = [{"type": "Property", "value": value, "observedAt": write_instant(at)} for at, value in samples]
    times = np.array([to_microseconds(at) for at, _ in samples], np.int64)
    values = np.array([float(value) for _, value in samples])
    shuffled = np.random.default_rng(len(samples)).permutation(len(samples))
    arrays = Samples("Property", None, times[shuffled], values[shuffled])
    one_by_one = aggregates(Gathered(document(**{PM25: instances}), {}), asked, how, Form(), CORE)
    packed = aggregates(Gathered(document(), {PM25: [arrays]}), asked, how, Form(), CORE)
    same(one_by_one["pm25"], expected)
    same(packed["pm25"], expected)


def test_other_values_are_counted_and_numbers_only_where_there_are_some() -> None:
    values: list[Any] = [1, 1.0, True, "b", "a", [1, 2, 3], {"x": 1}, {"x": 1}]
    instances = [
        {"type": "Property", "value": one, "observedAt": f"2026-03-01T00:00:0{at}Z"} for at, one in enumerate(values)
    ]
    how = read_aggregation("totalCount,distinctCount,sum,min,max", None)
    found = aggregates(Gathered(document(**{PM25: instances}), {}), TemporalQuery(), how, Form(), CORE)["pm25"]
    assert {name: rows[0][0] for name, rows in found.items() if name != "type"} == {
        "totalCount": 8, "distinctCount": 6, "sum": 6.0, "min": 1.0, "max": 3.0,
    }  # fmt: skip
    texts = aggregates(Gathered(document(**{PM25: instances[3:5]}), {}), TemporalQuery(), how, Form(), CORE)["pm25"]
    assert (texts["min"][0][0], texts["max"][0][0], texts["sum"][0][0]) == ("a", "b", 0)


def test_a_duration_beyond_all_time_is_refused() -> None:
    with pytest.raises(Problem, match="longer than time"):
        read_duration("P9999999999D")
