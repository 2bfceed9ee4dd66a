"""Sentences -> commitments: promises and results without a number that name something checkable.

The grammar of one clause is `acts`; here a clause meets its surroundings: whether it is a promise or a result, for
which year, under whom, until when, and what 年内投产 leaves unsaid because the clause before has named it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bihuan.core.records.statement import Commitment, Kind, Stage
from bihuan.read.grammar.actions import VERB
from bihuan.read.grammar.acts import Act, Clause, clauses, find_act
from bihuan.read.grammar.context import Context
from bihuan.read.grammar.due import due_in
from bihuan.read.grammar.holders import Places
from bihuan.read.outline import Outline, Sentence

if TYPE_CHECKING:
    from bihuan.store.packs import Pack

_READ = ("body",)
_FUTURE = re.compile(
    r"将(?!.{0,6}(?:了|已))|[^需重主]要(?!求)|^要|力争|确保|争取|计划|拟|预计|有望|即将|尽快|必须|明年"
)
_PAST = re.compile(r"已(?!经济)|了(?!$)|成功|相继|先后|陆续|圆满|正式(?:挂牌|揭牌|成立)|被|荣获|获评|获批|入选")
_FORWARD = frozenset(
    (
        "推进",
        "打造",
        "创建",
        "谋划",
        "规划",
        "筹建",
        "争取",
        "申报",
        "实施",
        "建设",
        "举办",
        "落地",
        "投产",
        "运行",
        "运营",
        "启动",
    )
)
_PRESENT = re.compile(r"之中$|正在|推进中$|建设中$")
_PREPARATION = re.compile(r"(?:前期工作|前期|可研|预可研|立项|选址)$")
_LEFT_OUT = re.compile(r"^(?:该|这一|此|上述|其|这些)(?:项目|工程|平台|中心|基地|园区)?")


def read_commitments(outline: Outline, pack: Pack | None = None) -> list[Commitment]:
    """Return the commitments of a document, in the order of the text.

    Args:
        outline: the document, taken apart; only its body is read.
        pack: the city's registry, for the names of its districts; None where there is none.
    """
    context = Context.of(outline, pack)
    places = Places.of(pack)
    found: list[Commitment] = []
    for sentence in outline.sentences:
        passage = outline.passages[sentence.passage]
        if passage.role in _READ and VERB.search(sentence.text):
            section = " / ".join(passage.section) or None
            found.extend(_commitments(sentence, section, outline, context, places))
    return found


def _commitments(
    sentence: Sentence, section: str | None, outline: Outline, context: Context, places: Places
) -> Iterator[Commitment]:
    before: Act | None = None
    due_before: str | None = None
    for clause in clauses(sentence.text):
        act = find_act(clause) if VERB.search(clause.masked) else None
        if act is None:
            continue
        object_ = _antecedent(act, before)
        if not object_:
            continue
        record = _record(act, object_, clause, sentence, section, outline, context, places, due_before)
        yield record
        due_before = record.due
        before = act if act.object else before


def _antecedent(act: Act, before: Act | None) -> str:
    """The object, or for 年内投产 and 该项目投产 the object of the act before in the same sentence."""
    pronoun = _LEFT_OUT.match(act.object)
    if act.object and not (pronoun and pronoun.end() == len(act.object)):
        return act.object
    return _PREPARATION.sub("", before.object) if before else ""


def _record(
    act: Act,
    object_: str,
    clause: Clause,
    sentence: Sentence,
    section: str | None,
    outline: Outline,
    context: Context,
    places: Places,
    due_before: str | None,
) -> Commitment:
    start, end = sentence.start + act.start, sentence.start + act.end
    raw_start, raw_end = outline.text.raw_span(start, end)
    kind, told = _kind(act, context, start, end)
    period = context.period(start, end)
    return Commitment(
        doc=outline.name,
        quote=outline.text.raw[raw_start:raw_end],
        start=raw_start,
        verb=act.action.verb,
        object=object_,
        stage=_stage(act, object_, kind),
        kind=kind,
        period=period,
        due=_due(clause, kind, period, outline.year, due_before),
        subject=places.holder(act.action.verb, act.holder, object_) or context.subject(start, end),
        section=section,
        sentence=sentence.text,
        confidence=0.9 if told else 0.7,
    )


def _kind(act: Act, context: Context, start: int, end: int) -> tuple[Kind, bool]:
    """Promise or result, and whether the clause itself says so."""
    if _PRESENT.search(act.modal):
        return "result", True
    if _PAST.search(act.modal) and not _FUTURE.search(act.modal):
        return "result", True
    if _FUTURE.search(act.modal) and not _PAST.search(act.modal):
        return "target", True
    if _is_programme(act, context, start, end):
        return "target", False
    return context.kind(start, end), False


def _is_programme(act: Act, context: Context, start: int, end: int) -> bool:
    """Tell whether an undated text without sections, an interview say, names what it sets out to do (加快建设X)."""
    if context.sections.type != "news" or context.frame(start).kind or context.period(start, end):
        return False
    return act.opens and act.action.verb in _FORWARD


def _stage(act: Act, object_: str, kind: Kind) -> Stage:
    if _PREPARATION.search(object_) or _PREPARATION.search(act.object):
        return "planned"
    if act.action.verb == "创建" and "成功" in act.modal:
        return "completed"
    return act.action.stage_as(kind)


def _due(clause: Clause, kind: Kind, period: str | None, year: int | None, due_before: str | None) -> str | None:
    if kind == "result":
        return None
    of_year = int(period[:4]) if period else year
    due = due_in(clause.text, of_year)
    return due_before if due is None and clause.text.startswith("同步") else due
