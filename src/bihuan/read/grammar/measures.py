"""What a number says of its head: how much it is, how it changed, its share, its distance or its rank; and how exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bihuan.core.records.statement import Bound, Direction, Measure
from bihuan.read.grammar.numbers import Number
from bihuan.read.grammar.phrases import Phrase
from bihuan.read.grammar.words import FALLS, RISES, TURNED


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure with the value it is told in: 增长2倍 is a growth of 200 %."""

    measure: Measure
    direction: Direction | None
    value: float
    unit: str


def _any(words: list[str] | tuple[str, ...]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_TURNED = re.compile(
    f"(?:{_any(TURNED)}|增至|降至|升至|升到|降到|减至|缩至|调至|涨到|涨至|恢复至|稳定在|保持在|维持在|控制在)[^增降升减提高低快慢]*$"
)
_CHANGED = re.compile(f"(?P<rise>{_any(RISES)})|(?P<fall>{_any(FALLS)})")
_POLLUTION = re.compile("浓度|PM|污染|综合指数")
_MODAL_ONLY = re.compile("(?:力争|争取|确保|努力|达到?|在|实现|更高|保|不低于|不少于|超过|突破|完成|全年)+")
_AIMED_GROWTH = re.compile("(?:增长|增速|增幅|涨幅)(?:预期|的|为)*目标")
_RATE_IN_TAIL = re.compile("增速|增幅|涨幅|同比|环比|降幅|跌幅")
_SHARE = re.compile(
    "(?:占比|比重|比例|份额|占有率|占)[^，。；]{0,3}$|占[^，。；]{1,24}$|(?:恢复|相当)[^，。；]{1,16}的?$"
)
_OF_PLAN = re.compile(
    "(?:完成|为|达到?|占)[^，。；]{0,12}(?:计划|任务|目标|预算)的?$|(?:达到?|为)[^，。；]{2,14}(?:总[量数额]|总收入|总投资|总产值)的$"
)
_SHARE_TAIL = re.compile("占|恢复(?:至|到)")
_RATE_NOUN = re.compile("(?:率|强度|系数|指数|增长面|满意度|水平|密度)$")
_MULTIPLE_OF = re.compile("(?:是|为|相当于|达到?|约为)[^，。；]{0,16}的$")

_UP_TO = re.compile(r"\s?(?:及?以[内下]|之内|以下)(?![的]?(?:企业|项目))")
_AT_LEAST = re.compile(r"\s?(?:及?以上|之上|有余|余|多(?!个|家|种|元化))")
_ABOUT = re.compile(r"\s?(?:左右|上下)")
_ABOUT_SHARE = re.compile("约占[^，。；]{0,16}$")
_BOUND_BEFORE = (
    ("approx", re.compile("(?:约|大约|近|接近|将近|约为|约达|近乎|大概)$")),
    (
        "at_most",
        re.compile(
            "(?:不超过|不高于|不多于|不大于|不得?超|(?<!不)(?<!得)(?:低于|少于|小于)|不到|不足|最多|至多|不得高于)$"
        ),
    ),
    (
        "at_least",
        re.compile(
            "(?:不低于|不少于|不小于|不得低于|超过|突破|超出|超|逾|跨越|跨过|越过|迈上|迈过|迈入|跃上|站上|登上|站稳|至少有?|(?<!不)(?:大于|高于|多于)|(?<!不超)过|破|首破)(?:了|到)?$"
        ),
    ),
)


def measure_of(number: Number, phrase: Phrase, carried: Measure | None = None) -> Reading:
    """Return what the number says of its head.

    Args:
        number: the number.
        phrase: the words around it.
        carried: the measure of the number before, where the words name no head of their own: 提高到24.9% behind a
            share is one.
    """
    if carried == "growth" and number.unit == "%" and _MODAL_ONLY.fullmatch(phrase.tail):
        return Reading("growth", "+", number.value, "%")
    if carried == "share" and number.unit == "%" and _TURNED.search(phrase.tail):
        return Reading("share", None, number.value, "%")
    for read in (_rank, _ratio, _multiple, _points, _percentage):
        reading = read(number, phrase)
        if reading:
            return reading
    return _amount(number, phrase)


def cleaner(reading: Reading, indicator: str, phrase: Phrase) -> Reading:
    """Return the reading with its sign turned where a pollution is told to have improved: PM2.5浓度…改善12.2%."""
    improved = reading.direction == "+" and phrase.tail.endswith("改善") and _POLLUTION.search(indicator)
    return replace(reading, direction="-") if improved else reading


def bound_of(numbers: list[Number], number: Number, phrase: Phrase) -> Bound:
    """Return how exactly the number is meant; numbers of one list share the words around it."""
    if number.open_ended:
        return "at_least"
    if number.form == "top":
        return "at_most"
    for bound, behind in (("at_most", _UP_TO), ("at_least", _AT_LEAST), ("approx", _ABOUT)):
        if behind.match(phrase.behind):
            return bound  # type: ignore[return-value]
    plain = phrase.tail.rstrip(" “‘")
    if _ABOUT_SHARE.search(phrase.head + plain):
        return "approx"
    for bound, before in _BOUND_BEFORE:
        if before.search(plain):
            return bound  # type: ignore[return-value]
    return "exact"


def _sign(words: str, default: Direction = "+") -> Direction:
    """Return the direction of the last word that has one."""
    last: Direction = default
    for found in _CHANGED.finditer(words):
        last = "+" if found["rise"] else "-"
    return last


def _rank(number: Number, _phrase: Phrase) -> Reading | None:
    if number.form not in ("rank", "top"):
        return None
    return Reading("rank", None, number.value, "位")


def _ratio(number: Number, phrase: Phrase) -> Reading | None:
    if number.form == "part":
        return Reading("share", None, number.value, "%")
    return (
        Reading("level", None, number.value, number.unit)
        if number.form in ("ratio", "index") and not _changes(phrase)
        else None
    )


def _multiple(number: Number, phrase: Phrase) -> Reading | None:
    """Read 增长2倍 and 翻一番 as growth; 是…的2倍 and 提高到2倍 say how much it is."""
    if number.form != "times":
        return None
    words = phrase.head + phrase.tail
    if number.unit == "%":
        return Reading("growth", "+", number.value, "%")
    if _MULTIPLE_OF.search(words) or _TURNED.search(phrase.tail) or not _CHANGED.search(phrase.tail):
        return Reading("level", None, number.value, "倍")
    return Reading("growth", _sign(phrase.tail), round(100 * number.value, 6), "%")


def _points(number: Number, phrase: Phrase) -> Reading | None:
    if number.unit not in ("百分点", "千分点"):
        return None
    direction = "-" if number.negative else _sign(phrase.tail)
    return Reading("gap" if phrase.compares else "change", direction, number.value, number.unit)


def _percentage(number: Number, phrase: Phrase) -> Reading | None:
    """Read a number in %: growth where a word says so, a share where a whole is named, else a named rate."""
    if number.unit not in ("%", "‰"):
        return None
    head, tail = phrase.head, phrase.tail
    if phrase.compares:
        return Reading("gap", _sign(tail), number.value, number.unit)
    turned = _TURNED.search(tail)
    if not turned and _changes(phrase):
        return Reading("growth", _growth_sign(number, tail), number.value, number.unit)
    if _AIMED_GROWTH.search(head + tail):
        return Reading("growth", "+", number.value, number.unit)
    if _is_share(number, phrase):
        return Reading("share", None, number.value, number.unit)
    if turned or _RATE_NOUN.search(head):
        rate = _RATE_IN_TAIL.search(tail)
        return Reading("growth" if rate else "level", "+" if rate else None, number.value, number.unit)
    if _RATE_IN_TAIL.search(tail) or number.negative:
        return Reading("growth", _growth_sign(number, tail), number.value, number.unit)
    return Reading("level", None, number.value, number.unit)


def _growth_sign(number: Number, tail: str) -> Direction:
    if number.negative:
        return "-"
    return "-" if re.search("降幅|跌幅", tail) else _sign(tail)


def _is_share(number: Number, phrase: Phrase) -> bool:
    if number.form == "share" or _SHARE_TAIL.search(phrase.tail):
        return True
    if _SHARE.search(phrase.head) or _OF_PLAN.search(phrase.head + phrase.tail):
        return True
    return bool(re.match("的(?!目标|速度|增长|增速|幅度)", phrase.behind)) or phrase.head.endswith("覆盖")


def _changes(phrase: Phrase) -> bool:
    """Return whether the words say by how much it changed, not what it came to (增长到)."""
    return bool(_CHANGED.search(_without_bounds(phrase.tail))) and not _TURNED.search(phrase.tail)


_BOUND_WORDS = re.compile("最高|最低|最大|最快|最慢|高于|低于|大于|小于|少于|多于|提前到|至少|最多|多达|高达|不多|不少")


def _without_bounds(tail: str) -> str:
    return _BOUND_WORDS.sub("", tail)


def _amount(number: Number, phrase: Phrase) -> Reading:
    """Read an amount: a distance (比全省多3000元), a change (增加35户) or a level."""
    if phrase.compares:
        return Reading("gap", _sign(phrase.tail), number.value, number.unit)
    if _changes(phrase) and (phrase.head or not _names_thing(phrase.behind)):
        return Reading(
            "change", "-" if number.negative else _sign(_without_bounds(phrase.tail)), number.value, number.unit
        )
    return Reading("level", None, number.value, number.unit)


def _names_thing(behind: str) -> bool:
    """Return whether a noun follows: 增加10个停车场 tells a number of things."""
    return re.match(r"(?!左右|以上|以下|以内|上下)[\u4e00-\u9fff“]", behind) is not None
