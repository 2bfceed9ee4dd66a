"""What a plan expects of the city's entities, for rules to hold readings against: `forecasts.yaml` of an energy folder.

    - {entity: "urn:ngsi-ld:Substation:1", attribute: power_kw, series: uses/工业, share: "250"}

`series` is what feeds in or takes out in the plan's power balance [MW], `share` what the entity's attribute is of it, in
its unit (250: a quarter of it in kW).
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from bihuan.core.errors import PackError
from bihuan.core.records.forecast import Forecast
from bihuan.core.records.plan import PlanSummary, Series
from bihuan.store.yaml_records import Field, records_of

_CHINA = timezone(timedelta(hours=8))


def _check_share(text: str) -> str | None:
    try:
        float(text)
    except ValueError:
        return f"'{text}' is no number"
    return None


def _check_series(text: str) -> str | None:
    kind, slash, name = text.partition("/")
    fine = kind in ("sources", "uses") and slash and name
    return None if fine else f"'{text}' is no series; write sources/NAME or uses/NAME"


_FIELDS = (
    Field("entity"),
    Field("attribute"),
    Field("series", check=_check_series),
    Field("share", check=_check_share),
)


def forecasts(summary: PlanSummary, path: Path) -> list[Forecast]:
    """Return what a plan of all hours of a year expects; nothing of one whose hours only stand for the year.

    Raises:
        PackError: the file has faults, all named, or names a series that the plan has not.
    """
    records = records_of(path, _FIELDS)
    if not records or summary.hours < summary.year_hours - 1:
        return []
    times = [datetime.fromisoformat(text) for text in summary.snapshots]
    start = times[0] if times[0].tzinfo else times[0].replace(tzinfo=_CHINA)
    found = []
    for record in records:
        series = _series(summary, record.text("series"), path)
        values = tuple(value * float(record.text("share")) for value in series)
        source = f"plan:{summary.scenario}"
        found.append(Forecast(record.text("entity"), record.text("attribute"), start, times[1] - times[0], values, source,
                              is_yearly=True))  # fmt: skip
    return found


def _series(summary: PlanSummary, text: str, path: Path) -> Series:
    kind, _, name = text.partition("/")
    known = summary.power.sources if kind == "sources" else summary.power.uses
    if name not in known:
        raise PackError(f"the plan has no series '{text}'; of {kind} there are {', '.join(known)}", where=str(path))
    return known[name]
