"""What becomes of an entity."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.sense.ngsi_ld import changes
from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.documents import NULL, Document
from bihuan.sense.ngsi_ld.forms import Form, written
from bihuan.sense.ngsi_ld.intake import read_entity, read_fragment
from bihuan.sense.ngsi_ld.problems import Problem

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LATER = datetime(2026, 3, 3, tzinfo=UTC)
SPEED = CORE.expand("speed")


def vehicle(**attributes: Any) -> Document:
    return read_entity({"id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle", **attributes}, CORE, at=NOW)


def fragment(**attributes: Any) -> Document:
    return read_fragment(attributes, CORE, at=LATER, null=True)


def shown(document: Document, shape: Any = "simplified") -> dict[str, Any]:
    return written(document, Form(shape), CORE)


def test_append_replaces_or_keeps() -> None:
    there = vehicle(speed=10)
    outcome = changes.append(there, fragment(speed=20, heading=5), overwrite=False)
    assert outcome.refused.keys() == {SPEED}
    assert (shown(there)["speed"], shown(there)["heading"]) == (10, 5)
    changes.append(there, fragment(speed=20))
    assert shown(there)["speed"] == 20


def test_an_instance_keeps_its_creation() -> None:
    there = vehicle(speed=10)
    changes.append(there, fragment(speed=20))
    (one,) = there.attributes[SPEED]
    assert (one["createdAt"], one["modifiedAt"]) == ("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")


def test_instances_of_other_datasets_stay() -> None:
    there = vehicle(speed=[{"value": 1}, {"value": 2, "datasetId": "urn:d:2"}])
    changes.append(there, fragment(speed={"value": 3, "datasetId": "urn:d:2"}))
    assert shown(there)["speed"] == {"dataset": {"@none": 1, "urn:d:2": 3}}
    changes.delete_attribute(there, SPEED, "urn:d:2", every=False, at="2026-03-03T00:00:00Z")
    assert shown(there)["speed"] == 1


def test_merge_goes_down_to_members_and_null_removes() -> None:
    there = vehicle(address={"value": {"city": "阳泉", "zip": "1"}}, speed={"value": 1, "unitCode": "KMH"}, old=1)
    changes.merge(there, fragment(address={"value": {"zip": NULL, "road": "x"}}, speed={"value": 2}, old=NULL))
    assert shown(there)["address"] == {"city": "阳泉", "road": "x"}
    assert shown(there, "normalized")["speed"] == {"type": "Property", "value": 2, "unitCode": "KMH"}
    assert "old" not in shown(there)


def test_what_is_not_there_cannot_be_replaced_or_deleted() -> None:
    there = vehicle(speed=1)
    with pytest.raises(Problem) as refused:
        changes.delete_attribute(there, CORE.expand("heading"), None, every=False, at="x")
    assert refused.value.status == 404


def test_replacing_an_entity_tells_what_went() -> None:
    there = vehicle(speed=1, heading=2)
    outcome = changes.replace_entity(there, vehicle(speed=3, colour="red"))
    assert {(change.attribute.rsplit("/", 1)[-1], change.kind) for change in outcome.changes} == {
        ("speed", "updated"), ("heading", "deleted"), ("colour", "created")
    }  # fmt: skip
    assert shown(there) == {"id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle", "speed": 3, "colour": "red"}


VALUES = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9), max_size=4)


@given(first=VALUES, second=VALUES)
def test_appending_is_laying_over(first: dict[str, int], second: dict[str, int]) -> None:
    there = vehicle(**first)
    changes.append(there, fragment(**second))
    rest = {name: value for name, value in shown(there).items() if name not in ("id", "type")}
    assert rest == {**first, **second}


@given(first=VALUES, second=VALUES)
def test_merging_twice_is_merging_once(first: dict[str, int], second: dict[str, int]) -> None:
    once, twice = vehicle(**first), vehicle(**first)
    changes.merge(once, fragment(**second))
    changes.merge(twice, fragment(**second))
    changes.merge(twice, fragment(**second))
    assert once == twice
