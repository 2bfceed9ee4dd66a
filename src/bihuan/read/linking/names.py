"""One name for one thing: what of an indicator's or project's wording says nothing of what it is.

Two wordings are the same thing where their keys are equal; nothing is guessed by likeness, for the near misses
(新兴产业 and 战略性新兴产业, 登记 and 调查失业率) are more alike than many true pairs.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bihuan.read.grammar.things import core, is_mere_head, is_nameless

_MARKS = re.compile("[“”‘’\"'《》\\s]|（[^）]*(?:）|$)|\\([^)]*(?:\\)|$)")
_WHERE = re.compile("^(?:全市|我市|本市|该市|市域|全年|年末|年底|截至年底|累计|当年|其中|目前|共|实际|实有)+")
_REACHED = re.compile("^(?:完成|实现|达到|达|建成|建设|开工|启动|打造|培育|认定|拥有|实施|推进|开展|组织|已)+(?=.{2})")
_FLOW = re.compile(
    "^(?:(?:再|今年|全年|累计)?(?:新增|新建成?|新登记|新设|新发展|新认定|新改扩建|新引进|净增|增加))(?=.{2})"
)
_SIZE = re.compile(
    "(?<=.{2})(?:总量|总数|数量|规模|总规模|平均增速|增速|增幅|涨幅|建设任务|任务|个数|户数|家数|(?:增长|增速)?(?:的)?(?:预期)?目标|预期)$"
)
_PART = re.compile("(?:占比|比例|比率)$")
_DEEDS = (
    "开工改造 改造提升 改造 认证 淘汰 治理 整治 修复 发放 办理 争取 引进 培训 处置 清收处置 取缔 创建 修缮 加装 筹集 配建 检修 拆除 复垦 化解 出让 转移 救助 惠及"
).split()
_DEED_AHEAD = re.compile(f"^(?:{'|'.join(_DEEDS)})(?=.{{3}})")
_DEED_BEHIND = re.compile(f"(?<=.{{3}})(?:{'|'.join(_DEEDS)})$")
_SAME_WORDS = (
    ("规模以上", "规上"),
    ("限额以上", "限上"),
    ("地区生产总值", "生产总值"),
    ("国内生产总值", "生产总值"),
    ("GDP", "生产总值"),
    ("研究与试验发展", "研发"),
    ("R&D", "研发"),
    ("市场主体", "经营主体"),
    ("战新产业", "战略性新兴产业"),
)

_BARE = re.compile(
    "(?:新增)?(?:增加值|总?产值|营业收入|主营业务收入|收入|支出|利润|总?投资|资金|占比|比重|产量|销量|面积|里程|人数|人口|人|项目|工程|企业|"
    "平台|基地|中心|增长|下降|提高|达|完成投资|投资额|装机|装机容量|贡献率|覆盖率|完成率|其他|同比|产能|金额|总额|余额|数|市|县|区)?"
)

_PHASE = re.compile("(?P<phase>[一二三四五六七八九十\\d]+)期(?:工程|项目)?")
_NAME_HEAD = re.compile("^(?:推动|推进|加快|我市|全市|市|本市|全省|全国|首个|首家|第一个|一批|等)+(?=.{3})")
_NAME_TAIL = re.compile(
    "(?:(?:等)?(?:重点|重大|示范)?(?:项目|工程|建设项目|建设工程|建设|新建|前期(?:工作)?|主体(?:工程|结构)?|(?:竣工|蓄水|交工)?验收)"
    "|(?:工可|预可研|可研|可行性研究|初步设计|选址|立项|环评)(?:报告)?(?:编制|评审|批复)?)+$"
)
_ROADS = (("高速公路", "高速"), ("扩容提质", "改扩建"), ("提质改造", "改造"), ("热电厂", "电厂"))
_TAKEN_APART = re.compile("、(?!\\d)|(?:以及|及其|及)(?=.{3})")
SHORTEST_NAME_CHARS = 3
"""A project's key below this length (道路, 医院) names no project, nor does a sort of thing (图书馆)."""


@lru_cache(maxsize=65536)
def indicator_key(name: str) -> str:
    """Return what two wordings of one indicator have in common.

    新增X is a flow and never the stock X; 改造X and X改造 are one; 全市, 完成 and 总量 say nothing.
    """
    text = _WHERE.sub("", _MARKS.sub("", name))
    flow = _FLOW.match(text)
    text = text[flow.end() :] if flow else _REACHED.sub("", _WHERE.sub("", text))
    text = _PART.sub("比重", _SIZE.sub("", text))
    for other, one in _SAME_WORDS:
        text = text.replace(other, one)
    deed = _DEED_AHEAD.match(text) or _DEED_BEHIND.search(text)
    act = ""
    if deed:
        act = deed.group().removeprefix("开工").removeprefix("清收")
        text = text[deed.end() :] if deed.start() == 0 else text[: deed.start()]
    return ("新增" if flow else "") + text.replace("的", "") + ("/" + act if act else "")


def is_bare(key: str) -> bool:
    """Tell whether a key only says how something is measured (营业收入, 总投资) and leaves out of what."""
    return _BARE.fullmatch(key) is not None


def project_names(object_: str) -> list[str]:
    """Take a commitment's object apart into the things it lists: A、B等项目 -> A, B."""
    text = re.sub("等[^、]{0,12}$", "", object_) if "、" in object_ else object_
    pieces = [piece for piece in _TAKEN_APART.split(text) if piece]
    return pieces if all(len(piece) > 1 for piece in pieces) else [object_]


@lru_cache(maxsize=65536)
def project_key(name: str, city: str) -> str | None:
    """Return what two wordings of one project have in common, None where the name is too general to follow.

    Args:
        name: one thing, as `project_names` gives it.
        city: short name of the document's city, 阳泉; stripped, since reports add or leave it at will.
    """
    text = _MARKS.sub("", name)
    phase = _PHASE.search(text)
    text = _PHASE.sub("", text)
    if city:
        text = re.sub(f"^{re.escape(city)}市?", "", text)
    text = _NAME_HEAD.sub("", text)
    text = _NAME_TAIL.sub("", core(text)) or text
    for other, one in _ROADS:
        text = text.replace(other, one)
    if len(text) < SHORTEST_NAME_CHARS or is_nameless(name) or is_mere_head(text):
        return None
    number = phase["phase"] if phase else ""
    return text + (f"#{number}" if number not in ("", "一", "1") else "")
