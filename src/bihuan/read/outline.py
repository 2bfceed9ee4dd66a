"""Restored text -> title, headings, paragraphs, sentences; page furniture and foreign articles set aside."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bihuan.core.records.document import Passage, Role
from bihuan.core.text import TracedText
from bihuan.read.dating import date_of
from bihuan.read.formats.source import Source
from bihuan.read.furniture import furniture
from bihuan.read.head import Head, is_dateline, read_head
from bihuan.read.headings import Heading, bare, numbered, run_in
from bihuan.read.lines import Line, lines_of
from bihuan.read.places import city_of
from bihuan.read.sentences import sentence_spans

_TOP_LINES = 12
_LONGEST_BYLINE = 80
_BYLINE = re.compile("记者|通讯员|作者|来源|时间|日期")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a passage, up to and with its closing 。！？ or the passage's end; ； is a border of clauses."""

    text: str
    start: int
    """Offset of `text` in the restored text of the whole document (`Outline.text.text`)."""
    passage: int
    """Index of the passage it stands in."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A document taken apart, nothing lost."""

    name: str
    text: TracedText
    """The whole restored text, noise included."""
    title: str | None
    city: str | None
    speaker: str | None
    published: date | None
    year: int | None
    """The year that 今年 means."""
    passages: tuple[Passage, ...]
    """In order; together they cover the whole text."""
    sentences: tuple[Sentence, ...]
    """Of titles, headings, body and table passages; none of noise."""
    locators: tuple[tuple[int, str], ...] = ()
    """(raw offset, label) as in `Source.locators`."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A line with the role it plays."""

    line: Line
    role: Role
    level: int
    section: tuple[str, ...]


def take_apart(source: Source, text: TracedText, pack: object | None = None) -> Outline:
    """Return the outline of a restored text: what the document is, and its passages and sentences.

    Works on whole reports, on news pieces in one long line, and on bare fragments: what a text does not tell is None.

    Args:
        source: the file; its name, its locators and the day its format carries are used.
        text: `restore(source.text)`.
        pack: the city's pack; not needed, for the text says itself which city it is about.
    """
    lines = lines_of(text.text)
    noise = furniture(lines, city_of(_top(lines), text.text))
    own = [line for line, set_aside in zip(lines, noise, strict=True) if not set_aside]
    head = read_head(own)
    main = "\n".join(line.text for line in own)
    datelines = [line.text for line in (*head.datelines, *_bylines(lines, noise))]
    published, year = date_of(head.title or "", datelines, main, source.published)
    parts = list(_parts(lines, noise, head))
    return Outline(
        name=source.name,
        text=text,
        title=head.title or _title_in(main),
        city=city_of(_top(own), main),
        speaker=head.speaker,
        published=published,
        year=year,
        passages=tuple(_passages(parts, text, source.locators)),
        sentences=tuple(_sentences(parts)),
        locators=source.locators,
    )


def _top(lines: Sequence[Line]) -> str:
    return "\n".join(line.text[:100] for line in lines[:5])


def _bylines(lines: Sequence[Line], noise: Sequence[bool]) -> Iterator[Line]:
    """Yield the lines above the text that name its author and its day; furniture otherwise."""
    for line, set_aside in zip(lines[:_TOP_LINES], noise, strict=False):
        if not set_aside and len(line.text) > _LONGEST_BYLINE:
            return
        if set_aside and is_dateline(line.text) and _BYLINE.search(line.text):
            yield line


def _title_in(main: str) -> str | None:
    """A report whose copy lost its title still says what it is (我代表市人民政府向大会报告工作)."""
    return "政府工作报告" if re.search("代表.{0,6}政府.{0,6}报告(?:政府)?工作", main[:500]) else None


def _parts(lines: Sequence[Line], noise: Sequence[bool], head: Head) -> Iterator[_Part]:
    sections: list[tuple[int, str]] = []
    bare_before = False
    for i, line in enumerate(lines):
        section = tuple(name for _, name in sections)
        level = sections[-1][0] if sections else 0
        role = _fixed_role(line, noise[i], head)
        if role:
            yield _Part(line, role, level, section) if role == "table" else _Part(line, role, 0, ())
            continue
        heading, is_bare = _heading(line.text, lines[i + 1 :])
        if heading is None:
            yield _Part(line, "body", level, section)
        else:
            before = list(sections)
            _enter(sections, heading, joined=is_bare and bare_before)
            above = tuple(name for _, name in sections[:-1])
            yield from _heading_parts(line, heading, above)
            if heading.own_line_only:
                sections[:] = before
        bare_before = heading is not None and is_bare


def _fixed_role(line: Line, set_aside: bool, head: Head) -> Role | None:
    if set_aside or line in head.columns:
        return "noise"
    if line in head.title_lines:
        return "title"
    if line in head.datelines:
        return "dateline"
    return "table" if line.is_row else None


def _heading(text: str, behind: Sequence[Line]) -> tuple[Heading | None, bool]:
    """Return the heading a line begins with, and whether it is one by its shortness only."""
    found = numbered(text)
    if found:
        return found, False
    found = bare(text)
    if found and any(len(line.text) > len(text) for line in behind[:2]) and not is_dateline(text):
        return found, True
    return run_in(text), False


def _enter(sections: list[tuple[int, str]], heading: Heading, *, joined: bool) -> None:
    """Put a heading on the stack; a bare one right behind a bare one is its second line."""
    if joined and sections:
        level, name = sections.pop()
        sections.append((level, f"{name} {heading.text}"))
        return
    while sections and sections[-1][0] >= heading.level:
        sections.pop()
    sections.append((heading.level, heading.text))


def _heading_parts(line: Line, heading: Heading, above: tuple[str, ...]) -> Iterator[_Part]:
    first, rest = line.split(heading.chars)
    yield _Part(first, "heading", heading.level, above)
    if rest.text:
        yield _Part(rest, "body", heading.level, (*above, heading.text))


def _passages(parts: Sequence[_Part], text: TracedText, locators: tuple[tuple[int, str], ...]) -> Iterator[Passage]:
    """Yield the passages; each takes what stands between it and the next, so that they cover the raw text."""
    offsets = [offset for offset, _ in locators]
    borders = [0, *(text.starts[part.line.start] for part in parts[1:]), len(text.raw)]
    for i, part in enumerate(parts):
        at = bisect_right(offsets, text.starts[part.line.start]) - 1
        yield Passage(
            index=i,
            role=part.role,
            level=part.level,
            section=part.section,
            start=borders[i],
            end=borders[i + 1],
            text=part.line.text,
            locator=locators[at][1] if at >= 0 else None,
        )


def _sentences(parts: Sequence[_Part]) -> Iterator[Sentence]:
    for i, part in enumerate(parts):
        if part.role in ("noise", "dateline"):
            continue
        text, start = part.line.text, part.line.start
        spans = [(0, len(text))] if part.role == "table" else sentence_spans(text)
        for a, b in spans:
            yield Sentence(text[a:b], start + a, i)
