"""Cells of a table -> columns of numbers, flags and texts, with a fault for each cell that is none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bihuan.plan.attribute import Attribute
from bihuan.plan.faults import Fault
from bihuan.plan.network import Column, attribute_of

_EMPTY = {"", "nan", "NaN", "NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "<NA>", "-nan"}
"""Texts that mean "not given" in CSV, as pandas reads them."""
_TRUE, _FALSE = {"true", "1", "1.0"}, {"false", "0", "0.0"}


def column(kind: str, attribute: str, names: Sequence[str], cells: Sequence[object], faults: list[Fault]) -> Column:
    """Return one attribute of each component; cells that say nothing take the default.

    Cells of an attribute that bihuan does not know stay texts. A cell that is no number or flag where one is asked for
    is written to `faults`, and its default stands in.
    """
    known = attribute_of(kind, attribute) or Attribute("", "", "not known")
    if isinstance(known.default, str):
        return np.array([known.default if _is_empty(cell) else _text(cell) for cell in cells], dtype=object)
    read = _flag if isinstance(known.default, bool) else _number
    quick = _all_numbers(cells) if read is _number else None
    if quick is not None:
        return quick
    values = [known.default if _is_empty(cell) else read(cell) for cell in cells]
    for row, value in enumerate(values):
        if value is None:
            expected = "true or false" if read is _flag else f"a number [{known.unit}]" if known.unit else "a number"
            faults.append(Fault(kind, names[row], attribute, f"line {row + 2}", repr(cells[row]), expected))
    filled = [known.default if value is None else value for value in values]
    return np.array(filled, dtype=bool if read is _flag else np.float64)


def _all_numbers(cells: Sequence[object]) -> Column | None:
    """The usual case, all at once; None where a cell is empty or no number."""
    try:
        values = np.array(cells, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return None if np.isnan(values).any() else values


def _is_empty(cell: object) -> bool:
    return cell is None or cell != cell or (isinstance(cell, str) and cell in _EMPTY)


def _text(cell: object) -> str:
    """A whole number read as 3.0 names what is called 3."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _number(cell: object) -> float | None:
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _flag(cell: object) -> bool | None:
    text = str(cell).strip().lower()
    return True if text in _TRUE else False if text in _FALSE else None
