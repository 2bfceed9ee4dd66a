"""REST over the ledger, for programs: documents, statements, commitments, links, comparison, series, events.

Reading only (casework: `case_api`): what changes the ledger goes through the rooms, where a person decides. Described by OpenAPI 3.1 at
`/api/openapi.json`; failures are problem details (RFC 9457).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, Field

from bihuan.show.api.caller import Guest
from bihuan.show.eventview import may_be_told
from bihuan.show.rooms import connection_of
from bihuan.store import entries, events, ledger
from bihuan.store.entries import Filter

PageNumber = Annotated[int, Query(ge=1, le=100_000, description="From 1.")]
PageSize = Annotated[int, Query(ge=1, le=1000, description="Rows of a page.")]


class Problem(BaseModel):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None


PROBLEM: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}, "description": description}
    for status, description in ((404, "There is no such thing."), (422, "A parameter does not fit."))
}
router = APIRouter(tags=["ledger"], responses=PROBLEM)


class DocumentOut(BaseModel):
    """One source text."""

    id: int
    name: str
    sha256: str
    media_type: str
    size_bytes: int
    encoding: str | None
    title: str | None
    city: str | None
    speaker: str | None
    published: str | None
    year: int | None = Field(description="The year that 今年 means in this text.")
    chars: int
    statements: int
    commitments: int
    imported_at: str


class EntryOut(BaseModel):
    """What every row of the ledger has."""

    id: int
    document_id: int
    doc: str = Field(description="File name.")
    start: int = Field(description="Offset of the quote in the raw text, in Unicode code points.")
    quote: str
    kind: Literal["result", "target"]
    period: str | None
    subject: str | None = Field(description="None is the document's own city.")
    section: str | None
    sentence: str | None
    canonical: str | None
    confidence: float
    locator: str | None
    review: Literal["unreviewed", "confirmed", "corrected", "rejected"]


class StatementOut(EntryOut):
    """A row with a number."""

    indicator: str
    value: float
    unit: str
    measure: Literal["level", "growth", "change", "share", "gap", "rank"]
    direction: Literal["+", "-"] | None
    bound: Literal["exact", "approx", "at_least", "at_most"]
    reference: str | None


class CommitmentOut(EntryOut):
    """A row without a number."""

    verb: str
    object: str
    stage: Literal["planned", "started", "under_way", "completed", "operating"]
    due: str | None


class Documents(BaseModel):
    """A page of documents."""

    total: int
    items: list[DocumentOut]


class Statements(BaseModel):
    """A page of statements."""

    total: int
    page: int
    items: list[StatementOut]


class Commitments(BaseModel):
    """A page of commitments."""

    total: int
    page: int
    items: list[CommitmentOut]


class RelatedOut(BaseModel):
    """Another row that speaks of the same thing."""

    same: str
    relation: str
    verdict: str | None
    is_later: bool
    row: StatementOut | CommitmentOut


class PromiseOut(BaseModel):
    """A promise beside its result."""

    light: Literal["met", "missed", "partly", "unknown", "open"]
    target: StatementOut | CommitmentOut
    result: StatementOut | CommitmentOut | None


class ComparisonOut(BaseModel):
    """The promises of one year."""

    year: int
    counts: dict[str, int]
    total: int
    page: int
    items: list[PromiseOut]


class PointOut(BaseModel):
    """One value of a series."""

    entry_id: int
    document_id: int
    period: str | None
    kind: str
    measure: str
    value: float = Field(description="Signed: a fall is negative.")
    unit: str
    bound: str


class EventOut(BaseModel):
    """One thing that happened."""

    id: int
    stream: str
    seq: int
    type: str
    actor: str
    time: str
    body: dict[str, Any] | None = Field(
        description="Of casework and accounts only for a caller who sees the whole city's cases; null for others."
    )
    hash: str


def _fields(row: entries.Entry) -> dict[str, Any]:
    return {**asdict(row.record()), "id": row.id, "document_id": row.document_id, "review": row.review}


def entry_out(row: entries.Entry) -> StatementOut | CommitmentOut:
    """Return a row as the API has it."""
    return StatementOut(**_fields(row)) if row.family == "statement" else CommitmentOut(**_fields(row))


def document_out(document: ledger.StoredDocument) -> DocumentOut:
    """Return a document as the API has it."""
    fields = asdict(document)
    fields["published"] = document.published.isoformat() if document.published else None
    fields["imported_at"] = document.imported_at.isoformat()
    return DocumentOut(**{name: fields[name] for name in DocumentOut.model_fields})


@router.get("/documents")
def documents(request: Request, page: PageNumber = 1, size: PageSize = 50) -> Documents:
    """List the documents, the newest year first."""
    with connection_of(request) as connection:
        found = ledger.documents(connection)
    shown = found[(page - 1) * size : page * size]
    return Documents(total=len(found), items=[document_out(one) for one in shown])


@router.get("/documents/{document_id}")
def document(request: Request, document_id: int) -> DocumentOut:
    """Return one document."""
    with connection_of(request) as connection:
        found = ledger.get_document(connection, document_id)
    if found is None:
        raise HTTPException(404)
    return document_out(found)


Texts = Annotated[list[str] | None, Query()]
Numbers = Annotated[list[int] | None, Query()]


def _filter(
    family: str,
) -> Callable[..., Filter]:
    def asked(
        q: Annotated[str, Query(max_length=200, description="Words, each found character for character.")] = "",
        kind: Texts = None,
        topic: Texts = None,
        measure: Texts = None,
        year: Numbers = None,
        document: Numbers = None,
        subject: Texts = None,
        review: Texts = None,
    ) -> Filter:
        texts = {"kind": kind, "topic": topic, "measure": measure, "subject": subject, "review": review}
        numbers = {"year": year, "document": document}
        chosen: dict[str, Any] = {name: tuple(values or ()) for name, values in {**texts, **numbers}.items()}
        return Filter(text=q, family=(family,), **chosen)

    return asked


StatementFilter = Annotated[Filter, Depends(_filter("statement"))]
CommitmentFilter = Annotated[Filter, Depends(_filter("commitment"))]


@router.get("/statements")
def statements(request: Request, where: StatementFilter, page: PageNumber = 1, size: PageSize = 50) -> Statements:
    """Search the rows with a number, in document order."""
    with connection_of(request) as connection:
        found = ledger.search(connection, where, page=page, size=size, facets=False)
    return Statements(total=found.total, page=page, items=[StatementOut(**_fields(row)) for row in found.entries])


@router.get("/commitments")
def commitments(request: Request, where: CommitmentFilter, page: PageNumber = 1, size: PageSize = 50) -> Commitments:
    """Search the rows without a number, in document order."""
    with connection_of(request) as connection:
        found = ledger.search(connection, where, page=page, size=size, facets=False)
    return Commitments(total=found.total, page=page, items=[CommitmentOut(**_fields(row)) for row in found.entries])


@router.get("/rows/{entry_id}")
def row(request: Request, entry_id: int) -> StatementOut | CommitmentOut:
    """Return one row."""
    with connection_of(request) as connection:
        found = ledger.get_entry(connection, entry_id)
    if found is None:
        raise HTTPException(404)
    return entry_out(found)


@router.get("/rows/{entry_id}/links")
def links(request: Request, entry_id: int) -> list[RelatedOut]:
    """Return the rows that speak of the same thing, earlier ones first."""
    with connection_of(request) as connection:
        found = ledger.related(connection, entry_id)
    return [
        RelatedOut(same=r.same, relation=r.relation, verdict=r.verdict, is_later=r.is_later, row=entry_out(r.entry))
        for r in found
    ]


@router.get("/compare/{year}")
def compare(
    request: Request,
    year: int,
    light: ledger.Light | None = None,
    page: PageNumber = 1,
    size: PageSize = 50,
) -> ComparisonOut:
    """Return the promises of a year beside their results, the missed ones first."""
    with connection_of(request) as connection:
        found = ledger.compare(connection, year, light=light, page=page, size=size)
    items = [
        PromiseOut(light=p.light, target=entry_out(p.target), result=entry_out(p.result) if p.result else None)
        for p in found.promises
    ]
    return ComparisonOut(
        year=year,
        counts={str(name): count for name, count in found.counts.items()},
        total=found.total,
        page=page,
        items=items,
    )


@router.get("/series/{topic}")
def series(request: Request, topic: str, measure: str | None = None) -> list[PointOut]:
    """Return the city's own values of an indicator over the periods, earliest first."""
    with connection_of(request) as connection:
        found = ledger.series(connection, topic, measure=measure)
    return [PointOut(**{name: getattr(point, name) for name in PointOut.model_fields}) for point in found]


@router.get("/events")
def event_log(
    request: Request, who: Guest, after: Annotated[int, Query(ge=0)] = 0, limit: PageSize = 100
) -> list[EventOut]:
    """Return events in the order of writing, after the one with id `after`: a reader's cursor."""
    with connection_of(request) as connection:
        found = events.since(connection, after, limit=limit)
    return [
        EventOut(
            id=e.id, stream=e.stream, seq=e.seq, type=e.type, actor=e.actor,
            time=e.time.isoformat(), body=dict(e.body) if may_be_told(e, who) else None, hash=e.hash.hex(),
        )
        for e in found
    ]  # fmt: skip
