"""Under whom an act stands: the district or organisation its clause or its object names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bihuan.read.grammar.actions import VERB

if TYPE_CHECKING:
    from bihuan.store.packs import Pack

_WORD = "[^，、“”的在对为和与及等是由被从向至到全各本我该加快推动]"
_PLACE = re.compile(rf"{_WORD}{{1,4}}?[县区旗](?![域级位内间渠舰帜袍])|高新区|经开区|开发区")
_TOPIC = re.compile(
    rf"(?P<place>{_WORD}{{1,4}}?[县区旗市](?!场)|高新区|经开区|开发区)(?=要|将|应(?!急|用)|则|重点|着力|聚焦|围绕|依托|立足|加快|加速)"
)
_NO_PLACE = re.compile(
    r"(?:[社园景片校厂库林牧灾山街港老保税院矿库营辖小]|办公|商务|金融|工业|化工|旅游|物流|加工|生产|仓储|教学|行政|文化|中心|经济|生态|农业|居民|住宅|棚户|流域|功能|拓展|自贸|度假|示范|试验|试点|集聚|合作|[主中老]城|城|居住|整|保护|功能|服务|生活|核心|先行|"
    r"先导|起步|引领|沉陷|^新|^郊|^全|^各|^本|^我|地|^片|[一二三四五六七八九十])[区县]$|红旗|[0-9a-zA-Z项目期]"
)
_ORGANISATION = re.compile(r"[^，、“”的在对为和与及等是由被从向]{2,12}(?:集团|公司|大学|学院|学校|医院|高等专科学校)$")
_OWNER = re.compile(r"^[^，、“”的在对为和与及等是由被从向]{2,8}?(?:集团|公司|大学|学院)(?=.{2})")
_COUNTY_CITY = re.compile(f"{_WORD}{{2,4}}(?<![城都省全我本各])市")
_LEADS = re.compile(r"^(?:[以由在]|与[^，]*|一|“)")


@dataclass(frozen=True, slots=True)
class Places:
    """The districts of a city by every name of theirs; empty without a pack."""

    full_names: tuple[tuple[str, str], ...] = ()
    """(name as written, full name), longest first."""
    city: str = ""
    """The document's own city without 市, which holds everything and so is never named."""

    @classmethod
    def of(cls, pack: Pack | None, city: str | None = None) -> Places:
        """Return the districts and development zones of the pack's city, for a document about `city`."""
        short = (city or "").removesuffix("市")
        if pack is None or (short and short != pack.city.short):
            return cls(city=short)
        names = [(name, place.name) for name, place in pack.city.place_of.items()]
        longest_first = sorted((pair for pair in names if len(pair[0]) > 1), key=lambda pair: -len(pair[0]))
        return cls(tuple(longest_first), pack.city.short)

    def topic(self, clause: str) -> str | None:
        """Return the district a clause opens with and speaks for: 盂县要加快…; None where it does not."""
        found = _TOPIC.match(clause)
        if found is None:
            return None
        if self.full_names:
            return dict(self.full_names).get(found["place"])
        return None if self._is_no_district(found["place"]) else found["place"]

    def holder(self, verb: str, holder: str, object_: str) -> str | None:
        """Return whose act it is, full names joined by 、; None where neither clause nor object names anybody.

        Args:
            verb: canonical verb; whoever wins a title holds it as the clause names him.
            holder: what stands before the verb.
            object_: the object; a district in its name is where it stands.
        """
        holder = "" if _LEADS.match(holder) or holder.removesuffix("市") == self.city else holder
        if holder and verb == "获评":
            return dict(self.full_names).get(holder, holder)
        named = self._named(holder) or (
            None if verb == "获评" or object_.startswith("“") or holder else self._named(object_)
        )
        if named:
            return named
        if _ORGANISATION.fullmatch(holder) or (not self.full_names and _COUNTY_CITY.fullmatch(holder)):
            return holder
        owner = _OWNER.match(object_) if verb == "推进" else None
        return owner.group() if owner else None

    def _named(self, text: str) -> str | None:
        if not self.full_names:
            found = _PLACE.match(text)
            if (
                found is None
                or text[found.end() : found.end() + 1] in tuple("至到—-")
                or self._is_no_district(found.group())
            ):
                return None
            return found.group()
        names = dict(self.full_names)
        found_names = [names[match.group()] for match in _any_of(tuple(names)).finditer(text)]
        return "、".join(dict.fromkeys(found_names)) or None

    def _is_no_district(self, place: str) -> bool:
        return bool(_NO_PLACE.search(place) or VERB.match(place)) or place.removesuffix("市") == self.city


@lru_cache(maxsize=64)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, names)))
