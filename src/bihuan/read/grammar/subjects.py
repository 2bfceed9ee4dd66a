"""Whose figure it is: the district, development zone or organisation a clause opens with.

The document's own city has no name here (null), whether the text calls it 全市, 我市 or by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bihuan.read.grammar.holders import Places
from bihuan.read.grammar.words import TIME
from bihuan.read.outline import Outline, Sentence

Names = tuple[tuple[str, str], ...]
"""(name as written, full name), longest first."""
_HAN = "[\u4e00-\u9fff]"
_OPENS = (
    r"(?:^|(?<=[，。；：、,;:（(“”\s]))"
    rf"(?:{TIME}|其中|同时|截至目前|截至\d{{4}}年末|是的|力争|确保|争取|支持|推动|实现|完成|此外|另外|比如|例如|如|像|特别是|尤其是|近年来|一年来|(?:总投资)?[\d.]+(?:亿|万)元的|在|对|和|及|由)*[，,]?"
)
_ZONE = "(?:高新(?:技术产业开发)?区|经济技术开发区|经济开发区|经开区|开发区|综改示范区|新区|自贸片区|保税区|工业园区)"
# Words that end like a place but are none of its own, and verbs that stand before one.
_COMMON = re.compile(
    "^(?:全|各|本|我|该|两|三|多|每|整|县|市|区|山|老|新|城|郊|农|牧|林|校|社|园|景|片|小|地|灾|库|厂|矿|某|一个|[一二三四五六七八九十]个?)"
    "?(?:县|区|市|镇|乡|旗)+$|(?:城市|地区|社区|园区|小区|片区|景区|校区|灾区|辖区|街区|厂区|库区|林区|户区|城区|成区|示范区|集聚区|试验区|"
    "功能区|保护区|风景区|度假区|生态区|先行区|样板区|引领区|核心区|中心区|居住区|煤区|县区|山区|牧区|都市|超市|上市|股市|楼市|夜市|集市|门市|"
    "小镇|乡镇|城镇|集镇|专业镇|[强重名大]镇|建制镇|[故家下返城入美]乡|点县|范县|[强大穷困贫]县|百强县|省市)$"
    "|^设区|[高低快慢优]于|^比|^占|加强|推进|推动|建设|打造|划定|执行|完成|每个|共建|以来|与|累计|支持|抓好|深化|全面|新增|实施|开展|的|了|国家级|省级|个"
)
_PLACE = (
    rf"(?P<place>(?:(?!全市|全省|全国|我市){_HAN}){{1,6}}?(?:{_ZONE}|[县旗]|(?<![城地社景片园小校])区|(?<!城)市|镇|乡))"
    "(?!(?:政府)?(?:级|域|长|委|场|民|直|属|政|际|区|乡|市|县|内|外|定|化|村|小吃|城市))"
)
_OWN_ZONE = rf"(?P<zone>{_ZONE})"
_WIDER = (
    "(?P<wider>全国|全省)"
    "(?!(?:平均|前列|第|首|率先|唯一|统一|各|性|范围|最|开发区|重点|率|[“《]|文明|卫生|先进|示范|百|一流|\\d|[、和]|地级|县级|城市|排|位|居|人大|政协|两会|同类))"
)
_ORGANISATION = (
    rf"(?P<organisation>{_HAN}{{1,9}}?(?:集团(?:公司)?|有限公司|公司|股份|银行|大学|学院|煤业|(?<!个)机场|工厂|景区|[\u4e00-\u9fff]港(?!澳)|口岸|油田|博物馆|电厂|林场)"
    "(?!化|军|办学|试点|制|等|口|区|货(?!物吞吐)|项目|工程|建|扩|片|铁|[、和]))"
)
_OWN = "(?P<own>全市|全区|全县|我市|本市|该市|市本级|市级)"
# A holder is carried to the clauses behind where it is the topic: 平定县要…, 开发区, …; in 盂县X项目落地 it only
# says where the project is.
_TOPIC = re.compile("[，,]|(?:今年|全年|要|将|则|也|正|已|共|累计|实现|完成|新增|力争|围绕|聚焦|依托|发挥|抢抓)")
_GENERIC = re.compile(
    "教育|职教|龙头|链主|上市|担保|投融资|国有|民营|企业|村镇|商业|中小|各|家|类|等|支持|推动|引导|组建|成立|引进|协议|发展|合作|金融机构|"
    "挂牌|共建|与|培育|深化|完成|建设|加强|新增|投资|实施"
)
_SUBJECT = re.compile(f"{_OPENS}(?:{_OWN}|{_WIDER}|{_OWN_ZONE}|{_PLACE}|{_ORGANISATION})")


@dataclass(frozen=True, slots=True)
class Subjects:
    """The names that may hold a figure in one document."""

    city: str | None
    names: Names
    """Every name of a place that is known beforehand or told by the document; empty where none is."""

    @classmethod
    def of(cls, outline: Outline, pack: Any | None) -> Subjects:
        """Return the names for a document: of its city's pack, and short ones of the counties it names in full.

        Any other word tells a place where it ends in 县, 区, 镇.
        """
        told = {short: full for short, full in _told_counties(outline.text.text) if full != outline.city}
        known = told | dict(Places.of(pack, outline.city).full_names)
        return cls(outline.city, tuple(sorted(known.items(), key=lambda pair: -len(pair[0]))))

    def at(self, sentence: Sentence, start: int, end: int) -> str | None:
        """Return the holder of what stands at [start, end) of the document."""
        text, limit = sentence.text, max(end, start + 1) - sentence.start
        part = max(text.rfind("；", 0, limit), text.rfind(";", 0, limit)) + 1
        found: str | None = None
        for match in _matches(self._pattern(), text):
            if match.start() < part or match.end() > limit:
                continue
            if match["wider"] and _COMPARED_LIST.search(text, part, match.start("wider")):
                continue
            named = self._name(match)
            if match["own"]:
                found = None
            elif named and _holds(text, match, limit):
                found = named
        return found

    def _pattern(self) -> re.Pattern[str]:
        return _pattern(self.names)

    def _name(self, match: re.Match[str]) -> str | None:
        if match["wider"] or match["own"]:
            return match["wider"]
        if match["place"] and (_COMMON.search(match["place"]) or self._is_city(match["place"])):
            return None
        if match["organisation"] and _GENERIC.search(match["organisation"]):
            return None
        known = match.groupdict().get("district")
        if known:
            return dict(self.names)[known]
        return match["zone"] or match["place"] or match["organisation"]

    def _is_city(self, place: str) -> bool:
        return self.city is not None and place.removesuffix("市") == self.city.removesuffix("市")


@lru_cache(maxsize=8)
def _matches(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str], ...]:
    """Return the names in a sentence; its figures ask one after the other."""
    return tuple(pattern.finditer(text))


def _holds(text: str, match: re.Match[str], limit: int) -> bool:
    """Return whether the name holds for what ends at `limit`: of the last clause, topic, or with a figure."""
    border = _BORDER.search(text, match.end(), limit)
    if "其中" in match[0]:
        return border is None
    return (
        border is None
        or _TOPIC.match(text, match.end()) is not None
        or bool(_FIGURE.search(text, match.end(), border.start()))
    )


_COMPARED_LIST = re.compile("(?:比|较|[高低快慢优好]于|领先|超过?|占)[^，。；]{0,10}[、和与]$")
_BORDER = re.compile("[，；：。,;:](?!\\d{3})")
_FIGURE = re.compile("\\d")


@lru_cache(maxsize=64)
def _pattern(names: Names) -> re.Pattern[str]:
    """Return the pattern of subjects, with the names that are known."""
    if not names:
        return _SUBJECT
    known = "|".join(re.escape(name) for name, _ in names)
    return re.compile(f"{_OPENS}(?:{_OWN}|{_WIDER}|(?P<district>{known})|{_OWN_ZONE}|{_PLACE}|{_ORGANISATION})")


# A county in full where words part (平定县要…), and counties that share their 县: 平定、盂、寿阳三县.
_COUNTY = re.compile(
    rf"(?:(?<=[，。；：、（(\s“在和与及对])|^)(?P<stem>{_HAN}{{2,3}})[县旗](?![级域乡城委区内外长])", re.MULTILINE
)
_COUNTIES = re.compile(rf"(?P<stems>{_HAN}{{2}}(?:[、和与]{_HAN}{{2,3}})+)(?:等?[两二三四五六七八九十]个?)县")


def _told_counties(text: str) -> Iterator[tuple[str, str]]:
    """Yield (short name, full name) of the counties that a document names itself."""
    for match in _COUNTY.finditer(text):
        if not _COMMON.search(match[0]):
            yield match["stem"], match[0]
    for match in _COUNTIES.finditer(text):
        yield from ((stem, stem + "县") for stem in re.split("[、和与]", match["stems"]))
