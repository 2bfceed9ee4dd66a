"""The head of a document: its title, the lines that say who spoke when and where, and the speaker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bihuan.read.dating import day_in
from bihuan.read.headings import numbered
from bihuan.read.lines import Line

_OFFICE = "(?:代?市长|代?县长|代?区长|代?州长|代?省长|主席|书记|主任|局长|总经理|董事长)"
_NAME = r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]\s+[\u4e00-\u9fff]{1,2}"
_SPEAKER = re.compile(rf".{{0,20}}?{_OFFICE}\s+({_NAME})$")
_TITLE_SPEAKER = re.compile(
    rf"(?:{_OFFICE})([\u4e00-\u9fff]{{2,3}})[:：]|^([\u4e00-\u9fff]{{2,3}})(?:代表|委员|{_OFFICE})[:：]"
)
_DATELINE = re.compile(
    r"—|--|[(（]\s*(?:20|19)\d\d|(?:发布|成文|更新|发文|发表)?(?:时间|日期)\s*[:：]|(?:信息)?来源\s*[:：]|索引号|发文字号"
)
_WIRED = re.compile(r"^.{0,16}\d{1,2}月\d{1,2}日\s*[电讯]")
"""How a news agency's or a paper's own report opens: 本报湛江1月20日讯."""
_ISSUER = re.compile("[\u4e00-\u9fff]{2,20}(?:统计局|调查队|人民政府|办公室|委员会|发改委|发展改革委)$")
_SALUTATION = re.compile(r"各位(?:代表|委员|同志|领导|来宾)|同志们|女士们|主任、|尊敬的")
_TITLE_CHARS = 80
_WIRED_CHARS = 60
_COLUMN_CHARS = 5
"""A line of so few characters above the title names a page's column."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the text; every line is one of the document's own."""

    title: str | None
    title_lines: tuple[Line, ...]
    datelines: tuple[Line, ...]
    columns: tuple[Line, ...]
    """Names of the page and its columns above the title (`产经`), noise."""
    speaker: str | None


def read_head(lines: Sequence[Line]) -> Head:
    """Return the head of a document from its own lines, in order; all empty where it begins with its text."""
    top = _top(lines)
    datelines = tuple(line for line in top if is_dateline(line.text))
    title = _title_line([line for line in top if line not in datelines], datelines)
    if title is None:
        return Head(None, (), datelines, (), _speaker(datelines, None))
    before = tuple(line for line in top if line.start < title.start and line not in datelines)
    return Head(title.text, (title,), datelines, before, _speaker(datelines, title.text))


def _title_line(lines: Sequence[Line], datelines: Sequence[Line]) -> Line | None:
    """The last line above the date line, for a page's names stand higher; without a date line the first."""
    candidates = [line for line in lines if len(line.text) > _COLUMN_CHARS]
    above = [line for line in candidates if datelines and line.start < datelines[0].start]
    return above[-1] if above else candidates[0] if candidates else None


def is_dateline(line: str) -> bool:
    """Tell whether a short line says when, where or by whom a text was given."""
    if len(line) > _TITLE_CHARS or line.endswith("。"):
        return False
    if _DATELINE.match(line) or _SPEAKER.match(line) or _ISSUER.match(line):
        return True
    if len(line) <= _WIRED_CHARS and _WIRED.match(line):
        return True
    return len(line) <= 60 and day_in(line) is not None and not re.search("[\u4e00-\u9fff]{9}", line)


def _top(lines: Sequence[Line]) -> list[Line]:
    top: list[Line] = []
    for line in lines[:20]:
        text = line.text
        if _SALUTATION.match(text) or numbered(text) or line.is_row:
            break
        if not is_dateline(text) and (len(text) > _TITLE_CHARS or text.endswith(("。", "。”", "；", ";", "，", ","))):
            break
        top.append(line)
    # Short lines that run on to the end of a text are its body, or a list.
    return top if len(top) < len(lines) else top[:1] if len(lines) > 1 else []


def _speaker(datelines: Sequence[Line], title: str | None) -> str | None:
    for line in datelines:
        match = _SPEAKER.match(line.text)
        if match:
            return re.sub(r"\s", "", match[1])
    match = _TITLE_SPEAKER.search(title) if title else None
    return (match[1] or match[2]) if match else None
