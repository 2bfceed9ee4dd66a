"""The automatic numbers of a Word file, which stand nowhere in its text: 一、 （一） 1.

Without them a report's heading tree would be lost. Source: ISO/IEC 29500-1, 17.9 (numbering), 17.18.59 (formats).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from lxml import etree

from bihuan.read.formats.container import Container

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile(r"%([1-9])")
_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Level:
    """How one depth of a list is numbered."""

    format: str
    text: str
    """`（%1）`: the places stand for the counters of the depths."""
    start: int = 1


@dataclass
class Numbering:
    """Counts the numbered paragraphs of one document in order."""

    lists: dict[str, dict[int, Level]] = field(default_factory=dict)
    """By list identifier (numId), then by depth."""
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    """List and depth that a paragraph style brings along."""
    _counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def of(cls, parts: Container) -> Numbering:
        """Return the lists that a document defines; none where it has no such part."""
        if "word/numbering.xml" not in parts:
            return cls()
        lists = _lists(parts.xml("word/numbering.xml"))
        styles = _styles(parts.xml("word/styles.xml")) if "word/styles.xml" in parts else {}
        return cls(lists, styles)

    def of_paragraph(self, paragraph: etree._Element) -> str:
        """Return the number in front of a paragraph, and count it; empty where it has none."""
        place = self._place(paragraph)
        if place is None:
            return ""
        list_id, depth = place
        levels = self.lists.get(list_id, {})
        if depth not in levels:
            return ""
        counts = self._counts[list_id]
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        return _PLACE.sub(lambda m: _count(counts, levels, int(m[1]) - 1), levels[depth].text)

    def _place(self, paragraph: etree._Element) -> tuple[str, int] | None:
        own = paragraph.find(f"{W}pPr/{W}numPr")
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        inherited = self.styles.get(style.get(f"{W}val", "")) if style is not None else None
        if own is None:
            return inherited
        list_id = _value(own.find(f"{W}numId")) or (inherited[0] if inherited else None)
        depth = _value(own.find(f"{W}ilvl"))
        if list_id is None or list_id == "0":
            return None
        return list_id, _whole(depth, inherited[1] if inherited else 0)


def _count(counts: dict[int, int], levels: dict[int, Level], depth: int) -> str:
    level = levels.get(depth)
    if level is None:
        return ""
    return _written(counts.get(depth, level.start), level.format)


def _written(count: int, format_: str) -> str:
    if format_ in ("bullet", "none") or not 0 < count < 10_000:
        return ""
    if "hinese" in format_ or format_.startswith(("japanese", "ideograph", "taiwanese", "korean")):
        return _chinese(count)
    if format_ in ("lowerLetter", "upperLetter") and count <= 26:
        return chr((97 if format_ == "lowerLetter" else 65) + count - 1)
    if format_.startswith("decimalEnclosedCircle") and count <= 20:
        return chr(0x2460 + count - 1)
    return str(count)


def _chinese(count: int) -> str:
    """Return 1–99 as 一 to 九十九, more digit by digit."""
    tens, ones = divmod(count, 10)
    if tens > 9:
        return "".join(_DIGITS[int(digit)] for digit in str(count))
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def _lists(root: etree._Element) -> dict[str, dict[int, Level]]:
    plans = {
        plan.get(f"{W}abstractNumId"): {_whole(lvl.get(f"{W}ilvl"), 0): _level(lvl) for lvl in plan.findall(f"{W}lvl")}
        for plan in root.findall(f"{W}abstractNum")
    }
    return {
        num.get(f"{W}numId", ""): plans.get(_value(num.find(f"{W}abstractNumId")), {})
        for num in root.findall(f"{W}num")
    }


def _level(level: etree._Element) -> Level:
    format_ = _value(level.find(f"{W}numFmt")) or "decimal"
    text = _value(level.find(f"{W}lvlText")) or ""
    start = _whole(_value(level.find(f"{W}start")), 1)
    return Level(format_, "" if format_ in ("bullet", "none") else text, start)


def _styles(root: etree._Element) -> dict[str, tuple[str, int]]:
    styles: dict[str, tuple[str, int]] = {}
    for style in root.findall(f"{W}style"):
        place = style.find(f"{W}pPr/{W}numPr")
        list_id = _value(place.find(f"{W}numId")) if place is not None else None
        if place is not None and list_id:
            styles[style.get(f"{W}styleId", "")] = list_id, _whole(_value(place.find(f"{W}ilvl")), 0)
    return styles


def _value(element: etree._Element | None) -> str | None:
    return element.get(f"{W}val") if element is not None else None


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 6 else default
