"""Sentences -> commitments: promises and results without a number that name something checkable.

The grammar of one clause is `acts`; here a clause meets its surroundings: whether it is a promise or a result, for
which year, under whom, until when, and what 年内投产 leaves unsaid because the clause before has named it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bihuan.core.records.statement import Commitment, Kind, Stage
from bihuan.read.grammar.actions import VERB
from bihuan.read.grammar.acts import Act, find_act
from bihuan.read.grammar.clause import Clause
from bihuan.read.grammar.context import Context
from bihuan.read.grammar.due import due_in
from bihuan.read.grammar.holders import Places
from bihuan.read.grammar.modality import mood
from bihuan.read.grammar.splitting import clauses
from bihuan.read.outline import Outline, Sentence

if TYPE_CHECKING:
    from bihuan.store.packs import Pack

_READ = ("body",)
_PREPARATION = re.compile(r"(?:前期工作|前期|可研|预可研|可行性研究|立项|选址)$")
_UNFINISHED = re.compile(rf"主体(?:工程|结构)?$|{_PREPARATION.pattern}")
_PHASE_ALONE = re.compile(r"[一二三四五]期(?:工程|项目)?")
_PHASE_BEHIND = re.compile(r"[一二三四五]期(?:工程|项目)?$")
_LEFT_OUT = re.compile(r"^(?:该|这一|此|上述|其|这些)(?:项目|工程|平台|中心|基地|园区)?")
_NO_HOLDER = re.compile("[以由与对向为]|这一|该")
_MONTH = re.compile(r"\d月")
_YEAR = re.compile(r"(20\d\d)年(?!来|以来)|(今年|明年)")


def read_commitments(outline: Outline, pack: Pack | None = None) -> list[Commitment]:
    """Return the commitments of a document, in the order of the text.

    Args:
        outline: the document, taken apart; only its body is read.
        pack: the city's registry, for the names of its districts; None where there is none.
    """
    reader = _Reader(outline, Context.of(outline, pack), Places.of(pack, outline.city))
    found: list[Commitment] = []
    for sentence in outline.sentences:
        if outline.passages[sentence.passage].role in _READ and VERB.search(sentence.text):
            found.extend(reader.read(sentence))
    return found


@dataclass(slots=True)
class _Said:
    """What the clauses of a sentence have said so far."""

    act: Act | None = None
    """The last one with an object of its own."""
    due: str | None = None
    promised: bool = False
    """Whether a clause promised in so many words."""
    programme: bool = False
    """Whether the last one set out what is to be done (加快建设X), so that 建成Y behind it does too."""
    topic: str | None = None
    """The district a clause opened with (盂县要…), until the next semicolon."""
    last_year: str | None = None
    """A month that lies behind the day of the document, so that a report of it speaks of the year before."""
    objects: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Reader:
    outline: Outline
    context: Context
    places: Places

    def read(self, sentence: Sentence) -> Iterator[Commitment]:
        said = _Said()
        for clause in clauses(sentence.text):
            if sentence.text[clause.start - 1 : clause.start] in ("；", ";"):
                said.topic = None
            said.topic = self.places.topic(clause.text) or said.topic
            act = find_act(clause) if VERB.search(clause.masked) else None
            object_ = _antecedent(act, said.act) if act else ""
            if act is None or not object_:
                continue
            record = self._record(act, object_, clause, sentence, said)
            yield record
            said.due = record.due
            said.act = act if act.object else said.act
            said.objects.append(object_)

    def _record(self, act: Act, object_: str, clause: Clause, sentence: Sentence, said: _Said) -> Commitment:
        start, end = sentence.start + act.start, sentence.start + act.end
        raw_start, raw_end = self.outline.text.raw_span(start, end)
        told = mood(act, clause, self.context, start, end, said.promised or (said.programme and act.opens))
        said.promised = told.kind == "target" and (told.told or said.promised)
        said.programme = told.kind == "target"
        own_due = self._due(told.kind, clause, sentence, start)
        return Commitment(
            doc=self.outline.name,
            quote=self.outline.text.raw[raw_start:raw_end],
            start=raw_start,
            verb=act.action.verb,
            object=object_,
            stage=_stage(act, object_, told.kind),
            kind=told.kind,
            period=self._period(told.kind, own_due, clause, said, start, end),
            due=own_due or (said.due if clause.text.startswith("同步") else None),
            subject=self._subject(act, object_, said, sentence.text, start, end),
            section=" / ".join(self.outline.passages[sentence.passage].section) or None,
            sentence=sentence.text,
            confidence=0.9 if told.told else 0.7,
        )

    def _period(self, kind: Kind, due: str | None, clause: Clause, said: _Said, start: int, end: int) -> str | None:
        """A promise is for its year, whatever month it names; a month tells of an event of its own clause only."""
        if due:
            return due[:4]
        period = self.context.period(start, end)
        if period is None or len(period) == 4 or period[:4] != period.rsplit("/", 1)[-1][:4]:
            return period
        named = _MONTH.search(clause.text) is not None
        if kind == "result" and (self._lies_ahead(period) if named else period == said.last_year):
            said.last_year = period
            period = period.replace(period[:4], str(int(period[:4]) - 1))
        return period[:4] if kind == "target" or ("/" not in period and not named) else period

    def _lies_ahead(self, period: str) -> bool:
        """Tell whether a month lies behind the day of the document: what it reports for 9月 in January is last year's."""
        published = self.outline.published
        return published is not None and period[:7] > f"{published:%Y-%m}"

    def _due(self, kind: Kind, clause: Clause, sentence: Sentence, start: int) -> str | None:
        return None if kind == "result" else due_in(clause.text, self._year(clause, sentence, start))

    def _year(self, clause: Clause, sentence: Sentence, start: int) -> int | None:
        """The year that 年内 and 8月底前 count in: named in the sentence, else the section's, else the document's."""
        year = self.outline.year
        named = _YEAR.findall(sentence.text[: clause.start])
        if named and (year is None or not named[-1][0] or int(named[-1][0]) >= year):
            return int(named[-1][0]) if named[-1][0] else year and year + (named[-1][1] == "明年")
        frame = self.context.frame(start)
        if frame.kind == "target" and frame.period and len(frame.period) == 4:
            return int(frame.period)
        return year

    def _subject(self, act: Act, object_: str, said: _Said, text: str, start: int, end: int) -> str | None:
        """Whose act it is: named by the clause or its object, by the clauses before, or by the text around."""
        own = self.places.holder(act.action.verb, act.holder, object_)
        if own or (act.holder and act.action.verb == "获评"):
            return own
        if said.topic:
            return said.topic
        carried = self.context.subject(start, end)
        if carried is None or _NO_HOLDER.match(carried) or VERB.search(carried) or f"“{carried}”" in text:
            return None
        return None if any(carried in name for name in (object_, *said.objects)) else carried


def _antecedent(act: Act, before: Act | None) -> str:
    """The object, or for 年内投产 and 该项目投产 the object of the act before in the same sentence."""
    if before and _PHASE_ALONE.fullmatch(act.object):
        return _PHASE_BEHIND.sub("", before.object) + act.object
    pronoun = _LEFT_OUT.match(act.object)
    if act.object and not (pronoun and pronoun.end() == len(act.object)):
        return act.object
    return _UNFINISHED.sub("", before.object) if before else ""


def _stage(act: Act, object_: str, kind: Kind) -> Stage:
    if _PREPARATION.search(object_) or _PREPARATION.search(act.object):
        return "planned"
    if act.action.verb == "创建" and "成功" in act.modal:
        return "completed"
    return act.action.stage_as(kind)
