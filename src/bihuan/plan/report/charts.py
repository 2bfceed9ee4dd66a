"""Charts of a plan as Vega-Lite specifications, drawn to SVG or PNG without a browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bihuan.core.records.plan import BudgetCurve, CurvePoint, PlanSummary, Series, Stack
from bihuan.plan.report.words import Lang, Names, cost_account, word

Spec = dict[str, Any]

WEEK_H = 168
_SOME_MW = 0.5
"""A capacity below it is next to nothing and not drawn."""
CURVES: dict[str, Callable[[CurvePoint], float | None]] = {
    "curve_cost": lambda point: None if point.cost_cny is None else point.cost_cny / 1e6,
    "curve_emissions": lambda point: None if point.emissions_t is None else point.emissions_t / 1e4,
    "curve_worth": lambda point: None if point.price is None else point.price.worth,
    "curve_built": lambda point: sum(point.built_mw.values()),
}
"""Charts of a budget's curve -> what a point has on them."""
_PALETTE = [
    "#4e6b8a", "#8a6f4e", "#6f8f5f", "#a65c4c", "#7d6ba0", "#3f8f93", "#c9a227",
    "#5fa8d3", "#b0786f", "#8c8c8c", "#d98e4a", "#6b8e23", "#bf5f82", "#2f4f4f",
]  # fmt: skip


def svg(spec: Spec) -> str:
    """Draw a chart as an SVG element."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec))


def picture(drawing: str) -> bytes:
    """Turn an SVG element into a PNG picture at twice its size."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(drawing, scale=2))


def capacity_chart(summary: PlanSummary, names: Names, lang: Lang) -> Spec:
    """Bars of the capacities that are not 0, largest first."""
    lines = [line for line in summary.capacities if line.mw > _SOME_MW and line.kind != "links"]
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


def hourly_chart(title: str, summary: PlanSummary, key: str, hours: slice, names: Names) -> Spec:
    """The chart of one of `tables.HOURLY`."""
    if key == "stored":
        return level_chart(title, {names(name): held for name, held in summary.stored_mwh.items()}, hours)
    return stack_chart(title, summary.power if key == "dispatch" else summary.heat, hours, names)


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


def level_chart(title: str, levels: dict[str, Series], hours: slice) -> Spec:
    """What each store holds over the hours of a week, a line a store."""
    rows = [{"h": at, "v": value, "s": name} for name, held in levels.items() for at, value in enumerate(held[hours])]
    encoding = {
        "x": {"field": "h", "type": "quantitative", "title": "h", "scale": {"nice": False}},
        "y": {"field": "v", "type": "quantitative", "title": "MWh"},
        "color": _color("s", list(levels)),
    }
    return _base(title, rows, "line", encoding)


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
    title = word("costs", lang)
    return _base(title, rows, "bar", _beside(title), height=40 * max(len(summaries), 1))


def chosen_chart(summaries: Sequence[PlanSummary], names: Names, lang: Lang) -> Spec:
    """Chosen capacities stacked by scenario."""
    rows = [
        {"s": s.name if lang == "zh" else s.english, "a": names(line.name), "v": line.mw}
        for s in summaries
        for line in s.capacities
        if line.chosen
    ]
    title = word("curve_built", lang)
    return _base(title, rows, "bar", _beside(title), height=40 * max(len(summaries), 1))


def _beside(title: str) -> Spec:
    """A bar for each scenario `s`, of values `v` by `a`."""
    return {
        "y": {"field": "s", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 260}},
        "x": {"field": "v", "type": "quantitative", "title": title, "stack": "zero"},
        "color": _color("a"),
    }


def curve_chart(curve: BudgetCurve, key: str, names: Names, lang: Lang) -> Spec:
    """One of `CURVES` over the limit of the budget: a line, or areas of what is built."""
    rows = [{"x": x, "v": v, "s": name} for name, points in curve_layers(curve, key, names).items() for x, v in points]
    stacked = key == "curve_built"
    encoding = {
        "x": {"field": "x", "type": "quantitative", "title": limit_title(curve, lang), "scale": {"zero": False}},
        "y": {
            "field": "v",
            "type": "quantitative",
            "title": None,
            **({"stack": "zero"} if stacked else {"scale": {"zero": key == "curve_worth"}}),
        },
        **({"color": _color("s")} if stacked else {}),
    }
    mark = {"type": "area"} if stacked else {"type": "line", "point": True}
    return _base(word(key, lang), rows, mark, encoding)


def curve_layers(curve: BudgetCurve, key: str, names: Names) -> dict[str, list[tuple[float, float]]]:
    """Return the lines of one of `CURVES`: (limit, value) where there is an optimum, by what the line is of."""
    solved = [point for point in curve.points if point.cost_cny is not None]
    if key == "curve_built":
        built = dict.fromkeys(name for point in solved for name, mw in point.built_mw.items() if mw > _SOME_MW)
        return {names(name): [(point.limit, point.built_mw.get(name, 0.0)) for point in solved] for name in built}
    found = [(point.limit, CURVES[key](point)) for point in solved]
    return {key: [(limit, value) for limit, value in found if value is not None]}


def drawn_curves(curve: BudgetCurve, names: Names) -> list[str]:
    """Return those of `CURVES` that have something to show."""
    return [key for key in CURVES if any(curve_layers(curve, key, names).values())]


def limit_title(curve: BudgetCurve, lang: Lang) -> str:
    """Return what the limits of a curve are of."""
    return f"{word('limit', lang)}: {curve.budget_english}" if lang == "en" else curve.budget


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
