"""Boards and the registry of devices as tables to take away: what the pages show, numbers as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bihuan.core.records.entity import DeviceState
from bihuan.show.cityview import Standpoint
from bihuan.show.energybudget import Budget
from bihuan.show.labels import N_, label
from bihuan.show.language import Language, words
from bihuan.show.sensed import Sensed, unit_text
from bihuan.show.sheets import SheetColumn
from bihuan.show.wording import time_text

Table = tuple[list[SheetColumn], list[list[object]]]
_BOARD = (N_("State"), N_("Entity"), N_("Kind"), N_("District"))
_BUDGET = (N_("Budget of the year"), N_("Metered this year"), N_("On course for"))
_DEVICES = (N_("Protocol"), N_("Device"), N_("Entity"), N_("Kind"), N_("District"), N_("Unit that answers"), N_("State"), N_("Last reading"),
            N_("Frames"), N_("Reports every"))  # fmt: skip


def board_table(
    points: Sequence[Standpoint],
    attributes: Sequence[str],
    budgets: Mapping[int, Budget],
    sensed: Sensed,
    language: Language,
) -> Table:
    """Return the columns and rows of a board: each attribute with its unit in the head, budgets where there are some."""
    say = words(language).gettext
    heads = [SheetColumn(say(title), 18) for title in _BOARD]
    heads += [SheetColumn(_titled(sensed, name, points, language), 16) for name in attributes]
    heads += [SheetColumn(say(title), 16) for title in _BUDGET] if budgets else []
    heads += [SheetColumn(say(N_("Last reading")), 20), SheetColumn("URN", 44)]
    rows: list[list[object]] = []
    for one in points:
        budget = budgets.get(one.number)
        shares = [budget.budget, budget.used, budget.share_percent] if budget else [None] * 3
        rows.append([
            say(label("standing", one.standing)), one.entity.name, say(label("entity_type", one.entity.type)),
            sensed.district(one.entity, language),
            *(one.state[name].value if name in one.state else None for name in attributes),
            *(shares if budgets else []), _time(one.last), one.entity.urn,
        ])  # fmt: skip
    return heads, rows


def device_table(found: Sequence[DeviceState], sensed: Sensed, language: Language) -> Table:
    """Return the columns and rows of the registry."""
    say = words(language).gettext
    rows: list[list[object]] = [
        [one.protocol, one.id, one.name, say(label("entity_type", one.type)), one.district,
         sensed.owner(one.owner, language), say(state_of(one)),
         _time(one.seen_at), one.frames, one.expected_seconds]
        for one in found
    ]  # fmt: skip
    return [SheetColumn(say(title), 18) for title in _DEVICES], rows


def state_of(one: DeviceState) -> str:
    """Return how a device stands, in catalogued English."""
    if not one.active:
        return N_("Not obeyed")
    if one.silent_since:
        return label("standing", "silent")
    return label("standing", "fine") if one.seen_at else N_("Never heard")


def _titled(sensed: Sensed, name: str, points: Sequence[Standpoint], language: Language) -> str:
    told = next((one.state[name].unit for one in points if name in one.state), None)
    unit = unit_text(sensed.unit(name, told), language)
    title = sensed.attribute(name, language)
    return f"{title} ({unit})" if unit else title


def _time(moment: datetime | None) -> str | None:
    return time_text(moment) if moment else None
