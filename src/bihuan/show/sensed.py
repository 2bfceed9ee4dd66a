"""What a city's pack says of its devices, rules and map, in the words of a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bihuan.core.errors import UnitError
from bihuan.core.quantity import read_unit
from bihuan.core.records.entity import Entity
from bihuan.core.records.observation import DEVICE_FLAG_BITS, DeviceFlag, Observation, Quality
from bihuan.core.records.sensing import Sensing
from bihuan.sense.protocols.gb32960.words import attribute_term, word_term
from bihuan.sense.protocols.hj212.pollutants import by_attribute
from bihuan.sense.rules.book import RuleBook
from bihuan.show.labels import N_
from bihuan.show.language import Language, words
from bihuan.show.wording import scaled
from bihuan.store.districts import load_districts
from bihuan.store.lake import Lake, default_lake
from bihuan.store.packs import Pack
from bihuan.store.sensing import load_sensing


@dataclass(frozen=True)
class Sensed:
    """The part of a pack on devices; each piece is read when a page first asks for it."""

    pack: Pack

    @cached_property
    def lake(self) -> Lake:
        """Return where sealed days lie."""
        return default_lake()

    @cached_property
    def sensing(self) -> Sensing:
        """Return the pack's attributes and policy."""
        return load_sensing(self.pack.folder)

    @cached_property
    def book(self) -> RuleBook:
        """Return the pack's rules, with what people set about them."""
        return RuleBook.of(self.pack.folder)

    @cached_property
    def outline(self) -> dict[str, Any] | None:
        """Return the GeoJSON of the districts; None where the pack has none."""
        return load_districts(self.pack)

    def attribute(self, name: str, language: Language) -> str:
        """Return what an attribute is called: by the pack, by the standards, else its own name."""
        known = self.sensing.attributes.get(name) or by_attribute().get(name) or attribute_term(name)
        if known is None:
            return name
        return known.name if language == "zh-CN" else known.english

    def unit(self, name: str, told: str | None) -> str:
        """Return the unit an attribute is kept in: as its message said, else as the pack says."""
        known = self.sensing.attributes.get(name)
        return told or (known.unit if known else None) or ""

    def is_counter(self, name: str) -> bool:
        """Return whether an attribute is a meter that only grows."""
        known = self.sensing.attributes.get(name)
        return known is not None and known.is_counter

    def reading(self, one: Observation | None, language: Language) -> str:
        """Return a value as a reader writes it; a dash where there is none."""
        return "—" if one is None else value_text(one.value, self.unit(one.attribute, one.unit), language)

    def registered(self, name: str, value: Any, language: Language) -> str:
        """Return what an entity was registered with, as a reader writes it; NGSI-LD may have wrapped the value."""
        plain = value["value"] if isinstance(value, Mapping) and "value" in value else value
        if name == "budget_attribute" and isinstance(plain, str):
            return self.attribute(plain, language)
        return value_text(plain, self.unit(name, None), language)

    def district(self, entity: Entity, language: Language) -> str:
        """Return where an entity is, as the reader calls it."""
        place = self.pack.city.place_of.get(entity.district or "")
        return place.english if place and language == "en" else entity.district or ""

    def owner(self, office: str | None, language: Language) -> str:
        """Return the unit that answers for something, as the reader calls it; what is no unit of the city as it is."""
        unit = next((one for one in self.pack.organisations if one.id == office), None)
        if unit is None:
            return office or ""
        return unit.english if language == "en" else unit.name


def value_text(value: Any, unit: str | None, language: Language) -> str:
    """Return a value as a reader writes it: a number with its unit, a word of a standard in his language, a place."""
    say = words(language).gettext
    if value is None:
        return "—"
    if isinstance(value, bool):
        return say(N_("Yes")) if value else say(N_("No"))
    if isinstance(value, int | float):
        return scaled(value, unit_text(unit or "", language), language)
    if isinstance(value, str):
        term = word_term(value)
        return value if term is None else term.name if language == "zh-CN" else term.english
    if isinstance(value, list):
        return ("、" if language == "zh-CN" else ", ").join(value_text(one, unit, language) for one in value) or say(
            N_("none")
        )
    if isinstance(value, Mapping) and value.get("type") == "Point":
        return ", ".join(f"{degrees:.5f}" for degrees in value["coordinates"])
    return json.dumps(value, ensure_ascii=False)


def unit_text(unit: str, language: Language) -> str:
    """Return a unit as the reader writes it; mere pieces (个) have none in English."""
    if language != "en":
        return unit
    try:
        english = read_unit(unit)[1].english
    except UnitError:
        return unit
    return "" if english == "things" else english


def quality_words(quality: int) -> list[str]:
    """Return what is to be thought of a value, as keys of the labels of quality; empty where it is good."""
    flag = quality & DEVICE_FLAG_BITS
    said = [_device_flag(flag)] if flag else []
    return said + [rule.name or "" for rule in Quality if rule and quality & rule]


def _device_flag(flag: int) -> str:
    return DeviceFlag(flag).name if flag in _FLAGS else DeviceFlag.other.name


_FLAGS: Mapping[int, str] = {int(flag): flag.name for flag in DeviceFlag}
