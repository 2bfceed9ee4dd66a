"""Open311 GeoReport v2: citizens' clients ask, list and follow what the case types with `open311: true` offer.

Addresses (`ROUTER`) lie under `/open311/v2/`; discovery at `/open311/`. What a request shows is what its case type makes public:
a hotline request shows its service, its state and its times, never who asked or what was written.

Source: GeoReport v2 and Service Discovery, wiki.open311.org; `docs/reference/open311.md` names what we decided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from bihuan.act import accounts, evidence
from bihuan.act.command import Opening
from bihuan.core.errors import ForbiddenError, InputError, MissingError, StateError
from bihuan.core.records.case import EvidenceRef
from bihuan.core.records.principal import Principal
from bihuan.show.api.open311_requests import MOST, Requests
from bihuan.show.api.open311_services import Service, attribute_value
from bihuan.show.api.open311_wire import MEDIA_TYPES, Format, failed, respond, respond_all
from bihuan.show.rooms import connection_of, engine_of, now_of, reading_of, registry_of
from bihuan.store.case_conditions import CaseFilter
from bihuan.store.connect import Connection

CHANGESET = "2026-11-24T00:00:00Z"
"""When this interface last changed."""
SPAN = timedelta(days=90)
LONGEST_DESCRIPTION = 4_000
_ATTRIBUTE = re.compile(r"attribute\[(?P<code>[^\]]+)\](?:\[\])?")
_STATUS = {"open": True, "closed": False}
_MARKUP = re.compile(r"<\s*/?\s*[a-zA-Z!]")

Handler = Callable[..., Response]


def _told(handler: Handler) -> Handler:
    """Answer our own errors as the specification has them."""

    @wraps(handler)
    def answer(request: Request, form: Format, **given: Any) -> Response:
        if form not in MEDIA_TYPES:
            raise HTTPException(404)
        try:
            return handler(request, form, **given)
        except ForbiddenError as error:
            return failed(form, 403, str(error))
        except MissingError as error:
            return failed(form, 404, str(error))
        except (InputError, StateError) as error:
            return failed(form, 400, str(error))

    return answer


# -- what there is to ask for ----------------------------------------------------------------------------------------


@_told
def discovery(request: Request, form: Format) -> Response:
    """Say where the endpoint is and what it speaks."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": str(request.base_url).rstrip("/") + "/open311/v2/",
        "changeset": CHANGESET,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    city = registry_of(request).city("zh-CN")
    tree = {
        "changeset": CHANGESET,
        "contact": f"{city} 12345",
        "key_service": "bihuan account api-key create NAME --grant open311 --scope public",
        "endpoints": [endpoint],
    }
    return respond("discovery", tree, form)


@_told
def list_services(request: Request, form: Format) -> Response:
    """List the services."""
    _require_jurisdiction(request, request.query_params)
    return respond("services", [service.told() for service in _services(request).values()], form)


@_told
def define_service(request: Request, form: Format, code: str) -> Response:
    """Tell the attributes of a service."""
    _require_jurisdiction(request, request.query_params)
    return respond("service_definition", _service(request, code).definition(), form)


# -- asking ----------------------------------------------------------------------------------------------------------


@_told
def create(request: Request, form: Format, sent: FormData) -> Response:
    """Open a case for somebody of the public; the answer's notice holds the code to follow and rate it with."""
    arguments = _arguments(sent)
    engine, now = engine_of(request), now_of(request)
    with connection_of(request) as connection:
        who = _who(connection, arguments.get("api_key") or request.query_params.get("api_key", ""))
        _require_jurisdiction(request, arguments)
        if not arguments.get("service_code"):
            raise InputError("is missing; GET services lists the codes", where="service_code")
        service = _service(request, arguments["service_code"])
        files = tuple(_kept(connection, file, now) for file in sent.getlist("media") if isinstance(file, UploadFile))
        opening = Opening(service.type.type, _values(service, arguments, sent), evidence=files)
        opened = engine.open(connection, who, opening, now)
    notice = f"查询码 {opened.code} (follow and rate with this code)" if opened.code else None
    told = {"service_request_id": opened.case.number, "service_notice": notice, "account_id": None}
    return respond("service_requests", [told], form)


def _arguments(sent: FormData) -> dict[str, str]:
    """Return the arguments of a form; an empty one is as good as none (GeoReport v2, arguments)."""
    texts = ((name, value.strip()) for name, value in sent.multi_items() if isinstance(value, str))
    return {name: value for name, value in texts if value}


def _who(connection: Connection, key: str) -> Principal:
    who = accounts.key_principal(connection, key, "open311") if key else None
    if who is None:
        raise ForbiddenError("is missing or not valid; ask the city for a key", where="api_key")
    return who


def _kept(connection: Connection, file: UploadFile, now: datetime) -> EvidenceRef:
    return evidence.keep(connection, file.file.read(evidence.MAX_BYTES + 1), file.filename or "media", now)


def _values(service: Service, arguments: Mapping[str, str], sent: FormData) -> dict[str, Any]:
    """Return the fields of the case: standard arguments, attributes, and the service's choice."""
    _check_standard(arguments)
    fields = service.type.fields
    assert service.type.category is not None
    values: dict[str, Any] = {service.type.category: service.key, "title": service.choice.name}
    for name, value in _standard(arguments).items():
        if name in fields:
            values[name] = value
    for code, given in _attributes(sent).items():
        if code not in service.attributes:
            known = ", ".join(service.attributes) or "none"
            raise InputError(f"this service has no such attribute; it has {known}", where=f"attribute[{code}]")
        values[code] = attribute_value(fields[code], given, f"attribute[{code}]")
    return {name: value for name, value in values.items() if name in fields}


def _check_standard(arguments: Mapping[str, str]) -> None:
    placed = ("lat" in arguments and "long" in arguments) or "address_string" in arguments or "address_id" in arguments
    if not placed:
        raise InputError("lat and long, address_string or address_id: one of them is required", where="location")
    description = arguments.get("description", "")
    if len(description) > LONGEST_DESCRIPTION:
        raise InputError(
            f"has {len(description)} characters; at most {LONGEST_DESCRIPTION} are taken", where="description"
        )
    if _MARKUP.search(description):
        raise InputError("plain text was expected, without HTML", where="description")


def _standard(arguments: Mapping[str, str]) -> dict[str, Any]:
    """Return the standard arguments under the names that case types use for them."""
    names = [arguments[part] for part in ("last_name", "first_name") if part in arguments]
    found: dict[str, Any] = {
        "description": arguments.get("description"),
        "address": arguments.get("address_string") or arguments.get("address_id"),
        "lat": _coordinate(arguments, "lat", 90),
        "long": _coordinate(arguments, "long", 180),
        "media_url": arguments.get("media_url"),
        "reporter": "".join(names) or None,
        "phone": arguments.get("phone"),
        "email": arguments.get("email"),
        "account": arguments.get("account_id"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _coordinate(arguments: Mapping[str, str], name: str, limit: float) -> float | None:
    if name not in arguments:
        return None
    try:
        degrees = float(arguments[name])
    except ValueError:
        degrees = limit + 1
    if not -limit <= degrees <= limit:
        raise InputError(f"degrees between -{limit} and {limit} (WGS 84) were expected", where=name)
    return degrees


def _attributes(sent: FormData) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        match = _ATTRIBUTE.fullmatch(name)
        if match and isinstance(value, str) and value.strip():
            found.setdefault(match["code"], []).append(value.strip())
    return found


# -- following -------------------------------------------------------------------------------------------------------


@_told
def list_requests(request: Request, form: Format) -> Response:
    """List requests, newest first: by number, or by service, status and the day they were made."""
    _require_jurisdiction(request, request.query_params)
    return respond_all("service_requests", _found(request, _wanted(request), form), form)


@_told
def show_request(request: Request, form: Format, number: str) -> Response:
    """Show one request."""
    _require_jurisdiction(request, request.query_params)
    found = _found(request, CaseFilter(is_open=None, type=_types(request), number=(number,)), form)
    if not found:
        raise MissingError("there is no request of this number", where=number)
    return respond_all("service_requests", found, form)


@_told
def show_token(request: Request, form: Format, token: str) -> Response:
    """Refuse every token: a request has its number at once, so none is issued."""
    raise MissingError("no tokens are issued here; a request has its service_request_id at once", where=token)


def _found(request: Request, wanted: CaseFilter, form: Format) -> list[bytes]:
    requests: Requests = request.app.state.open311_requests
    with reading_of(request) as connection:
        return requests.written(connection, wanted, form)


def _wanted(request: Request) -> CaseFilter:
    given = {name: value for name, value in request.query_params.items() if value.strip()}
    types = _types(request)
    if "service_request_id" in given:
        return CaseFilter(is_open=None, type=types, number=tuple(_listed(given["service_request_id"]))[:MOST])
    states = {_status(word) for word in _listed(given.get("status", ""))}
    since, until = _span(given, now_of(request))
    chosen = [_service(request, code) for code in _listed(given.get("service_code", ""))]
    return CaseFilter(
        is_open=states.pop() if len(states) == 1 else None,
        type=tuple(dict.fromkeys(service.type.type for service in chosen)) or types,
        category=tuple(dict.fromkeys(service.key for service in chosen)),
        opened_from=since,
        opened_to=until,
    )


def _span(given: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """Return the days asked for: the last 90 by default, never more than 90.

    Raises:
        InputError: a date without an offset or Z, a longer span, or the years 1 or 9999.
    """
    since, until = (_moment(given, name) for name in ("start_date", "end_date"))
    try:
        if since is None:
            since = (until or now) - SPAN
        until = until or min(now, since + SPAN)
        if until - since > SPAN:
            raise InputError("at most 90 days at a time; ask for the rest separately", where="end_date")
        return since, until + timedelta(seconds=1)  # the last second is asked for too
    except OverflowError:
        raise InputError("lies at the end of the years that can be told", where="start_date") from None


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    if name not in given:
        return None
    try:
        moment = datetime.fromisoformat(given[name].replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError("a date and time such as 2026-01-31T08:00:00+08:00 or …Z was expected", where=name)
    return moment


def _listed(text: str) -> list[str]:
    return [piece.strip() for piece in text.split(",") if piece.strip()]


def _status(word: str) -> bool:
    if word not in _STATUS:
        raise InputError(f"open or closed was expected, not '{word[:40]}'", where="status")
    return _STATUS[word]


# -- what all of them need -------------------------------------------------------------------------------------------


def _services(request: Request) -> dict[str, Service]:
    return cast(dict[str, Service], request.app.state.services)


def _service(request: Request, code: str) -> Service:
    found = _services(request).get(code)
    if found is None:
        raise MissingError("there is no service of this code; GET services lists them", where=code)
    return found


def _types(request: Request) -> tuple[str, ...]:
    return tuple(dict.fromkeys(service.type.type for service in _services(request).values()))


def _require_jurisdiction(request: Request, given: Mapping[str, str]) -> None:
    """Refuse another place's identifier; with one jurisdiction served it may be left out."""
    asked = given.get("jurisdiction_id", "").strip()
    city = registry_of(request).pack.city
    if asked and asked not in (str(city.code), city.english.lower()):
        raise MissingError(f"this server answers for {city.code} ({city.english.lower()})", where="jurisdiction_id")


# -- addresses -------------------------------------------------------------------------------------------------------


def _get(path: str, handler: Handler) -> Route:
    @wraps(handler)
    def answer(request: Request) -> Response:
        return handler(request, **request.path_params)

    return Route(path, answer)


async def _create(request: Request) -> Response:
    async with request.form(max_files=4, max_fields=200) as sent:
        return await run_in_threadpool(create, request, sent=sent, **request.path_params)


ROUTER = Router(
    [
        _get("/v2/requests.{form}", list_requests),
        Route("/v2/requests.{form}", _create, methods=["POST"]),
        _get("/v2/requests/{number}.{form}", show_request),
        _get("/v2/services.{form}", list_services),
        _get("/v2/services/{code}.{form}", define_service),
        _get("/v2/tokens/{token}.{form}", show_token),
        _get("/discovery.{form}", discovery),
    ]
)
"""Plain routes: what a framework does for typed parameters would cost a request more than its answer."""
