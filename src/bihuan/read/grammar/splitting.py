"""A sentence -> its clauses, and a clause's verbs: where one act ends and the next begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bihuan.read.grammar.actions import CLOSES_CLAUSE, TAKES_OBJECT, VERB
from bihuan.read.grammar.clause import Clause, lead_end
from bihuan.read.grammar.things import exhorts

_SEPARATOR = re.compile(r"[，；。;:：！？!?\n\r\t()（）【】]|,(?!\d)|(?<!\d),|——|　")
# A place in a name of its own: 中国（三明）林权交易平台.
_IN_A_NAME = re.compile(r"(?<=[\u4e00-\u9fff])[（(][\u4e00-\u9fffA-Za-z·—-]{1,12}[）)](?=[\u4e00-\u9fff、])")
_QUOTED = re.compile(r"“[^”]*”|‘[^’]*’|《[^》]*》|「[^」]*」|\"[^\"]*\"")
_JOINS = frozenset(("", *"并 且 和 及 、 了 后 并实现 并正式 并全面 正式 并顺利 并成功 实施 并尽快 并投入".split()))
"""Between two verbs of one act."""
_NOUN_BEHIND = re.compile("工程|项目")
"""Makes the verb before it a part of a name, unless it opens the clause: 环城路贯通工程, 东街改造项目."""


class Group(NamedTuple):
    """Verbs that stand together and tell one act; offsets count in the clause."""

    start: int
    end: int
    first: str
    last: str


def clauses(sentence: str) -> Iterator[Clause]:
    """Split a sentence at its commas and brackets, never inside a name in quotation marks or book-title marks."""
    masked = _IN_A_NAME.sub(_blot, _QUOTED.sub(_blot, sentence))
    at = 0
    for mark in _SEPARATOR.finditer(masked):
        if mark.start() > at:
            yield from _split_lists(sentence[at : mark.start()], masked[at : mark.start()], at)
        at = mark.end()
    if at < len(sentence):
        yield from _split_lists(sentence[at:], masked[at:], at)


def _blot(name: re.Match[str]) -> str:
    return name.group() if VERB.match(name.group(), 1) else "\ue000" * len(name.group())


def _split_lists(text: str, masked: str, start: int) -> Iterator[Clause]:
    """Split 建设A、申报B at the mark: a verb on each side, each with an object of its own."""
    at = 0
    for mark in re.finditer("、|并(?=完成|启动|出台|印发|推动|成立|举办|开工|编制)", masked):
        verb = VERB.match(masked, at + lead_end(masked[at:]))
        next_ = VERB.match(masked, mark.end())
        if verb and exhorts(masked[mark.end() :]):
            yield Clause(text[at : mark.start()], masked[at : mark.start()], start + at)
            return
        if _closes(masked[at : mark.start()]) and _closes(masked[mark.end() :]):
            yield Clause(text[at : mark.start()], masked[at : mark.start()], start + at)
            at = mark.end()
        elif verb and next_ and mark.start() - verb.end() >= 2 and _opens_object(masked, next_):
            yield Clause(text[at : mark.start()], masked[at : mark.start()], start + at)
            at = mark.end() if mark.group() == "、" else mark.start()
    yield Clause(text[at:], masked[at:], start + at)


def _closes(masked: str) -> bool:
    """Tell whether a list's member is a clause of its own: an object, then an act that closes it (A开工、二期投产)."""
    groups = verb_groups(masked)
    action = CLOSES_CLAUSE.get(groups[-1].last) if groups else None
    if action is None or action.demand != "any" or groups[-1].end != len(masked):
        return False
    return groups[-1].start >= 4 or re.match("[一二三四五]期", masked) is not None


def _opens_object(masked: str, verb: re.Match[str]) -> bool:
    rest = re.split("[、和及]", masked[verb.end() :], maxsplit=1)[0]
    return len(rest) >= 3 and verb.group() in TAKES_OBJECT


def verb_groups(masked: str) -> list[Group]:
    """Verbs of a clause; neighbours joined by nothing or 并 are one group (建成投产, 核准并开工)."""
    groups: list[Group] = []
    for hit in VERB.finditer(masked):
        word = hit.group()
        if _NOUN_BEHIND.match(masked, hit.end()) and lead_end(masked[: hit.start()]) < hit.start():
            continue
        if groups and masked[groups[-1].end : hit.start()] in _JOINS:
            before = groups.pop()
            groups.append(Group(before.start, hit.end(), before.first, word))
        else:
            groups.append(Group(hit.start(), hit.end(), word, word))
    return groups
