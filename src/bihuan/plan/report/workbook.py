"""A plan as an Excel workbook: one sheet a table, the label of synthetic data on each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bihuan.core.records.plan import BudgetCurve, PlanSummary
from bihuan.plan.pack.entry import EnergyPack
from bihuan.plan.report.tables import (
    Sheet,
    capacity_sheet,
    check_sheet,
    compare_sheet,
    cost_sheet,
    curve_sheet,
    head_sheet,
    hourly_sheet,
    price_sheet,
    shadow_sheet,
    source_sheet,
    storage_sheet,
)
from bihuan.plan.report.words import Lang, Names


def write_workbook(
    summaries: Sequence[PlanSummary],
    path: Path,
    lang: Lang = "zh",
    pack: EnergyPack | None = None,
    curve: BudgetCurve | None = None,
) -> None:
    """Write the first plan in full and all of them side by side.

    Args:
        summaries: at least one.
        path: of the .xlsx file.
        lang: of titles and names.
        pack: for the sheet of sources.
        curve: of a budget of the first plan's scenario.
    """
    first, names = summaries[0], Names(summaries, lang)
    sheets = [
        head_sheet(first, names, lang),
        compare_sheet(summaries, names, lang),
        capacity_sheet(first, names, lang),
        cost_sheet(summaries, lang),
        shadow_sheet(first, lang),
        storage_sheet(first, names, lang),
        check_sheet(first, lang),
        hourly_sheet(first, "dispatch", names, lang),
        hourly_sheet(first, "heat", names, lang),
        hourly_sheet(first, "stored", names, lang),
        price_sheet(first, names, lang),
    ]
    if curve is not None:
        sheets.insert(2, curve_sheet(curve, Names([curve], lang), lang))
    if pack is not None:
        sheets.append(source_sheet(pack, first.scenario, lang))
    write_sheets(sheets, path, first.synthetic_zh if lang == "zh" else first.synthetic_en)


def write_sheets(sheets: Sequence[Sheet], path: Path, label: str) -> None:
    """Write tables as the sheets of an .xlsx file, each with the label of synthetic data."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "nan_inf_to_errors": True}) as book:
        for sheet in sheets:
            _write(book, sheet, label)


def _write(book: object, sheet: Sheet, label: str) -> None:
    page = book.add_worksheet(sheet.key)  # type: ignore[attr-defined]
    bold = book.add_format({"bold": True})  # type: ignore[attr-defined]
    page.write(0, 0, sheet.title, bold)
    page.write(1, 0, label)
    page.write_row(2, 0, sheet.columns, bold)
    for at, row in enumerate(sheet.rows, 3):
        page.write_row(at, 0, row)
    page.freeze_panes(3, 1)
    page.set_column(0, 0, 28)
