"""The shell of histories: what was kept through NGSI-LD and what devices measured, as one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bihuan.sense.ngsi_ld import broker
from bihuan.sense.ngsi_ld.changes import nulled
from bihuan.sense.ngsi_ld.context import CORE
from bihuan.sense.ngsi_ld.documents import SCOPE, Document, Instance, scope_instance
from bihuan.sense.ngsi_ld.forms import Form
from bihuan.sense.ngsi_ld.instants import read_instant, write_instant
from bihuan.sense.ngsi_ld.problems import missing
from bihuan.sense.ngsi_ld.rows import document_of, measured
from bihuan.sense.ngsi_ld.scopes import within_scope
from bihuan.sense.ngsi_ld.selection import Selection
from bihuan.sense.ngsi_ld.temporal import TemporalQuery, chosen, read_instances
from bihuan.store import ngsi_ld
from bihuan.store.connect import Connection
from bihuan.store.history import Series, history
from bihuan.store.lake import default_lake
from bihuan.store.ngsi_ld import EntityRow, InstanceRow, TemporalRow, Wanted, Window

_CHUNK = 200
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def add(connection: Connection, given: Document) -> bool:
    """Add attribute instances to a history, made where there is none; return whether it is new.

    An instance of a moment that is known already takes its place, so that sending a history again adds nothing.
    """
    there = ngsi_ld.lock_temporal(connection, given.id)
    if there is not None:
        given.types = list(dict.fromkeys([*there.types, *given.types]))
        given.scopes = given.scopes or there.scopes
    head = {"urn": given.id, "types": given.types, "scopes": given.scopes, "modified_at": given.modified_at}
    numbers = ngsi_ld.keep_temporal(connection, [head])
    moment = given.modified_at or ""
    new = [broker.new_instance(given.id, name, one, moment) for name, many in given.attributes.items() for one in many]
    if there is not None:
        ngsi_ld.delete_moments(connection, there.number, new)
    ngsi_ld.add_instances(connection, numbers, new)
    return there is None


def note_deleted(
    connection: Connection, urn: str, attribute: str, dataset: str | None, *, every: bool, at: str
) -> None:
    """Note in a history that an attribute was taken away: of an entity of which nothing but a history is kept.

    Raises:
        Problem: ResourceNotFound where there is no such history, or attribute in it.
    """
    there = required(connection, urn)
    known = ngsi_ld.instances(connection, [there.number], Window("createdAt", attributes=[attribute]))
    newest = {one.body.get("datasetId"): one.body for one in known}
    gone = [one for named, one in newest.items() if (every or named == dataset) and "deletedAt" not in one]
    if not gone:
        raise missing(f"the history of {urn} has no such attribute")
    bodies = [scope_instance([], at) if attribute == SCOPE else nulled(one, at) for one in gone]
    new = [broker.new_instance(urn, attribute, {**one, "createdAt": at}, at) for one in bodies]
    ngsi_ld.add_instances(connection, {urn: there.number}, new)


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
    connection: Connection, urn: str, asked: TemporalQuery, form: Form, *, at: datetime, most: int | None
) -> Document:
    """Return what is asked for of the history of one entity, at most so many instances of each attribute, and one more.

    Raises:
        Problem: ResourceNotFound where nothing is known of it, or it never had any of the attributes asked for.
    """
    kept, there = known(connection, urn, at=at)
    (found,) = _read(connection, kept, asked, form, most) if kept else [without_history(there)]
    if there is not None:
        add_measured(found, measurements(connection, urn, asked, form, at=at))
    found = chosen(found, asked, form)
    check_attributes(connection, urn, kept, form, found.attributes)
    return found


def known(connection: Connection, urn: str, *, at: datetime) -> tuple[list[TemporalRow], EntityRow | None]:
    """Return the history that is kept of an entity, at most one, and the entity, if it is there now.

    Raises:
        Problem: ResourceNotFound where nothing is known of it.
    """
    kept = ngsi_ld.temporals(connection, Wanted(at, urns=[urn]))
    rows = ngsi_ld.selected(connection, Wanted(at, urns=[urn]))
    if not kept and not rows:
        raise missing(f"no history is kept of {urn}")
    return kept, rows[0] if rows else None


def without_history(row: EntityRow | None) -> Document:
    """Return the history of an entity of which none is kept but what devices measured."""
    assert row is not None
    found = document_of(row)
    found.attributes = {}
    return found


def check_attributes(
    connection: Connection, urn: str, kept: Sequence[TemporalRow], form: Form, found: Collection[str]
) -> None:
    """Refuse a request for attributes that a history never had.

    Raises:
        Problem: ResourceNotFound.
    """
    if form.attributes and not found and not (
        ngsi_ld.has_attribute(connection, [row.number for row in kept], form.attributes)
    ):  # fmt: skip
        raise missing(f"the history of {urn} has none of the attributes asked for")


def query(
    connection: Connection,
    selection: Selection,
    asked: TemporalQuery,
    form: Form,
    *,
    at: datetime,
    offset: int,
    limit: int,
    count: bool,
    order: str = "number",
    most: int | None,
    only: Sequence[str] | None = None,
) -> tuple[list[Document], int | None]:
    """Return a page of the histories that have an instance in the time asked for, and where asked for how many there are.

    Args:
        connection: an open transaction.
        selection: which entities; what it asks of values is asked of the instances in time (clause 5.7.4.4).
        asked: in which time.
        form: what of each is shown.
        at: now.
        offset: so many are left out.
        limit: at most so many.
        count: whether to count all of them.
        order: `number`, `urn` or `urn desc`.
        most: instances of each attribute, and one more is read to see whether there are more; None for all.
        only: ids of the entities to look at; None for all.
    """
    rows, number = page_of(connection, selection, asked, form, at=at, offset=offset, limit=limit, count=count,
                           order=order, only=only)  # fmt: skip
    page = _read(connection, rows, asked, form, most)
    scoped = page if selection.scope is None else [within_scope(one, selection.scope, asked) for one in page]
    return [chosen(one, asked, form) for one in scoped], number


def page_of(
    connection: Connection,
    selection: Selection,
    asked: TemporalQuery,
    form: Form,
    *,
    at: datetime,
    offset: int,
    limit: int,
    count: bool,
    order: str,
    only: Sequence[str] | None = None,
) -> tuple[list[TemporalRow], int | None]:
    """Return the histories of a page, and where asked for how many there are; see `query`."""
    wanted, simple = broker.wanted_of(replace(selection, attributes=(), datasets=()), at=at)
    if only is not None:
        wanted = replace(wanted, urns=[urn for urn in only if wanted.urns is None or urn in wanted.urns])
    window = window_of(asked, form)
    if simple:
        rows = ngsi_ld.temporals(connection, wanted, window=window, but=SCOPE, order=order, offset=offset,
                                 limit=None if count else limit)  # fmt: skip
        number = offset + len(rows)
    else:
        found = list(_fitting(connection, wanted, window, selection, asked, order))
        rows, number = found[offset:], len(found)
    return rows[:limit], number if count else None


def _fitting(
    connection: Connection, wanted: Wanted, window: Window, selection: Selection, asked: TemporalQuery, order: str
) -> Iterable[TemporalRow]:
    """Yield the histories whose instances in time are as asked."""
    looked_at = {*(selection.q.attributes() if selection.q else ()), SCOPE}
    if selection.geo:
        looked_at.add(selection.geo.geoproperty)
    rows = ngsi_ld.temporals(connection, wanted, window=window, but=SCOPE, order=order, limit=None)
    plain = replace(selection, attributes=(), datasets=(), scope=None)
    for at in range(0, len(rows), _CHUNK):
        part = rows[at : at + _CHUNK]
        seen = replace(window, attributes=sorted(looked_at), datasets=None)
        documents = documents_of(part, ngsi_ld.instances(connection, [row.number for row in part], seen))
        if selection.geo:
            _add_timeless(connection, part, documents, selection.geo.geoproperty)
        if selection.scope is not None:
            _add_scopes(connection, part, documents)
        for row, one in zip(part, documents, strict=True):
            if selection.scope is not None and not within_scope(one, selection.scope, asked).scopes:
                continue
            if plain.fits(one):
                yield row


def _add_timeless(
    connection: Connection, rows: Sequence[TemporalRow], documents: Sequence[Document], geoproperty: str
) -> None:
    """Add the places of entities that never move: such a place holds at any time."""
    fixed = documents_of(rows, ngsi_ld.timeless(connection, [row.number for row in rows], [geoproperty]))
    for one, place in zip(documents, fixed, strict=True):
        if place.attributes:
            one.attributes.setdefault(geoproperty, []).extend(place.attributes[geoproperty])


def _add_scopes(connection: Connection, rows: Sequence[TemporalRow], documents: Sequence[Document]) -> None:
    """Put the scopes of all time in: one that was set before the time asked for may hold in it."""
    every = Window("createdAt", attributes=[SCOPE])
    known = documents_of(rows, ngsi_ld.instances(connection, [row.number for row in rows], every))
    for one, scopes in zip(documents, known, strict=True):
        one.attributes[SCOPE] = scopes.attributes.get(SCOPE, [])


def window_of(asked: TemporalQuery, form: Form) -> Window:
    """Return what an index can find of what is asked for."""
    start, end = asked.bounds()
    names = [name for name in form.attributes or form.pick if name not in ("id", "type", "scope")]
    attributes = [*names, SCOPE] if names else None
    datasets = [*form.datasets] if form.datasets else None
    return Window(asked.property, start, end, attributes, datasets)


def _read(
    connection: Connection, rows: Sequence[TemporalRow], asked: TemporalQuery, form: Form, most: int | None
) -> list[Document]:
    limit = None if most is None else (most if asked.last is None else min(asked.last, most)) + 1
    found = ngsi_ld.instances(
        connection, [row.number for row in rows], window_of(asked, form), limit=limit, last=asked.last is not None
    )
    documents = documents_of(rows, found)
    if any(row.scopes for row in rows):
        _add_scopes(connection, rows, documents)
    return documents


def documents_of(rows: Sequence[TemporalRow], instances: Iterable[InstanceRow]) -> list[Document]:
    """Return histories of their instances."""
    by_number: dict[int, dict[str, list[tuple[int, Mapping[str, object]]]]] = {row.number: {} for row in rows}
    for one in instances:
        by_number[one.temporal].setdefault(one.attribute, []).append((one.number, one.body))
    return [
        Document(
            row.urn, row.types, row.scopes,
            {name: read_instances(many) for name, many in by_number[row.number].items()},
            write_instant(row.created_at), write_instant(row.modified_at),
        )
        for row in rows
    ]  # fmt: skip


def measurements(
    connection: Connection, urn: str, asked: TemporalQuery, form: Form, *, at: datetime
) -> dict[str, Series]:
    """Return what devices measured in the time asked for, by attribute; by default the last day's."""
    start, end = _span(asked, at)
    names = [CORE.compact(name) for name in form.attributes]
    found = history(connection, default_lake(), urn, names, start, end)
    return {CORE.expand(name): series for name, series in found.items() if len(series)}


def add_measured(found: Document, measured_there: Mapping[str, Series]) -> None:
    """Add what devices measured; of a moment that a client wrote of, what the client wrote stays."""
    for iri, series in measured_there.items():
        said: list[Instance] = found.attributes.setdefault(iri, [])
        times = {read_instant(one["observedAt"], "observedAt") for one in said if "observedAt" in one}
        said += [measured(one) for one in series.observations() if one.time not in times and one.value is not None]
        if not said:
            del found.attributes[iri]


def _span(asked: TemporalQuery, at: datetime) -> tuple[datetime, datetime]:
    start, end = asked.bounds()
    if start is None and end is None:
        return at - timedelta(days=1), at + timedelta(days=1)
    return start or _EARLIEST, end or at + timedelta(days=1)
