"""A request to NGSI-LD taken apart, an answer put together: media types, contexts, forms, paging.

Source: ETSI GS CIM 009 V1.8.1, clauses 6.3.3 to 6.3.14.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
from starlette.responses import Response

from bihuan.sense.ngsi_ld import broker
from bihuan.sense.ngsi_ld.context import CORE_URL, Context
from bihuan.sense.ngsi_ld.forms import Form, Shape
from bihuan.sense.ngsi_ld.problems import Problem, bad, invalid
from bihuan.sense.ngsi_ld.projection import Projection, read_projection
from bihuan.store.connect import Connection

ROOT = "/ngsi-ld/v1"
JSON, LD, GEO, MERGE = "application/json", "application/ld+json", "application/geo+json", "application/merge-patch+json"
MOST = 1000
"""Most entities of a page."""
_LINK = re.compile(r'<([^>]*)>\s*;\s*rel="?http://www\.w3\.org/ns/json-ld#context"?')
_PREFERRED = re.compile(r'(?:^|,)\s*ngsi-ld\s*=\s*"?(\d+\.\d+)"?\s*(?=[;,]|$)', re.IGNORECASE)
_SHAPES: Mapping[str, Shape] = {
    "normalized": "normalized", "concise": "concise", "keyValues": "simplified", "simplified": "simplified"
}  # fmt: skip
_OPTIONS = {"sysAttrs", "count"}
_DEFAULT_LIMIT = 20


@dataclass
class Call:
    """One request."""

    method: str
    connection: Connection
    now: datetime
    query: dict[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    address: str
    """Of the server, as the client calls it."""
    path: str
    """Below `ROOT`."""
    accepted: str = JSON
    instances: int = 1000
    """Of an attribute's history in one answer, at most."""

    def json(self) -> Any:
        """Return the decoded body, whatever its media type says of contexts.

        Raises:
            Problem: InvalidRequest where it is no JSON.
        """
        if not self.body:
            raise invalid("the request has no body; JSON was expected")
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise invalid(f"the body is no JSON: {error}") from None

    def media_type(self, *allowed: str) -> str:
        """Return the media type of the body.

        Raises:
            Problem: UnsupportedMediaType.
        """
        given = self.headers.get("content-type", "").split(";")[0].strip().lower()
        if given not in (allowed or (JSON, LD)):
            raise Problem("UnsupportedMediaType", f"{', '.join(allowed or (JSON, LD))} were expected, not '{given}'")
        return given

    def link(self) -> str | None:
        """Return the context that the Link header names."""
        found = _LINK.search(self.headers.get("link", ""))
        return found[1] if found else None

    def context(self) -> Context:
        """Return the context of a request without a body."""
        return broker.context_of(self.connection, self.link(), at=self.now)

    def payload(self, *allowed: str) -> tuple[Any, Context]:
        """Return the decoded body and its context (clause 6.3.5).

        Raises:
            Problem: UnsupportedMediaType, InvalidRequest, BadRequestData, LdContextNotAvailable.
        """
        kind = self.media_type(*(allowed or (JSON, LD)))
        payload = self.json()
        return payload, self.body_context(payload, kind)

    def body_context(self, payload: Any, kind: str) -> Context:
        """Return the context by which a payload of a media type is read."""
        given = payload.get("@context") if isinstance(payload, dict) else None
        link = self.link()
        if kind == LD:
            if given is None:
                raise bad("@context: is missing; application/ld+json has its context in the body")
            if link is not None:
                raise bad("Link: application/ld+json has its context in the body, not in a Link header")
            return broker.context_of(self.connection, given, at=self.now)
        if given is not None and kind == JSON:
            raise bad("@context: application/json has its context in a Link header; or send application/ld+json")
        return broker.context_of(self.connection, given if given is not None else link, at=self.now)

    def preferred(self) -> list[tuple[str, str]]:
        """Return the header that tells which version of NGSI-LD was asked for and is kept to (RFC 7240).

        Source: ETSI GS CIM 009 V1.9.1, clauses 4.3.6.8 and 6.3.6.
        """
        found = _PREFERRED.search(self.headers.get("prefer", ""))
        return [("Preference-Applied", f"ngsi-ld={found[1]}")] if found else []

    # -- the form of the answer --------------------------------------------------------------------------------------

    def options(self) -> set[str]:
        """Return the words of `options`."""
        return {word.strip() for word in self.query.get("options", "").split(",") if word.strip()}

    def is_true(self, name: str) -> bool:
        """Return whether a parameter is true.

        Raises:
            Problem: BadRequestData where it is neither true nor false.
        """
        given = self.query.get(name, "false").lower()
        if given not in ("true", "false"):
            raise bad(f"{name}: true or false was expected, not '{given}'")
        return given == "true"

    def names(self, name: str, context: Context) -> Projection:
        """Return a parameter that lists members, expanded.

        Raises:
            Problem: BadRequestData.
        """
        return read_projection(self.query[name], name, context) if name in self.query else {}

    def form(self, context: Context) -> Form:
        """Return the form asked for.

        Raises:
            Problem: BadRequestData.
        """
        options = self.options()
        unknown = sorted(options - _SHAPES.keys() - _OPTIONS)
        if unknown:
            raise invalid(f"options: '{unknown[0]}' is none of {', '.join(sorted({*_SHAPES, *_OPTIONS}))}")
        shape = self.query.get("format") or next((word for word in options if word in _SHAPES), "normalized")
        if shape not in _SHAPES:
            raise invalid(f"format: {', '.join(_SHAPES)} were expected, not '{shape}'")
        pick, omit, attributes = (self.names(name, context) for name in ("pick", "omit", "attrs"))
        if any(not pick[name] and not omit[name] for name in pick.keys() & omit.keys()):
            raise bad("the same member is in pick and in omit")
        if attributes and (pick or omit):
            raise bad("attrs: cannot stand beside pick or omit")
        if "geometryProperty" in self.query and self.accepted != GEO:
            raise bad("geometryProperty: has a meaning only for application/geo+json")
        return Form(
            shape=_SHAPES[shape],
            system="sysAttrs" in options or self.is_true("sysAttrs"),
            attributes=tuple(attributes),
            pick=pick,
            omit=omit,
            lang=self.query.get("lang"),
            datasets=tuple(one for one in self.query.get("datasetId", "").split(",") if one),
            geometry=context.expand(self.query.get("geometryProperty", "location")),
        )

    def page(self) -> tuple[int, int]:
        """Return offset and limit.

        Raises:
            Problem: BadRequestData; TooManyResults where a page would be too long.
        """
        offset, limit = self._whole("offset", 0), self._whole("limit", _DEFAULT_LIMIT)
        if limit > MOST:
            raise Problem("TooManyResults", f"limit: at most {MOST} at a time")
        if limit == 0 and not self.is_true("count"):
            raise bad("limit: 0 only beside count=true")
        return offset, limit

    def _whole(self, name: str, default: int) -> int:
        given = self.query.get(name, str(default))
        if not given.isdecimal() or len(given) > 9:
            raise bad(f"{name}: a whole number from 0 on was expected, not '{given}'")
        return int(given)

    def page_headers(self, offset: int, limit: int, count: int | None, more: bool) -> list[tuple[str, str]]:
        """Return the headers that tell a client where it is in a list (clause 6.3.10)."""
        headers = []
        if count is not None:
            headers.append(("NGSILD-Results-Count", str(count)))
        if limit and offset > 0:
            headers.append(self._to_page(max(0, offset - limit), limit, "prev"))
        if limit and more:
            headers.append(self._to_page(offset + limit, limit, "next"))
        return headers

    def _to_page(self, offset: int, limit: int, relation: str) -> tuple[str, str]:
        query = {**self.query, "offset": str(offset), "limit": str(limit)}
        text = urlencode(sorted(query.items()), quote_via=quote, safe=":*/@!")
        return "Link", f'<{ROOT}/{self.path}?{text}>; rel="{relation}"; type="{self.accepted}"'


@dataclass
class Answer:
    """What is answered."""

    status: int
    content: Any = None
    """JSON; None for no body."""
    headers: list[tuple[str, str]] = field(default_factory=list)
    media_type: str = JSON

    def response(self) -> Response:
        """Return it as HTTP has it."""
        body = b"" if self.content is None else msgspec.json.encode(self.content)
        response = Response(body, self.status, media_type=None if self.content is None else self.media_type)
        for name, value in self.headers:
            response.headers.append(name, value)
        return response


def shown(call: Call, content: Any, context: Context, headers: list[tuple[str, str]] | None = None) -> Answer:
    """Return what was asked for, its context in the body or in a Link header, as the client accepts."""
    named = context_name(context)
    if call.accepted == LD:
        return Answer(200, _with_context(content, named), headers or [], LD)
    link = named if isinstance(named, str) else next((one for one in reversed(named) if isinstance(one, str)), CORE_URL)
    if call.accepted == GEO:
        if call.headers.get("prefer", "").replace(" ", "") != "body=json":
            return Answer(200, _features_with_context(content, named), headers or [], GEO)
        return Answer(200, content, [link_header(link), *(headers or [])], GEO)
    return Answer(200, content, [link_header(link), *(headers or [])])


def context_name(context: Context) -> Any:
    """Return what an answer names as its context: the user's, which the core's always follows."""
    return context.source if context.source is not None else CORE_URL


def link_header(url: str) -> tuple[str, str]:
    """Return the Link header that names a context."""
    return "Link", f'<{url}>; rel="http://www.w3.org/ns/json-ld#context"; type="{LD}"'


def _with_context(content: Any, named: Any) -> Any:
    if isinstance(content, list):
        return [{**one, "@context": named} if isinstance(one, dict) else one for one in content]
    return {**content, "@context": named}


def _features_with_context(content: Any, named: Any) -> Any:
    return {**content, "@context": named}


def read_query_string(text: str) -> dict[str, str]:
    """Return the parameters of a request; of one given twice the last."""
    return dict(parse_qsl(text, keep_blank_values=True))


def accepted(header: str | None, *offered: str) -> str:
    """Return the media type of the answer (RFC 9110, section 12.5.1).

    Raises:
        Problem: NotAcceptable.
    """
    if not header:
        return offered[0]
    ranked = sorted((_ranked(part, at) for at, part in enumerate(header.split(","))), key=lambda one: one[:2])
    for weight, _, kind in ranked:
        if weight == 0:
            continue
        found = next((one for one in offered if kind in (one, "*/*") or kind == one.split("/")[0] + "/*"), None)
        if found:
            return found
    raise Problem("NotAcceptable", f"{', '.join(offered)} can be had, not '{header}'")


def _ranked(part: str, at: int) -> tuple[float, int, str]:
    kind, *parameters = [one.strip() for one in part.split(";")]
    weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    try:
        return -float(weight), at, kind.lower()
    except ValueError:
        return -1.0, at, kind.lower()
