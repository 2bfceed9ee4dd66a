"""Charts of a plan as Vega-Lite specifications, drawn to SVG or PNG without a browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bihuan.core.records.plan import PlanSummary, Stack
from bihuan.plan.report.words import Lang, Names, cost_account, word

Spec = dict[str, Any]

WEEK_H = 168
_PALETTE = [
    "#4e6b8a", "#8a6f4e", "#6f8f5f", "#a65c4c", "#7d6ba0", "#3f8f93", "#c9a227",
    "#5fa8d3", "#b0786f", "#8c8c8c", "#d98e4a", "#6b8e23", "#bf5f82", "#2f4f4f",
]  # fmt: skip


def svg(spec: Spec) -> str:
    """Draw a chart as an SVG element."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec))


def png(spec: Spec) -> bytes:
    """Draw a chart as a PNG picture at twice its size."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(spec, scale=2))


def capacity_chart(summary: PlanSummary, names: Names, lang: Lang) -> Spec:
    """Bars of the capacities that are not 0, largest first."""
    lines = [line for line in summary.capacities if line.mw > 0.5 and line.kind != "links"]
    rows = [{"n": names(line.name), "v": line.mw, "t": names(line.technology)} for line in lines]
    return _base(
        word("capacity", lang),
        rows,
        "bar",
        {
            "y": {"field": "n", "type": "nominal", "sort": "-x", "title": None, "axis": {"labelLimit": 260}},
            "x": {"field": "v", "type": "quantitative", "title": "MW"},
            "color": _color("t"),
        },
        height=18 * max(len(rows), 1),
    )


def stack_chart(title: str, stack: Stack, hours: slice, names: Names) -> Spec:
    """Sources stacked as areas over the hours of a week, uses below the axis; a layer has one colour in every week."""
    rows = [
        {"h": hour, "s": names(name), "v": round(sign * value, 2)}
        for layers, sign in ((stack.sources, 1), (stack.uses, -1))
        for name, values in layers.items()
        if any(values[hours])
        for hour, value in enumerate(values[hours])
    ]
    encoding = {
        "x": {"field": "h", "type": "quantitative", "title": "h", "scale": {"nice": False}},
        "y": {"field": "v", "type": "quantitative", "title": "MW", "stack": "zero"},
        "color": _color("s", [names(name) for name in (*stack.sources, *stack.uses)]),
    }
    return _base(title, rows, {"type": "area", "interpolate": "step-after"}, encoding, height=300)


def duration_chart(summary: PlanSummary, buses: Sequence[str], names: Names, lang: Lang) -> Spec:
    """Prices of the buses sorted from high to low over the share of the year, at 200 points."""
    rows = []
    for bus in buses:
        ordered = np.sort(np.array(summary.prices[bus]))[::-1]
        for share in np.linspace(0, 1, 200):
            rows.append({"x": 100 * share, "v": float(ordered[int(share * (ordered.size - 1))]), "b": names(bus)})
    encoding = {
        "x": {"field": "x", "type": "quantitative", "title": word("share_of_year", lang)},
        "y": {"field": "v", "type": "quantitative", "title": "CNY/MWh"},
        "color": _color("b"),
    }
    return _base(word("prices", lang), rows, {"type": "line", "interpolate": "step-after"}, encoding)


def cost_chart(summaries: Sequence[PlanSummary], lang: Lang) -> Spec:
    """Cost accounts stacked by scenario, income to the left."""
    rows = [
        {"s": s.name if lang == "zh" else s.english, "a": cost_account(name, lang), "v": cost / 1e6}
        for s in summaries
        for name, cost in s.costs_cny.items()
    ]
    encoding = {
        "y": {"field": "s", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 260}},
        "x": {"field": "v", "type": "quantitative", "title": word("costs", lang), "stack": "zero"},
        "color": _color("a"),
    }
    return _base(word("costs", lang), rows, "bar", encoding, height=40 * max(len(summaries), 1))


def sweep_chart(limits: Sequence[float], costs: Sequence[float], lang: Lang) -> Spec:
    """Cost of the year over the limit of a budget."""
    rows = [{"x": limit, "v": cost / 1e6} for limit, cost in zip(limits, costs, strict=True)]
    encoding = {
        "x": {"field": "x", "type": "quantitative", "title": word("limit", lang), "scale": {"zero": False}},
        "y": {"field": "v", "type": "quantitative", "title": word("objective", lang), "scale": {"zero": False}},
    }
    return _base(word("sweep", lang), rows, {"type": "line", "point": True}, encoding)


def weeks(summary: PlanSummary) -> list[slice]:
    """Return the weeks with the largest and the smallest turnover of power; one where there is only one."""
    total = np.sum(list(summary.power.sources.values()), axis=0) if summary.power.sources else np.zeros(0)
    number = max(total.size // WEEK_H, 1)
    sums = [float(np.sum(total[at * WEEK_H : (at + 1) * WEEK_H])) for at in range(number)]
    picked = sorted({int(np.argmax(sums)), int(np.argmin(sums))})
    return [slice(at * WEEK_H, (at + 1) * WEEK_H) for at in picked]


def _color(field: str, domain: Sequence[str] = ()) -> Spec:
    scale: Spec = {"range": _PALETTE, **({"domain": list(dict.fromkeys(domain))} if domain else {})}
    return {"field": field, "type": "nominal", "title": None, "sort": None, "scale": scale}


def _base(title: str, rows: list[Spec], mark: str | Spec, encoding: Spec, height: int = 240) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": title, "anchor": "start"},
        "width": 720,
        "height": height,
        "data": {"values": rows},
        "mark": mark,
        "encoding": encoding,
        "config": {"font": "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif", "view": {"stroke": None}},
    }
