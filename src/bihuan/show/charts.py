"""What a chart shows, as data for `charts.js`; the page has the same numbers in a table behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bihuan.show.language import Language
from bihuan.show.wording import period_text, scaled


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One value of a series."""

    period: str
    value: float
    unit: str
    kind: str
    """`result` or `target`."""
    bound: str = "exact"


@dataclass(frozen=True, slots=True)
class Chart:
    """One measure of one indicator over time."""

    name: str
    """Of the indicator, in Chinese."""
    measure: str
    """What of it is shown, in the reader's language."""
    unit: str
    points: tuple[ChartPoint, ...]
    result_name: str
    target_name: str

    @property
    def title(self) -> str:
        """Return name and measure as one line."""
        return f"{self.name} · {self.measure}"


def chart_json(chart: Chart, language: Language) -> str:
    """Return a chart as JSON for the page: categories, one list of values a kind, texts ready to show."""
    periods = sorted({point.period for point in chart.points})
    body = {
        "title": chart.title,
        "unit": chart.unit,
        "categories": [period_text(period, language) for period in periods],
        "series": [
            {"kind": kind, "name": name, "data": _values(chart.points, kind, periods, language)}
            for kind, name in (("result", chart.result_name), ("target", chart.target_name))
        ],
    }
    return json.dumps(body, ensure_ascii=False)


def _values(
    points: Sequence[ChartPoint], kind: str, periods: Sequence[str], language: Language
) -> list[dict[str, object] | None]:
    """Return a kind's value for each period; an exact one counts before a bound, then the last told. A gap stays one."""
    ordered = sorted((point for point in points if point.kind == kind), key=lambda point: point.bound == "exact")
    by_period = {point.period: point for point in ordered}
    return [
        {"value": found.value, "text": scaled(found.value, found.unit, language)}
        if (found := by_period.get(period))
        else None
        for period in periods
    ]
