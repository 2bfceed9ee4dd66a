"""The tables behind the charts: title, columns and rows, for the page and for Excel alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bihuan.core.records.plan import BudgetCurve, PlanSummary, Series
from bihuan.plan.pack.entry import EnergyPack, Value
from bihuan.plan.pack.fields import BY_NAME
from bihuan.plan.pack.scenario import components_of
from bihuan.plan.report.charts import CURVES
from bihuan.plan.report.words import Lang, Names, cost_account, word

Cell = str | float
HOURLY = ("dispatch", "heat", "stored")
"""Stacks of power and of heat, and what stores hold."""


@dataclass(frozen=True)
class Sheet:
    """One table."""

    key: str
    """Short name, also of the Excel sheet."""
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


_FIGURES: dict[str, Callable[[PlanSummary], float]] = {
    "objective": lambda s: s.objective_cny / 1e6,
    "emissions": lambda s: s.carbon.emissions_t / 1e4,
    "allowance": lambda s: s.carbon.allowance_t / 1e4,
    "coal": lambda s: s.carbon.coal_tce / 1e4,
    "gce": lambda s: s.carbon.gce_per_kwh,
    "intensity": lambda s: s.carbon.t_per_mwh,
}
"""Headline figures of a plan."""


def head_sheet(s: PlanSummary, names: Names, lang: Lang) -> Sheet:
    """The few numbers of a plan."""
    rows: list[tuple[Cell, ...]] = [
        (word("scenario", lang), s.name if lang == "zh" else s.english),
        (word("status", lang), word(s.status, lang)),
        *((word(key, lang), figure(s)) for key, figure in _FIGURES.items()),
        *((word("of_fuel", lang).format(fuel=names(fuel)), tce / 1e4) for fuel, tce in s.carbon.by_fuel_tce.items()),
        (word("hours", lang), s.hours),
    ]
    return Sheet("summary", word("carbon", lang), (word("name", lang), word("value", lang)), tuple(rows))


def capacity_sheet(s: PlanSummary, names: Names, lang: Lang) -> Sheet:
    """Size and output of each component."""
    columns = ("name", "technology", "mw", "chosen", "gwh", "flh", "heat_gwh")
    rows = tuple(
        (
            names(line.name),
            names(line.technology),
            line.mw,
            word("yes", lang) if line.chosen else "",
            line.output_gwh,
            line.full_load_hours,
            line.heat_gwh,
        )
        for line in s.capacities
    )
    return Sheet("capacity", word("capacity", lang), tuple(word(c, lang) for c in columns), rows)


def cost_sheet(summaries: Sequence[PlanSummary], lang: Lang) -> Sheet:
    """Cost accounts, a column a scenario."""
    accounts = list(dict.fromkeys(name for s in summaries for name in s.costs_cny))
    rows: list[tuple[Cell, ...]] = [
        (cost_account(name, lang), *(s.costs_cny.get(name, 0.0) / 1e6 for s in summaries)) for name in accounts
    ]
    rows.append((word("objective", lang), *(s.objective_cny / 1e6 for s in summaries)))
    titles = (s.name if lang == "zh" else s.english for s in summaries)
    return Sheet("costs", word("costs", lang), (word("account", lang), *titles), tuple(rows))


def compare_sheet(summaries: Sequence[PlanSummary], names: Names, lang: Lang) -> Sheet:
    """Headline figures and chosen capacities, a column a scenario."""
    figures: list[tuple[Cell, ...]] = [
        (word(key, lang), *(_FIGURES[key](summary) for summary in summaries)) for key in _FIGURES
    ]
    chosen = chosen_sheet(summaries, names, lang)
    figures += [(f"{row[0]} (MW)", *row[1:]) for row in chosen.rows]
    return Sheet("compare", word("compare", lang), chosen.columns, tuple(figures))


def chosen_sheet(summaries: Sequence[PlanSummary], names: Names, lang: Lang) -> Sheet:
    """Capacities that plans chose, a column a scenario."""
    sizes = [{line.name: line.mw for line in s.capacities if line.chosen} for s in summaries]
    built = dict.fromkeys(name for chosen in sizes for name in chosen)
    rows: list[tuple[Cell, ...]] = [(names(name), *(chosen.get(name, 0.0) for chosen in sizes)) for name in built]
    titles = (s.name if lang == "zh" else s.english for s in summaries)
    return Sheet("chosen", word("curve_built", lang), (word("name", lang), *titles), tuple(rows))


def shadow_sheet(s: PlanSummary, lang: Lang) -> Sheet:
    """What one more unit of each budget is worth, in a sentence."""
    rows = tuple(
        (p.name if lang == "zh" else p.english, p.worth, p.sentence_zh if lang == "zh" else p.sentence_en)
        for p in s.shadow_prices
    )
    return Sheet("shadow", word("shadow", lang), (word("limit", lang), word("worth", lang), ""), rows)


def curve_sheet(curve: BudgetCurve, names: Names, lang: Lang) -> Sheet:
    """A budget at several limits: cost, emissions, what one more unit is worth, what is built."""
    built = list(dict.fromkeys(name for point in curve.points for name in point.built_mw))
    keys = ("curve_cost", "curve_emissions", "curve_worth")
    rows: list[tuple[Cell, ...]] = []
    for point in curve.points:
        drawn = (_known(CURVES[key](point)) for key in keys)
        sizes = (_known(point.built_mw.get(name)) for name in built)
        rows.append((point.limit, word(point.status, lang), *drawn, *sizes))
    columns = (*(word(key, lang) for key in ("limit", "status", *keys)), *(f"{names(name)} (MW)" for name in built))
    title = curve.budget_english if lang == "en" else curve.budget
    return Sheet("sweep", f"{word('sweep', lang)}: {title}", columns, tuple(rows))


def curve_sentences(curve: BudgetCurve, lang: Lang) -> list[str]:
    """Return what one more unit is worth at the widest and at the tightest limit that has an optimum."""
    priced = [(point.factor, point.price) for point in curve.points if point.price is not None]
    told = dict((*priced[:1], *priced[-1:]))
    return [
        word("at_factor", lang).format(
            percent=f"{100 * factor:g}", said=price.sentence_zh if lang == "zh" else price.sentence_en
        )
        for factor, price in told.items()
    ]


def _known(value: float | None) -> Cell:
    return "" if value is None else value


def storage_sheet(s: PlanSummary, names: Names, lang: Lang) -> Sheet:
    """What independent stores earn at their own prices."""
    rows = tuple((names(a.name), a.spot_cny / 1e6, a.rent_cny / 1e6, a.fees_cny / 1e6, a.cycles) for a in s.storage)
    columns = tuple(word(c, lang) for c in ("name", "spot", "rent", "fees", "cycles"))
    return Sheet("storage", word("storage", lang), columns, rows)


def check_sheet(s: PlanSummary, lang: Lang) -> Sheet:
    """Figures beside published ranges."""
    rows = tuple(
        (
            c.name if lang == "zh" else c.english,
            c.got,
            f"{c.low:g}–{c.high:g} {c.unit}",
            word("inside" if c.inside else "outside", lang),
            c.source,
        )
        for c in s.checks
    )
    columns = tuple(word(c, lang) for c in ("name", "got", "range", "value", "source"))
    return Sheet("checks", word("checks", lang), columns, rows)


def hourly_sheet(s: PlanSummary, key: str, names: Names, lang: Lang, hours: slice = slice(None)) -> Sheet:
    """One of `HOURLY` hour by hour, uses of a stack negative."""
    layers = hourly_layers(s, key, names)
    rows = tuple(zip(s.snapshots[hours], *(v[hours] for v in layers.values()), strict=True))
    return Sheet(key, word(key, lang), (word("hour", lang), *layers), rows)


def hourly_layers(s: PlanSummary, key: str, names: Names) -> dict[str, Series]:
    """Return the layers of one of `HOURLY`, by name."""
    if key == "stored":
        return {names(name): values for name, values in s.stored_mwh.items()}
    stack = s.power if key == "dispatch" else s.heat
    uses = {f"− {names(name)}": tuple(-value for value in values) for name, values in stack.uses.items()}
    return {names(name): values for name, values in stack.sources.items()} | uses


def price_sheet(s: PlanSummary, names: Names, lang: Lang) -> Sheet:
    """Marginal prices hour by hour."""
    rows = tuple(zip(s.snapshots, *s.prices.values(), strict=True))
    return Sheet("prices", word("prices", lang), (word("hour", lang), *map(names, s.prices)), rows)


def source_sheet(pack: EnergyPack, scenario: str, lang: Lang) -> Sheet:
    """Every number of a scenario with its basis and source."""
    rows: list[tuple[Cell, ...]] = []
    for entry in components_of(pack, scenario):
        for name, value in entry.values.items():
            field = BY_NAME[entry.kind].field(name)
            if isinstance(value, Value) and field is not None:
                number: Cell = f"{value.series} × {value.number:g}" if value.series else value.number
                title = pack.sources[value.source].title
                about = f"{title}; {value.note}" if value.note else title
                component = entry.english if lang == "en" and entry.english else entry.name
                rows.append((component, name, number, field.unit, word(value.basis, lang), about))
    columns = (word("name", lang), "", word("value", lang), "", word("basis", lang), word("source", lang))
    return Sheet("sources", word("sources", lang), columns, tuple(rows))
