"""The indicator: the noun phrase a number measures, before it, behind it, or carried over from an earlier number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bihuan.core.records.statement import Measure
from bihuan.read.grammar.numbers import Number
from bihuan.read.grammar.phrases import Phrase
from bihuan.read.grammar.words import FRONT, KEPT_VERB, TIME

_RATE = re.compile("(?:同比|平均|年均|名义|实际)?(?:增速|增幅|涨幅|降幅|跌幅|增长率|增长速度)$")
_FOLLOWS = re.compile(
    r"(?:以[上下内]|左右|上下|的(?!$)|了|多|余|为|是|且|并|而|将|已|均|都|由|到|至|达|较|比|同比|完成任务|有余|增长|下降|提高|后|前|时|中|内|开始|起|用于)"
)
_ENDS_NOUN = re.compile(
    "(?:实现|完成|列入|纳入|获评|入选|投入|建成|达成|接入|通过|被|成为|获得|得到|全部|均|已|全面|顺利|正式|开展|全线|年内|年底|相继|陆续|参与|享受|达到|落户|签约|竣工|投产|"
    "开工|启动|进入|位居|实施|推行|开通)"
)
_LIGHT = re.compile("(?:实现|完成|全部|均|已|全面|顺利|正式|相继|陆续|列入|纳入|达到|都|年内|年底前|成功|得到)")
_TRAILING = re.compile(
    "(?:[ 、，,和与及以并等“‘（(]|建设任务|改造任务|治理任务(?=$)|任务|集群成链|发展壮大|建设|创建|改造提升工程|新建提升工程|目标|的?基础上|作用)+$"
)
_ATTRIBUTES = "增加值|总产值|产值|营业收入|销售收入|主营业务收入|利润总额|利润|税收|收入|支出|总额|占比|比例|比重|面积|产量|销量|数量|规模|总数|总量|余额|投资|效益|出口|进口|用电量|就业"
_ATTRIBUTE_END = re.compile(f"(?:{_ATTRIBUTES})$")
# A head that says of the one before it what it says of nothing else by itself.
_PART_OF = re.compile(
    f"^(?:其)?(?:{_ATTRIBUTES}|税收占比|改善率|改善幅度|装机规模|资产负债率|产销率|营业收入利润率|增长面|对.{{1,10}}贡献率|占.{{1,16}}(?:比重|比例|份额)?|"
    "门票收入|赔付率|带动.{1,6}|惠及.{1,8}|支持.{1,6}|覆盖.{1,10}|增加值|总投资|年产值|平均浓度|达标率|优良率|装机(?:容量)?|户均|亩产|单产|获利|惠民|计划总?投资|年度计划投资|"
    "概算总?投资|年产能|建筑面积|占地面积|总建筑面积|可.{1,10})$"
)
_TOTAL = re.compile("^(?:总数|总量|总计|累计|合计|总数量|存量|总户数|总规模|数量|余额|其中|同比|全年|)$")
_OWNER_ATTRIBUTE = re.compile(f"(?:平均)?(?:{_ATTRIBUTES})(?:增速)?$")
_WHOLE_OWNER = re.compile(
    "^(?:占|比例|占比|改善|数量|总数|带动|惠及|覆盖|支持|规模|税收|总投资|装机|计划|年度|概算|建筑|占地|总建|可|年)"
)
_NEW = re.compile("^(?:新增|新建|新登记|改造|净增|新认定|新培育)")
_SHARED_PREFIX = re.compile(
    "^(?:单位(?:地区|国内)?生产总值|城乡居民|城镇居民|农村居民|规模以上工业|规上工业企业|规上工业|规上|全社会|人均|全体居民|一般公共预算|金融机构(?:人民币|本外币)?|新改扩建|新建|新增|改造|培育)"
)
_SHARED_TAIL = re.compile(
    f"(?:居民)?(?:人均可支配收入|人均纯收入|人均消费支出|财政补助标准|补助标准|产业增加值|{_ATTRIBUTES}|增长率|标准|吞吐量|客运量|货运量|贷款|存款|参保率|率|量|额|价格|业)$"
)
_SPLIT = re.compile("、|和(?!谐)|(?<!参)与|(?<!普)及|以及|，")
_ATTRIBUTIVE = {
    "千瓦": "装机容量", "兆瓦": "装机容量", "千瓦时": "容量", "兆瓦时": "容量", "千伏": "电压", "千伏安": "容量", "平方米": "面积", "亩": "面积",
    "平方公里": "面积", "公顷": "面积", "公里": "里程", "元": "投资", "吨": "规模", "床": "床位", "张": "床位",
}  # fmt: skip
_INVESTS = re.compile("(?:投资|总投资|投入|累计投入|完成投资|计划投资|资金|安排资金|争取资金|筹资)$")
_OBJECT_VERB = re.compile("(?:用于|完成|实施|建设|支持|推进|推动|开展|强力|新建|改造|治理|打造|建成|发展)")


@dataclass(slots=True)
class Memory:
    """The heads of the numbers read so far in a paragraph, for those that follow without one."""

    heads: list[str] = field(default_factory=list)
    """Of the run read last."""
    recent: list[str] = field(default_factory=list)
    """Distinct heads in order, the latest last."""
    grows: bool = False
    """Whether the last figure of the head was a growth."""

    def remember(self, heads: list[str], measure: Measure) -> None:
        """Keep the heads of a run."""
        self.heads = heads
        self.grows = measure in ("growth", "gap") or (self.grows and measure == "rank")
        for head in heads:
            if head in self.recent:
                self.recent.remove(head)
            self.recent.append(head)
        del self.recent[:-8]


def indicators(run: list[Number], phrase: Phrase, memory: Memory, noun_after: str) -> list[str]:
    """Return the indicator of each number of a run, without what its measure adds (增速).

    Args:
        run: the numbers.
        phrase: the words around them.
        memory: what earlier numbers were said of.
        noun_after: the clause's words behind the run with later numbers left out (6个10万千瓦光伏项目: 光伏项目).
    """
    head = _lead(phrase.head)
    apart = len(run) > 1 and re.search("分别|各", phrase.head + phrase.tail) is not None
    own = _own(run[-1], head, phrase, noun_after)
    if not own:
        return _carried(run, phrase, memory, apart)
    if apart:
        items = _distributed(own, len(run))
        if len(items) == len(run):
            return items
    return [_completed(own, memory)] * len(run)


def is_bare(head: str) -> bool:
    """Return whether the words before a number name nothing to measure."""
    return not _lead(head)


def with_rate(head: str) -> str:
    """Return the name of a growth rate: gaps and ranks of one end in 增速."""
    return head if _RATE.search(head) else head + "增速"


def _lead(head: str) -> str:
    """Return the head without time, connectives and verbs before it."""
    found = FRONT.match(head)
    plain = head[found.end() :] if found else head
    return plain.strip(" “”‘’，,、的：:") if plain.count("“") != plain.count("”") else plain.strip(" ，,、的：:")


def _own(number: Number, head: str, phrase: Phrase, noun_after: str) -> str:
    """Return the indicator that the words around the number name themselves; empty where they name none."""
    behind = phrase.behind
    if number.counts and _is_noun(behind):
        noun = _noun(noun_after or behind)
        return _joined(head, noun) if noun else head
    if behind.startswith("的") and (not head or _INVESTS.search(head) or head.endswith("覆盖")):
        noun = _noun(noun_after.removeprefix("的"))
        return (head + noun + "比例") if head.endswith("覆盖") else noun + head
    if number.form == "share" and behind.startswith("用于"):
        return head + _noun(behind) + "比例"
    if _is_attributive(number, head, behind):
        return _noun(_until_verb(noun_after or behind)) + _ATTRIBUTIVE[number.unit]
    if _INVESTS.fullmatch(head) and _OBJECT_VERB.match(behind):
        return _noun(_lead(noun_after)) + head
    return head


def _is_noun(behind: str) -> bool:
    return re.match(r"[\u4e00-\u9fff“A-Z]", behind) is not None and _FOLLOWS.match(behind) is None


def _is_attributive(number: Number, head: str, behind: str) -> bool:
    """Return whether the amount describes the thing named behind it: 10万千瓦光伏项目."""
    if number.counts or number.unit not in _ATTRIBUTIVE or not _is_noun(behind):
        return False
    return (
        not _ATTRIBUTE_END.search(head)
        and re.search("项目|工程|电站|通道|线路|机组|基地|厂|园|中心|库|路|渠|管|绿道|步道", behind) is not None
        and (number.unit in ("千瓦", "兆瓦", "千伏", "千伏安", "千瓦时", "兆瓦时") or not head)
    )


def _joined(head: str, noun: str) -> str:
    """Join what stands before a counted noun: kept where it ends in a verb, dropped where it lists examples."""
    if not head or head.endswith(("等", "以上", "方面")):
        return noun
    verb = KEPT_VERB.search(head)
    if verb:
        return _last_clause(head) + noun
    return noun


def _last_clause(head: str) -> str:
    return head


def _noun(words: str) -> str:
    """Return the noun phrase behind a number, with what is said of it, light verbs left out."""
    plain = _TRAILING.sub("", words.strip(" 、，,"))
    if len(plain) > 14:
        verb = _ENDS_NOUN.search(plain, 2)
        if verb and len(plain) - verb.end() > 8:
            plain = plain[: verb.start()]
    plain = _LIGHT.sub("", plain)
    return _TRAILING.sub("", plain).strip(" 、，,的")


def _until_verb(words: str) -> str:
    found = _ENDS_NOUN.search(words, 2)
    return words[: found.start()] if found else words


def _carried(run: list[Number], phrase: Phrase, memory: Memory, apart: bool) -> list[str]:
    """Return the heads of earlier numbers: paired in order under 分别, joined under 均, else the last one."""
    if apart and len(memory.recent) >= len(run) and not phrase.reference_is_list:
        return memory.recent[-len(run) :]
    if re.search("[均都皆]", phrase.tail) and len(memory.recent) > 1:
        both = memory.heads if len(memory.heads) > 1 else memory.recent[-2:]
        return ["、".join(dict.fromkeys(both))] * len(run)
    last = memory.heads[-1] if memory.heads else ""
    return [last] * len(run)


def _completed(head: str, memory: Memory) -> str:
    """Complete a head that is only a part of the one before: 利润 behind 规上工业企业营业收入."""
    last = memory.heads[-1] if memory.heads else ""
    if not last or head == last:
        return head
    if _TOTAL.match(head):
        return _NEW.sub("", last) + (head if head == "数量" else "")
    if (
        len(head) <= 5
        and re.search("价格|余额|存栏|出栏", head[-2:])
        and last.endswith(head[-2:])
        and len(last) > len(head) + 1
    ):
        return last[: -len(head)] + head
    if not _PART_OF.match(head):
        return head
    owner = last if _WHOLE_OWNER.match(head) else _OWNER_ATTRIBUTE.sub("", last)
    owner = _NEW.sub("", owner)
    return owner + head if owner and not head.startswith(owner[:2]) else head


def _distributed(head: str, count: int) -> list[str]:
    """Return the heads of 城乡居民养老、医疗补助标准分别: each with the words it shares with the others."""
    if count == 2 and "城乡" in head and not _SPLIT.search(head.split("城乡", 1)[1]):
        return [head.replace("城乡", place) for place in ("城镇", "农村")]
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


def _shared_tail(first: str, last: str) -> str:
    """Return what the last item has behind the word both have in common (城镇居民 and 农村居民人均收入)."""
    common = next((first[-n:] for n in (3, 2) if len(first) > n and first[-n:] in last), None)
    if common:
        return last.split(common, 1)[1]
    found = _SHARED_TAIL.search(last)
    return found[0] if found and len(found[0]) < len(last) else ""


def strip_time(head: str) -> str:
    """Return an indicator without the words of time and place it begins with."""
    return re.sub(f"^(?:{TIME})+", "", head)
