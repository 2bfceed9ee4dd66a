"""Instants as NGSI-LD writes them: ISO 8601, UTC, with a Z (clause 4.6.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from bihuan.sense.ngsi_ld.problems import bad

_SHAPE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d{1,9})?)?Z")


def read_instant(text: object, where: str) -> datetime:
    """Return a moment, UTC.

    Raises:
        Problem: it is no DateTime; `where` names the member.
    """
    if isinstance(text, str) and _SHAPE.fullmatch(text):
        try:
            return datetime.fromisoformat(text.replace(",", ".")[:26] + "Z" if len(text) > 27 else text)
        except ValueError:
            pass
    raise bad(f"{where}: a DateTime such as 2026-01-31T08:00:00Z was expected, not {text!r}")


@lru_cache(maxsize=4096)
def write_instant(moment: datetime) -> str:
    """Return a moment as text, fractions only where there are any."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
