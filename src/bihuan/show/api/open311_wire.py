"""Open311 on the wire: one tree of plain values as JSON or as XML (GeoReport v2; JSON and XML Conversion, Spark).

In XML a list becomes a container with one named element a member; in JSON the container is always an array and the
root element is dropped. An absent value is null in JSON and an empty element in XML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from xml.etree import ElementTree

import msgspec
from starlette.responses import Response

Format = Literal["json", "xml"]
MEDIA_TYPES: Mapping[Format, str] = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
MEMBERS: Mapping[str, str] = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
"""Container -> the element of each member."""
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def respond(root: str, tree: Any, form: Format, status: int = 200) -> Response:
    """Return a tree as the answer to a request.

    Args:
        root: name of the XML root: `services`, `service_definition`, `service_requests`, `errors`, `discovery`.
        tree: dicts, lists and scalars; booleans stay booleans in JSON and become words in XML.
        form: how it is written.
        status: of the answer.
    """
    if form == "json":
        return Response(msgspec.json.encode(tree), status, media_type=MEDIA_TYPES[form])
    body = ElementTree.tostring(_element(root, tree), encoding="utf-8", xml_declaration=True)
    return Response(body, status, media_type=MEDIA_TYPES[form])


def member(root: str, tree: Any, form: Format) -> bytes:
    """Return one member of the list `root` as it stands in it."""
    if form == "json":
        return msgspec.json.encode(tree)
    return ElementTree.tostring(_element(MEMBERS[root], tree))


def respond_all(root: str, members: Sequence[bytes], form: Format) -> Response:
    """Return a list of members that are written already (`member`) as the answer to a request."""
    if form == "json":
        return Response(b"[%b]" % b",".join(members), media_type=MEDIA_TYPES["json"])
    name, declaration = root.encode(), b"<?xml version='1.0' encoding='utf-8'?>\n"
    return Response(b"%b<%b>%b</%b>" % (declaration, name, b"".join(members), name), media_type=MEDIA_TYPES["xml"])


def failed(form: Format, code: int, *descriptions: str) -> Response:
    """Return errors as the specification has them: code and description of each."""
    return respond("errors", [{"code": str(code), "description": text} for text in descriptions], form, code)


def instant(moment: datetime | None) -> str | None:
    """Return an instant as every client reads it: UTC with Z, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _element(name: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, Mapping):
        element.extend(_element(key, inner) for key, inner in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        element.extend(_element(MEMBERS[name], member) for member in value)
    elif value is not None:
        element.text = _NOT_IN_XML.sub("\ufffd", _text(value))
    return element


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
