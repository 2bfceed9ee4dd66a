"""What a reader sees when something went wrong: a page that says what to do; in the API problem details (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from bihuan.core.errors import (
    BihuanError,
    ForbiddenError,
    InputError,
    MissingError,
    OutsideError,
    StaleError,
    StateError,
)
from bihuan.sense.ngsi_ld.problems import ERRORS
from bihuan.show.api import open311_wire
from bihuan.show.api.ngsi_ld_wire import ROOT as NGSI_LD
from bihuan.show.guard import BodyTooLargeError
from bihuan.show.labels import N_
from bihuan.show.rendering import page, reason, say

logger = logging.getLogger(__name__)

STATUS: tuple[tuple[type[BihuanError], int], ...] = (
    (InputError, 422),
    (MissingError, 404),
    (StateError, 409),
    (ForbiddenError, 403),
    (OutsideError, 503),
)
"""The first kind that fits."""

ADVICE = {
    400: N_("The request was not understood. Go back and try again."),
    403: N_("This is not allowed from here."),
    404: N_("There is nothing at this address. It may have been removed, or the address has a slip in it."),
    405: N_("This address does not take that kind of request."),
    409: N_("Somebody was quicker: reload the page and look again."),
    413: N_("That is too much at once. Upload fewer or smaller files."),
    422: N_("Something in the request does not fit."),
    500: N_("This is our mistake. Nothing was stored; the log has the details."),
    503: N_("The database does not answer. Try again in a moment; `bihuan doctor` says what is wrong."),
}


def status_of(error: BihuanError) -> int:
    """Return the HTTP status of one of our own errors."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def install(app: FastAPI) -> None:
    """Answer every failure of `app` in the reader's way."""
    app.add_exception_handler(BihuanError, _own)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(BodyTooLargeError, _too_large)
    app.add_exception_handler(Exception, _defect)


async def _own(request: Request, error: Exception) -> Response:
    assert isinstance(error, BihuanError)
    if request.url.path.startswith("/api/"):
        more = {"key": error.key, "where": error.where, **(_stale(error) if isinstance(error, StaleError) else {})}
        return problem(request, status_of(error), str(error), **more)
    return answer(request, status_of(error), reason(request, error))


def _stale(error: StaleError) -> dict[str, object]:
    """Return what a program is told that was slower than somebody: both versions, and what was done meanwhile."""
    changes = error.values.get("changes")
    return {**error.values, "changes": [str(one) for one in changes] if isinstance(changes, list) else []}


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.SEE_OTHER and error.headers:  # a page that needs somebody signed in
        if request.headers.get("hx-request"):  # a part of a page: the whole page goes there
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"hx-redirect": error.headers["location"]})
        return RedirectResponse(error.headers["location"], HTTPStatus.SEE_OTHER)
    detail = "" if error.detail == HTTPStatus(error.status_code).phrase else str(error.detail)
    answered = answer(request, error.status_code, detail)
    answered.headers.update(error.headers or {})
    return answered


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    told = (f"{'.'.join(str(part) for part in item['loc'][1:])}: {item['msg']}" for item in error.errors())
    return answer(request, 422, "; ".join(told))


async def _too_large(request: Request, error: Exception) -> Response:
    return answer(request, 413, "")


async def _defect(request: Request, error: Exception) -> Response:
    logger.error("unexpected error path=%s", request.url.path, exc_info=error)
    return answer(request, 500, "")


def answer(request: Request, status: int, detail: str) -> Response:
    """Return a failure: as a program's interface has it, a line of text for a part of a page, a whole page otherwise."""
    told = _to_program(request, status, detail)
    if told is not None:
        return told
    advice = say(request, ADVICE[status]) if status in ADVICE else HTTPStatus(status).phrase
    if request.headers.get("hx-request"):
        return Response(f"{detail} {advice}".strip(), status, media_type="text/plain")
    return page(request, "failure.html", status, code=status, detail=detail, advice=advice)


def refused(request: Request, status: int, detail: str) -> Response:
    """Return why the guard let a request not in: plain to a browser, which may be on another site's errand."""
    return _to_program(request, status, detail) or PlainTextResponse(detail, status)


def _to_program(request: Request, status: int, detail: str) -> Response | None:
    """Return a failure in the form of the interface whose address was asked; None for the pages."""
    path = request.url.path
    if path.startswith("/api/"):
        return problem(request, status, detail)
    if path.startswith(f"{NGSI_LD}/"):
        return problem(request, status, detail, type=ERRORS + ("InternalError" if status >= 500 else "InvalidRequest"))
    if path.startswith("/open311/"):
        form: open311_wire.Format = "json" if path.endswith(".json") else "xml"
        status = 400 if status == 422 else status
        return open311_wire.failed(form, status, detail or HTTPStatus(status).phrase)
    return None


def problem(request: Request, status: int, detail: str, **more: object) -> JSONResponse:
    """Return problem details as RFC 9457 has them; `more` are extension members, those that are None left out."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "instance": request.url.path,
    }
    if detail:
        body["detail"] = detail
    body |= {name: value for name, value in more.items() if value is not None}
    return JSONResponse(body, status, media_type="application/problem+json")
