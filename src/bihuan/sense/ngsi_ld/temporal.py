"""The temporal query and the forms of a history: normalised, simplified (`temporalValues`); aggregated: `aggregation.py`.

Source: ETSI GS CIM 009 V1.8.1, clauses 4.5.6 to 4.5.9 and 4.11 (temporal query).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bihuan.sense.ngsi_ld.context import Context
from bihuan.sense.ngsi_ld.documents import PLURAL_MEMBER, SCOPE, VALUE_MEMBER, Document, Instance
from bihuan.sense.ngsi_ld.forms import Form, shown_instance, shown_value
from bihuan.sense.ngsi_ld.instants import read_instant, write_instant
from bihuan.sense.ngsi_ld.problems import bad

TIME_PROPERTIES = ("observedAt", "createdAt", "modifiedAt", "deletedAt")


@dataclass(frozen=True)
class TemporalQuery:
    """Which instances of a history are asked for."""

    relation: str | None = None
    """`before`, `after`, `between`; None for all time."""
    time: datetime | None = None
    end: datetime | None = None
    property: str = "observedAt"
    last: int | None = None
    """At most so many of each attribute, the newest."""

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """Return the first moment asked for and the first after the last; None where time is open (clause 4.11)."""
        if self.relation == "before":
            return None, self.time
        return (self.time if self.relation else None), (self.end if self.relation == "between" else None)

    def fits(self, instance: Mapping[str, Any]) -> bool:
        """Return whether an instance lies in the time asked for."""
        text = instance.get(self.property)
        if text is None:
            return False
        start, end = self.bounds()
        if start is None and end is None:
            return True
        moment = read_instant(text, self.property)
        return (start is None or start <= moment) and (end is None or moment < end)


def read_temporal_query(
    relation: str | None, time: str | None, end: str | None, property: str | None, last: str | int | None
) -> TemporalQuery:
    """Return the temporal query of a request.

    Raises:
        Problem: BadRequestData.
    """
    property = property or "observedAt"
    if property not in TIME_PROPERTIES:
        raise bad(f"timeproperty: {', '.join(TIME_PROPERTIES)} were expected, not '{property}'")
    if relation is not None and relation not in ("before", "after", "between"):
        raise bad(f"timerel: before, after or between was expected, not '{relation}'")
    if relation is None and (time or end):
        raise bad("timerel: is missing beside timeAt")
    if relation is not None and time is None:
        raise bad("timeAt: is missing beside timerel")
    if relation == "between" and end is None:
        raise bad("endTimeAt: is missing; between needs timeAt and endTimeAt")
    start_at = read_instant(time, "timeAt") if time else None
    end_at = read_instant(end, "endTimeAt") if end else None
    return TemporalQuery(relation, start_at, end_at, property, _read_last(last))


def _read_last(last: str | int | None) -> int | None:
    if last is None:
        return None
    if isinstance(last, bool) or not str(last).isdecimal() or int(last) < 1:
        raise bad(f"lastN: a whole number above 0 was expected, not '{last}'")
    return int(last)


# -- what is shown ---------------------------------------------------------------------------------------------------


def chosen(document: Document, asked: TemporalQuery, form: Form) -> Document:
    """Return a history with the instances asked for, oldest first; the scope that held when the time began stays."""
    attributes: dict[str, list[Instance]] = {}
    for name, instances in document.attributes.items():
        if not (form.shows("scope") if name == SCOPE else form.shows_attribute(name)):
            continue
        kept = [one for one in instances if asked.fits(one) and (
            name == SCOPE or not form.datasets or one.get("datasetId", "@none") in form.datasets)]  # fmt: skip
        if name == SCOPE:
            kept = _held_before(instances, asked) + kept
        kept.sort(key=lambda one: one.get(asked.property, "").rstrip("Z"))
        if asked.last is not None:
            kept = kept[-asked.last :]
        if kept:
            attributes[name] = kept
    return replace(document, attributes=attributes)


def _held_before(scopes: Sequence[Instance], asked: TemporalQuery) -> list[Instance]:
    """Return the scope that was set last before the time asked for begins, if it was not taken away."""
    start, _ = asked.bounds()
    if start is None or asked.property == "deletedAt":
        return []
    before = [one for one in scopes if asked.property in one and read_instant(one[asked.property], "scope") < start]
    last = max(before, key=lambda one: str(one[asked.property]).rstrip("Z"), default=None)
    return [last] if last is not None and "deletedAt" not in last else []


@dataclass(frozen=True)
class Cut:
    """What of histories one answer holds (clause 6.3.10)."""

    documents: list[Document]
    range: str | None
    """Content of the Content-Range header; None where they are whole."""


def cut(documents: Sequence[Document], asked: TemporalQuery, most: int) -> Cut:
    """Return histories cut at one moment, so that no attribute has more than so many instances.

    From the oldest on, or with lastN from the newest on; an attribute that has nothing on this side of the moment stays,
    empty.
    """
    last = asked.last is not None
    if asked.last is not None and asked.last <= most:
        return Cut(list(documents), None)
    series = [many for one in documents for name, many in one.attributes.items() if name != SCOPE]
    ends = [_moment(many[-most] if last else many[most - 1], asked) for many in series if len(many) > most]
    if not ends:
        return Cut(list(documents), None)
    at = max(ends) if last else min(ends)
    kept = [
        replace(one, attributes={
            name: many if name == SCOPE else [i for i in many if (_moment(i, asked) >= at if last else _moment(i, asked) <= at)]
            for name, many in one.attributes.items()
        })
        for one in documents
    ]  # fmt: skip
    times = [_moment(i, asked) for one in kept for name, many in one.attributes.items() if name != SCOPE for i in many]
    start, end = asked.bounds()
    first, final = ((end or max(times)), min(times)) if last else ((start or min(times)), max(times))
    return Cut(kept, f"date-time {write_instant(first)}-{write_instant(final)}/{asked.last or '*'}")


def _moment(instance: Instance, asked: TemporalQuery) -> datetime:
    return read_instant(instance[asked.property], asked.property)


def head(document: Document, form: Form, context: Context) -> dict[str, Any]:
    """Return id and type of a history."""
    types = [context.compact(one) for one in document.types]
    shown: dict[str, Any] = {"id": document.id, "type": types[0] if len(types) == 1 else types}
    if form.system:
        shown |= {"createdAt": document.created_at, "modifiedAt": document.modified_at}
    return {name: value for name, value in shown.items() if form.shows(name)}


def history(document: Document, asked: TemporalQuery, form: Form, context: Context) -> dict[str, Any]:
    """Return the normalised form of a history."""
    shown = head(document, form, context)
    for name, instances in document.attributes.items():
        many = [_with_time(shown_instance(one, form, context), one, asked.property) for one in instances]
        shown[context.compact(name)] = many
    return shown


def _with_time(shown: Any, instance: Instance, property: str) -> Any:
    """Show the time that was asked by, also where it is one of the system's."""
    return {**shown, property: instance[property]} if isinstance(shown, dict) and property in instance else shown


def values(
    document: Document, asked: TemporalQuery, form: Form, context: Context, *, whole: Document
) -> dict[str, Any]:
    """Return the simplified form of a history: values and times; `whole` is what it was cut from."""
    shown = head(document, form, context)
    for name, instances in document.attributes.items():
        if not instances:
            kind = whole.attributes[name][0]["type"]
            shown[context.compact(name)] = {"type": kind, PLURAL_MEMBER[kind]: []}
            continue
        series = [_series(many, asked.property, form, context) for many in by_dataset(instances)]
        shown[context.compact(name)] = series[0] if len(series) == 1 else series
    return shown


def by_dataset(instances: Iterable[Instance]) -> list[list[Instance]]:
    """Return instances by their type and datasetId."""
    groups: dict[Any, list[Instance]] = {}
    for one in instances:
        groups.setdefault((one["type"], one.get("datasetId")), []).append(one)
    return list(groups.values())


def _series(instances: Sequence[Instance], property: str, form: Form, context: Context) -> dict[str, Any]:
    shown = [shown_value(one, form, context) for one in instances]
    kind = shown[0]["type"]
    member = VALUE_MEMBER[kind]
    pairs = [[_wrapped(kind, one[member]), instance[property]] for one, instance in zip(shown, instances, strict=True)]
    head = {"type": kind} | ({"datasetId": instances[0]["datasetId"]} if "datasetId" in instances[0] else {})
    return {**head, PLURAL_MEMBER[kind]: pairs}


def _wrapped(kind: str, value: Any) -> Any:
    """Return a value as the simplified form has it: some kinds stay objects (clause 4.5.4)."""
    if kind == "ListRelationship" and isinstance(value, list):
        return [one["object"] if isinstance(one, dict) else one for one in value]
    return {VALUE_MEMBER[kind]: value} if kind in ("LanguageProperty", "VocabProperty", "JsonProperty") else value


def read_instances(instances: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Instance]:
    """Return stored instances with their ids."""
    return [{**body, "instanceId": f"urn:ngsi-ld:Instance:{number}"} for number, body in instances]


def instance_number(text: str) -> int | None:
    """Return the number of an instanceId; None where it is none of ours."""
    tail = text.rsplit(":", 1)[-1]
    return int(tail) if tail.isdecimal() and len(tail) < 19 else None
