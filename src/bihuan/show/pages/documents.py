"""Documents: the list with its uploads, and one document, raw and restored side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, File, HTTPException, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bihuan.core.errors import BihuanError, FormatError
from bihuan.read.shelf import keep
from bihuan.show import changing
from bihuan.show.causes import cause
from bihuan.show.labels import N_
from bihuan.show.metrics import DOCUMENTS
from bihuan.show.paging import PAGE_SIZE, Found, page_number
from bihuan.show.rendering import local, page, say
from bihuan.show.rooms import Place, connection_of, desk_of, linker_of, registry_of, settings_of, store_of
from bihuan.show.sidebyside import side_by_side
from bihuan.store import ledger
from bihuan.store.connect import Connection
from bihuan.store.entries import Entry

router = APIRouter()
PLACE = Place("/documents", N_("Documents"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one uploaded file."""

    name: str
    document_id: int | None = None
    title: str | None = None
    fresh: bool = True
    """False where the same bytes were stored before."""
    statements: int = 0
    commitments: int = 0
    error: str | None = None
    """What is the matter and the way out, in the reader's language."""
    detail: str | None = None
    """The same in the engine's words: with figures and places, in English."""


@router.get("/documents")
def show_list(request: Request) -> HTMLResponse:
    """Show all documents, a page at a time."""
    return _list(request, [])


@router.post("/documents")
def upload(request: Request, files: Annotated[list[UploadFile], File()]) -> HTMLResponse:
    """Read and store files; each has its own result, and a bad one does not stop the others."""
    if len(files) > (most := settings_of(request).max_files):
        raise HTTPException(413, say(request, N_("At most {count} files at once."), count=most))
    actor = changing.reviewer(request)
    outcomes = [_take(request, file, actor) for file in files if file.filename]
    linker_of(request).settle()
    if request.headers.get("hx-request"):
        return page(request, "uploads.html", outcomes=outcomes)
    return _list(request, outcomes)


def _list(request: Request, outcomes: list[Outcome]) -> HTMLResponse:
    number = page_number(request.query_params)
    with connection_of(request) as connection:
        documents = ledger.documents(connection)
    shown = documents[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    settings = settings_of(request)
    return page(
        request,
        "documents.html",
        documents=shown,
        found=Found(number, PAGE_SIZE, len(shown), len(documents)),
        outcomes=outcomes,
        limit=settings.max_file_bytes,
        most_files=settings.max_files,
        may_change=changing.may_review(request),
    )


def _take(request: Request, file: UploadFile, actor: str) -> Outcome:
    name = PurePath(file.filename or "").name
    try:
        outcome = _read_and_store(request, file, name, actor)
    except BihuanError as error:
        DOCUMENTS.labels("refused").inc()
        told = cause(error)
        if told is None:
            return Outcome(name, error=error.message)
        return Outcome(name, error=local(request, told), detail=error.message)
    DOCUMENTS.labels("imported" if outcome.fresh else "unchanged").inc()
    return outcome


def _read_and_store(request: Request, file: UploadFile, name: str, actor: str) -> Outcome:
    limit = settings_of(request).max_file_bytes
    data = file.file.read(limit + 1)
    if len(data) > limit:
        raise FormatError("the file is too large", where=name, key="read.too-large")
    store, pack = store_of(request), registry_of(request).pack
    reading = desk_of(request).read(data, name)
    with store.connection() as connection:
        kept = keep(connection, reading, data, pack, actor=actor, at=store.clock())
        document = ledger.get_document(connection, kept.document_id)
    assert document is not None
    return Outcome(
        name, document.id, document.title, kept.change != "unchanged", document.statements, document.commitments
    )


@router.get("/documents/{document_id}")
def show(request: Request, document_id: int) -> HTMLResponse:
    """Show one document with its rows."""
    with connection_of(request) as connection:
        document = _document(connection, document_id)
        text = ledger.text(connection, document_id)
        assert text is not None
        passages = ledger.passages(connection, document_id)
        rows = ledger.document_entries(connection, document_id)
        orphaned = ledger.decisions(connection, document_id=document_id, orphaned=True)
    return page(
        request,
        "document.html",
        document=document,
        passages=side_by_side(text, passages, rows),
        statements=_of(rows, "statement"),
        commitments=_of(rows, "commitment"),
        orphaned=orphaned,
        may_change=changing.may_review(request),
        said=SAID.get(request.query_params.get("said", "")),
    )


SAID = {"read": N_("The document was read anew; your corrections stand.")}
"""What an action says on the page it leads to."""


def _document(connection: Connection, document_id: int) -> ledger.StoredDocument:
    document = ledger.get_document(connection, document_id)
    if document is None:
        raise HTTPException(404)
    return document


@router.post("/documents/{document_id}/read")
def read_again(request: Request, document_id: int) -> RedirectResponse:
    """Read a stored document anew with the present reader; corrections are laid over the new rows."""
    actor, store, pack = changing.reviewer(request), store_of(request), registry_of(request).pack
    with store.connection() as connection:
        name, data = _document(connection, document_id).name, ledger.source(connection, document_id)
    assert data is not None
    reading = desk_of(request).read(data, name)
    with store.connection() as connection:
        keep(connection, reading, data, pack, actor=actor, at=store.clock(), again=True)
    linker_of(request).settle()
    return RedirectResponse(f"/documents/{document_id}?said=read", 303)


@router.post("/documents/{document_id}/remove")
def remove(request: Request, document_id: int) -> RedirectResponse:
    """Remove a document with its rows; the event log keeps that it was there."""
    actor, store = changing.reviewer(request), store_of(request)
    with store.connection() as connection:
        ledger.remove(connection, document_id, actor=actor, at=store.clock())
    linker_of(request).settle()
    return RedirectResponse("/documents", 303)


def _of(rows: list[Entry], family: str) -> list[Entry]:
    return [row for row in rows if row.family == family]


@router.get("/documents/{document_id}/text")
def raw_text(request: Request, document_id: int) -> Response:
    """Return the raw text as a plain text file; never in the form it was uploaded in."""
    with connection_of(request) as connection:
        text = ledger.text(connection, document_id)
    if text is None:
        raise HTTPException(404)
    headers = {"content-disposition": f'attachment; filename="document-{document_id}.txt"'}
    return Response(text.raw, media_type="text/plain; charset=utf-8", headers=headers)
