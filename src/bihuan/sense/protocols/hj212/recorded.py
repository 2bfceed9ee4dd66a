"""Recorded streams as `bihuan sense decode` answers them (docs/reference/sense-decode.md)."""

from __future__ import annotations

from bihuan.sense.protocols.hj212.frames import Report, reader
from bihuan.sense.protocols.hj212.parts import PartSets, items_of
from bihuan.sense.protocols.stream import Frame, Refused


def decode(segments: list[bytes]) -> list[Frame]:
    """Return the frames of one device's whole stream, in the order in which they start."""
    stream, sets = reader(), PartSets()
    reports = [report for segment in segments for report in stream.feed(segment)]
    reports.extend(stream.end())
    return [report.as_frame() if isinstance(report, Refused) else _frame(report, sets) for report in reports]


def _frame(report: Report, sets: PartSets) -> Frame:
    frame: Frame = {
        "ok": True,
        "head": report.head,
        "flag": report.flag,
        "data_time": _iso(report),
        "params": report.params,
        "items": items_of(report),
    }
    progress = sets.note(report)
    if progress is not None:
        frame["parts"] = {"seen": progress.seen, "missing": progress.missing}
        if progress.merged is not None:
            frame["merged"] = progress.merged
    return frame


def _iso(report: Report) -> str | None:
    precision = "milliseconds" if report.has_milliseconds else "seconds"
    return report.data_time.isoformat(timespec=precision) if report.data_time else None
