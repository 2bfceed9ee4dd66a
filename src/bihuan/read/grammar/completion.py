"""Heads that rest on earlier ones: carried over (增长45.9%), completed (利润 of 规上工业企业), or relative (占全省的16%)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bihuan.core.records.statement import Measure
from bihuan.read.grammar.words import ATTRIBUTES, STARTS_WITH_VERB

_RATES = "资产总额|资产负债率|产销率|(?:开工|竣工|交付|签约|履约|落地|利用)率|年利用量|营业收入利润率|利润率|增长面|赔付率|达标率|优良率|改善率|改善幅度|税收占比|户均|平均浓度"
# A head that says of the one before it what it says of nothing else by itself.
_PART_OF = re.compile(
    f"^(?:其)?(?:{ATTRIBUTES}|{_RATES}|装机规模|对.{{1,10}}贡献率|占.{{1,16}}(?:比重|比例|份额)?|门票收入|带动.{{1,6}}|惠及.{{1,8}}|支持.{{1,6}}|覆盖.{{1,10}}"
    "|辐射带动.{1,6}|吸纳.{1,6}|服务(?:企业|群众|居民|用户|农户|学生|老人|.{0,2}人次)|增加值|总投资|完成投资|年(?:利用|交易|供热|供气|处理|外送电)量|折合标准煤|授信|合同(?:投资|金)额|协议投资额|到位资金|货值|(?:开工|竣工|交付|投产|入住|入驻|签约|履约|落地|办结|合格|利用|使用|出租|去化|复工|成活|保存)率|(?:奖励|补贴|补助|收费)标准|年产值|年?营业额|年?销售额|装机(?:容量)?|亩产|单产|获利|惠民|计划总?投资|年度计划(?:总|完成)?投资|概算总?投资|年产能"
    "|建筑面积|占地面积|总建筑面积|可(?!再生|支配).{1,10})$"
)
# A head that only tells a state: 目前已交付6.7万套, 在建1650万千瓦.
_STATE = re.compile("(?:批复)?[在待]建|建成|开工|竣工|交付|投放|投产|投运|完工|签约|入库|储备|落地")
_TOTAL = re.compile("^(?:总数|总量|总计|累计|合计|总数量|存量|总户数|总规模|数量|余额|其中|同比|全年|)$")
# What the owner of a part loses of its own name: 规上工业企业营业收入 -> 规上工业企业.
_OWNER_ATTRIBUTE = re.compile(
    f"(?:(?:完成)?(?:平均)?(?:(?:播种|种植|养殖)面积|{ATTRIBUTES}|{_RATES})(?:增速)?|年?营业额|年?销售额|总投资|装机(?:容量|规模)?|累计投放|全球门店|门店|入库)$"
)
_RELATION_END = re.compile("(?:占(?!比)|相当于|恢复[至到]).{1,24}(?:比重|比例|份额)$")
_WHOLE_OWNER = re.compile(
    "^(?:占|比例|占比|改善|数量|总数|惠及|覆盖|规模|税收|计划|年度|概算|建筑|占地|总建|可|年(?!产值|营业|销售))"
)
_NEW = re.compile("^(?:新增|新建|新登记|净增|新认定|新培育)")
_BOTH = re.compile("(?<![平人户年月日亩地])均|都|皆")
# What a whole lends its parts behind 其中: 民用汽车保有量…，其中私人汽车.
_LENT = re.compile(
    "(?:(?:居民)?消费价格|增加值|总产值|产值|营业收入|投资|价格|保有量|(?:播种|种植|养殖|建筑|销售)?面积|吞吐量|装机(?:容量|规模)?|产量|销量|销售额|零售额|存栏|出栏|客运量|货运量|周转量|发电量|用电量|贷款余额|存款余额)$"
)
_COUNTED = ("家", "个", "户", "所", "座", "项", "件")
_HAS_MEASURE = re.compile(f"(?:{ATTRIBUTES}|价格|[率量额数比值])$")
_SCALE_PREFIX = re.compile("^(?:规模以上|规上|限额以上|限上)")
# 占全省的16%, 恢复至2019年同期的96%, 为年度计划的31%, said of the head before.
_RELATIVE = re.compile(
    "^(?:分别|约|大约|已|仅)*(?P<verb>占到?|相当于|恢复[至到]|为|是|完成|达到?)(?:(?:全市|我市)(?![的分约近]))?(?P<whole>[^，。；]{2,24}?)(?:的|比重|比例)*"
    "(?:分别|约|近|超过?|达到?|为|高达|提[高升][到至])*$"
)
_OF_WHOLE = re.compile(
    "^(?P<part>[^，]{2,30}?)(?:约|合计|总共|已|仅|分别)*(?P<verb>占(?!比|地|用)到?|相当于)(?:(?:全市|我市)(?![的分约近]))?(?P<whole>[^，。；]{0,24}?)(?P<rate>的?(?:比重|比例|份额)|的)?(?:约|近|超过?|达到?|为|接近|高达|不足|不到|突破)*$"
)
_PLANNED = re.compile("计划|任务|目标|预算|总和|同期|[年季月]")
_THIS = re.compile("^(?:这一?个?|该|此)(?:项目|工程|企业|公司|产业|景区|园区|平台)?")
_THING = re.compile(
    "[^，。；：、,;:]*?(?:电站|项目|工程|基地|园区|铁路|高速公路|机场|电厂|中心|产业园|公司|集团|景区|平台|水库|港区)"
)


# What leads in to parts of one whole: 从三大门类看, 按经营单位所在地分, 从产品产量看, 服务价格“六涨二降”：.
_LISTS = re.compile(
    "(?:从[^，。；]{1,12}?(?P<measure>产量|投资|增加值|销售额|零售额|价格)?(?:情况)?看|(?:按|分)[^，。；]{1,14}[看分])[，,]"
    "|(?:价格|增加值|产量|投资)[^，。；：]{0,12}[：:](?=[^，。；：]*$)"
)


@dataclass(slots=True)
class Memory:
    """What the numbers read so far in a paragraph were said of, for those that follow without a head."""

    heads: list[str] = field(default_factory=list)
    """Of the run read last."""
    recent: list[str] = field(default_factory=list)
    """Distinct heads in order, the latest last."""
    grows: bool = False
    """Whether the last figure of the head was a growth."""
    measure: Measure = "level"
    """Of the run read last."""
    unit: str = ""
    owner: str = ""
    """Whom the last parts belonged to: 规上工业企业 of 利润."""
    whole: str = ""
    """What 其中 speaks of the parts of, up to the next ； or 。"""

    opening: list[str] = field(default_factory=list)
    """The first head of the paragraph before, for one that only names places: 海宁市增长6.8%."""

    def enter(self, words: str) -> None:
        """Take note of what stands between the number before and the next."""
        listed = _LISTS.search(words)
        if "其中" in words:
            self.whole = self.last
        elif listed:
            self.whole = listed["measure"] or self.last or "".join(self.opening)
        elif "；" in words or ";" in words:
            self.whole = ""

    def remember(self, heads: list[str], measure: Measure, unit: str) -> None:
        """Keep the heads of a run."""
        if heads != self.heads:
            self.owner = self.owner if heads and heads[-1].startswith(self.owner) else ""
        self.heads = heads
        self.grows = measure == "growth" or (self.grows and measure in ("gap", "rank", "change"))
        self.measure, self.unit = measure, unit
        for head in heads:
            if head in self.recent:
                self.recent.remove(head)
            self.recent.append(head)
        del self.recent[:-8]

    @property
    def last(self) -> str:
        """Return the head of the number before, empty where there is none."""
        return self.heads[-1] if self.heads else ""


def carried(count: int, tail: str, memory: Memory, *, apart: bool) -> list[str]:
    """Return the heads of earlier numbers for a run without one.

    Args:
        count: how many numbers the run has.
        tail: what is said of the head.
        memory: what earlier numbers were said of.
        apart: whether the numbers are said of different heads, in order (分别).
    """
    if count > 1 and len(set(memory.heads)) == count:
        return memory.heads
    if apart and len(memory.recent) >= count:
        return memory.recent[-count:]
    if _BOTH.search(tail) and len(memory.recent) > 1:
        both = memory.heads if len(memory.heads) > 1 else memory.recent[-2:]
        return ["、".join(dict.fromkeys(both))] * count
    return [memory.last] * count


def relative(words: str) -> tuple[str, str] | None:
    """Return (part, what it is measured against) of a share: 粮食产量占全省的 is (粮食产量, 占全省比重).

    The part is empty where an earlier number named it, the rest where the whole is the one before 其中. None where the
    words measure no part against a whole.
    """
    if words.strip() == "占":
        return "", ""
    found = _RELATIVE.match(words)
    if found and (found["verb"] not in _IS or _PLANNED.search(found["whole"])):
        return "", _against(found["verb"], found["whole"])
    found = _OF_WHOLE.match(words)
    if not found or found["rate"] in ("比重", "比例", "份额", "的比重", "的比例"):
        return None
    return found["part"], _against(found["verb"], found["whole"]) if found["whole"] else ""


_IS = ("为", "是", "完成", "达", "达到")


def _against(verb: str, whole: str) -> str:
    if verb in _IS:
        return f"占{whole}比例"
    return verb + whole + ("比重" if verb == "占" and not _PLANNED.search(whole) else "比例")


def without_relation(head: str) -> str:
    """Return a head without what its share was measured against: 生产煤炭 of 生产煤炭占全国比重."""
    return _RELATION_END.sub("", head)


def completed(head: str, unit: str, measure: Measure, memory: Memory) -> str:
    """Complete a head that is only a part of an earlier one."""
    last = memory.last
    if memory.whole and STARTS_WITH_VERB.fullmatch(head):
        return head + _noun_of(memory.whole)
    if memory.whole and not (is_part(head) and last != memory.whole):
        return _of_whole(head, unit, measure, memory.whole)
    if not last or head == last:
        return head
    if parallel := _beside(head, last):
        return parallel
    if STARTS_WITH_VERB.fullmatch(head) or _STATE.fullmatch(head):
        return head + _noun_of(last)
    if _TOTAL.match(head):
        return without_relation(_NEW.sub("", last)) + (head if head == "数量" else "")
    return _of_owner(head, memory) if is_part(head) else head


def _beside(head: str, last: str) -> str:
    """Complete what stands in parallel to the head before: 农村居民 of 城镇居民人均可支配收入, 存栏 of 生猪出栏."""
    if _LEVEL.fullmatch(head):
        return _LEVEL.sub(head, last, count=1)
    first = _TOWN_OR_COUNTRY.match(last)
    if first and _TOWN_OR_COUNTRY.fullmatch(head):
        return head + last[first.end() :]
    kind = _SHORT_MEASURE.search(last)
    return last[: kind.start()] + head if kind and kind.start() and _SHORT_MEASURE.fullmatch(head) else ""


_LEVEL = re.compile("(?:国家|省|市|县|区)级(?:以上)?")
_TOWN_OR_COUNTRY = re.compile("(?:城镇|农村|城市|乡村|城乡)(?:常住)?(?:居民)?")
_SHORT_MEASURE = re.compile("(?:[存出]栏|(?:存款|贷款)?余额|(?:参保|覆盖|缴费|就诊|报销)率|[生销]产?量|[进出]口额?)$")


def _noun_of(head: str) -> str:
    """Return what a verb acts on: 各类市场主体 of 实有各类市场主体, for 新登记4万户 behind it."""
    verb = STARTS_WITH_VERB.match(head)
    return head[verb.end() :] if verb else head.removeprefix("实有")


def _of_whole(head: str, unit: str, measure: Measure, whole: str) -> str:
    """Lend a part behind 其中 what its whole measures: 轻工业 of 规上工业增加值 is 规上轻工业增加值."""
    verb = STARTS_WITH_VERB.match(whole)
    if verb and unit in _COUNTED and not STARTS_WITH_VERB.match(head):
        return verb[0] + head
    lent = _LENT.search(whole)
    if not lent or _HAS_MEASURE.search(head) or measure not in ("growth", "level") or unit in _COUNTED:
        return head
    scale = _SCALE_PREFIX.match(whole)
    return (scale[0] if scale and head in ("轻工业", "重工业") else "") + head + lent[0]


def is_part(head: str) -> bool:
    """Return whether a head says of something what it says of nothing by itself: 利润, 惠及群众."""
    return _PART_OF.match(head) is not None


def _of_owner(head: str, memory: Memory) -> str:
    last = _RELATION_END.sub("", memory.last)
    owner = memory.owner or (last if _WHOLE_OWNER.match(head) else _OWNER_ATTRIBUTE.sub("", last))
    owner = _NEW.sub("", owner)
    if not owner or head.startswith(owner[:2]) or (owner.endswith("进出口") and head in ("进口", "出口")):
        return head
    memory.owner = "" if _WHOLE_OWNER.match(head) else owner
    return owner + head


def with_verb(head: str, before: str) -> str:
    """Give an item of a list the verb that the item before begins with: 新建中试基地3个、孵化器10家."""
    verb = STARTS_WITH_VERB.match(before)
    if not verb or STARTS_WITH_VERB.match(head) or _STATE.fullmatch(head) or _HAS_MEASURE.search(head):
        return head
    return verb[0] + head


def topic_of(words: str) -> str:
    """Return what a clause without a number speaks of, `城镇化率比较高` is 城镇化率; empty where it names no measure."""
    clauses = [clause for clause in re.split("[，。；：,;:]", words) if clause.strip()]
    found = next(filter(None, map(_TOPIC.match, reversed(clauses))), None)
    return found[0] if found else ""


def owner_of(words: str) -> str:
    """Return whom a clause without a number speaks of: 非煤工业 of 非煤工业撑起发展新天地."""
    clauses = [clause for clause in re.split("[，。；：,;:]", words) if clause.strip()]
    found = _OWNER_TOPIC.match(clauses[-1]) if clauses else None
    return found[0] if found else ""


_TOPIC = re.compile(
    "[^，。；]{1,30}?(?:率|收入|总额|增加值|产量|产值|投资|规模|数量|浓度|面积|里程|人口)(?![^，]{0,3}(?:任务|计划|目标))"
)
_OWNER_TOPIC = re.compile(
    "[^，。；、]{0,24}?(?:产业链|产业|工业|制造业|服务业|行业|企业|集群|园区|景区|农业|畜牧业|银行业|市场|项目|工程|行动|改革|活动)(?!结构|链|化|主体|体系|规模)"
)


def antecedent(head: str, before: str) -> str:
    """Return `head` with 这个项目, 该公司 replaced by the last thing named in the words before."""
    found = _THIS.match(head)
    if not found:
        return head
    named = _THING.findall(before)
    return (named[-1] if named else "") + head[found.end() :]
