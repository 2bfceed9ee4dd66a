"""Under whom an act stands: the district or organisation its clause or its object names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bihuan.store.packs import Pack

_PLACE = re.compile(r"[^，、“”的在对为和与及等是由被从向全各本我该]{1,3}[县区旗](?![域级位内间])|高新区|经开区|开发区")
_NO_PLACE = re.compile(
    r"(?:[社园景片校厂库林牧灾山街港老新保税]|自贸|度假|示范|试验|试点|集聚|合作|[主中]城|居住|整)[区县]$"
)
_ORGANISATION = re.compile(r"[^，、“”的在对为和与及等是由被从向]{2,12}(?:集团|公司|大学|学院|学校|医院|高等专科学校)$")
_OWNER = re.compile(r"^[^，、“”的在对为和与及等是由被从向]{2,8}?(?:集团|公司|大学|学院)(?=.{2})")
_LEADS = re.compile(r"^(?:[以由在]|与[^，]*|一|“)")


@dataclass(frozen=True, slots=True)
class Places:
    """The districts of a city by every name of theirs; empty without a pack."""

    full_names: tuple[tuple[str, str], ...] = ()
    """(name as written, full name), longest first."""

    @classmethod
    def of(cls, pack: Pack | None) -> Places:
        """Return the districts and development zones of the pack's city."""
        if pack is None:
            return cls()
        names = [(name, place.name) for name, place in pack.city.place_of.items()]
        return cls(tuple(sorted((pair for pair in names if len(pair[0]) > 1), key=lambda pair: -len(pair[0]))))

    def holder(self, verb: str, holder: str, object_: str) -> str | None:
        """Return whose act it is, full names joined by 、; None where neither clause nor object names anybody.

        Args:
            verb: canonical verb; whoever wins a title holds it as the clause names him.
            holder: what stands before the verb.
            object_: the object; a district in its name is where it stands.
        """
        holder = "" if _LEADS.match(holder) else holder
        if holder and verb == "获评":
            return dict(self.full_names).get(holder, holder)
        named = self._named(holder) or (
            None if verb == "获评" or object_.startswith("“") or holder else self._named(object_)
        )
        if named:
            return named
        if _ORGANISATION.fullmatch(holder):
            return holder
        owner = _OWNER.match(object_) if verb == "推进" else None
        return owner.group() if owner else None

    def _named(self, text: str) -> str | None:
        if not self.full_names:
            found = _PLACE.match(text)
            return found.group() if found and not _NO_PLACE.search(found.group()) else None
        names = dict(self.full_names)
        found_names = [names[match.group()] for match in _any_of(tuple(names)).finditer(text)]
        return "、".join(dict.fromkeys(found_names)) or None


@lru_cache(maxsize=64)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, names)))
