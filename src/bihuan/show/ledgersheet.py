"""The ledger's rows as Excel columns in the reader's language."""

from __future__ import annotations

from collections.abc import Callable

from bihuan.show.labels import N_, label
from bihuan.show.language import Language, words
from bihuan.show.sheets import SheetColumn
from bihuan.show.wording import period_text, value_text
from bihuan.store.entries import Entry

Cell = Callable[[Entry, Language], object]


def _said(family: str, field: str) -> Cell:
    def cell(row: Entry, language: Language) -> object:
        return words(language).gettext(label(family, getattr(row, field)))

    return cell


def _field(name: str) -> Cell:
    def cell(row: Entry, language: Language) -> object:
        return getattr(row, name)

    return cell


def _period(name: str) -> Cell:
    def cell(row: Entry, language: Language) -> object:
        return period_text(getattr(row, name), language)

    return cell


def _value(row: Entry, language: Language) -> object:
    return value_text(row, language)  # type: ignore[arg-type]  # a statement has a value


_STATEMENT: tuple[tuple[str, int, Cell], ...] = (
    (N_("Indicator"), 28, _field("name")),
    (N_("Value"), 14, _value),
    (N_("Number"), 16, _field("value")),
    (N_("Unit"), 8, _field("unit")),
    (N_("Measure"), 8, _said("measure", "measure")),
    (N_("Direction"), 8, _said("direction", "direction")),
    (N_("Bound"), 8, _said("bound", "bound")),
    (N_("Measured against"), 12, _field("reference")),
)
_COMMITMENT: tuple[tuple[str, int, Cell], ...] = (
    (N_("Action"), 8, _field("verb")),
    (N_("Object"), 36, _field("name")),
    (N_("Stage"), 10, _said("stage", "stage")),
    (N_("Due"), 12, _period("due")),
)
_ENDS: tuple[tuple[str, int, Cell], ...] = (
    (N_("Period"), 16, _period("period")),
    (N_("Year"), 8, _field("year")),
    (N_("Subject"), 12, _field("subject")),
    (N_("Section"), 24, _field("section")),
    (N_("Sentence"), 60, _field("sentence")),
    (N_("Quoted"), 18, _field("quote")),
    (N_("Document"), 28, _field("document")),
    (N_("Place"), 10, _field("locator")),
    (N_("Character"), 10, _field("start")),
    (N_("Review"), 10, _said("review", "review")),
)
WRAPPED = frozenset({"Sentence", "Object", "Section"})


def layout(family: str) -> tuple[tuple[str, int, Cell], ...]:
    """Return (title in catalogued English, width in characters, cell) of each column of a family."""
    first = ((N_("Kind"), 8, _said("kind", "kind")),)
    return (*first, *(_STATEMENT if family == "statement" else _COMMITMENT), *_ENDS)


def columns(family: str, language: Language) -> list[SheetColumn]:
    """Return the columns of a family in the reader's language."""
    local = words(language).gettext
    return [SheetColumn(local(title), width, title in WRAPPED) for title, width, _ in layout(family)]


def cells(row: Entry, language: Language) -> list[object]:
    """Return a row's cells, in the order of `columns`."""
    return [cell(row, language) for _, _, cell in layout(row.family)]
