"""What a place in a document inherits: promised or done, for when, and whose.

The nearest word wins. For the period: clause, sentence, paragraph, section, document. For the kind: words of the
clause (将, 力争, 已), then a date that lies ahead or behind, then the section, then the document. For the subject: a
district or organisation that opens the clause, carried on to the next clauses of the sentence until another one, or
全市, takes its place.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bihuan.core.period import PeriodMention, find_periods
from bihuan.core.records.statement import Kind
from bihuan.read.grammar.sections import DATELINE, Frame, Sections
from bihuan.read.grammar.subjects import Subjects
from bihuan.read.outline import Outline, Sentence

_UNKNOWN_YEAR = 1
CLAUSE_END = re.compile(r"[，；：。！？!?;:\n]|,(?!\d{3})|(?<!\d),")
_TIME_HINT = re.compile("[年月季前]|时期|五”|现[有已]")

# Words that promise or expect. The first sort holds even in a review of the past year; the second is also said of
# what was striven for and reached (争取中央投资12亿元), so that a review of the past overrules it.
_WILL = re.compile(
    "将(?![军士领帅相才官])|预计|预期|有望|下一步|下步|接下来|拟(?!定|合|态|出)|明年|来年|规划(?:到|建设|总?投资|用地)|计划(?:到|总?投资|新|用|完成|实施|在|于|建|安排)|"
    "目标(?:是|为|：|:)|力争到|确保到"
)
_WANT = re.compile(
    "力争|争取|确保|努力|目标|计划|规划|(?<![主重必首只纲概紧摘提])要(?![素求点闻是么塞件义职道])|需要?(?![求量])|必须|"
    "尽可能"
)
_DONE = re.compile(
    "(?<!为)了(?![解结望却])|已经?(?!成年)|累计|同比|以来|截至|截止|目前|成功|首次|先后|荣获|获评|相继|连续|得到|较上年|比上年"
)
_PARAGRAPHS_BACK = 6
_NOW = re.compile(
    "(?P<now>截至目前|目前|当前(?!的)|现有|现已)|(?P<year>过去的?一年|一年来|这一年|过去的(?=20))|(?P<years>过去五年|五年来|五年间)"
)
_AHEAD_OPENING = re.compile("(?:下一步|下步|接下来|今后|未来|放眼未来|展望未来|面向未来|力争|到20[2-9]\\d年)")


@dataclass(frozen=True, slots=True)
class _Anchor:
    """From `start` on the text speaks of `period`; `local` ones hold in their own clause only."""

    start: int
    period: str | None
    local: bool
    since: bool = False
    """Whether it looks back over a stretch up to now (2019年以来)."""


class Context:
    """Answers for any place of a document; offsets are those of the restored text."""

    def __init__(self, outline: Outline, pack: Any | None = None) -> None:
        self._outline = outline
        self._text = outline.text.text
        self._year = outline.year
        self.sections = Sections.of(outline)
        self._subjects = Subjects.of(outline, pack)
        self._starts = [sentence.start for sentence in outline.sentences]
        self._anchors: dict[int, list[_Anchor]] = {}

    @classmethod
    def of(cls, outline: Outline, pack: Any | None = None) -> Context:
        """Return the context of a document; the pack only lends the names of districts."""
        return cls(outline, pack)

    def sentence(self, start: int) -> Sentence | None:
        """Return the sentence that the restored offset lies in."""
        at = bisect_right(self._starts, start) - 1
        if at < 0:
            return None
        found = self._outline.sentences[at]
        return found if start < found.start + len(found.text) else None

    def clause(self, start: int) -> tuple[int, int]:
        """Return (start, end) of the clause, between commas or their like, that the offset lies in."""
        sentence = self.sentence(start)
        first, last = (sentence.start, sentence.start + len(sentence.text)) if sentence else (0, len(self._text))
        for mark in CLAUSE_END.finditer(self._text, first, last):
            if mark.start() >= start:
                return first, mark.start()
            first = mark.end()
        return first, last

    def frame(self, start: int) -> Frame:
        """Return what the headings above the place say."""
        sentence = self.sentence(start)
        return self.sections.frame(self._headings(sentence)) if sentence else self.sections.default

    def period(self, start: int, end: int) -> str | None:
        """Return the ISO 8601 period that [start, end) speaks of, None where the text does not tell."""
        sentence = self.sentence(start)
        if sentence is None:
            return self.sections.default.period
        anchors = self._paragraph_anchors(sentence.passage)
        clause_start, _ = self.clause(start)
        at = bisect_left([anchor.start for anchor in anchors], max(end, start + 1))
        for anchor in reversed(anchors[:at]):
            if not anchor.local or anchor.start >= clause_start:
                return anchor.period
        framed = self.sections.frame(self._headings(sentence)).period
        return framed or self._carried_on(sentence.passage)

    def kind(self, start: int, end: int) -> Kind:
        """Return whether [start, end) is reported as achieved or promised."""
        sentence = self.sentence(start)
        if sentence is None:
            return self.sections.default.kind or "result"
        frame = self.sections.frame(self._headings(sentence)).kind
        clause_start, clause_end = self.clause(start)
        before = self._text[sentence.start : start]
        clause = self._text[clause_start:clause_end]
        dated = self._kind_by_date(sentence, start, end)
        if frame == "target":
            return "result" if dated == "result" and not _WILL.search(clause) else "target"
        if frame == "result":
            return "target" if _WILL.search(before) or dated == "target" else "result"
        return dated or self._kind_by_words(sentence, before, clause)

    def subject(self, start: int, end: int) -> str | None:
        """Return the district or organisation that [start, end) belongs to, None for the document's own city."""
        sentence = self.sentence(start)
        return self._subjects.at(sentence, start, end) if sentence else None

    def _carried_on(self, passage: int) -> str | None:
        """Return the time that the paragraphs before, back to a heading or a question, spoke of last."""
        for earlier in range(passage - 1, max(-1, passage - 1 - _PARAGRAPHS_BACK), -1):
            before = self._outline.passages[earlier]
            if before.role == "heading" or before.text.rstrip().endswith(("？", "?")):
                break
            times = [a.period for a in self._paragraph_anchors(earlier) if a.period and not a.local]
            if times:
                return times[-1]
        return None

    def _headings(self, sentence: Sentence) -> tuple[str, ...]:
        return self._outline.passages[sentence.passage].section

    def _kind_by_date(self, sentence: Sentence, start: int, end: int) -> Kind | None:
        """Tell by a date of the sentence that lies before or behind the document's year."""
        if self._year is None:
            return None
        anchors = self._paragraph_anchors(sentence.passage)
        earlier = [a for a in anchors if a.start < max(end, start + 1) and a.period]
        if earlier and earlier[-1].since:
            return "result"
        inside = [a for a in earlier if a.start >= sentence.start]
        if not inside:
            return None
        last = int((inside[-1].period or "")[-7:].split("/")[-1][:4])
        if last > self._year:
            return "target"
        return "result" if last < self._year else None

    def _kind_by_words(self, sentence: Sentence, before: str, clause: str) -> Kind:
        """Tell where no section does: a promise holds on through its sentence until the clause says 已 or 了."""
        if _WILL.search(clause) or _WILL.search(before):
            return "result" if _DONE.search(clause) and not _WILL.search(clause) else "target"
        if _DONE.search(clause):
            return "result"
        if _WANT.search(before) or self._follows_outlook(sentence):
            return "target"
        return "result"

    def _follows_outlook(self, sentence: Sentence) -> bool:
        """Return whether an earlier sentence of the paragraph turned to what is to come (下一步, 今后)."""
        first = bisect_left(self._starts, sentence.start)
        sentences = self._outline.sentences
        while first > 0 and sentences[first - 1].passage == sentence.passage:
            first -= 1
            if _AHEAD_OPENING.match(sentences[first].text.lstrip("“‘ 　")):
                return True
        return False

    def _paragraph_anchors(self, passage: int) -> list[_Anchor]:
        if passage not in self._anchors:
            self._anchors[passage] = self._read_anchors(passage)
        return self._anchors[passage]

    def _times(self, sentence: Sentence, named: int | None) -> Iterator[tuple[_Anchor, int | None]]:
        """Yield the anchors of a sentence in order, each with the year it names."""
        found: list[tuple[_Anchor, int | None]] = []
        for mention in find_periods(sentence.text, self._year or _UNKNOWN_YEAR, named or _UNKNOWN_YEAR):
            anchor = _anchor(mention, sentence)
            if anchor:
                year = int(anchor.period.rsplit("/", 1)[-1][:4]) if anchor.period and mention.named_year else None
                found.append((anchor, year))
        found.extend((anchor, None) for anchor in self._spoken_times(sentence))
        yield from sorted(found, key=lambda pair: pair[0].start)

    def _spoken_times(self, sentence: Sentence) -> Iterator[_Anchor]:
        """Yield 目前, which has no period, and 过去一年, which counts from the document's year."""
        for match in _NOW.finditer(sentence.text):
            period = None
            if match["year"] and self._year:
                period = str(self._year - 1)
            elif match["years"] and self._year and self.sections.type == "work_report":
                period = f"{self._year - 5}/{self._year - 1}"
            yield _Anchor(sentence.start + match.start(), period, not _leads(sentence.text, match.start()))

    def _read_anchors(self, passage: int) -> list[_Anchor]:
        """Read the times of a paragraph in order; months count in the year named last, else the section's."""
        frame = self.sections.frame(self._outline.passages[passage].section)
        named = int(frame.period[:4]) if frame.period and "/" not in frame.period[:5] else self._year
        anchors: list[_Anchor] = []
        first = bisect_left([s.passage for s in self._outline.sentences], passage)
        for sentence in self._outline.sentences[first:]:
            if sentence.passage != passage:
                break
            if not _TIME_HINT.search(sentence.text):
                continue
            for anchor, named_year in self._times(sentence, named):
                anchors.append(anchor)
                named = named_year or named
        return anchors


def _anchor(mention: PeriodMention, sentence: Sentence) -> _Anchor | None:
    """Turn a mention into an anchor; what is compared with, where a change began, and a dateline are none."""
    if mention.role in ("base", "from") or (mention.period or "2") < "1900":
        return None
    if DATELINE.match(sentence.text, mention.end):
        return None
    word = sentence.text[mention.start : mention.end]
    if word.startswith("连续") or (mention.role == "due" and not mention.named_year and "年" not in word):
        return None
    since = mention.role == "since"
    alone = mention.role == "span" and not (
        sentence.text[mention.end : mention.end + 1] in ("，", ",") and mention.period is None
    )
    local = alone or not (since or _leads(sentence.text, mention.start))
    return _Anchor(sentence.start + mention.start, mention.period, local, since)


def _leads(text: str, at: int) -> bool:
    """Return whether a time stands at the front of its clause, so that it holds for what follows too."""
    clause = _CLAUSE_FRONT.search(text, 0, at)
    front = clause[0] if clause else text[:at]
    return len(front) <= _FRONT_CHARS and not _BINDS.search(front)


_FRONT_CHARS = 8
_CLAUSE_FRONT = re.compile(r"[^，。；：、,;:\s“‘（(]*$")
_BINDS = re.compile("[为入是和与把被]|并在|纳入|列入")
