"""What the city's pack calls things: indicators and projects by identifier, the city by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bihuan.core.records.indicator import Indicator
from bihuan.read.linking.registry import Registry as NameRegistry
from bihuan.show.language import Language
from bihuan.store.packs import Pack


@dataclass(frozen=True, slots=True)
class Registry:
    """Names for what rows carry as identifiers."""

    pack: Pack
    names: Mapping[str, str]
    """Identifier of an indicator or project -> its Chinese name."""
    indicators: Mapping[str, Indicator]

    @classmethod
    def of(cls, pack: Pack) -> Registry:
        """Return the registry of a pack."""
        projects = {project.id: project.name for project in pack.projects}
        indicators = {indicator.id: indicator for indicator in pack.indicators}
        names = projects | {indicator.id: indicator.name for indicator in pack.indicators}
        return cls(pack, names, indicators)

    def name(self, topic: str) -> str:
        """Return what the registry calls a topic, else the topic itself."""
        return self.names.get(topic, topic)

    def known(self, name: str) -> Indicator | None:
        """Return the indicator that a text calls `name`; None where no name or alias is the very same."""
        return NameRegistry.of(self.pack).indicator(name)

    def city(self, language: Language) -> str:
        """Return the city's name in the reader's language."""
        return self.pack.city.name if language == "zh-CN" else self.pack.city.english
