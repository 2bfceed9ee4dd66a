"""A city's own facts: its places and its offices, under one name each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

PlaceKind = Literal["district", "county", "county_level_city", "development_zone"]


@dataclass(frozen=True, slots=True)
class Place:
    """A district, county or development zone that figures may belong to."""

    name: str
    """As reports name it and as it stands in `subject`: 平定县, 高新区."""
    english: str
    kind: PlaceKind
    aliases: tuple[str, ...]
    """Other names of the same place; its full official name is one."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An office of the city that promises are given to."""

    id: str
    name: str
    english: str
    aliases: tuple[str, ...]
    parent: str | None = None
    """Identifier of the office above it; None for those at the top. Data scope follows this tree."""


@dataclass(frozen=True)
class City:
    """The city a pack is about."""

    name: str
    """With its 市: 阳泉市."""
    short: str
    """Without: 阳泉."""
    english: str
    province: str
    code: str
    """Six digits of GB/T 2260."""
    places: tuple[Place, ...]
    """Districts and counties, then development zones."""

    @cached_property
    def place_of(self) -> dict[str, Place]:
        """Return each place under its name and every alias."""
        return {name: place for place in self.places for name in (place.name, *place.aliases)}
