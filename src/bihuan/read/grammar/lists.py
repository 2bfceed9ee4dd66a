"""Lists that share their words: 城乡居民养老、医疗补助标准分别…133元、610元 is two indicators, paired in order."""

from __future__ import annotations

import re

from bihuan.read.grammar.words import ATTRIBUTES

# What the first item says for the others too: 规上工业增加值、利润 is 规上工业增加值 and 规上工业利润.
_SHARED_PREFIX = re.compile(
    "^(?:单位(?:地区|国内)?生产总值|城乡居民|城镇居民|农村居民|规模以上工业|规上工业企业|规上工业|规上|全社会|人均|全体居民|一般公共预算"
    "|金融机构(?:人民币|本外币)?|新改扩建|新建|新增|改造|培育)"
)
# What the last item says for the others too: 光伏、新能源汽车零部件产业增加值.
_SHARED_TAIL = re.compile(
    f"(?:居民)?(?:人均可支配收入|人均纯收入|人均消费支出|财政补助标准|补助标准|产业增加值|{ATTRIBUTES}|增长率|标准|吞吐量|(?:重点工程)?减排量|排放总?量|(?:平均)?浓度|客运量|货运量"
    "|贷款|存款|参保率|率|量|额|价格|业)$"
)
_SECTORS = re.compile("三次产业|一二三产业?|三产(?!业)")
_SPLIT = re.compile("、|和(?!谐)|(?<!参)与|(?<!普)及|以及|，")
_PLACE = "[\u4e00-\u9fff]{1,6}?(?:县|区|市|旗|镇|乡)"
_PLACES = re.compile(f"(?P<list>{_PLACE}(?:(?:、|和|与|及){_PLACE})+)(?:的)?(?P<rest>.*)")


def distributed(head: str, count: int) -> list[str]:
    """Return the names that a head lists for `count` numbers, each with the words it shares with the others.

    Empty where the head does not list so many.
    """
    if count == 3 and _SECTORS.search(head):
        return [_SECTORS.sub(f"第{number}产业", head) for number in "一二三"]
    if count == 2 and "城乡" in head and not _SPLIT.search(head.split("城乡", 1)[1]):
        return [head.replace("城乡", place) for place in ("城镇", "农村")]
    if count == 2 and "存贷款" in head:
        return [head.replace("存贷款", kind) for kind in ("存款", "贷款")]
    items = [item for item in _SPLIT.split(head) if item]
    if len(items) != count:
        return []
    first, last = items[0], items[-1]
    prefix = _SHARED_PREFIX.match(first)
    tail = _shared_tail(first, last)
    completed = []
    for item in items:
        if prefix and item is not first and not _SHARED_PREFIX.match(item) and not re.match("城|农|第", item):
            item = prefix[0] + item
        if tail and not item.endswith(tail) and not _SHARED_TAIL.search(item):
            item += tail
        completed.append(item)
    return completed


def places_of(head: str, count: int) -> tuple[list[str], str]:
    """Return (places, the rest) of a head that lists a place for each number: 耀州区、王益区经济增速.

    No places, and the head as it came, where it does not.
    """
    found = _PLACES.fullmatch(head)
    places = [item for item in _SPLIT.split(found["list"]) if item] if found else []
    return (places, found["rest"]) if found and len(places) == count else ([], head)


def _shared_tail(first: str, last: str) -> str:
    """Return what the last item has behind the word both have in common (城镇居民 and 农村居民人均收入)."""
    common = next((first[-n:] for n in (3, 2) if len(first) > n and first[-n:] in last), None)
    if common:
        return last.split(common, 1)[1]
    found = _SHARED_TAIL.search(last)
    return found[0] if found and len(found[0]) < len(last) else ""
