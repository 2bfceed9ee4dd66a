"""The shell of histories: what was kept through NGSI-LD and what devices measured, as one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bihuan.core.records.observation import Quality
from bihuan.sense.ngsi_ld import broker
from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.documents import Document, Instance
from bihuan.sense.ngsi_ld.forms import Form
from bihuan.sense.ngsi_ld.instants import write_instant
from bihuan.sense.ngsi_ld.problems import missing
from bihuan.sense.ngsi_ld.rows import document_of, measured
from bihuan.sense.ngsi_ld.selection import Selection
from bihuan.sense.ngsi_ld.temporal import TemporalQuery, chosen, read_instances
from bihuan.store import ngsi_ld
from bihuan.store.connect import Connection
from bihuan.store.history import history
from bihuan.store.lake import default_lake
from bihuan.store.ngsi_ld import TemporalRow, Wanted

_CHUNK = 200
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def add(connection: Connection, given: Document) -> bool:
    """Add attribute instances to a history, made where there is none; return whether it is new."""
    there = ngsi_ld.lock_temporal(connection, given.id)
    head = {"urn": given.id, "types": given.types, "scopes": given.scopes, "modified_at": given.modified_at}
    numbers = ngsi_ld.keep_temporal(connection, [head])
    moment = given.modified_at or ""
    ngsi_ld.add_instances(connection, numbers, (
        broker.new_instance(given.id, name, one, moment) for name, many in given.attributes.items() for one in many
    ))  # fmt: skip
    return there is None


def required(connection: Connection, urn: str) -> TemporalRow:
    """Return what is known of a history, locked.

    Raises:
        Problem: ResourceNotFound.
    """
    there = ngsi_ld.lock_temporal(connection, urn)
    if there is None:
        raise missing(f"no history is kept of {urn}")
    return there


def document(
    connection: Connection, urn: str, asked: TemporalQuery, attributes: Sequence[str], *, at: datetime
) -> Document:
    """Return the history of one entity.

    Raises:
        Problem: ResourceNotFound.
    """
    kept = ngsi_ld.temporals(connection, Wanted(at, urns=[urn]))
    rows = ngsi_ld.selected(connection, Wanted(at, urns=[urn]))
    if not kept and not rows:
        raise missing(f"no history is kept of {urn}")
    found = _documents(connection, kept)[0] if kept else document_of(rows[0])
    if not kept:
        found.attributes = {}
    if rows:
        _add_measured(connection, found, asked, attributes, at)
    return found


def query(
    connection: Connection, selection: Selection, asked: TemporalQuery, form: Form, *, at: datetime
) -> list[Document]:
    """Return the histories that a query asks for, those that have an instance in the time asked for."""
    wanted, _ = broker.wanted_of(selection, at=at)
    page: list[Document] = []
    after = 0
    while rows := ngsi_ld.temporals(connection, wanted, after=after, limit=_CHUNK):
        for one in _documents(connection, rows):
            kept = chosen(one, asked, Form(attributes=form.attributes, datasets=form.datasets))
            if kept.attributes and selection.fits(_with_places(kept, one)):
                page.append(one)
        after = rows[-1].number
    return page


def _with_places(kept: Document, whole: Document) -> Document:
    """Return the instances in time, and of attributes that have none there all, for a place is asked of any time."""
    return Document(kept.id, kept.types, kept.scopes, {**whole.attributes, **kept.attributes})


def _documents(connection: Connection, rows: Sequence[TemporalRow]) -> list[Document]:
    by_number: dict[int, dict[str, list[tuple[int, dict[str, object]]]]] = {row.number: {} for row in rows}
    for one in ngsi_ld.instances(connection, list(by_number)):
        by_number[one.temporal].setdefault(one.attribute, []).append((one.number, one.body))
    return [
        Document(
            row.urn, row.types, row.scopes,
            {name: read_instances(many) for name, many in by_number[row.number].items()},
            write_instant(row.created_at), write_instant(row.modified_at),
        )
        for row in rows
    ]  # fmt: skip


def _add_measured(
    connection: Connection, found: Document, asked: TemporalQuery, attributes: Sequence[str], at: datetime
) -> None:
    """Add what devices measured in the time asked for; by default the last day's."""
    start, end = _span(asked, at)
    names = [CORE.compact(name) for name in attributes]
    for name, series in history(connection, default_lake(), found.id, names, start, end).items():
        iri = CORE.expand(name)
        known: list[Instance] = found.attributes.setdefault(iri, [])
        times = {one.get("observedAt") for one in known}
        known += [
            one
            for one in (measured(one) for one in series.observations() if not one.quality & Quality.written)
            if one["observedAt"] not in times and one["value"] is not None
        ]
        if not known:
            del found.attributes[iri]


def _span(asked: TemporalQuery, at: datetime) -> tuple[datetime, datetime]:
    if asked.relation == "between" and asked.time and asked.end:
        return asked.time, asked.end
    if asked.relation == "after" and asked.time:
        return asked.time, at + timedelta(days=1)
    if asked.relation == "before" and asked.time:
        return _EARLIEST, asked.time
    return at - timedelta(days=1), at + timedelta(days=1)
