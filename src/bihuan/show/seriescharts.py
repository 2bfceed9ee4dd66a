"""An indicator's stored series as charts: one a measure and unit, for levels and growths are never one line."""

from __future__ import annotations

from collections.abc import Sequence

from bihuan.show.charts import Chart, ChartPoint
from bihuan.show.labels import label
from bihuan.show.language import Language, words
from bihuan.store.ledger import Point

MEASURES = ("level", "growth", "share", "change", "gap", "rank")


def charts_of(points: Sequence[Point], name: str, language: Language) -> list[Chart]:
    """Return the charts of a series, the level first; a value without a period has no place in a chart."""
    groups: dict[tuple[str, str], list[Point]] = {}
    for point in points:
        if point.period:
            groups.setdefault((point.measure, point.unit), []).append(point)
    local = words(language).gettext
    return [
        Chart(
            name=name,
            measure=local(label("measure", measure)),
            unit=unit,
            points=tuple(ChartPoint(p.period or "", p.value, p.unit, p.kind, p.bound) for p in group),
            result_name=local(label("kind", "result")),
            target_name=local(label("kind", "target")),
        )
        for (measure, unit), group in sorted(groups.items(), key=lambda pair: MEASURES.index(pair[0][0]))
    ]
