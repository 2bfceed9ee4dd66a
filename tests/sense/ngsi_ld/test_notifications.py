"""Which changes a subscription is told of, and what it is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from bihuan.sense.ngsi_ld import changes
from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.documents import NULL, Document
from bihuan.sense.ngsi_ld.intake import read_entity, read_fragment
from bihuan.sense.ngsi_ld.notifications import Event, Subscription, headers_of, notification
from bihuan.sense.ngsi_ld.problems import Problem
from bihuan.sense.ngsi_ld.subscriptions import expanded, selection_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LATER = datetime(2026, 3, 3, tzinfo=UTC)
MOMENT = "2026-03-03T00:00:00Z"
DATASET = "urn:ngsi-ld:Dataset:short"
SPEED = CORE.expand("speed")


def vehicle(**attributes: Any) -> Document:
    return read_entity({"id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle", **attributes}, CORE, at=NOW)


def subscription(*triggers: str, watched: str | None = None, **how: Any) -> Subscription:
    given = {"type": "Subscription", "entities": [{"type": "Vehicle"}],
             "notification": {"endpoint": {"uri": "http://a/"}, **how}}  # fmt: skip
    given |= {"notificationTrigger": list(triggers)} if triggers else {}
    given |= {"watchedAttributes": [watched]} if watched else {}
    body = expanded(given, CORE)
    return Subscription("urn:ngsi-ld:Subscription:1", body, CORE, selection_of(body, CORE), None)


def told(asked: Subscription, event: Event) -> Any:
    data = everything(asked, event)
    return data[0] if data else None


def everything(asked: Subscription, event: Event, *others: Document) -> list[Any]:
    def fetch(urns: Sequence[str]) -> list[Document]:
        return [one for one in others if one.id in urns]

    found = asked.told_of(event, fetch)
    return [] if found is None else notification(asked, [found], fetch, at=LATER)["data"]


def deletion(document: Document) -> Event:
    document.deleted_at = document.modified_at = MOMENT
    return Event(document, changes.deleted(document, MOMENT).changes, "deleted")


def without(document: Document, dataset: str | None = None, *, every: bool = False) -> Event:
    outcome = changes.delete_attribute(document, SPEED, dataset, every=every, at=MOMENT)
    return Event(document, outcome.changes)


def test_by_default_attributes_that_come_and_change_are_told() -> None:
    there = vehicle(speed=10)
    assert told(subscription(), Event(there, changes.created(there).changes, "created"))["speed"]["value"] == 10
    update = changes.update(there, read_fragment({"speed": 20}, CORE, at=LATER, null=True))
    assert told(subscription(), Event(there, update.changes))["speed"] == {"type": "Property", "value": 20}
    assert told(subscription(watched="heading"), Event(there, update.changes)) is None
    assert told(subscription("attributeCreated"), Event(there, update.changes)) is None
    assert told(subscription("entityUpdated"), Event(there, update.changes)) is not None
    assert told(subscription(), without(there)) is None


def test_a_deleted_entity_comes_with_what_was_asked_for_of_its_attributes() -> None:
    entity = {"id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle", "deletedAt": MOMENT}
    assert told(subscription("entityDeleted"), deletion(vehicle(speed=10, heading=1))) == entity
    null = {"type": "Property", "value": NULL}
    by_attribute = subscription("attributeDeleted", watched="speed")
    assert told(by_attribute, deletion(vehicle(speed=10, heading=1))) == entity | {"speed": null}
    with_values = subscription("entityDeleted", showChanges=True)
    assert told(with_values, deletion(vehicle(speed=10))) == entity | {"speed": null | {"previousValue": 10}}
    assert told(subscription("entityDeleted", watched="heading"), deletion(vehicle(speed=10))) is None


def test_a_deleted_attribute_is_null_and_has_its_time_only_beside_the_systems() -> None:
    both = [{"value": 10, "type": "Property"}, {"value": 11, "type": "Property", "datasetId": DATASET}]
    null = {"type": "Property", "value": NULL}
    one_gone = told(subscription("attributeDeleted"), without(vehicle(speed=both), DATASET))["speed"]
    assert one_gone == [{"type": "Property", "value": 10}, null | {"datasetId": DATASET}]
    assert told(subscription("attributeDeleted"), without(vehicle(speed=both), every=True))["speed"] == null
    stamped = told(subscription("attributeDeleted", sysAttrs=True), without(vehicle(speed=10)))["speed"]
    assert stamped["deletedAt"] == MOMENT


def test_what_was_before_is_shown_where_it_is_asked_for() -> None:
    there = vehicle(state={"type": "VocabProperty", "vocab": "parked"}, speed=10)
    fragment = {"state": {"type": "VocabProperty", "vocab": "moving"}, "speed": 20, "heading": 5}
    update = changes.update(there, read_fragment(fragment, CORE, at=LATER, null=True))
    shown = told(subscription(showChanges=True), Event(there, update.changes))
    assert (shown["state"]["vocab"], shown["state"]["previousVocab"]) == ("moving", "parked")
    assert (shown["speed"]["previousValue"], "previousValue" in shown["heading"]) == (10, False)


def test_headers_name_the_context_and_carry_what_the_receiver_asked_for() -> None:
    info = [{"key": "X-Key", "value": "k"}]
    asked = subscription(endpoint={"uri": "http://a/", "receiverInfo": info}).body
    headers = headers_of(asked, "https://example.org/c.jsonld")
    assert headers["X-Key"] == "k"
    assert headers["Link"].startswith("<https://example.org/c.jsonld>; rel=")
    linked = subscription(endpoint={"uri": "http://a/", "accept": "application/ld+json"}).body
    assert headers_of(linked, "https://example.org/c.jsonld") == {"Content-Type": "application/ld+json"}


def test_linked_entities_come_inside_or_after_and_a_query_looks_at_them() -> None:
    depot = read_entity({"id": "urn:ngsi-ld:Depot:1", "type": "Depot", "name": "North", "places": 4}, CORE, at=NOW)
    there = vehicle(speed=10, at={"type": "Relationship", "object": depot.id})
    update = Event(there, changes.update(there, read_fragment({"speed": 20}, CORE, at=LATER, null=True)).changes)
    inside = everything(subscription(join="inline", format="simplified", pick=["at{name}", "id"]), update, depot)
    assert inside == [{"id": there.id, "at": {"name": "North"}}]
    after = everything(subscription(join="flat", joinLevel=1, attributes=["at"]), update, depot)
    assert [(one["id"], sorted(one.keys() - {"id", "type"})) for one in after] == [
        (there.id, ["at"]), (depot.id, ["name", "places"]),
    ]  # fmt: skip
    body = {
        "type": "Subscription",
        "entities": [{"type": "Vehicle"}],
        "notification": {"endpoint": {"uri": "http://a/"}},
    }
    for q, told_of in (("at{places}>3", 1), ("at{places}>4", 0)):
        asked = expanded(body | {"q": q}, CORE)
        one = Subscription("urn:ngsi-ld:Subscription:1", asked, CORE, selection_of(asked, CORE), None)
        assert len(everything(one, update, depot)) == told_of
    with pytest.raises(Problem, match="relationships away"):
        subscription(pick=["at{name}"])
