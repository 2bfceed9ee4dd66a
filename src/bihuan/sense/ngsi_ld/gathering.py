"""Histories gathered to be aggregated: numbers as arrays, whichever way they came and wherever their day lies.

What clients wrote comes packed out of PostgreSQL, what devices measured as `store.history` has it, of recent days and of
sealed ones. Attributes that have anything but numbers are read as they are; so is what only the last instances, or scopes
that change, are asked of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from bihuan.sense.ngsi_ld import past
from bihuan.sense.ngsi_ld.aggregation import Gathered, Samples, Times
from bihuan.sense.ngsi_ld.documents import SCOPE, Document
from bihuan.sense.ngsi_ld.forms import Form
from bihuan.sense.ngsi_ld.selection import Selection
from bihuan.sense.ngsi_ld.temporal import TemporalQuery, chosen
from bihuan.store import ngsi_ld
from bihuan.store.connect import Connection
from bihuan.store.history import Series
from bihuan.store.ngsi_ld import NumbersRow, TemporalRow

Packed = Mapping[str, Sequence[NumbersRow]]
"""What is kept of one history: attribute -> its instances by type and datasetId."""
_PROPERTY = "Property"


def gathered(connection: Connection, urn: str, asked: TemporalQuery, form: Form, *, at: datetime) -> Gathered:
    """Return what is asked for of the history of one entity.

    Raises:
        Problem: ResourceNotFound where nothing is known of it, or it never had any of the attributes asked for.
    """
    if asked.last is not None:
        return Gathered(past.document(connection, urn, asked, form, at=at, most=asked.last), {})
    kept, there = past.known(connection, urn, at=at)
    series = past.measurements(connection, urn, asked, form, at=at) if there is not None else {}
    packed = _packed(connection, kept, asked, form)
    one_by_one = _one_by_one(packed.values(), series, asked)
    (document,) = _read(connection, kept, one_by_one, asked, form) if kept else [past.without_history(there)]
    past.add_measured(document, {iri: one for iri, one in series.items() if iri in one_by_one})
    samples = _samples(packed[kept[0].number] if kept else {}, series, one_by_one, form)
    found = Gathered(chosen(document, asked, form), samples)
    past.check_attributes(connection, urn, kept, form, {**found.document.attributes, **samples})
    return found


def gathered_page(
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
) -> tuple[list[Gathered], int | None]:
    """Return a page of histories as `past.query` does."""
    if asked.last is not None or selection.scope is not None:
        whole, number = past.query(connection, selection, asked, form, at=at, offset=offset, limit=limit, count=count,
                                   order=order, most=asked.last)  # fmt: skip
        return [Gathered(one, {}) for one in whole], number
    rows, number = past.page_of(connection, selection, asked, form, at=at, offset=offset, limit=limit, count=count,
                                order=order)  # fmt: skip
    packed = _packed(connection, rows, asked, form)
    one_by_one = _one_by_one(packed.values(), {}, asked)
    documents = _read(connection, rows, one_by_one, asked, form)
    return [
        Gathered(chosen(document, asked, form), _samples(packed[row.number], {}, one_by_one, form))
        for row, document in zip(rows, documents, strict=True)
    ], number


def _packed(
    connection: Connection, rows: Sequence[TemporalRow], asked: TemporalQuery, form: Form
) -> dict[int, dict[str, list[NumbersRow]]]:
    """Return what is kept of histories, by their numbers."""
    found: dict[int, dict[str, list[NumbersRow]]] = {row.number: {} for row in rows}
    window = past.window_of(asked, form)
    for one in ngsi_ld.numbers(connection, list(found), window, but=SCOPE) if rows else ():
        found[one.temporal].setdefault(one.attribute, []).append(one)
    return found


def _one_by_one(packed: Iterable[Packed], series: Mapping[str, Series], asked: TemporalQuery) -> set[str]:
    """Return the attributes that have to be looked at one by one.

    Those with anything but numbers; those that clients and devices told, unless by the moment they were observed at: by
    that a client's word is known to go before a device's.
    """
    found = {iri for one in packed for iri, many in one.items() if not all(part.plain for part in many)}
    found |= {iri for iri, one in series.items() if one.others}
    if asked.property != "observedAt":
        found |= {iri for one in packed for iri in one.keys() & series.keys()}
    return found


def _read(
    connection: Connection, rows: Sequence[TemporalRow], attributes: set[str], asked: TemporalQuery, form: Form
) -> list[Document]:
    window = replace(past.window_of(asked, form), attributes=sorted(attributes))
    found = ngsi_ld.instances(connection, [row.number for row in rows], window) if attributes else []
    return past.documents_of(rows, found)


def _samples(
    packed: Packed, series: Mapping[str, Series], one_by_one: set[str], form: Form
) -> dict[str, list[Samples]]:
    """Return the attributes that have nothing but numbers, by type and datasetId."""
    found: dict[str, list[Samples]] = {}
    for iri in [*packed, *(series.keys() - packed.keys())]:
        if iri in one_by_one or not form.shows_attribute(iri):
            continue
        many = [Samples(one.kind, one.dataset, one.times_us, one.values) for one in packed.get(iri, ())]
        if iri in series and (not form.datasets or "@none" in form.datasets):
            many = _joined(many, series[iri])
        if many:
            found[iri] = many
    return found


def _joined(many: Sequence[Samples], series: Series) -> list[Samples]:
    """Return samples with what devices measured, but for moments that a client wrote of."""
    known: Times = np.concatenate([one.times_us for one in many]) if many else np.array([], np.int64)
    new = ~np.isin(series.times_us, known) & ~np.isnan(series.values)
    times, values = series.times_us[new], series.values[new]
    rest = [one for one in many if one.dataset is not None or one.kind != _PROPERTY]
    own = [one for one in many if one.dataset is None and one.kind == _PROPERTY]
    for one in own:
        times, values = np.concatenate([one.times_us, times]), np.concatenate([one.values, values])
    return [Samples(_PROPERTY, None, times, values), *rest] if len(times) else list(rest)
