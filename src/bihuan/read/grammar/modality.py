"""Whether a clause without a number promises or reports, by its own words, its sentence, and what stands above it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bihuan.core.records.statement import Kind
from bihuan.read.grammar.acts import Act
from bihuan.read.grammar.clause import Clause
from bihuan.read.grammar.context import Context

_FUTURE = re.compile(
    r"将(?!.{0,6}(?:了|已))|[^需重主]要(?!求)|^要|力争|确保|争取|(?<![动增升年养支资设航创善科造训育度])计划(?![，、。的任内书中]|$)|(?<![虚模比草])拟(?!定|合)|预计|有望|即将|尽快|必须|明年"
)
_PAST = re.compile(r"已(?!经济|开工项目|建成的?项目|建项目)|了(?!$)|正式(?:挂牌|揭牌|成立)|被|荣获|获评|获批|入选")
_IN_TURN = re.compile(r"成功|相继|先后|陆续|圆满")
"""Said of what was reached, unless the clause says that it lies ahead (将陆续开工)."""
_DEADLINE = re.compile(r"(?<![\d一二三四五两几近])年内|(?<!去)年底|[底末旬日月节]之?前|季度前")
_PRESENT = re.compile(r"之中$|正在|推进中$|建设中$")
_FORWARD = frozenset(
    "推进 打造 创建 谋划 规划 筹建 争取 申报 实施 建设 举办 落地 投产 运行 运营 启动 编制 开工 出台".split()
)


@dataclass(frozen=True, slots=True)
class Mood:
    """Promise or result, and what told it."""

    kind: Kind
    told: bool
    """By the words of the clause; else by what stands around it."""


def mood(act: Act, clause: Clause, context: Context, start: int, end: int, promised: bool) -> Mood:
    """Return whether an act is promised or reported.

    Args:
        act: what the clause says.
        clause: the clause.
        context: of the document.
        start: of the act in the restored text.
        end: its end there.
        promised: whether an earlier clause of the sentence promises in so many words.
    """
    told = _by_words(act.modal)
    if told:
        return Mood(told, True)
    above = context.frame(start).kind
    if above != "result" and _DEADLINE.search(clause.text):
        return Mood("target", True)
    if above is None and (promised or _is_programme(act, context, start, end)):
        return Mood("target", False)
    return Mood(context.kind(start, end), False)


def _by_words(modal: str) -> Kind | None:
    if _PRESENT.search(modal):
        return "result"
    past, future = _PAST.search(modal), _FUTURE.search(modal)
    if (past or _IN_TURN.search(modal)) and not future:
        return "result"
    return "target" if future and not past else None


def _is_programme(act: Act, context: Context, start: int, end: int) -> bool:
    """Tell whether an undated text without sections, an interview say, names what it sets out to do (加快建设X)."""
    if context.sections.type != "news" or context.period(start, end):
        return False
    return act.opens and act.action.verb in _FORWARD
