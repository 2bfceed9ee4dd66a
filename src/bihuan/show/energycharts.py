"""Charts of the energy room as data for `energy.js`, with the tables behind them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bihuan.core.records.plan import PlanSummary, Series
from bihuan.plan.report import charts, tables
from bihuan.plan.report.tables import Cell, Sheet
from bihuan.plan.report.words import Lang, Names, word
from bihuan.show.language import Language

DRAWN = ("capacity", "dispatch", "heat", "prices", "costs")
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
    if key in ("dispatch", "heat"):
        stack = summary.power if key == "dispatch" else summary.heat
        title = f"{word(key, lang)}, {summary.snapshots[hours.start][:10]}"
        return charts.stack_chart(title, stack, hours, names)
    return None


def charts_of(summary: PlanSummary, week: int, language: Language) -> list[EnergyChart]:
    """Return the charts of a run, those of one week for its stacks."""
    lang = lang_of(language)
    names, hours = Names([summary], lang), week_slice(summary, week)
    found = [
        _bars("capacity", tables.capacity_sheet(summary, names, lang), 2),
        _stack("dispatch", tables.hourly_sheet(summary, "dispatch", names, lang, hours)),
        _stack("heat", tables.hourly_sheet(summary, "heat", names, lang, hours)),
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
    data = {"type": "bars", "names": [name for name, _ in shown], "values": [number for _, number in shown]}
    return EnergyChart(key, sheet.title, json.dumps(data, ensure_ascii=False), sheet.columns, sheet.rows)


def _stack(key: str, sheet: Sheet) -> EnergyChart:
    layers = [
        {"name": name, "values": [row[at] for row in sheet.rows]}
        for at, name in enumerate(sheet.columns)
        if at and any(row[at] for row in sheet.rows)
    ]
    data = {"type": "stack", "hours": [str(row[0])[5:] for row in sheet.rows], "layers": layers}
    return EnergyChart(
        key, sheet.title, json.dumps(data, ensure_ascii=False), sheet.columns, sheet.rows if layers else ()
    )


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
