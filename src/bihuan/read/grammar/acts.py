"""One clause -> the act it reports or promises, with its object: 开工建设X, X开工建设, 推动X投产, X列入Y, X获评Y."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bihuan.read.grammar.actions import (
    AWARD,
    CLOSES_CLAUSE,
    LIST_IN,
    OPEN_TENDER,
    PUSH,
    TAKES_OBJECT,
    VERB,
    Action,
)
from bihuan.read.grammar.clause import Clause, bare_name, holder_of, is_holder, lead_end
from bihuan.read.grammar.parts import find_part
from bihuan.read.grammar.splitting import Group, verb_groups
from bihuan.read.grammar.things import fits, is_coined, is_counted, is_mere_deed, is_nameless

_BLOCKS = re.compile(
    r"(?:支持|鼓励|引导|吸引|参与|加强|健全|完善|落实|发挥|提高|提升|保障|加大|优化|强化|围绕|聚焦|依托|根据|按照|服务|助力|规范|推广|培育|引进|坚持|促进|带动|用好|统筹|严格|压实|突出|指导|督促|开放|促成|做好|做实|实现|构建"
    r"|严控|制约|影响|存在|取决于|有待|未能|尚未|没有|未|不|是|有|作为|对|用于|关于|等方面|为了?|以|让|使|从|向|与|和|及)$"
)
_ENCOURAGES = re.compile(r"(?:支持|鼓励|引导|吸引|参与|参加|倡导|指导|督促|严禁|禁止|防止|避免|探索|研究解决)")
_MAIN_WORKS = re.compile(r"主体(?:工程|结构)?(?:建设|施工)?$")
_BUILT = frozenset("开工 主体完工 封顶 建成 完成 完工 竣工 投产 达产 投运 投用 并网 通车".split())
"""Acts of building, which 争取 only strives for: 争取年内投用 promises the use, 争取获批 a plan."""
_REBUILT = TAKES_OBJECT["改造"]
"""A deed that is the object where it is what is completed: X改造全面完成."""
_SIDE = re.compile(
    r"^(?:随着|由于|如果|自从|尽管|虽然|面对|针对)|(?:后|时|以来|之前|之后|的|过程中|期间|之际|同时|基础上|等方面|条件下)$"
)
_COMPLEMENT_OF_PLAN = re.compile(
    r"(?:规划|计划|方案|项目库|储备库|盘子|清单|目录|布局|工作要点|报告|体系|大局|(?:国家|省|市)[^、]{0,14}(?:项目|工程))$"
)
_STATUS = re.compile(r"(?:试点|示范|名单|名录|范围|行列)$")
_ENDING = re.compile(r"^(?:了|的|之中|中|阶段|状态|仪式|使用|工作)?$")
_FINISH = re.compile(r"(?:收尾|扫尾|攻坚)(?:工作)?$")
_PARTICIPLE = re.compile(
    r"^由[^的]+的|^.*?为一体的|(?:^|(?<=[、和及]))(?:总)?投资[^，、]{1,12}?元的|^[^、“]{0,12}(?:期盼|关注|关心|瞩目|期待)[^、“]{0,5}的"
)


@dataclass(frozen=True, slots=True)
class Act:
    """An act found in a clause; offsets count in the sentence."""

    action: Action
    object: str
    """As the clause names it; empty where the clause leaves it to the antecedent."""
    start: int
    end: int
    holder: str
    """What stands before the verb besides the object: a place, an organisation, or nothing."""
    modal: str
    """The clause with its quoted names blotted out, for the words that tell its kind."""
    opens: bool = False
    """Whether the verb stands before its object and without 了: 加快建设X, 推动X投产."""


def find_act(clause: Clause) -> Act | None:
    """Return the act of a clause, or None where it has none that can be checked."""
    groups = verb_groups(clause.masked)
    if not groups or _SIDE.search(clause.masked):
        return None
    return _complement(clause, groups) or _partial(clause) or _closing(clause, groups) or _transitive(clause, groups)


def _partial(clause: Clause) -> Act | None:
    """X进入设备安装阶段, X完成蓄水验收, 推动X启动前期工作: a thing, and how far a part of it has come."""
    part = find_part(clause)
    return None if part is None else _checked(clause, part.action, part.object, part.start, len(clause.text), "")


def _leading(group: Group) -> Action | None:
    """The act a group means with its object behind it."""
    first, last = TAKES_OBJECT.get(group.first), TAKES_OBJECT.get(group.last)
    if first is None or last is None:
        return None if group.first == group.last else (last if first is None else _open_end(first, group))
    if first is last or first.plans:
        return first
    if last.verb in ("建设", "实施", "打造", "创建", "推进"):
        return PUSH if first.causes else (last if first.verb in ("规划",) else first)
    return last


def _open_end(first: Action, group: Group) -> Action | None:
    closing = CLOSES_CLAUSE.get(group.last)
    return first if first.plans else closing


def _complement(clause: Clause, groups: list[Group]) -> Act | None:
    """X列入Y规划, X获评Y, X落户Z, X通过验收: the object before and something behind."""
    for group in groups:
        action = TAKES_OBJECT.get(group.last)
        behind = clause.text[group.end :].lstrip("了")
        if action in (LIST_IN, AWARD):
            return _listed(clause, group, behind, action, groups[0])
        if (
            group.last in ("落户", "花落", "成功花落")
            and behind
            and groups.index(group) == len(groups) - 1
            and len(behind) <= 8
        ):
            return _object_before(clause, group, CLOSES_CLAUSE["落户"], len(clause.text))
        if group.last == "申报" and group.start > 0 and re.search(r"(?:点|试点|示范|项目|奖|基地|称号)$", behind):
            found = _object_before(clause, group, TAKES_OBJECT["申报"], len(clause.text))
            if found is not None and found.object and fits(found.object, "thing"):
                return found
    return None


def _listed(clause: Clause, group: Group, behind: str, action: Action, first: Group) -> Act | None:
    before = clause.text[: group.start]
    if action is LIST_IN and _COMPLEMENT_OF_PLAN.search(behind):
        if first is not group and TAKES_OBJECT.get(first.first) is not None and TAKES_OBJECT[first.first].causes:
            before = clause.text[first.end : group.start]
        return _object_before(clause, group, LIST_IN, len(clause.text), before)
    if action is LIST_IN and not _STATUS.search(behind):
        return None
    title = behind.strip("“”的 ") if not behind.startswith("“") else behind
    strict = group.last in (
        "成为",
        "获得",
        "获批",
        "跻身",
        "晋级",
        "摘得",
        "获准",
        "授予",
        "夺得",
        "捧回",
        "升级为",
        "晋升为",
    )
    if (
        len(title) < 4
        or is_counted(title)
        or re.search(r"之一$|一等功", title)
        or (group.last == "成为" and _future(before))
    ):
        return None
    if strict and not fits(title, "title"):
        return None
    holder = holder_of(before)
    begin = clause.start + lead_end(before)
    if "争取" in clause.text[: group.end] or "力争" in clause.text[: group.end]:
        return Act(OPEN_TENDER, title, begin, clause.start + len(clause.text), "", clause.masked)
    return Act(AWARD, title, begin, clause.start + len(clause.text), holder, clause.masked[: group.end])


def _future(before: str) -> bool:
    return bool(re.search(r"将|要|争取|力争|努力|有望|奋力", before))


def _closing(clause: Clause, groups: list[Group]) -> Act | None:
    """X开工建设, 推动X投产, 建成X并投用: the clause ends with the act."""
    last = groups[-1]
    action = CLOSES_CLAUSE.get(last.last)
    if action is None or not _ENDING.match(clause.masked[last.end :]):
        return None
    first = groups[0]
    opener = TAKES_OBJECT.get(first.first)
    if first is not last and opener is not None:
        between, before = clause.text[first.end : last.start], clause.text[: first.start]
        caused = opener.causes and (action.demand == "any" or action is PUSH)
        if (caused or re.search("[并且后]$", between)) and not _ENCOURAGES.search(before):
            winner, object_ = opener if opener.plans and action.verb not in _BUILT else action, bare_name(between)
            if not object_:
                return _left_out(clause, winner, first.start, last.end)
            return _checked(clause, winner, object_, first.start, last.end, holder_of(before))
        if first.start <= lead_end(clause.text):
            return None
    if action.verb == "完成" and TAKES_OBJECT.get(last.first) is _REBUILT:
        last = last._replace(start=last.start + len(last.first), first=last.last)
    return _object_before(clause, last, _chain_before(last, action), last.end)


def _chain_before(group: Group, action: Action) -> Action:
    first = TAKES_OBJECT.get(group.first)
    if first is not None and first is not action and first.plans and group.first != group.last:
        return first
    if first is not None and action.verb == "推进" and group.first != group.last and first.verb in ("启动", "开工"):
        return first
    return action


def _object_before(clause: Clause, group: Group, action: Action, end: int, before: str | None = None) -> Act | None:
    text = clause.text[: group.start] if before is None else before
    if _ENCOURAGES.search(text):
        return None
    lead = lead_end(text)
    object_ = bare_name(text[lead:])
    main = _MAIN_WORKS.search(object_) if action.verb in ("完成", "完工", "竣工", "封顶") else None
    if main:
        action = action if action.verb == "封顶" else CLOSES_CLAUSE["主体完工"]
        object_ = object_[: main.start()]
    begin = lead + (len(clause.text[: group.start]) - len(text))
    if not object_:
        caused = TAKES_OBJECT.get(group.first)
        if action.demand != "any" and caused is not None:
            return None
        return _left_out(clause, action, min(begin, group.start), end)
    return _checked(clause, action, object_, min(begin, group.start), end, "")


def _left_out(clause: Clause, action: Action, start: int, end: int) -> Act:
    """An act whose object the clause leaves to the one before: 年内投产, 推动尽快开工."""
    return Act(action, "", clause.start + start, clause.start + end, "", clause.masked)


def _transitive(clause: Clause, groups: list[Group]) -> Act | None:
    """开工建设X, 平定县要加快X建设: the act with its object behind it."""
    first = groups[0]
    action = _leading(first)
    before = clause.text[: first.start]
    if action in (None, LIST_IN, AWARD) or _BLOCKS.search(before) or _ENCOURAGES.search(before):
        return None
    if before[lead_end(before) :] and len(before) > 30:
        return None
    inner = _inner(clause, groups)
    if inner is not None:
        return inner
    behind = clause.text[first.end :]
    if re.match("[、和与及的在]", behind):
        return None
    main = _MAIN_WORKS.search(behind) if action.verb == "完成" else None
    if main:
        action, behind = CLOSES_CLAUSE["主体完工"], behind[: main.start()]
    begin = min(lead_end(before), first.start)
    if begin < first.start and not is_holder(before):
        begin = first.start
    return _checked(clause, action, behind.lstrip("了").strip(" 　的、"), begin, len(clause.text), holder_of(before))


def _inner(clause: Clause, groups: list[Group]) -> Act | None:
    """推动城区创建X: whom it urges stands between the two verbs, and the second says what."""
    if len(groups) < 2 or groups[0].first != groups[0].last or not TAKES_OBJECT[groups[0].first].causes:
        return None
    between = clause.text[groups[0].end : groups[1].start]
    action, behind = _leading(groups[1]), clause.text[groups[1].end :]
    if action is None or len(behind) < 3 or behind[0] in "、和及与":
        return None
    if between and lead_end(between) == len(between):
        return _checked(clause, action, behind, groups[0].start, len(clause.text), "")
    if not re.fullmatch(r"[^、，]{1,10}(?:[县区市镇乡村]|集团|公司|大学|学院|医院)", between):
        return None
    return _checked(clause, action, behind, groups[0].start, len(clause.text), between)


def _checked(clause: Clause, action: Action, object_: str, start: int, end: int, holder: str) -> Act | None:
    """Return the act where its object can be checked."""
    name = _FINISH.sub("", _PARTICIPLE.sub("", object_))
    if not 2 <= len(name) <= 90 or is_counted(name) or (action.demand != "any" and is_coined(name)):
        return None
    if is_mere_deed(name) or ((is_nameless(name) or is_nameless(_named(name, action))) and not _placed(name)):
        return None
    name = re.sub("^(?:一批|一系列)", "", name)
    if not fits(name, action.demand):
        return None
    text = clause.text[start:end]
    trimmed = end - (len(text) - len(text.rstrip("。，； 的了")))
    verb = VERB.search(clause.masked)
    opens = verb is not None and verb.start() <= max(start, lead_end(clause.masked)) and "了" not in text[:6]
    return Act(action, _named(name, action), clause.start + start, clause.start + trimmed, holder, clause.masked, opens)


def _placed(name: str) -> bool:
    """一批 of things along a named street or in a named quarter is a group one can visit."""
    return bool(
        re.match(r"一批(?![城社园地])[^、]{2,4}(?:路|街|大道|河|湖|经济带|新城|开发区|高新区)[^、]*(?:项目|工程)", name)
    )


def _named(name: str, action: Action) -> str:
    """The object under its name: 推进X建设 is about X, 推进X前期工作 about the preparation."""
    name = re.sub(r"(?:等)?(?:建设)?(?<!前期)(?:工作|进度|步伐|进程|力度)$", "", name) or name
    if action.verb == "推进" and not re.search(r"建设[和、与及].*(?:建设|创建|改造)$", name):
        name = re.sub(r"(?:规划|开发)?建设$", "", name) or name
    return name
