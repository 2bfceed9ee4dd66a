"""Every number of a sentence that measures or counts something, with its unit and value.

What only looks like one is passed over: dates, ordinals of sessions and phases, road and model numbers, coined formulas
in quotation marks, packages named by their clause count, and the size of a list that is spelled out (五个方向).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from bihuan.core.errors import InputError
from bihuan.core.numerals import ARABIC, MULTIPLIER, parse_growth, parse_number, parse_percent, parse_ratio
from bihuan.core.quantity import COMPOUND_UNIT, Unit, read_unit

Form = Literal["amount", "share", "times", "rank", "top", "ratio", "part", "index", "lasting"]

_DASH = r"\s?(?:[-—–－~～]+)\s?"
_MARK = "[余多几]"
_GAP = r"[ \u00a0]?"
_HAN_DIGIT = "[一二三四五六七八九两零〇]"
_HAN_NUMBER = "[一二三四五六七八九十百千万亿两零〇]"
_SCALE = rf"(?:{_MARK}?(?:{MULTIPLIER})+{_MARK}?|{_MARK})?"
# A word that begins like a unit but is none.
_NO_UNIT = (
    "(?!(?:部(?:门|队|分|委|级)|本(?:科|级|地|市)|支(?:部|持|付|撑|行)|口(?:岸|袋)|层(?:级|面|次)|方(?:面|案|式|向|阵)|单(?:位|元|项)|"
    "台阶|组(?:团|织)|升(?:级|学|至|到|为)|分(?:别|类|局|区|行|公司|部|成)|里(?:程|面)|集(?:群|团|中|聚)|年|安全|站位|对(?:接|口)|期(?:间|限)|"
    "班(?:子)|度(?!电)|只(?:有|是)|门(?:类|户)|号|级|届))"
)
_TOKEN = re.compile(
    rf"(?P<lasting>连续(?P<span>(?:{_HAN_NUMBER}{{1,3}}|\d{{1,3}})(?P<span_unit>年|个月|个季度)))"
    rf"|(?P<ratio>{ARABIC}(?:\s?[∶:：]\s?{ARABIC})+)"
    rf"|(?P<ordinal>(?:倒数)?第(?P<place>{_HAN_NUMBER}{{1,3}}|\d+)(?P<of>位|名|大)?)"
    rf"|(?P<top>(?:倒数)?前(?P<top_place>[三四五六七八九十百]|二十|\d+)(?P<top_of>位|名|强)?)"
    rf"|(?P<doubled>翻(?:了)?(?:{_HAN_DIGIT}|\d)?番)"
    rf"|(?P<percent>百分之(?:{_HAN_NUMBER}{{1,8}}(?:点{_HAN_NUMBER}{{1,8}})?|{ARABIC})|{_HAN_NUMBER}{{1,3}}分之{_HAN_NUMBER}{{1,3}}"
    rf"|(?:{_HAN_DIGIT}|\d)成(?:半|{_HAN_DIGIT}(?!大))?(?![立功为本员果效就长熟交品绩套都型语不分色品年宫]))"
    rf"|(?P<number>{ARABIC})(?P<gap>{_GAP})(?P<scale>{_SCALE})(?P<unit>{_NO_UNIT}{COMPOUND_UNIT})?"
    rf"|(?P<han>{_HAN_NUMBER}{{1,14}}(?:点{_HAN_NUMBER}{{1,8}})?{_MARK}?[万亿]?(?:几)?)(?P<han_unit>{_NO_UNIT}{COMPOUND_UNIT})"
    r"|(?P<bare>[百千万]?[万亿千百])(?P<bare_unit>元|吨|人次|千瓦)?(?=(?:元|吨)?(?:台阶|大关|俱乐部|关口|行列|规模|门槛))"
)
_RANGE = re.compile(rf"{_DASH}|至|到")
_JOINT = re.compile(r"[、和与及或∶:：]|以及")
_QUOTED = re.compile(r"“[^”]{1,14}”|《[^》]*》|‘[^’]{1,10}’|\"[^\"]{1,10}\"")
_LATIN_BEFORE = re.compile(r"[A-Za-z]+[-.]?$")

_UNITS_OF_TIME = frozenset({"年", "个月", "小时", "分钟", "周", "季度", "秒", "天"})
_LASTING = re.compile(
    "(?:提前|缩短|压缩|压减|延长|年限|工期|时间|时长|周期|时限|平均|仅需|寿命|增加|减少|天数|达到?|控制在|不少于|不低于|超过?|降至|精简至|压减至)\\D{0,4}$"
)
_YEARS_LAST = re.compile("(?:年限|寿命|工期|期限)(?:为|达到?|约|提高到|延长到?|缩短到?|不少于|平均)*$")
_SLOGAN_OF_TIME = re.compile(
    r"(?:内|前|后|以来|以上党龄|不打烊|自助|服务|值守|在线|营业|办|行动|攻坚|计划|生活圈|便民|[^，。；、]{0,6}圈|通达|可达|倒计时)"
)
_ABSTRACT = re.compile(
    r"(?:重点|主要)?(?:方面|方向|领域|环节|维度|层面|层次|特点|要素|问题|阶段|关键|坚持|确保|必须|着力|统筹|注重|百分百|到位|转变)"
)
_PACKAGE = re.compile(r"(?=[、，。；等”》）)]|政策|措施|举措|意见|$)")
# An amount that only says which ones are meant: 亿元以上项目, 6兆瓦以上大型风机.
_THRESHOLD = re.compile(
    r"(?:及?以[上下]|级)(?:的)?(?:工业|民营|产业|骨干|重点|特大型|大型|规模|在建|新建|新开工|新能源|燃煤){0,2}"
    "(?:企业|项目|产业|集群|机组|锅炉|泊位|园区|平台|设备|村|县|镇|乡|风机|船舶|车辆|服务业|用户|工程|单位|基地|煤矿|电站|河流|水库|道路|公路|银行|楼宇)"
)
_NO_THRESHOLD = frozenset({"%", "‰", "百分点", "人", "人次", "天", "岁", "倍"})
_PLACED = re.compile(
    r"(?:[排位居列名]|全省|全国|全市|全区|全球|世界|亚洲|国内|我国|地区|城市|县级|同类|系统|中西?部|行业|[省市县区]|之|倒数|首次)[^，。；]{0,14}$"
)
# What stands behind a place counted (排全省第5，); behind an ordinal stands what it numbers (第25场, 第一责任人).
_PLACE_ENDS = re.compile(
    r"\s*(?:$|[，。；：、！,;:!)）”》]|的(?!一)|和|与|及|并|且|较|比|左右|提升|上升|前移|晋位|优势|好位)"
)
_TOP_OF = re.compile(
    r"(?:全省|全国|全市|全区|全球|世界|位居|排名|排|列|居|进入|跻身|挺进|迈入|进|保持|中西?部|城市|县|倒数)[^，。；]{0,12}$"
)
_INDEX = re.compile(
    r"(?:指数|系数|弹性)(?:分别)?(?:达到?|为|是|降至|升至|提高到|提升至|提升到|稳定在|保持在|约|至|到|由|从|平均)*$"
)
_RATIO_OF = re.compile(
    r"(?:收入|车桩|赡养|抚养|师生|生师|床护|医护)比(?:由[\d.]+)?(?:分别)?(?:达到?|为|是|(?:缩小|下降|降低|提高|提升|优化|扩大|降|升)[到至为]|约)*$"
)
_COMPOSED = re.compile(r"(?:结构|比例|构成|比重)[^，。；]{0,12}$")
_PEOPLE = re.compile(
    r"[^，。；、\d]{0,8}?(?P<noun>人民|群众|居民|人口|市民|百姓|学生|师生|学子|职工|农民|游客|老人|老年人|儿童|党员|干部|劳动力|考生|村民|患者|"
    r"青年|民众|贫困人口|用户|农户|家庭|市场主体|企业)"
)
_PEOPLE_UNIT = {"用户": "户", "农户": "户", "家庭": "户", "市场主体": "户", "企业": "家"}
_COUNT_IN_HAN = re.compile("[家户所座台辆套处人名]")
_BUILT = re.compile("(?:建成|新建|新增|增加|改造|开工|引进|培育|认定|获批|签约)(?:了)?$")


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit, its place counted in the sentence."""

    start: int
    end: int
    value: float
    unit: str
    form: Form
    open_ended: bool = False
    """Whether a marker inside leaves it open upwards (4万余户), or it is the lower end of a range."""
    counts: bool = False
    """Whether the unit counts things (家, 户) or persons rather than measures an amount."""
    negative: bool = False
    """Whether a minus sign is printed before it."""
    part: int = 0
    """Position within a composition a∶b∶c."""


def find_numbers(text: str) -> list[Number]:
    """Return the numbers of a sentence of restored text, in order, not overlapping."""
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    tokens = [token for token in _TOKEN.finditer(text) if not any(a < token.start() < b for a, b in quoted)]
    found: list[Number] = []
    at = 0
    while at < len(tokens):
        numbers, used = _read(tokens, at, text)
        found.extend(numbers)
        at += used
    return found


def _read(tokens: list[re.Match[str]], at: int, text: str) -> tuple[list[Number], int]:
    """Read the token at `at`; a range or a list that shares a unit takes several."""
    token = tokens[at]
    if token["number"]:
        shared = _shared_unit(tokens, at, text)
        if shared:
            return shared
    number = _single(token, text)
    if isinstance(number, list):
        return number, 1
    return ([number] if number else []), 1


def _single(token: re.Match[str], text: str) -> Number | list[Number] | None:
    """Read one token; what only looks like a number (十五五, 千百) is none."""
    for group, read in _READERS:
        if token[group]:
            try:
                return read(token, text)
            except InputError:
                return None
    return None


def _shared_unit(tokens: list[re.Match[str]], at: int, text: str) -> tuple[list[Number], int] | None:
    """Read `60、70、80亿元` (three numbers) and `3%—5%`, `3000—5000元` (one, its lower end)."""
    if at + 1 < len(tokens) and _RANGE.fullmatch(text, tokens[at].end(), tokens[at + 1].start()):
        lower = _range(tokens[at], tokens[at + 1], text)
        if lower:
            return [lower], 2
    last = at
    while (
        last + 1 < len(tokens)
        and (not tokens[last]["unit"] or _half_said(tokens, last))
        and not tokens[last]["scale"]
        and _joined(tokens, last, text)
    ):
        last += 1
    if last == at or not tokens[last]["unit"]:
        return None
    final = _amount(tokens[last], text)
    if final is None:
        return None
    scale = (
        parse_number("1" + tokens[last]["scale"].translate(_UNMARK))
        if tokens[last]["scale"].translate(_UNMARK)
        else 1.0
    )
    members = [
        replace(final, start=token.start("number"), end=token.end("number"), value=_scaled(token["number"], scale))
        for token in tokens[at:last]
    ]
    return [*members, final], last + 1 - at


def _half_said(tokens: list[re.Match[str]], at: int) -> bool:
    """Return whether a unit is the beginning of the next one's: 1.2个和0.5个百分点."""
    unit, whole = tokens[at]["unit"], tokens[at + 1]["unit"]
    return unit == "个" and whole in ("个百分点", "个千分点")


_UNMARK = str.maketrans(dict.fromkeys("余多几 \u00a0"))


def _scaled(number: str, scale: float) -> float:
    return float(f"{parse_number(number)}e0") * scale if scale == 1 else round(parse_number(number) * scale, 6)


def _joined(tokens: list[re.Match[str]], at: int, text: str) -> bool:
    between = text[tokens[at].end() : tokens[at + 1].start()]
    return bool(tokens[at + 1]["number"]) and between in ("、", "和", "与", "及", "或", "以及", "，", ",")


def _range(first: re.Match[str], second: re.Match[str], text: str) -> Number | None:
    """Read a range: one number, its lower end, open upwards; 由3%到5% is a way from one to the other."""
    between = text[first.end() : second.start()]
    if between in ("至", "到") and re.search("[由从自]\\D{0,6}$", text[: first.start()]):
        return None
    if not second["number"] or not second["unit"] or first["unit"] not in (None, second["unit"]):
        return None
    upper = _amount(second, text)
    if upper is None:
        return None
    scale_text = (first["scale"] if first["unit"] or first["scale"] else second["scale"]).translate(_UNMARK)
    lower = parse_number(first["number"] + scale_text) * read_unit(second["unit"])[0]
    return replace(upper, start=first.start(), value=lower, open_ended=True)


def _amount(token: re.Match[str], text: str) -> Number | None:
    """Read an Arabic number with its unit."""
    before, written = text[: token.start()], token["unit"]
    if before.endswith(("第", "×", "＋", "/")) or re.search(r"[A-Za-z\d][+]$|[—–]{2}第$", before):
        return None
    if _LATIN_BEFORE.search(before) and (
        not written or (re.search("PM$|[A-Z]$", before) and not re.search("[A-Z]{3}$|&D$", before))
    ):
        return None
    if before.endswith("+") or (before.endswith(".") and before[:-1][-1:].isdigit()):
        return None
    if not written:
        return _without_unit(token, text)
    return _with_unit(token, token["number"] + token["scale"], written, text)


def _with_unit(token: re.Match[str], number: str, written: str, text: str) -> Number | None:
    scale, unit = _unit(written)
    before, after = text[max(0, token.start() - 20) : token.start()], text[token.end() : token.end() + 16]
    if unit.name in _UNITS_OF_TIME and not _measures_time(before, after):
        return None
    if _is_name(unit, before, after):
        return None
    value = parse_number(number) * scale
    form: Form = "amount"
    name = unit.name
    if name == "倍":
        form = "times"
    elif name in ("人", "位") and written in ("名", "位") and re.search("(?:倒数|排名?|第|位列|位居)$", before):
        form, name = "rank", "位"
    negative = before.endswith(("-", "－", "−")) and not before[:-1][-1:].isdigit()
    return Number(
        token.start(),
        token.end(),
        value,
        name,
        form,
        _marked(number),
        unit.is_classifier or unit.name in _PERSONS,
        negative,
    )


_PERSONS = frozenset({"人", "人次"})


@lru_cache(maxsize=1024)
def _unit(written: str) -> tuple[float, Unit]:
    return read_unit(written)


def _marked(number: str) -> bool:
    return re.search(_MARK, number) is not None


def _measures_time(before: str, after: str) -> bool:
    """Return whether a length of time is what is measured; most only date or limit (3个月内, 24小时服务)."""
    return bool(_LASTING.search(before)) and not _SLOGAN_OF_TIME.match(after)


def _is_name(unit: Unit, before: str, after: str) -> bool:
    """Return whether number and unit name something: a package of clauses, a threshold, an abstract list."""
    if after.startswith("级") or (unit.name == "岁" and re.match("(?:及?以[上下]|[-—至])", after)):
        return True
    if unit.name == "条":
        return _is_package(before, after)
    if unit.name in ("个", "大", "项", "种", "类"):
        return bool(_ABSTRACT.match(after)) or bool(re.match(r"[^，。；、]{0,12}之一", after))
    if unit.name == "分":
        return not re.search("分|评|满意|指数|成绩|考核|均", before)
    if unit.name == "度":
        return not (re.search("电", before) or after.startswith("电"))
    return not unit.is_classifier and unit.name not in _NO_THRESHOLD and bool(_THRESHOLD.match(after))


def _is_package(before: str, after: str) -> bool:
    """Tell 稳经济51条 and 民间投资40条政策 from 农村公路9条, 9条重点产业链 and 线索120条."""
    if re.match("(?:政策|措施|举措|意见|硬招|实招)", after):
        return True
    clause = re.split("[，。；：、,]", before)[-1]
    return (
        bool(_PACKAGE.match(after))
        and re.search("(?:经济|复苏|复产|投资|消费|发展|创新|就业|环境|改革|企业|转型|增长|服务业|制造业|政)$", clause)
        is not None
    )


def _without_unit(token: re.Match[str], text: str) -> Number | None:
    """Read an index (指数为100.2), a ratio to one (收入比缩小到1.68) and a bare multiple of persons (131万人民)."""
    before, number = text[max(0, token.start() - 24) : token.start()], token["number"] + token["scale"]
    if "万" in token["scale"] or "亿" in token["scale"]:
        people = _PEOPLE.match(text, token.end())
        if people:
            unit = _PEOPLE_UNIT.get(people["noun"], "人")
            return Number(token.start(), token.end(), parse_number(number), unit, "amount", _marked(number), True)
        return None
    if _YEARS_LAST.search(before) and text.startswith("年", token.end()):
        return Number(token.start(), token.end() + 1, parse_number(number), "年", "amount")
    if token["scale"] or text[token.end() : token.end() + 1] in ("年", "月", "号"):
        return None
    if _RATIO_OF.search(before):
        return Number(token.start("number"), token.end("number"), parse_number(number), "比", "ratio")
    if not _INDEX.search(before):
        return None
    return Number(token.start("number"), token.end("number"), parse_number(number), "", "index")


def _lasting(token: re.Match[str], _text: str) -> Number:
    """Read how long something has lasted without a break: 连续151个月, 连续七年."""
    value = parse_number(token["span"].removesuffix(token["span_unit"]))
    return Number(
        token.start("span"),
        token.end(),
        value,
        "季度" if token["span_unit"] == "个季度" else token["span_unit"],
        "lasting",
    )


def _ratio(token: re.Match[str], text: str) -> Number | list[Number] | None:
    """Read a∶b as a ratio and a∶b∶c as the parts of a whole; a time of day is neither."""
    written = token["ratio"]
    parts = list(re.finditer(ARABIC, written))
    before = text[max(0, token.start() - 20) : token.start()]
    if len(parts) > 2:
        return (
            [
                Number(token.start() + p.start(), token.start() + p.end(), parse_number(p[0]), "%", "part", part=i)
                for i, p in enumerate(parts)
            ]
            if "∶" in written or _COMPOSED.search(before)
            else None
        )
    if "∶" not in written and "比" not in before:
        return None
    return Number(token.start(), token.end(), parse_ratio(re.sub(r"\s", "", written)), "比", "ratio")


def _ordinal(token: re.Match[str], text: str) -> Number | None:
    before, after = text[max(0, token.start() - 24) : token.start()], text[token.end() :]
    if token["of"] == "大":
        if not re.search("(?:全球|世界|全国|全省|亚洲|国内|我国|行业|地区|省)$", before):
            return None
    elif not (token["of"] or _PLACE_ENDS.match(after)) or not (
        _PLACED.search(before) or token["ordinal"].startswith("倒")
    ):
        return None
    return Number(token.start(), token.end(), parse_number(token["place"]), "位", "rank")


def _top(token: re.Match[str], text: str) -> Number | None:
    before, after = text[max(0, token.start() - 16) : token.start()], text[token.end() : token.end() + 2]
    if not _TOP_OF.search(before) or re.match("[季年个月天次届批期列]", after) or token["top_of"] == "强":
        return None
    return Number(token.start(), token.end(), parse_number(token["top_place"]), "位", "top")


def _percent(token: re.Match[str], _text: str) -> Number | None:
    return Number(token.start(), token.end(), parse_percent(token["percent"]), "%", "share")


def _doubled(token: re.Match[str], text: str) -> Number | None:
    if re.match("计划|行动|工程", text[token.end() :]):
        return None
    return Number(token.start(), token.end(), parse_growth(token["doubled"]), "%", "times")


def _han(token: re.Match[str], text: str) -> Number | None:
    """Read a number in Chinese figures: amounts, and counts too large to be the size of a spelled-out list."""
    number, written = token["han"], token["han_unit"]
    before, after = text[max(0, token.start() - 20) : token.start()], text[token.end() : token.end() + 16]
    unit = _unit(written)[1]
    if (
        before.endswith(("第", "每", "“", "数", "上", "几", "十", "这"))
        or after.startswith(("级", "大", "”"))
        or unit.name in _UNITS_OF_TIME
    ):
        return None
    if number in (
        "万",
        "百",
        "千",
        "亿",
        "十",
        "百万",
        "千万",
        "万亿",
        "十万",
        "十亿",
        "百亿",
        "千亿",
    ) and not re.search("(?:突破|跨越|跨|超|超过|达|达到|迈上|破|过|近|约)$", before):
        return None
    if not _is_amount_in_han(unit, parse_number(number), before):
        return None
    return _with_unit(token, number, written, text)


def _is_amount_in_han(unit: Unit, value: float, before: str) -> bool:
    if unit.name in ("%", "百分点", "倍", "元", "美元") or (
        not unit.is_classifier and value > 1 and unit.name not in _LOOSE
    ):
        return True
    if unit.name in ("个", "项", "条", "种", "类", "件", "次", "位", "人次"):
        return value > 20 and bool(_BUILT.search(before))
    return (value > 10 or (value > 1 and bool(_BUILT.search(before)))) and bool(_COUNT_IN_HAN.match(unit.name))


_LOOSE = frozenset(
    {"人", "米", "里", "度", "分", "岁", "方", "克", "升", "安", "伏", "瓦", "年", "周", "兆", "位", "比"}
)


def _bare(token: re.Match[str], text: str) -> Number | None:
    """Read a multiplier that stands for a height reached: 迈上千亿台阶."""
    before = text[max(0, token.start() - 6) : token.start()]
    if not re.search("(?:突破|跨越?|迈[上入过]|跃上|站上|登上|超过?|进入|跨入|步入|冲刺|越过|达到?|首破|破)$", before):
        return None
    unit = token["bare_unit"] or "元"
    value = parse_number(token["bare"])
    return Number(token.start(), token.end(), value, unit, "amount", open_ended=True)


_READERS = (
    ("lasting", _lasting), ("ratio", _ratio), ("ordinal", _ordinal), ("top", _top), ("doubled", _doubled), ("percent", _percent),
    ("number", _amount), ("bare", _bare), ("han", _han),
)  # fmt: skip


def runs(numbers: list[Number], text: str) -> Iterator[list[Number]]:
    """Yield numbers that stand next to each other as one list: 25.5%、53.7% or 142个、122.7万平方米."""
    run: list[Number] = []
    for number in numbers:
        if run and not _go_together(run[-1], number, _bound_free(text[run[-1].end : number.start])):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _go_together(first: Number, second: Number, between: str) -> bool:
    """Return whether two numbers are of one list; over a comma only amounts of one unit are."""
    if between in ("，", ","):
        return first.unit == second.unit
    if second.form == "rank" and between.endswith("第"):
        between = between.removesuffix("第")
    return _JOINT.fullmatch(between) is not None


def _bound_free(between: str) -> str:
    return re.sub("^(?:左右|以上|以下|以内)|(?<=[、和与])[-－−]$", "", between)
