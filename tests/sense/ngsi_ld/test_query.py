"""The query language, against entities."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.documents import Document
from bihuan.sense.ngsi_ld.geometry import read_geo_query
from bihuan.sense.ngsi_ld.intake import read_entity
from bihuan.sense.ngsi_ld.problems import Problem
from bihuan.sense.ngsi_ld.query import read_query
from bihuan.sense.ngsi_ld.selection import fits_scope, read_type_selection

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def entity(**attributes: Any) -> Document:
    return read_entity({"id": "urn:ngsi-ld:AirStation:1", "type": "AirStation", **attributes}, CORE, at=NOW)


STATION = entity(
    pm25={"value": 80, "observedAt": "2026-03-01T10:00:00Z", "accuracy": {"value": 3}},
    name="阳泉一号",
    tags=["air", "city"],
    address={"value": {"city": {"zip": "045000"}}},
    open=True,
    since={"value": "2020-05-01T00:00:00Z"},
    label={"languageMap": {"zh": "站", "en": "station"}},
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("pm25", True), ("!pm25", False), ("so2", False), ("!so2", True),
        ("pm25==80", True), ("pm25!=80", False), ("pm25>79.5", True), ("pm25>=81", False), ("pm25<90;pm25>70", True),
        ("pm25==75..85", True), ("pm25==1,80", True), ("pm25.accuracy<=3", True),
        ("pm25.observedAt>=2026-03-01T00:00:00Z", True), ("pm25.observedAt>2026-03-02T00:00:00Z", False),
        ('name=="阳泉一号"', True), ('name~="^阳"', True), ('name!~="^阳"', False),
        ('tags=="city"', True), ('address[city.zip]=="045000"', True), ("open==true", True), ("open==1", False),
        ("since<2021-01-01T00:00:00Z", True), ('label[en]=="station"', True),
        ("(so2>1|pm25>79);open", True), ("so2>1|(pm25>90;open)", False),
    ],
)  # fmt: skip
def test_what_holds(text: str, holds: bool) -> None:
    assert read_query(text, CORE).holds(STATION) is holds


@pytest.mark.parametrize("text", ["", ";", "pm25>", "(pm25", "pm25)", "pm25==", "pm25~=[", 'name=="a', "a==1||b"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        read_query(text, CORE)
    assert refused.value.status == 400


@given(low=st.integers(-1000, 1000), value=st.integers(-1000, 1000), high=st.integers(-1000, 1000))
def test_a_range_is_both_bounds(low: int, value: int, high: int) -> None:
    station = entity(pm25=value)
    both = read_query(f"pm25>={low};pm25<={high}", CORE).holds(station)
    assert read_query(f"pm25=={low}..{high}", CORE).holds(station) is both


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Problem):
        read_query(text, CORE).holds(STATION)


def test_types_are_chosen_by_any_and_all() -> None:
    chosen = read_type_selection("(A;B)|C", CORE)
    a, b, c = map(CORE.expand, "ABC")
    assert chosen.fits([a, b])
    assert chosen.fits([c])
    assert not chosen.fits([a])


@pytest.mark.parametrize(
    ("asked", "fits"), [("/a/b", True), ("/a/+", True), ("/a/#", True), ("/a", False), ("/x,/a/b", True)]
)
def test_scopes(asked: str, fits: bool) -> None:
    assert fits_scope(asked, ["/a/b"]) is fits


def test_places() -> None:
    here = {"type": "Point", "coordinates": [113.58, 37.86]}
    near = read_geo_query("near;maxDistance==2000", "Point", "[113.59,37.86]", "x")
    assert near.fits(here)
    assert not read_geo_query("near;maxDistance==500", "Point", [113.59, 37.86], "x").fits(here)
    square = [[[113, 37], [114, 37], [114, 38], [113, 38], [113, 37]]]
    assert read_geo_query("within", "Polygon", square, "x").fits(here)
    assert not read_geo_query("disjoint", "Polygon", square, "x").fits(here)


@pytest.mark.parametrize(
    ("relation", "coordinates"), [("near", "[1,2]"), ("beside", "[1,2]"), ("within", "[1"), ("within", "[[1]]")]
)
def test_places_that_cannot_be_read_are_refused(relation: str, coordinates: str) -> None:
    with pytest.raises(Problem):
        read_geo_query(relation, "Point", coordinates, "x")
