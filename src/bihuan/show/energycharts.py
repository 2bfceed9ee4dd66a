"""Charts of the energy room as data for `energy.js`, with the tables behind them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bihuan.core.records.plan import BudgetCurve, PlanSummary, Series
from bihuan.plan.report import charts, tables
from bihuan.plan.report.tables import Cell, Sheet
from bihuan.plan.report.words import Lang, Names, word
from bihuan.show.language import Language

DRAWN = ("capacity", "dispatch", "heat", "stored", "prices", "costs")
"""Charts of a run, in the order of the page."""


@dataclass(frozen=True)
class EnergyChart:
    """One chart of a run."""

    key: str
    title: str
    data: str
    """JSON for the page's script."""
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def lang_of(language: Language) -> Lang:
    """Return the report's name of a page's language."""
    return "en" if language == "en" else "zh"


def weeks_of(summary: PlanSummary) -> int:
    """Return how many weeks can be looked at."""
    return max(1, -(-summary.hours // charts.WEEK_H))


def week_slice(summary: PlanSummary, week: int) -> slice:
    """Return the hours of a week, counted from 1; one that does not exist becomes the nearest."""
    at = min(max(week, 1), weeks_of(summary)) - 1
    return slice(at * charts.WEEK_H, (at + 1) * charts.WEEK_H)


def spec_of(summary: PlanSummary, key: str, week: int, lang: Lang) -> charts.Spec | None:
    """Return the Vega-Lite form of a chart, for SVG and PNG; None where there is no such chart."""
    names = Names([summary], lang)
    hours = week_slice(summary, week)
    if key == "capacity":
        return charts.capacity_chart(summary, names, lang)
    if key == "prices":
        return charts.duration_chart(summary, power_buses(summary), names, lang)
    if key == "costs":
        return charts.cost_chart([summary], lang)
    if key in tables.HOURLY:
        title = f"{word(key, lang)}, {summary.snapshots[hours.start][:10]}"
        return charts.hourly_chart(title, summary, key, hours, names)
    return None


def charts_of(summary: PlanSummary, week: int, language: Language) -> list[EnergyChart]:
    """Return the charts of a run, those of one week for its stacks."""
    lang = lang_of(language)
    names, hours = Names([summary], lang), week_slice(summary, week)
    found = [
        _bars("capacity", tables.capacity_sheet(summary, names, lang), 2),
        *(_hourly(tables.hourly_sheet(summary, key, names, lang, hours)) for key in tables.HOURLY),
        _duration(summary, names, lang),
        _bars("costs", tables.cost_sheet([summary], lang), 1),
    ]
    return [chart for chart in found if chart.rows]


def power_buses(summary: PlanSummary) -> list[str]:
    """Return the buses whose prices are those of power."""
    return [bus for bus in summary.prices if bus not in summary.heat_buses and bus not in summary.carbon.by_fuel_tce]


def _bars(key: str, sheet: Sheet, value: int) -> EnergyChart:
    """Bars of a sheet's column `value`, named by its first; what is next to nothing is left to the table."""
    shown = [(row[0], number) for row in sheet.rows if isinstance(number := row[value], float) and abs(number) > 0.05]
    data = {
        "type": "bars",
        "names": [name for name, _ in shown],
        "layers": [{"name": sheet.title, "values": [number for _, number in shown]}],
    }
    return EnergyChart(key, sheet.title, json.dumps(data, ensure_ascii=False), sheet.columns, sheet.rows)


def _hourly(sheet: Sheet) -> EnergyChart:
    """Hours of a week: areas of a stack, lines of what stores hold."""
    layers = [
        {"name": name, "values": [row[at] for row in sheet.rows]}
        for at, name in enumerate(sheet.columns)
        if at and any(row[at] for row in sheet.rows)
    ]
    kind = "lines" if sheet.key == "stored" else "stack"
    data = {"type": kind, "hours": [str(row[0])[5:] for row in sheet.rows], "layers": layers}
    text = json.dumps(data, ensure_ascii=False)
    return EnergyChart(sheet.key, sheet.title, text, sheet.columns, sheet.rows if layers else ())


def _duration(summary: PlanSummary, names: Names, lang: Lang) -> EnergyChart:
    """Prices of power from high to low, at each hundredth of the year."""
    curves = {names(bus): _falling(summary.prices[bus]) for bus in power_buses(summary)}
    data = {
        "type": "lines",
        "hours": [str(share) for share in range(101)],
        "layers": [{"name": name, "values": values} for name, values in curves.items()],
    }
    columns = (word("share_of_year", lang), *curves)
    rows = tuple((float(share), *(values[share] for values in curves.values())) for share in range(101))
    text = json.dumps(data, ensure_ascii=False)
    return EnergyChart("prices", word("prices", lang), text, columns, rows if curves else ())


def _falling(prices: Series) -> list[float]:
    ordered = sorted(prices, reverse=True)
    return [round(ordered[min(share * len(ordered) // 100, len(ordered) - 1)], 2) for share in range(101)]


def curve_charts(curve: BudgetCurve, language: Language) -> list[EnergyChart]:
    """Return the charts of a budget's curve; the table behind each is that of all."""
    lang = lang_of(language)
    names = Names([curve], lang)
    return [_curve(curve, key, names, lang) for key in charts.drawn_curves(curve, names)]


def _curve(curve: BudgetCurve, key: str, names: Names, lang: Lang) -> EnergyChart:
    lines = charts.curve_layers(curve, key, names)
    data = {
        "type": "curve",
        "stacked": key == "curve_built",
        "title": charts.limit_title(curve, lang),
        "layers": [{"name": word(name, lang), "points": sorted(points)} for name, points in lines.items()],
    }
    columns = (charts.limit_title(curve, lang), *(word(name, lang) for name in lines))
    limits = [limit for limit, _ in next(iter(lines.values()))]
    values = [dict(points) for points in lines.values()]
    rows = tuple((limit, *(line.get(limit, 0.0) for line in values)) for limit in limits)
    return EnergyChart(key, word(key, lang), json.dumps(data, ensure_ascii=False), columns, rows)


def compared_specs(summaries: Sequence[PlanSummary], lang: Lang) -> dict[str, charts.Spec]:
    """Return the charts of plans side by side in Vega-Lite form."""
    names = Names(summaries, lang)
    return {
        "costs": charts.cost_chart(summaries, lang),
        "chosen": charts.chosen_chart(summaries, names, lang),
    }


def compared_charts(summaries: Sequence[PlanSummary], language: Language) -> list[EnergyChart]:
    """Return the charts of plans side by side: cost accounts and chosen capacities, a bar a plan."""
    lang = lang_of(language)
    sheets = {
        "costs": tables.cost_sheet(summaries, lang),
        "chosen": tables.chosen_sheet(summaries, Names(summaries, lang), lang),
    }
    return [_beside(key, sheet) for key, sheet in sheets.items() if sheet.rows]


def _beside(key: str, sheet: Sheet) -> EnergyChart:
    """A bar for each column after the first, of the rows as layers; the last row of costs is their sum."""
    layers = sheet.rows[:-1] if key == "costs" else sheet.rows
    data = {
        "type": "bars",
        "names": sheet.columns[1:],
        "layers": [{"name": row[0], "values": row[1:]} for row in layers],
    }
    return EnergyChart(key, sheet.title, json.dumps(data, ensure_ascii=False), sheet.columns, sheet.rows)
