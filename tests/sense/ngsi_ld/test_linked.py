"""What entities link to comes with them; which members are shown; the order of entities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.documents import Document
from bihuan.sense.ngsi_ld.forms import Form, Shape, written
from bihuan.sense.ngsi_ld.intake import read_entity
from bihuan.sense.ngsi_ld.linked import How, Join, check_depth, joined, linked, read_join
from bihuan.sense.ngsi_ld.ordering import read_ordering
from bihuan.sense.ngsi_ld.problems import Problem
from bihuan.sense.ngsi_ld.projection import depth, read_projection
from bihuan.sense.ngsi_ld.query import links_of, read_query

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def entity(kind: str, name: str, **attributes: Any) -> Document:
    return read_entity({"id": f"urn:ngsi-ld:{kind}:{name}", "type": kind, **attributes}, CORE, at=NOW)


MINE = entity("Mine", "1", owner={"object": "urn:ngsi-ld:Firm:1"}, faces={"objectList": ["urn:ngsi-ld:Face:1", "urn:ngsi-ld:Face:9"]})  # fmt: skip
FACE = entity("Face", "1", depth_m=400, of={"object": "urn:ngsi-ld:Mine:1"})
FIRM = entity("Firm", "1", label="阳煤", city={"object": ["urn:ngsi-ld:City:1", "urn:ngsi-ld:City:2"]})
CITY = entity("City", "1", label="阳泉")
ALL = {one.id: one for one in (MINE, FACE, FIRM, CITY)}


def fetch(urns: Sequence[str]) -> list[Document]:
    return [ALL[urn] for urn in urns if urn in ALL]


def shown(how: How, level: int, *, pick: str = "", omit: str = "", shape: Shape = "simplified",
          known: frozenset[str] = frozenset()) -> list[Any]:  # fmt: skip
    form = Form(shape, pick=read_projection(pick, "pick", CORE) if pick else {},
                omit=read_projection(omit, "omit", CORE) if omit else {})  # fmt: skip
    found = linked([MINE], form, Join(how, level, known), fetch)
    return joined([MINE], form, found, lambda one, below: written(one, below, CORE))


def test_inline_puts_linked_entities_in_place_of_their_ids() -> None:
    (mine,) = shown("inline", 1)
    assert mine["owner"] == {"id": "urn:ngsi-ld:Firm:1", "type": "Firm", "label": "阳煤",
                             "city": ["urn:ngsi-ld:City:1", "urn:ngsi-ld:City:2"]}  # fmt: skip
    assert [one["id"] for one in mine["faces"]] == ["urn:ngsi-ld:Face:1"], "one that is not there is left out"


def test_inline_does_not_come_back_to_what_it_passed() -> None:
    (mine,) = shown("inline", 5)
    assert mine["faces"][0]["of"] == "urn:ngsi-ld:Mine:1"
    assert [one["label"] for one in mine["owner"]["city"]] == ["阳泉"]


def test_inline_normalised_keeps_the_relationship() -> None:
    (mine,) = shown("inline", 1, shape="normalized")
    assert mine["owner"]["object"] == "urn:ngsi-ld:Firm:1"
    assert mine["owner"]["entity"]["label"] == {"type": "Property", "value": "阳煤"}
    assert mine["faces"]["entityList"][0]["id"] == "urn:ngsi-ld:Face:1"


def test_flat_appends_each_linked_entity_once() -> None:
    assert [one["id"].split(":", 2)[2] for one in shown("flat", 1)] == ["Mine:1", "Firm:1", "Face:1"]
    assert [one["id"].split(":", 2)[2] for one in shown("flat", 9)] == ["Mine:1", "Firm:1", "Face:1", "City:1"]


def test_what_the_client_has_already_is_not_followed() -> None:
    assert [one["id"] for one in shown("flat", 1, known=frozenset({"urn:ngsi-ld:Firm:1"}))][1:] == [
        "urn:ngsi-ld:Face:1"
    ]


def test_a_projection_reaches_into_linked_entities() -> None:
    assert shown("inline", 2, pick="id,owner{label,city{label}}") == [
        {"id": "urn:ngsi-ld:Mine:1", "owner": {"label": "阳煤", "city": [{"label": "阳泉"}]}}
    ]
    (mine,) = shown("inline", 1, omit="faces,owner{city}")
    assert set(mine) == {"id", "type", "owner"}
    assert mine["owner"] == {"id": "urn:ngsi-ld:Firm:1", "type": "Firm", "label": "阳煤"}


@pytest.mark.parametrize("text", ["", "a,,b", "a{", "a{}", "a{{b}", "a{,b}", "a}", "a;b", ",a", "a{b}c"])
def test_a_projection_that_cannot_be_read(text: str) -> None:
    with pytest.raises(Problem, match="pick"):
        read_projection(text, "pick", CORE)


def test_depth_of_a_projection() -> None:
    assert depth(read_projection("a|b,c{d{e}}", "pick", CORE)) == 2


@pytest.mark.parametrize(("join", "level", "fine"), [(None, None, False), ("inline", 1, False), ("flat", "2", True)])
def test_no_further_than_is_retrieved(join: str | None, level: Any, fine: bool) -> None:
    asked = read_join(join, level, ())
    form = Form(pick=read_projection("owner{city{label}}", "pick", CORE))
    if fine:
        check_depth(form, asked)
    else:
        with pytest.raises(Problem, match="2 relationships"):
            check_depth(form, asked)


@pytest.mark.parametrize(
    ("join", "level"), [("deep", None), ("flat", 0), ("flat", "1.5"), ("flat", True), ("flat", 11)]
)
def test_a_join_that_is_refused(join: str, level: Any) -> None:
    with pytest.raises(Problem):
        read_join(join, level, ())


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('owner{label}=="阳煤"', True),
        ('owner{Firm:label}=="阳煤"', True),
        ('owner{Mine,Firm:label}=="阳煤"', True),
        ('owner{Mine:label}=="阳煤"', False),
        ('owner{city{label}}=="阳泉"', True),
        ('owner{city{City:label}}!="阳泉"', False),
        ("faces{depth_m}>300;owner{label}", True),
        ("faces{depth_m}>500|owner{nothing}", False),
    ],
)
def test_a_query_that_follows_relationships(text: str, holds: bool) -> None:
    expression = read_query(text, CORE)
    assert expression.holds(MINE, links_of(expression, [MINE], fetch)) is holds


def test_hops_of_a_query() -> None:
    assert read_query("a>1", CORE).hops() == 0
    assert read_query("a>1;(b{c}|d{e{f}}==2)", CORE).hops() == 2


@pytest.mark.parametrize("text", ["a{b", "a{}==1", "a{b}}==1", "a{X,b}==1", "a{"])
def test_braces_that_do_not_fit(text: str) -> None:
    with pytest.raises(Problem, match="q:"):
        read_query(text, CORE)


def station(number: int, **attributes: Any) -> Document:
    return entity("Station", str(number), **attributes)


def ordered(documents: list[Document], *terms: str, collation: str | None = None, origin: Any = None) -> list[str]:
    ordering = read_ordering(terms, CORE, collation=collation, origin=origin, geometry=None)
    return [one.id.rsplit(":", 1)[-1] for one in ordering.sorted(documents)]


def test_order_by_kind_then_value_and_what_lacks_it_last() -> None:
    given = [station(1), station(2, x="b"), station(3, x=9), station(4, x=True), station(5, x={"value": {"a": 1}}),
             station(6, x="á"), station(7, x=10), station(8, x=[1])]  # fmt: skip
    assert ordered(given, "x") == ["3", "7", "6", "2", "5", "8", "4", "1"]
    assert ordered(given, "x;desc") == ["4", "8", "5", "2", "6", "7", "3", "1"]


def test_order_by_several_members_and_inside_values() -> None:
    given = [
        station(1, a=1, place={"value": {"zip": "2"}}),
        station(2, a=1, place={"value": {"zip": "1"}}),
        station(3, a=0),
    ]
    assert ordered(given, "a", "id;desc") == ["3", "2", "1"]
    assert ordered(given, "place[zip]") == ["2", "1", "3"]


def test_order_by_distance() -> None:
    at = [{"type": "Point", "coordinates": [113 + number, 37]} for number in range(3)]
    given = [station(2, location=at[2]), station(1, location=at[1]), station(3), station(0, location=at[0])]
    assert ordered(given, "location;dist-asc", origin="[113,37]") == ["0", "1", "2", "3"]
    assert ordered(given, "location;dist-desc", origin=[113, 37]) == ["2", "1", "0", "3"]


def test_chinese_is_ordered_as_the_language_has_it() -> None:
    given = [station(1, x="阳泉"), station(2, x="城区"), station(3, x="盂县"), station(4, x="矿区")]
    assert ordered(given, "x", collation="zh") == ["2", "4", "1", "3"]


@pytest.mark.parametrize(
    ("terms", "collation", "origin"),
    [(["x;up"], None, None), (["x"], "!!", None), ([], None, None), (["location;dist-asc"], None, None),
     (["location;dist-asc"], None, "8,40"), (["a b"], None, None)],
)  # fmt: skip
def test_an_order_that_is_refused(terms: list[str], collation: str | None, origin: Any) -> None:
    with pytest.raises(Problem):
        read_ordering(terms, CORE, collation=collation, origin=origin, geometry=None)
