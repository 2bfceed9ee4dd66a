"""Where a page of cases ended, written into an address and read back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.core.errors import InputError
from bihuan.core.messages import N_

Mark = tuple[Any, int]
"""Value sorted by, and the row's id."""
FAR = "infinity"
"""Of cases without a due time."""


def written(mark: Mark | None) -> str | None:
    """Return a mark as text; None at the end of a list."""
    if mark is None:
        return None
    value = mark[0].isoformat() if isinstance(mark[0], datetime) else mark[0]
    return f"{value}~{mark[1]}"


def read(text: str | None) -> Mark | None:
    """Return the mark a text holds; None for no text.

    Raises:
        InputError: it is none that `written` gave.
    """
    if not text:
        return None
    value, _, row = text.rpartition("~")
    if not (row.isascii() and row.isdigit() and len(row) < 19):
        raise InputError(N_("take the mark from the page before as it stands"), where="after", key="show.mark")
    if value == FAR:
        return value, int(row)
    try:
        return datetime.fromisoformat(value), int(row)
    except ValueError:
        raise InputError(
            N_("take the mark from the page before as it stands"), where="after", key="show.mark"
        ) from None
