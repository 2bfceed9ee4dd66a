"""What a place in a document inherits: promised or done, for when, and whose.

The nearest word wins. For the period: clause, sentence, paragraph, section, document. For the kind: words of the
clause (将, 力争, 已), then a date that lies ahead or behind, then the section, then the document. For the subject: a
district or organisation that opens the clause, carried on to the next clauses of the sentence until another one, or
全市, takes its place.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bihuan.core.numerals import parse_number
from bihuan.core.period import Period, PeriodMention, find_periods
from bihuan.core.records.statement import Kind
from bihuan.read.grammar.sections import ASKS_AHEAD, DATELINE, Frame, Sections
from bihuan.read.grammar.subjects import Subjects
from bihuan.read.outline import Outline, Sentence

Scope = Literal["clause", "sentence", "paragraph", "further"]
_UNKNOWN_YEAR = 1
CLAUSE_END = re.compile(r"[，；：。！？!?;:\n]|,(?!\d{3})|(?<!\d),")
_TIME_HINT = re.compile("[年月季前]|时期|五”|现[有已]")

# Words that promise or expect. The first sort holds even in a review of the past year; the second is also said of
# what was striven for and reached (争取中央投资12亿元), so that a review of the past overrules it.
_WILL = re.compile(
    "(?<!即)将(?![军士领帅相才官])|预计|预期(?!寿命|性)|有望|下一步|下步|接下来|(?:建成|投产|达产|投运|投用|达效)后|(?<![虚模比草])拟(?!定|合|态|出)|明年|来年|规划(?:到|建设|总?投资|用地)|计划(?:到|总?投资|新|用|完成|实施|在|于|建|安排)|"
    "目标(?:是|为|：|:)|力争到|确保到"
)
_ESTIMATES = ("预计", "预期")
_WANT = re.compile(
    "力争|争取(?!中央|上级|省级|国家|各类|资金|专项|到位)|确保|努力|(?<=今年)[^，。]{0,4}(?:安排|排定)|我们(?:安排|排定)|(?<!定)目标(?!任务的|的[\\d.]|值|(?:任务)?(?:完成|实现)情况)|(?<!度)计划(?!任务|的|生育|单列|完成率)|规划(?!区|内|设计)|(?<![主重必首只纲概紧摘提])要(?![素求点闻是么塞件义职道])|需要?(?![求量])|必须|"
    "尽可能|(?:年[底末]|\\d月[底末]?)之?前(?=[^，。]{0,6}(?:完成|建成|实现|达到|开工|投[产运用]))"
)
_DONE = re.compile(
    "(?<!为)了(?![解结望却])|已经?(?!成年)|同比|以来|截至|截止|目前|荣获|获评|得到|较上年|比上年|比去年|较去年"
)
# Said of what was reached, but of what is striven for too, where the clause strives first (力争累计达到).
_REACHED = re.compile("累计|成功|首次|先后|相继|连续")
# A paragraph without a date or a heading: what it urges, and what only a report says.
_URGES = re.compile(
    "(?:^|[，,。；;：:])(?:要|加快|推动|推进|抓好|加强|完善|深化|强化|健全|大力|支持|引导|鼓励|打造|争创|稳妥|稳步|统筹|积极|落实|做好|做优|做强|做大|组建|立足|围绕|坚决|严格|促进|发挥|聚焦)"
)
_REPORTS = re.compile(
    "增长|下降|提高了|同比|[比较]上年|了(?![解结望却])|已|累计|获评|荣获|获批|成功|首[次个批]|创历史|[居列排]全|排名|顺利|圆满|超额|取得|竣工|来，|投产|全面完成|保持全"
)
_URGED = 2
_ITEM = re.compile(r"\s*(?:\d{1,2}[.．、]|[（(][\d一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}[是、])")
"""How an item of a list begins."""
_PARAGRAPHS_BACK = 12
_SENTENCES_BACK = 40
_CLAUSES_BACK = 40
_NOW = re.compile(
    "(?P<now>截至目前|目前|当前(?!的)|现有|现已|现在|如今)|(?P<year>过去的?一年|一年来|这一年|过去的(?=20))|(?P<years>过去五年|五年来|五年间)|(?P<coming>(?:未来|今后)五年)"
)
# How a sentence turns to what is to come, so that those behind it are promised too: 下一步, 会议提出，今年，全市将.
_AHEAD_OPENING = re.compile(
    "(?:下一步|下步|接下来|今后|未来|放眼未来|展望未来|面向未来|力争|到20[2-9]\\d年)"
    "|(?:[^，,。]{0,10}(?:提出|指出|强调|要求|明确|透露|表示|介绍)[，,：:]?)?(?:今年|明年|新的一年|20[2-9]\\d年)[，,]?"
    "[^，,。]{0,10}(?:将(?![军士领帅相才官])|要(?!求)|计划|力争)"
    "|[^，,。]{1,12}将(?:进一步|加快|继续|实施|推进|全力|启动|大力|持续|着力|围绕|以|把|重点|深入|坚持|积极)"
)


@dataclass(frozen=True, slots=True)
class _Anchor:
    """From `start` on the text speaks of `period`, to the end of its clause, sentence, paragraph, or further."""

    start: int
    period: str | None
    scope: Scope
    since: bool = False
    """Whether it looks back over a stretch up to now (2019年以来)."""


_SCOPE_START: dict[Scope, Callable[[int, int], int]] = {
    "clause": lambda _sentence, clause: clause,
    "sentence": lambda sentence, _clause: sentence,
    "paragraph": lambda _sentence, _clause: 0,
    "further": lambda _sentence, _clause: 0,
}
"""Where an anchor must stand at the earliest to hold at a place, given where its sentence and clause begin."""


def _said(clause: str, before: str) -> Kind | None:
    """Return what a clause says itself: promised, done, or neither.

    Args:
        clause: the words of the clause.
        before: those before the number.
    """
    if _WILL.search(clause):
        return "target"
    if _DONE.search(clause):
        return "result"
    wants, reached = _WANT.search(before), _REACHED.search(before)
    if wants and (reached is None or wants.start() < reached.start()):
        return "target"
    return "result" if reached else None


class Context:
    """Answers for any place of a document; offsets are those of the restored text."""

    def __init__(self, outline: Outline, pack: Any | None = None) -> None:
        self._outline = outline
        self._text = outline.text.text
        self._year = outline.year
        self.sections = Sections.of(outline)
        self._subjects = Subjects.of(outline, pack)
        self._starts = [sentence.start for sentence in outline.sentences]
        self._passages = [sentence.passage for sentence in outline.sentences]
        self._borders: tuple[tuple[int, int], list[int], list[int]] = ((-1, -1), [], [])
        self._leads: list[str | None] | None = None
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
        if self._borders[0] != (first, last):
            marks = [mark.span() for mark in CLAUSE_END.finditer(self._text, first, last)]
            self._borders = (first, last), [begin for begin, _ in marks], [end for _, end in marks]
        _, begins, ends = self._borders
        at = bisect_left(begins, start)
        return (ends[at - 1] if at else first), (begins[at] if at < len(begins) else last)

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
            if anchor.start >= _SCOPE_START[anchor.scope](sentence.start, clause_start):
                return anchor.period
        framed = self.sections.frame(self._headings(sentence)).period
        if framed and framed != self.sections.default.period:
            return self._led_in(sentence.passage) or framed
        return self._carried_on(sentence.passage) or framed or self._of_report(start, end)

    def _of_report(self, start: int, end: int) -> str | None:
        """Date what a work report does not: it opens its year, so it reports on the year before and promises its own."""
        if self.sections.type != "work_report" or self._year is None:
            return None
        return str(self._year - 1 if self.kind(start, end) == "result" else self._year)

    def dated_here(self, start: int, end: int) -> bool:
        """Return whether the sentence itself names the time that [start, end) speaks of."""
        sentence = self.sentence(start)
        if sentence is None:
            return False
        anchors = self._paragraph_anchors(sentence.passage)
        return any(sentence.start <= anchor.start < end and anchor.scope == "further" for anchor in anchors)

    def kind(self, start: int, end: int) -> Kind:
        """Return whether [start, end) is reported as achieved or promised."""
        sentence = self.sentence(start)
        if sentence is None:
            return self.sections.default.kind or "result"
        frame = self.sections.frame(self._headings(sentence)).kind
        clause_start, clause_end = self.clause(start)
        clause = self._text[clause_start:clause_end]
        dated = self._kind_by_date(sentence, start, end)
        if frame == "target":
            return "result" if dated == "result" and not _WILL.search(clause) else "target"
        if frame == "result":
            return "target" if dated == "target" or self._promises(sentence, start) else "result"
        return dated or self._kind_by_words(sentence, start)

    def subject(self, start: int, end: int) -> str | None:
        """Return the district or organisation that [start, end) belongs to, None for the document's own city."""
        sentence = self.sentence(start)
        return self._subjects.at(sentence, start, end) if sentence else None

    def _carried_on(self, passage: int) -> str | None:
        """Return the time that the paragraphs before, back to a heading or a question, spoke of last."""
        for earlier in range(passage - 1, max(-1, passage - 1 - _PARAGRAPHS_BACK), -1):
            before = self._outline.passages[earlier]
            if before.text.rstrip().endswith(("？", "?")) or (before.role == "heading" and before.level < 3):
                break
            if before.role == "title" and self.sections.type == "work_report":
                break  # its year is the one that it opens, not the one that it reports on
            if before.role == "dateline":
                continue
            times = [a.period for a in self._paragraph_anchors(earlier) if a.period and a.scope == "further"]
            if times:
                return times[-1]
        return None

    def _led_in(self, passage: int) -> str | None:
        """Return the time of the line that leads in to the headings below it: 过去一年，重点做了以下工作：."""
        if self._leads is None:
            self._leads = list(self._lead_ins())
        return self._leads[passage]

    def _lead_ins(self) -> Iterator[str | None]:
        """Yield for each passage the time of the line that leads in to it, up to the next heading of the first level."""
        led_in: str | None = None
        for at, passage in enumerate(self._outline.passages):
            yield led_in
            if passage.role == "heading" and passage.level < 2:
                led_in = None
            elif passage.role == "body" and passage.level < 2 and _LEADS_IN.search(passage.text):
                times = [a.period for a in self._paragraph_anchors(at) if a.period and a.scope == "further"]
                led_in = times[-1] if times else None

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

    def _kind_by_words(self, sentence: Sentence, start: int) -> Kind:
        """Tell where no section does: the nearest clause that promises or reports decides, then the paragraph."""
        at = start
        for _ in range(_CLAUSES_BACK):
            if at <= sentence.start:
                break
            first, last = self.clause(at)
            said = _said(self._text[first : last if at == start else at], self._text[first:at])
            if said:
                return said
            at = first - 1
        return "target" if self._is_ahead(sentence) or self._opens_year(sentence, start) else "result"

    def _is_ahead(self, sentence: Sentence) -> bool:
        """Return whether what stands around a sentence promises."""
        return self._looks_ahead(sentence) or self._sets_out(sentence.passage) or self._led_ahead(sentence.passage)

    def _led_ahead(self, passage: int) -> bool:
        """Return whether a paragraph is an item of a list whose opening line promises: 今年要办好10件实事：."""
        passages = self._outline.passages
        opening = passage
        while opening and _ITEM.match(passages[opening].text):
            opening -= 1
        line = passages[opening].text.rstrip()
        return opening < passage and line.endswith(("：", ":")) and _said(line, line) == "target"

    def _opens_year(self, sentence: Sentence, start: int) -> bool:
        """Return whether a work report, outside its review, speaks of the year it opens: 今年，改造老旧小区56个."""
        if self.sections.type != "work_report" or self._year is None:
            return False
        told = [a for a in self._paragraph_anchors(sentence.passage) if a.start <= start and a.scope != "clause"]
        return bool(told) and told[-1].period == str(self._year)

    def _sets_out(self, passage: int) -> bool:
        """Return whether a paragraph only says what to do: 推动…，加快…，抓好…, and nothing of what came of it."""
        text = self._outline.passages[passage].text
        return _REPORTS.search(text) is None and len(_URGES.findall(text)) >= _URGED

    def _promises(self, sentence: Sentence, start: int) -> bool:
        """Return whether the words up to a place promise in a review of the past; what it expects (预计) is done."""
        before = self._text[sentence.start : start]
        return any(match[0] not in _ESTIMATES for match in _WILL.finditer(before))

    def _looks_ahead(self, sentence: Sentence) -> bool:
        """Return whether the question asked, or an earlier sentence, turned to what is to come (下一步, 今后)."""
        if any(heading[-1:] in "？?" and ASKS_AHEAD.search(heading) for heading in self._headings(sentence)[-1:]):
            return True
        first = bisect_left(self._starts, sentence.start)
        sentences = self._outline.sentences
        earliest = max(0, first - _SENTENCES_BACK)
        while first > earliest and sentences[first - 1].passage == sentence.passage:
            first -= 1
            if _AHEAD_OPENING.match(sentences[first].text.lstrip("“‘ 　")):
                return True
        return False

    def _paragraph_anchors(self, passage: int) -> list[_Anchor]:
        if passage not in self._anchors:
            self._anchors[passage] = self._read_anchors(passage)
        return self._anchors[passage]

    def _unsaid_year(self, sentence: Sentence) -> int | None:
        """Return the year that 全年 and months count in where neither a word nor a heading tells."""
        if self.sections.type != "work_report" or self._year is None:
            return self._year
        ahead = _said(sentence.text, sentence.text) == "target" or self._is_ahead(sentence)
        return self._year if ahead else self._year - 1

    def _is_base(self, at: int) -> bool:
        """Return whether a time is only what a figure is a multiple of: 是2016年的1.42倍."""
        return bool(_MULTIPLE_OF.match(self._text, at)) and self._text.endswith(_IS, 0, at)

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
        """Yield 目前, which has no period, and 过去一年, 未来五年, which count from the document's year."""
        for match in _NOW.finditer(sentence.text):
            period = None
            if match["year"] and self._year:
                period = str(self._year - 1)
            elif match["years"] and self._year and self.sections.type == "work_report":
                period = f"{self._year - 5}/{self._year - 1}"
            elif match["coming"] and self._year and self.sections.type == "work_report":
                period = f"{self._year}/{self._year + 4}"
            scope: Scope = "further" if _leads(sentence.text, match.start()) else "clause"
            yield _Anchor(sentence.start + match.start(), period, scope)

    def _read_anchors(self, passage: int) -> list[_Anchor]:
        """Read the times of a paragraph in order; months count in the year named last, else the section's."""
        frame = self.sections.frame(self._outline.passages[passage].section)
        of_section = int(frame.period[:4]) if frame.period and "/" not in frame.period[:5] else None
        named: int | None = None
        anchors: list[_Anchor] = []
        first = bisect_left(self._passages, passage)
        for sentence in self._outline.sentences[first:]:
            if sentence.passage != passage:
                break
            if not _TIME_HINT.search(sentence.text):
                continue
            year = named or of_section or (self._unsaid_year(sentence) if frame == Frame(None, None) else self._year)
            for anchor, named_year in self._times(sentence, year):
                if _COMPARES_SPAN.match(self._text, anchor.start) or self._is_base(anchor.start):
                    continue
                anchors.append(_summed(anchor, anchors, frame.period, self._text))
                if named_year and not (self._year and named_year > self._year):
                    named = named_year
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
    scope = _scope(mention, sentence.text, word)
    return _Anchor(sentence.start + mention.start, mention.period, scope, mention.role == "since")


def _summed(anchor: _Anchor, earlier: Sequence[_Anchor], framed: str | None, text: str) -> _Anchor:
    """Let 五年年均, 三年累计 end with the year named before it: 2020年…，五年年均 is 2016/2020."""
    span = _SUMMED_SPAN.match(text, anchor.start)
    last = next((a.period for a in reversed(earlier) if a.scope == "further"), framed)
    if not span or not last:
        return anchor
    years = int(parse_number(span[1]))
    if len(last) != 4:
        return replace(anchor, period=last if Period.parse(last).months == 12 * years else None)
    return replace(anchor, period=str(Period.of_years(int(last) - years + 1, int(last))))


_REACHED_BY = re.compile("(?:增加|增长|提高|提升|上升|扩大|发展|下降|降低|缩小|减少|增)[到至]$")
_SUMMED_SPAN = re.compile("([两三四五十])年(?:年均|累计|平均|共)")
_LEADS_IN = re.compile("(?:工作|任务|方面|举措|成效)[^。]{0,6}[：:。]$")
_MULTIPLE_OF = re.compile("[^，。；]{2,10}?的(?:\\d|[一二两三四五六七八九十]+倍)")
_IS = ("是", "为", "相当于", "达到", "达", "恢复到", "恢复至", "恢复")
_COMPARES_SPAN = re.compile("(?:过去|近|前)[两三四五十]年(?:的)?(?:总和|之和|平均|均值)")


def _scope(mention: PeriodMention, text: str, word: str) -> Scope:
    """Return how far a time holds: a day is an event's (1月8日召开…), 截至 holds for the sum it introduces."""
    if mention.role == "since":
        return "further"
    if _REACHED_BY.search(text, 0, mention.start) or text.endswith("其中", 0, mention.start):
        return "sentence"
    alone = mention.role == "span" and not (text[mention.end : mention.end + 1] in ("，", ",") and not mention.period)
    if alone or not _leads(text, mention.start):
        return "clause"
    if word.startswith("截"):
        return "paragraph"
    return "clause" if word.endswith(("日", "号")) else "further"


def _leads(text: str, at: int) -> bool:
    """Return whether a time stands at the front of its clause, so that it holds for what follows too."""
    clause = _CLAUSE_FRONT.search(text, 0, at)
    front = clause[0] if clause else text[:at]
    return len(front) <= _FRONT_CHARS and not _BINDS.search(front)


_FRONT_CHARS = 8
_CLAUSE_FRONT = re.compile(r"[^，。；：、,;:\s“‘（(]*$")
_BINDS = re.compile("[为入是和与把被]|并在|纳入|列入")
