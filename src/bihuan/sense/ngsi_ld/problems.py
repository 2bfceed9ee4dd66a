"""What is answered where a request cannot be served: problem details with the types of the specification.

Source: ETSI GS CIM 009 V1.8.1, tables 5.5.2-1 and 6.3.2-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.core.errors import BihuanError

_STATUS = {
    "InvalidRequest": 400,
    "BadRequestData": 400,
    "AlreadyExists": 409,
    "OperationNotSupported": 422,
    "ResourceNotFound": 404,
    "InternalError": 500,
    "TooComplexQuery": 403,
    "TooManyResults": 403,
    "LdContextNotAvailable": 504,
    "NonexistentTenant": 404,
    "NotAcceptable": 406,
    "UnsupportedMediaType": 415,
    "LengthRequired": 411,
    "Unauthorized": 401,
    "Forbidden": 403,
}
"""HTTP status of each type of error; the last five are answered on behalf of HTTP."""
ERRORS = "https://uri.etsi.org/ngsi-ld/errors/"


class Problem(BihuanError):
    """A request that is refused.

    Args:
        kind: type of the specification, `BadRequestData`.
        detail: what was seen, what was expected, the way out.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return _STATUS[self.kind]

    def told(self) -> Mapping[str, Any]:
        """Return the problem details (RFC 7807)."""
        return {"type": ERRORS + self.kind, "title": self.kind, "detail": self.message, "status": self.status}


def bad(detail: str) -> Problem:
    """Return that the content of a request does not fit."""
    return Problem("BadRequestData", detail)


def invalid(detail: str) -> Problem:
    """Return that a request cannot be understood."""
    return Problem("InvalidRequest", detail)


def missing(detail: str) -> Problem:
    """Return that there is no such thing."""
    return Problem("ResourceNotFound", detail)
