"""The year a row is filed under."""

from __future__ import annotations

import re

_LAST_YEAR = re.compile(r"(\d{4})(?:-\d\d){0,2}$")


def year_of(period: str | None, document_year: int | None) -> int | None:
    """Return the last year of an ISO period (`2021/2023`: 2023); without one, the document's."""
    match = _LAST_YEAR.search(period or "")
    return int(match[1]) if match else document_year
