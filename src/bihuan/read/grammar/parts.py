"""How far a thing has come, told by a part of it: X进入设备安装阶段, X完成蓄水验收, 推动X启动前期工作.

The verb alone tells no stage here: what follows does, and belongs to the object where it is a part of the works.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bihuan.read.grammar.actions import CLOSES_CLAUSE, TAKES_OBJECT, Action
from bihuan.read.grammar.clause import Clause, bare_name, lead_end
from bihuan.read.grammar.things import fits

_PUSHED = re.compile("推动|推进|确保|力争|力促|促成|加快|争取")
_PAPER = (
    "(?:各项)?前期(?:工作)?|可研|预可研|工可|可行性研究|选址|初设|初步设计|环评|备案|规划设计|方案设计|勘察设计|"
    "用地预审|用地报批|审批|设计|(?:施工|勘察|监理)?招投?标"
)
_DONE = "(?:报告)?(?:编制|评审|批复|审查|审批)?(?:工作)?"
_DEED = "(?:安装|调试|布展|装修|改造|升级|提升|验收|铺设|铺轨|架设|吊装|征迁|征拆|拆迁|搬迁|交接|移交|施工|蓄水)"
_PART = re.compile(
    rf"(?P<verb>完成|启动|开展)了?(?:(?P<paper>(?:{_PAPER}){_DONE})|(?P<main>主体(?:结构|工程)?(?:施工|建设)?)"
    rf"|(?P<deed>[^、，的和及与]{{0,8}}{_DEED}{{1,2}}(?:工作)?))$"
    r"|(?:正在?进行|进行|进入|具备)了?[^、，]{0,10}?(?P<state>阶段|期|条件|尾声|轨道|施工|开挖|建设|装修|安装|调试|铺设|铺装|浇筑|架设|吊装|绿化|联调联试)$"
)
_RUNNING = re.compile("试?(?:运行|运营|生产|运转)(?:阶段|期)?$")
_READY_TO_RUN = re.compile("(?:通车|投产|投运|运营|使用|开放|通航|并网|入驻|开园)条件$")

_STARTED = replace(TAKES_OBJECT["启动"], demand="any")
_UNDER_WAY = replace(CLOSES_CLAUSE["加快推进"], demand="any")
_COMPLETED = replace(CLOSES_CLAUSE["完成"], demand="any")
_MAIN = CLOSES_CLAUSE["主体完工"]
_APPROVED = CLOSES_CLAUSE["完成可研"]
_RUN = CLOSES_CLAUSE["试运行"]


@dataclass(frozen=True, slots=True)
class Part:
    """An act on a part of a thing."""

    action: Action
    object: str
    start: int
    """Where the thing, or what pushes it, begins in the clause."""


def find_part(clause: Clause) -> Part | None:
    """Return the act of a clause that names a thing, a verb and a part or stage of it; None where it is none."""
    found = _PART.search(clause.masked)
    if found is None or found.start() == 0:
        return None
    before = clause.text[: found.start()]
    begin = lead_end(before)
    pushed = _PUSHED.match(before, begin) or (_PUSHED.match(before) if begin else None)
    name = bare_name(before[pushed.end() if pushed else begin :])
    if not (fits(name, "thing") or fits(name, "place")):
        return None
    action, rest = _read(found, clause.text)
    return Part(action, name + rest, pushed.start() if pushed else begin)


def _read(found: re.Match[str], text: str) -> tuple[Action, str]:
    """The act, and what of the clause belongs to its object behind the thing's name."""
    if found["state"]:
        if _RUNNING.search(found.group()):
            return _RUN, ""
        return (_COMPLETED if _READY_TO_RUN.search(found.group()) else _UNDER_WAY), ""
    done = found["verb"] == "完成"
    if found["main"]:
        return (_MAIN if done else _UNDER_WAY), ""
    part = "paper" if found["paper"] else "deed"
    action = (_APPROVED if found["paper"] else _COMPLETED) if done else _STARTED
    return action, text[slice(*found.span(part))]
