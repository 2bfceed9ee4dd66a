"""The pack's indicators and projects, found by any name a text gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from bihuan.core.records.indicator import Indicator, Project
from bihuan.core.records.statement import Commitment, Statement
from bihuan.read.linking.names import indicator_key

if TYPE_CHECKING:
    from bihuan.store.packs import Pack

_QUOTES = str.maketrans("", "", "“”‘’\"'")
_LATER_PHASE = re.compile("[二三四五六七八九2-9]期")


@dataclass(frozen=True)
class Registry:
    """What a pack knows, ready to be looked up; an empty one knows nothing."""

    indicators: dict[str, Indicator] = field(default_factory=dict)
    """By key of name and alias."""
    projects: dict[str, Project] = field(default_factory=dict)
    """By name and alias, without quotation marks."""
    city: str = ""
    """Whose projects they are, 阳泉市."""

    @classmethod
    def of(cls, pack: Pack | None) -> Registry:
        """Return the registry of a pack, made once for each."""
        return _registry(pack.indicators, pack.projects, pack.city.name) if pack is not None else cls()

    def about(self, city: str) -> Registry:
        """Return what is known of a city: any city's indicators, but no other city's projects (万达广场)."""
        return self if city in ("", self.city) else self._indicators_alone

    @cached_property
    def _indicators_alone(self) -> Registry:
        return replace(self, projects={})

    def indicator(self, name: str) -> Indicator | None:
        """Return the indicator a text calls `name`, None where no name or alias is the very same."""
        return self.indicators.get(indicator_key(name))

    def projects_in(self, text: str) -> list[Project]:
        """Return the projects a text names, the longest name first where one holds another; 二期 is another project."""
        plain = text.translate(_QUOTES)
        if not self.projects:
            return []
        found = []
        for match in self._names.finditer(plain):
            if not _LATER_PHASE.match(plain, match.end()):
                found.append(self.projects[match.group()])
        return list(dict.fromkeys(found))

    def projects_named(self, indicator: str) -> list[Project]:
        """Return the project an indicator is the very name of: 太行一号旅游公路, whose kilometres are counted."""
        known = self.projects.get(indicator.translate(_QUOTES))
        return [known] if known else []

    @property
    def _names(self) -> re.Pattern[str]:
        return _any_of(tuple(self.projects))


@lru_cache(maxsize=16)
def _registry(indicators: tuple[Indicator, ...], projects: tuple[Project, ...], city: str) -> Registry:
    by_key = {indicator_key(name): one for one in indicators for name in (*one.aliases, one.name)}
    by_name = {name.translate(_QUOTES): one for one in projects for name in (*one.aliases, one.name)}
    return Registry(by_key, by_name, city)


@lru_cache(maxsize=16)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))


def name_indicators(statements: Iterable[Statement], pack: Pack | None) -> list[Statement]:
    """Return the statements with `canonical` set where the pack's registry knows the indicator."""
    registry = Registry.of(pack)
    named = []
    for statement in statements:
        known = registry.indicator(statement.indicator)
        named.append(replace(statement, canonical=known.id) if known else statement)
    return named


def name_projects(commitments: Iterable[Commitment], pack: Pack | None, city: str | None = None) -> list[Commitment]:
    """Return the commitments with `canonical` set where they name exactly one project of the pack's registry.

    Args:
        commitments: of one document.
        pack: the registry; None leaves them as they are.
        city: what the document is about; None where it does not tell.
    """
    registry = Registry.of(pack).about(city or "")
    named = []
    for commitment in commitments:
        known = registry.projects_in(commitment.object)
        named.append(replace(commitment, canonical=known[0].id) if len(known) == 1 else commitment)
    return named
