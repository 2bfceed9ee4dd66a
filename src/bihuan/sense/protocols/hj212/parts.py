"""Messages in several frames (6.3.2, PNUM and PNO): which parts have come, and the whole once they all have."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bihuan.sense.protocols.hj212.frames import Report, Value

MAX_PARTS = 9999
"""PNUM is four digits at most (6.3.4)."""

Items = dict[str, dict[str, Value]]
_WHOLE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Progress:
    """What a part adds to its message."""

    seen: list[int]
    missing: list[int]
    merged: Items | None
    """Items of all parts, on the one that first completes the set; None otherwise."""


class PartSets:
    """The messages of one recorded stream that come in several frames."""

    def __init__(self) -> None:
        self._sets: dict[tuple[object, ...], dict[int, Items]] = {}

    def note(self, report: Report) -> Progress | None:
        """Take in a report; None where it is no part of several."""
        head = report.head
        total, number = _whole(head.get("PNUM")), _whole(head.get("PNO"))
        if not (1 < total <= MAX_PARTS and 1 <= number <= total):
            return None
        parts = self._set_of(report, head, total)
        was_whole = len(parts) == total
        parts[number] = items_of(report)
        missing = [part for part in range(1, total + 1) if part not in parts]
        merged = None if missing or was_whole else _joined(parts)
        return Progress(sorted(parts), missing, merged)

    def _set_of(self, report: Report, head: dict[str, str], total: int) -> dict[int, Items]:
        message = head.get("QN") or ("DataTime", report.data_time or report.params.get("DataTime"))
        return self._sets.setdefault((head.get("MN"), head.get("ST"), head.get("CN"), total, message), {})


def items_of(report: Report) -> Items:
    """Return the values of a report by code, then by suffix."""
    items: Items = {}
    for (code, suffix), value in zip(report.names, report.values, strict=True):
        items.setdefault(code, {})[suffix] = value
    return items


def _whole(text: str | None) -> int:
    return int(text) if text and _WHOLE.fullmatch(text) else 0


def _joined(parts: dict[int, Items]) -> Items:
    merged: Items = {}
    for number in sorted(parts):
        for code, values in parts[number].items():
            merged.setdefault(code, {}).update(values)
    return merged
