"""The noun phrase that the words around a number name themselves, before it or behind it."""

from __future__ import annotations

import re

from bihuan.read.grammar.numbers import Number
from bihuan.read.grammar.phrases import Phrase
from bihuan.read.grammar.words import ATTRIBUTES, FRONT, KEPT_VERB, TIME

# What goes on behind a number without naming what it counts: 增加到, 左右, 居全省第二, 同比.
_FOLLOWS = re.compile(
    r"(?:以[上下内]|左右|上下|的(?!$)|了|多|余|为|是|且|并(?!网)|而|将|已|均|都|由|到|至|达|较|比|同比|环比|完成任务|有余|后|前(?!沿)|时|中(?!小|医|药|试)"
    r"|内|开始|起|用于|增长|增加|增至|下降|降低|降至|减少|提高|提升|上升|升至|扩大|缩小|压减|回落|翻番?|跃|居(?!民|家)|排(?![污水放])|位[居列]|列|名列|占"
    r"|累计|首次|高于|低于|快于|超过|不变|持平|转[为化]|调整为|分别|大关|关口|(?:全[省国市]|全球|世界)(?:第|前|首|排名|最|唯一|领先))"
)
_ENDS_NOUN = re.compile(
    "(?:实现|完成|列入|纳入|获评|入选|投入|建成|达成|接入|通过|被|成为|获得|得到|全部|均|已|全面|顺利|正式|开展|全线|年内|年底|相继|陆续|参与|享受|达到|落户|签约|竣工|投产"
    "|开工|启动|进入|位居|实施|推行|开通|中有|里有|还贷|带动|超过)"
)
_LIGHT = re.compile("(?:实现|完成|全部|均|已|全面|顺利|正式|相继|陆续|列入|纳入|达到|都|年内|年底前|成功|得到)")
_TRAILING = re.compile(
    "(?:[ 、，,和与及以并等“‘（(]|任务|集群成链|发展壮大|(?<!改扩)建设|创建|改造提升工程|新建提升工程|目标|的?基础上|作用)+$"
)
# A village, a county, a product that got a title is counted among the bearers of it: 7个村列入国家级传统村落名录.
_TITLED = re.compile(
    "^(?:行政)?(?:村|县|乡|镇|乡镇|区|县区|社区|街道|景区|企业|产品|项目|品牌|学校|医院|单位|集体|个人|人|县（市、区）|县\\(市、区\\)|县市区)"
    "(?:成功)?(?:列入|入选|获评|被评为|评为|获批|建成|创成|成为|跻身|进入|获得|荣获|被命名为)(?P<title>(?:首批|第[一二三四五六七八九十]+批)?(?P<bare>.{3,24}?))(?:名录|名单|称号|行列)?$"
)
# What people did is a story, no part of their name: 煤矿工人日夜奋战在井下.
_PEOPLE_STORY = re.compile(
    "([^，。；]{0,8}?(?:工人|人民|群众|干部|党员|职工|医务人员|医护人员|志愿者|教师|学生|师生|市民|居民|农民|游客|观众|选手|人员|代表|民警))(?=[^的，]{7,}$|[^的，]{2,}、)"
)
_ATTRIBUTE_END = re.compile(f"(?:{ATTRIBUTES})$")
# An amount in these units describes a thing to be built; what of it is measured has a name of its own.
_ATTRIBUTIVE = {
    "千瓦": "装机容量", "兆瓦": "装机容量", "千瓦时": "容量", "兆瓦时": "容量", "千伏": "电压", "千伏安": "容量", "元": "投资",
}  # fmt: skip
_EXTENTS = ("平方米", "亩", "平方公里", "公顷", "公里", "吨", "米")
_BUILT_THING = re.compile("项目|工程|电站|通道|线路|机组|基地|厂|园|中心|库|路|渠|管|绿道|步道")
_INVESTS = re.compile("(?:投资|总投资|投入|累计投入|完成投资|计划投资|资金|安排资金|争取资金|筹资)$")
_OBJECT_VERB = re.compile("(?:用于|完成|实施|建设|支持|推进|推动|开展|强力|新建|改造|治理|打造|建成|发展)")

# --- the words before a number, cleaned --------------------------------------------------------------------------
# 投产后每年可节约…, 受检修影响增长…: when and why, no part of the name.
_CIRCUMSTANCE = re.compile(
    "^相当于(?:每年|一年|年)?(?=减少|节约|种植|少)|^[^，]{2,8}后(?=每?年|可|预计|将|年)|受[^，。]{2,16}影响"
)
# An item that says itself how it went, and the next: 固定资产投资增速由负转正、外贸出口.
_SAID_ITEM = re.compile("^.*(?:转正|正增长|同步|持平|双下降|双提升|只增不减|稳中有升|全覆盖)、")
_MIDDLE_VERB = re.compile(
    "(?<=全社会)完成|(?<=[业市县区位户])(?:共?实现|已?完成)(?=营业收入|利润|产值|增加值|销售|税收|总产值|出口)"
)
_LISTED_COUNT = re.compile(
    "(?<=[\u4e00-\u9fff])(?:[两三四五六七八九十]|等[两三四五六七八九十])(?:个|大|家|条|座|项)(?=[\u4e00-\u9fff])"
)
_WHOLE_CITY = re.compile("(?:全市|我市|全县|全区|全域)$")
_WITHIN = re.compile("(?:当?中|里)(?:共?有|已有)?$")


def lead(head: str) -> str:
    """Return the words before a number without time, place, connectives, light verbs and circumstances."""
    plain = _SAID_ITEM.sub("", head)
    plain = _without_front(_CIRCUMSTANCE.sub("", _without_front(plain)))
    plain = _WHOLE_CITY.sub("", plain)
    marks = " ，,、的：:" if plain.count("“") == plain.count("”") else " “”‘’，,、的：:"
    plain = _WITHIN.sub("", plain.strip(marks))
    return (
        _LISTED_COUNT.sub("", _MIDDLE_VERB.sub("", plain))
        if "、" in plain or "实现" in plain or "完成" in plain
        else plain
    )


def _without_front(head: str) -> str:
    found = FRONT.match(head)
    return head[found.end() :] if found else head


def strip_time(head: str) -> str:
    """Return an indicator without the words of time it begins with."""
    return re.sub(f"^(?:{TIME})+", "", head)


# --- the noun itself ---------------------------------------------------------------------------------------------


def own_noun(number: Number, head: str, phrase: Phrase, noun_after: str) -> str:
    """Return the indicator that the words around a number name themselves; empty where they name none.

    Args:
        number: the last of its run.
        head: the words before it, as `lead` leaves them.
        phrase: all words around it.
        noun_after: the clause's words behind it with later numbers left out (6个10万千瓦光伏项目: 光伏项目).
    """
    behind = phrase.behind or (noun_after if number.counts else "")
    if number.counts and _is_noun(behind) and _WITHIN.search(phrase.head + phrase.tail):
        return head + _counted(noun_after or behind)
    if number.counts and _is_noun(behind):
        noun = _counted(noun_after or behind)
        return _joined(head, noun) if noun else head
    if behind.startswith("的") and (not head or _INVESTS.search(head) or head.endswith("覆盖")):
        noun = _plain(_BEGUN.sub("", noun_after.removeprefix("的")))
        return (head + noun + "比例") if head.endswith("覆盖") else noun + head
    if number.form == "share" and behind.startswith("用于"):
        return head + _plain(behind) + "比例"
    if _is_attributive(number, head, behind):
        noun = _plain(re.split("[、及和与]", noun_after or behind)[0])
        return noun + _ATTRIBUTIVE[number.unit] if number.unit in _ATTRIBUTIVE else head + noun
    if _INVESTS.fullmatch(head) and _OBJECT_VERB.match(behind):
        return _plain(lead(noun_after)) + head
    return head


def _is_noun(behind: str) -> bool:
    return re.match(r"\d*[\u4e00-\u9fff“A-Z]", behind) is not None and _FOLLOWS.match(behind) is None


def _is_attributive(number: Number, head: str, behind: str) -> bool:
    """Return whether the amount describes the thing named behind it: 10万千瓦光伏项目."""
    if number.counts or not _is_noun(behind) or _ATTRIBUTE_END.search(head) or not _BUILT_THING.search(behind):
        return False
    if number.unit in _EXTENTS:
        return KEPT_VERB.search(head) is None
    return number.unit in _ATTRIBUTIVE and (number.unit != "元" or not head)


def _joined(head: str, noun: str) -> str:
    """Join what stands before a counted noun: kept where it ends in a verb, dropped where it lists examples."""
    if not head or head.endswith(("等", "以上", "方面")):
        return noun
    return head + noun if KEPT_VERB.search(head) or _QUALIFIES.fullmatch(head) else noun


_QUALIFIES = re.compile("(?:国家|[国省市县])(?:定|级|属)|规上|重点|各类|各级|中央|限上|首批|剩余")


def _counted(words: str) -> str:
    """Return the name of what is counted from the words behind the number, what is said of it included."""
    plain = words.strip(" 、，,")
    titled = _TITLED.match(plain)
    people = _PEOPLE_STORY.match(plain)
    return titled["bare"] if titled else people[1] if people else _plain(plain)


def _plain(words: str) -> str:
    """Return the noun phrase behind a number, with what is said of it, light verbs left out."""
    plain = _TRAILING.sub("", words.strip(" 、，,"))
    if len(plain) > _LONG:
        verb = _ENDS_NOUN.search(plain, 2)
        if verb and len(plain) - verb.end() > _LONG_PREDICATE:
            plain = plain[: verb.start()]
    plain = _LIGHT.sub("", _DEADLINE.sub("", plain))
    return _TRAILING.sub("", plain).strip(" 、，,的")


# What became of the thing measured, behind its name: 总投资58亿元的光伏基地开工建设.
_BEGUN = re.compile("(?<=[\u4e00-\u9fff]{2})(?:正式|顺利|成功)?(?:开工|落地|落户|签约|竣工|投产|动工|启动)(?:建设)?$")
_DEADLINE = re.compile(rf"(?<=[\u4e00-\u9fff])(?:{TIME}|年内|年底)前?(?=[全已均都开建竣投完实])")
_LONG = 14
_LONG_PREDICATE = 8
"""A longer predicate tells a story of its own and is no part of the name."""


def until_verb(words: str) -> str:
    """Return the words up to the verb that follows their noun: 省市重点项目完成投资 is 省市重点项目."""
    found = _ENDS_NOUN.search(words, 2)
    return words[: found.start()] if found else words
