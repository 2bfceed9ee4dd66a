"""The organisation tree of a pack: who stands above whom."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from bihuan.core.records.city import Organisation


class Units:
    """The offices of a city, by identifier."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self.by_id = {organisation.id: organisation for organisation in organisations}

    def __contains__(self, unit: object) -> bool:
        return unit in self.by_id

    def name(self, unit: str | None) -> str:
        """Return a unit's name; its identifier where the pack no longer has it, — for none."""
        if unit is None:
            return "—"
        return self.by_id[unit].name if unit in self.by_id else unit

    def find(self, text: str) -> str | None:
        """Return the identifier of a unit given by identifier, name or alias; None where none has it."""
        return text if text in self.by_id else self._by_name.get(text.strip())

    def superiors(self, unit: str | None) -> tuple[str, ...]:
        """Return the units above a unit, the nearest first."""
        chain: list[str] = []
        while unit in self.by_id and (unit := self.by_id[unit].parent) is not None:
            chain.append(unit)
        return tuple(chain)

    def subtree(self, unit: str) -> tuple[str, ...]:
        """Return a unit and all below it."""
        below = (other for other in self.by_id if unit in self.superiors(other))
        return (unit, *below)

    @cached_property
    def _by_name(self) -> dict[str, str]:
        names = ((name, o.id) for o in self.by_id.values() for name in (o.name, o.english, *o.aliases))
        return dict(names)
