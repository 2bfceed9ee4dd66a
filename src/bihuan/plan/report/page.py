"""A plan as one self-contained HTML page: charts as SVG, the table behind each, no script and no outside address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bihuan.core.records.plan import BudgetCurve, PlanSummary
from bihuan.plan.pack.entry import EnergyPack
from bihuan.plan.report import charts, tables
from bihuan.plan.report.tables import Sheet
from bihuan.plan.report.words import Lang, Names, word


@dataclass(frozen=True)
class Section:
    """One part of the page."""

    title: str
    svg: str
    """Empty where there is no chart."""
    sheet: Sheet | None
    folded: bool
    """Whether the table opens on demand."""
    text: str = ""


def write_html(
    summaries: Sequence[PlanSummary],
    path: Path,
    lang: Lang = "zh",
    pack: EnergyPack | None = None,
    curve: BudgetCurve | None = None,
) -> None:
    """Write the first plan in full and all of them side by side.

    Args:
        summaries: at least one.
        path: of the .html file.
        lang: `zh` or `en`.
        pack: for the table of sources.
        curve: of a budget of the first plan's scenario.
    """
    from jinja2 import Environment, PackageLoader, select_autoescape

    environment = Environment(loader=PackageLoader("bihuan.plan.report", "."), autoescape=select_autoescape())
    first = summaries[0]
    reduced = word("reduced", lang).format(hours=first.hours) if first.hours < first.year_hours - 1 else ""
    page = environment.get_template("report.html").render(
        lang="zh-CN" if lang == "zh" else "en",
        title=f"{first.system}：{first.name}" if lang == "zh" else f"{first.system_english}: {first.english}",
        synthetic=first.synthetic_zh if lang == "zh" else first.synthetic_en,
        label=word("synthetic", lang),
        reduced=reduced,
        behind=word("table", lang),
        sections=_sections(list(summaries), lang, pack, curve),
        cell=cell_text,
    )
    path.write_text(page, encoding="utf-8")


def _sections(
    summaries: list[PlanSummary],
    lang: Lang,
    pack: EnergyPack | None,
    curve: BudgetCurve | None,
) -> list[Section]:
    first, names = summaries[0], Names(summaries, lang)
    found = [Section(word("carbon", lang), "", tables.head_sheet(first, names, lang), False)]
    if len(summaries) > 1:
        found.append(Section(word("compare", lang), "", tables.compare_sheet(summaries, names, lang), False))
    if first.capacities:
        found.append(_chart(charts.capacity_chart(first, names, lang), tables.capacity_sheet(first, names, lang)))
    found += _stacks(first, names, lang)
    electric = [bus for bus in first.prices if _is_power(first, bus)]
    if electric:
        found.append(
            _chart(charts.duration_chart(first, electric, names, lang), _duration(first, electric, names, lang))
        )
    if any(s.costs_cny for s in summaries):
        found.append(_chart(charts.cost_chart(summaries, lang), tables.cost_sheet(summaries, lang), folded=False))
    shadow = tables.shadow_sheet(first, lang)
    empty = "" if shadow.rows else word("no_budget", lang)
    found.append(Section(shadow.title, "", shadow if shadow.rows else None, False, empty))
    if curve is not None:
        found += _curve(curve, lang)
    for sheet in (tables.storage_sheet(first, names, lang), tables.check_sheet(first, lang)):
        if sheet.rows:
            found.append(Section(sheet.title, "", sheet, False))
    if pack is not None:
        sheet = tables.source_sheet(pack, first.scenario, lang)
        found.append(Section(sheet.title, "", sheet, True))
    return found


def _chart(spec: charts.Spec, sheet: Sheet, folded: bool = True) -> Section:
    return Section(sheet.title, charts.svg(spec), sheet, folded)


def _curve(curve: BudgetCurve, lang: Lang) -> list[Section]:
    """The table of a budget's curve with what its limits are worth in words, then its charts."""
    names = Names([curve], lang)
    sheet = tables.curve_sheet(curve, names, lang)
    drawn = [charts.curve_chart(curve, key, names, lang) for key in charts.drawn_curves(curve, names)]
    return [
        Section(sheet.title, "", sheet, False, " ".join(tables.curve_sentences(curve, lang))),
        *(Section(spec["title"]["text"], charts.svg(spec), None, False) for spec in drawn),
    ]


def _stacks(s: PlanSummary, names: Names, lang: Lang) -> list[Section]:
    """Power, heat and what stores hold in the weeks of most and least power; what does nothing is left out."""
    found = []
    for key in tables.HOURLY:
        for week in charts.weeks(s):
            sheet = tables.hourly_sheet(s, key, names, lang, week)
            if any(any(row[1:]) for row in sheet.rows):
                title = f"{sheet.title}, {word('week', lang).format(first=s.snapshots[week.start][:10])}"
                spec = charts.hourly_chart(title, s, key, week, names)
                found.append(Section(title, charts.svg(spec), sheet, True))
    return found


def _is_power(s: PlanSummary, bus: str) -> bool:
    """Fuels are priced by the tonne and heat by its own market; neither belongs to the curve of power."""
    return bus not in s.carbon.by_fuel_tce and bus not in s.heat_buses


def _duration(s: PlanSummary, buses: list[str], names: Names, lang: Lang) -> Sheet:
    """Prices at each tenth of the year."""
    rows = []
    for tenth in range(11):
        ordered = [sorted(s.prices[bus], reverse=True) for bus in buses]
        rows.append((10.0 * tenth, *(values[min(tenth * len(values) // 10, len(values) - 1)] for values in ordered)))
    return Sheet("duration", word("prices", lang), (word("share_of_year", lang), *map(names, buses)), tuple(rows))


def cell_text(value: str | float) -> str:
    """Numbers with the digits that matter; counts as they are."""
    if isinstance(value, str):
        return value
    if value != value:
        return "–"
    digits = 0 if isinstance(value, int) or abs(value) >= 1000 else 1 if abs(value) >= 10 else 3
    return f"{value:,.{digits}f}" if value else "0"
