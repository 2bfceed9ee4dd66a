"""A reviewer corrects, confirms or rejects a row, or takes that back; each is an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from bihuan.core.records.statement import Bound, Direction, Kind, Measure, Stage
from bihuan.show import changing
from bihuan.show.corrections import COMMITMENT_FIELDS, STATEMENT_FIELDS, check_commitment, check_statement, form_values
from bihuan.show.labels import N_, label
from bihuan.show.language import words
from bihuan.show.rendering import language_of, page
from bihuan.show.rooms import connection_of, linker_of, registry_of, store_of
from bihuan.store import ledger
from bihuan.store.connect import Connection
from bihuan.store.entries import Entry

router = APIRouter()
CHOICES: Mapping[str, tuple[str, ...]] = {
    "measure": get_args(Measure),
    "direction": get_args(Direction),
    "bound": get_args(Bound),
    "kind": get_args(Kind),
    "stage": get_args(Stage),
}


@router.get("/rows/{entry_id}")
def show(request: Request, entry_id: int) -> HTMLResponse:
    """Show the form of one row."""
    with connection_of(request) as connection:
        row = _row(connection, entry_id)
    return _form(request, row, form_values(row, _fields(row)), {})


@router.post("/rows/{entry_id}")
async def act(request: Request, entry_id: int) -> Response:
    """Do what the pressed button says; a faulty form comes back with its faults marked."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_act, request, entry_id, form)


def _act(request: Request, entry_id: int, form: Mapping[str, str]) -> Response:
    actor, at = changing.reviewer(request), store_of(request).clock()
    note = form.get("reason", "").strip()[:500] or None
    with connection_of(request) as connection:
        row = _row(connection, entry_id)
        match form.get("act"):
            case "reject":
                ledger.reject(connection, entry_id, actor=actor, at=at, note=note)
            case "confirm":
                ledger.confirm(connection, entry_id, actor=actor, at=at, note=note)
            case "undo":
                ledger.undo(connection, entry_id, actor=actor, at=at)
            case _:
                checked = check_statement(form) if row.family == "statement" else check_commitment(form)
                changes = {name: value for name, value in checked.fields.items() if value != getattr(row, name)}
                faults = checked.faults or ({} if changes else {"": N_("Nothing was changed.")})
                if faults:
                    return _form(request, row, form, faults)
                ledger.correct(connection, entry_id, _named(request, row, changes), actor=actor, at=at, note=note)
    linker_of(request).settle()
    return _done(request, row)


def _named(request: Request, row: Entry, changes: Mapping[str, object]) -> Mapping[str, object]:
    """Return the changes with the registry's identifier of a statement's new name, so that it joins its series."""
    if row.family != "statement" or "name" not in changes:
        return changes
    known = registry_of(request).known(str(changes["name"]))
    return {**changes, "canonical": known.id if known else None}


def _row(connection: Connection, entry_id: int) -> Entry:
    row = ledger.get_entry(connection, entry_id)
    if row is None:
        raise HTTPException(404, "This row is no longer there: its document was read anew.")
    return row


def _fields(row: Entry) -> Mapping[str, object]:
    return STATEMENT_FIELDS if row.family == "statement" else COMMITMENT_FIELDS


def _form(request: Request, row: Entry, values: Mapping[str, str], faults: Mapping[str, str]) -> HTMLResponse:
    local = words(language_of(request)).gettext
    choices = {name: [(value, local(label(name, value))) for value in known] for name, known in CHOICES.items()}
    shown = {**dict.fromkeys((*_fields(row), "reason"), ""), **values}
    # 200 also for a form with faults: it replaces the form in the open dialog.
    return page(
        request,
        "row.html",
        row=row,
        values=shown,
        faults=faults,
        choices_of=choices,
        may_change=changing.may_review(request),
    )


def _done(request: Request, row: Entry) -> Response:
    """Go back to where the row was seen: the page under the dialog, or the row's place in its document."""
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"hx-refresh": "true"})
    return RedirectResponse(f"/documents/{row.document_id}#e{row.id}", 303)
