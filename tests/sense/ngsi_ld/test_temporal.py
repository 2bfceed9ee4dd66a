"""Histories: cut into parts at one moment, and seen through scopes that change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.documents import SCOPE, Document
from bihuan.sense.ngsi_ld.forms import Form
from bihuan.sense.ngsi_ld.intake import read_entity
from bihuan.sense.ngsi_ld.problems import Problem
from bihuan.sense.ngsi_ld.scopes import within_scope
from bihuan.sense.ngsi_ld.temporal import TemporalQuery, chosen, cut, history, read_temporal_query, values

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ALL = TemporalQuery()


def past(**attributes: Any) -> Document:
    given = {"id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle", **attributes}
    return read_entity(given, CORE, at=NOW, null=True, temporal=True)


def series(*minutes: int) -> list[dict[str, Any]]:
    return [{"type": "Property", "value": minute, "observedAt": f"2026-03-01T00:{minute:02}:00Z"} for minute in minutes]


def shown(document: Document, asked: TemporalQuery = ALL) -> dict[str, Any]:
    return history(document, asked, Form(), CORE)


def minutes(document: Document, name: str) -> list[int]:
    return [one["value"] for one in document.attributes[CORE.expand(name)]]


def test_a_history_that_fits_is_whole() -> None:
    part = cut([past(speed=series(1, 2, 3))], ALL, 3)
    assert part.range is None
    assert minutes(part.documents[0], "speed") == [1, 2, 3]


def test_all_attributes_are_cut_at_one_moment() -> None:
    part = cut([past(speed=series(1, 2, 3, 4), fuel=series(2, 5), mode=series(9))], ALL, 2)
    (one,) = part.documents
    assert (minutes(one, "speed"), minutes(one, "fuel"), minutes(one, "mode")) == ([1, 2], [2], [])
    assert part.range == "date-time 2026-03-01T00:01:00Z-2026-03-01T00:02:00Z/*"
    assert shown(one)["mode"] == []
    assert values(one, ALL, Form(), CORE, whole=past(mode=series(9)))["mode"] == {"type": "Property", "values": []}


def test_the_last_are_cut_from_the_newest_on() -> None:
    asked = read_temporal_query("before", "2026-03-01T01:00:00Z", None, None, "5")
    part = cut([past(speed=series(1, 2, 3, 4), fuel=series(1, 2))], asked, 2)
    assert minutes(part.documents[0], "speed") == [3, 4]
    assert minutes(part.documents[0], "fuel") == []
    assert part.range == "date-time 2026-03-01T01:00:00Z-2026-03-01T00:03:00Z/5"


def test_so_many_as_were_asked_for_are_no_part() -> None:
    asked = read_temporal_query(None, None, None, None, "2")
    whole = chosen(past(speed=series(1, 2, 3)), asked, Form())
    assert cut([whole], asked, 2).range is None
    assert minutes(whole, "speed") == [2, 3]


@given(st.lists(st.integers(0, 59), min_size=1, max_size=20, unique=True), st.integers(1, 5))
def test_parts_make_the_whole(times: list[int], most: int) -> None:
    whole = past(speed=series(*sorted(times)), fuel=series(*sorted(times)[::3]))
    found: dict[str, list[int]] = {"speed": [], "fuel": []}
    since = None
    for _ in range(len(times) + 1):
        asked = read_temporal_query("after", since, None, None, None) if since else ALL
        part = cut([chosen(whole, asked, Form())], asked, most + 1)
        for name in found:
            new = part.documents[0].attributes.get(CORE.expand(name), [])
            found[name] += [one["value"] for one in new if one["observedAt"] != since]
        if part.range is None:
            break
        since = part.range.rsplit("-2026", 1)[1].removesuffix("/*")
        since = f"2026{since}"
    assert found == {"speed": sorted(times), "fuel": sorted(times)[::3]}


def scope(value: Any, minute: int) -> dict[str, Any]:
    return {"type": "Property", "value": value, "observedAt": f"2026-03-01T00:{minute:02}:00Z"}


MOVED = past(scope=[scope("/A", 10), scope(["/B/C", "/D"], 20)], speed=series(5, 15, 25))


@pytest.mark.parametrize(
    ("asked", "speeds"),
    [
        ("/A", [15]),
        ("/B/C", [25]),
        ("/B/#", [25]),
        ("/D;/B/C", [25]),
        ("/A,/D", [15, 25]),
        ("/#", [15, 25]),
        ("/X", []),
    ],
)
def test_only_while_it_was_in_the_scope(asked: str, speeds: list[int]) -> None:
    assert minutes(within_scope(MOVED, asked, ALL), "speed") == speeds


def test_a_scope_set_after_the_time_asked_for_does_not_count() -> None:
    early = read_temporal_query("before", "2026-03-01T00:20:00Z", None, None, None)
    assert within_scope(MOVED, "/D", early).scopes == []
    assert within_scope(MOVED, "/A", early).scopes == ["/A"]


def test_the_scope_that_held_is_shown() -> None:
    asked = read_temporal_query("between", "2026-03-01T00:12:00Z", "2026-03-01T00:16:00Z", None, None)
    one = shown(chosen(MOVED, asked, Form()), asked)
    assert [(said["value"], said["observedAt"]) for said in one["scope"]] == [("/A", "2026-03-01T00:10:00Z")]
    assert "scope" not in shown(chosen(MOVED, asked, Form(omit={"scope": {}})), asked)


def test_a_plain_scope_holds_from_when_it_is_said() -> None:
    assert past(scope="/A", speed=series(1)).attributes[SCOPE] == [
        {"type": "Property", "value": "/A", "observedAt": "2026-03-02T00:00:00Z"}
    ]


@pytest.mark.parametrize("scope", ["a b", [{"type": "Property", "value": 7}], [{"type": "Property", "value": "/A", "observedAt": "x"}]])  # fmt: skip
def test_a_scope_that_is_none(scope: Any) -> None:
    with pytest.raises(Problem, match="scope"):
        past(scope=scope, speed=series(1))
