"""The rows of a statistical table -> the figures in it: each is told by the head of its column and the label of its row.

A table is a run of passages whose cells stand between ` | ` or tabs. Two shapes are read: one indicator a row (指标 |
单位 | 2022年 | 增长%), and one place a row (县区 | 地区生产总值（亿元） | 增速（%）). The unit comes from the column's
head, the unit column, the row's label or the caption (单位：亿元); a figure without one is left alone, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bihuan.core.errors import InputError, UnitError
from bihuan.core.numerals import parse_number
from bihuan.core.period import find_periods
from bihuan.core.quantity import Unit, read_unit
from bihuan.core.records.statement import Direction, Kind, Measure
from bihuan.read.grammar.sections import period_in
from bihuan.read.outline import Outline, Sentence

_BORDER = re.compile(r" *(?:\||\t) *")
_NUMBER = re.compile(r"(?P<sign>[-−－+＋]?)\s*(?P<digits>\d[\d,，]*(?:\.\d+)?)\s*(?P<percent>[%％‰]?)")
_YEAR = re.compile(r"(?:19|20)\d\d年?")
_UNIT_HEAD = re.compile("(?:计量)?单位")
_ORDINAL_HEAD = re.compile("序号|编号|代码|排序|行次")
_PLACE_HEAD = re.compile(
    "县[（(]?[市、区]|县区|区县|市县|地区(?!生产)|地市|城市|区域|辖区|乡镇|街道|[单]位名称|各[市县区]"
)
_PLACE = re.compile(r"[\u4e00-\u9fff]{1,8}(?:省|市|区|县|旗|镇|乡|街道|开发区|新区)")
_WHOLE = re.compile("全[市省县区国]|合计|总计|本市|市本级")
_CAPTION_UNIT = re.compile(r"(?:计量)?单位\s*[:：]\s*(?P<unit>[^\s，。；;）)|]+)")
_BRACKET = re.compile(r"[（(\[【](?P<inside>[^）)\]】]*)[）)\]】]")
_GROWTH = re.compile("增长|同比|环比|增速|增幅|涨幅|升降|比上年|比去年|较上年|±")
_GROWTH_TABLE = re.compile("涨跌|涨幅|增幅|增速|增长(?:情况|速度|幅度)")
_SHARE = re.compile("占比|比重|构成|占.{0,8}%")
_RANK = re.compile("排名|位次|名次|居全[省国市]")
_TARGET = re.compile("目标|计划|预期|任务|预计")
_REACHED = re.compile("完成|实际|实绩|执行数|达到")
_GENERIC = re.compile(
    "(?:绝对[量值数]|总量|数值|实绩|本期|累计|指标值|完成[值数量]?|目标[值数]?|计划数?|预期值?|位次|名次|排名|增速|增幅|增长|同比|全[市县区省]|城市|农村|城镇|合计|数据|金额)+$"
)
_INDEX = re.compile("指数|系数")
_RULE = re.compile(r"[\s|:：—-]+")
"""The line under the head of a table in plain text."""
_RATE_LABEL = re.compile("(?:增长|增速|增幅|涨幅|增长率)$")
_OF_WHICH = re.compile(
    "^(?:其中|[#◆▪·*]+|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\\d]+[)）]|\\d+[.．、])[:：、]?\\s*"
)
_LONGEST_LABEL = 40


@dataclass(frozen=True, slots=True)
class TableFigure:
    """One figure of a table."""

    start: int
    """Offset of the number in the restored text, its sign left out."""
    end: int
    row: Sentence
    indicator: str
    value: float
    unit: str
    measure: Measure
    direction: Direction | None
    kind: Kind | None
    """As the column's head tells: 目标, 完成; None where it does not."""
    period: str | None
    """As the column's head or the caption tells; None where neither does."""
    subject: str | None
    """The row's place in a table with one place a row, None for the whole city."""


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    start: int

    @property
    def number(self) -> re.Match[str] | None:
        return _NUMBER.fullmatch(self.text)


@dataclass(frozen=True, slots=True)
class _Column:
    """What the head of a column says of the figures under it."""

    name: str
    """Without units and brackets; of 增速 and 排名 alone that of the column to the left."""
    own: str
    """The name the head itself gives; empty where it gives none."""
    unit: tuple[float, Unit] | None
    measure: Measure | None
    """None where the unit and the row tell."""
    period: str | None
    kind: Kind | None


def tables_of(outline: Outline) -> Iterator[list[Sentence]]:
    """Yield the rows of each table: table passages that follow one another, page furniture between them passed over."""
    sentences = {sentence.passage: sentence for sentence in outline.sentences}
    rows: list[Sentence] = []
    for passage in outline.passages:
        if passage.role == "table":
            rows.append(sentences[passage.index])
        elif rows and passage.role != "noise":
            yield rows
            rows = []
    if rows:
        yield rows


def text_cells(row: Sentence) -> Iterator[Sentence]:
    """Yield the cells of a row that hold words, each as a sentence of its own."""
    for cell in _cells(row):
        if cell.text and not cell.number:
            yield Sentence(cell.text, cell.start, row.passage)


def read_table(rows: Sequence[Sentence], caption: str, year: int | None) -> list[TableFigure]:
    """Return the figures of one table; none where its head cannot be told.

    Args:
        rows: its rows in order, each a sentence.
        caption: what stands above it: title, heading, 单位：…
        year: what 今年 means in the document.
    """
    kept = [(row, _cells(row)) for row in rows if not _RULE.fullmatch(row.text)]
    figures: list[TableFigure] = []
    for part in _parts(kept):
        figures.extend(_read_part(part, caption, year))
    return figures


Row = tuple[Sentence, list["_Cell"]]


def _parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Cut where a new head begins: a row of several words and no figure, behind figures and before some."""
    part: list[Row] = []
    for at, (row, cells) in enumerate(rows):
        begins = _is_head(cells) and at + 1 < len(rows) and (_is_data(rows[at + 1][1]) or _is_head(rows[at + 1][1]))
        if begins and any(_is_data(above) for _, above in part):
            yield part
            part = []
        part.append((row, cells))
    if part:
        yield part


def _read_part(part: Sequence[Row], caption: str, year: int | None) -> Iterator[TableFigure]:
    cells = [line for _, line in part]
    heads = next((i for i, line in enumerate(cells) if _is_data(line)), 0)
    if not heads:
        return
    titles = (line[0].text for line in cells[:heads] if len(line) == 1)
    table = _Table.of(cells[:heads], cells[heads:], " ".join((caption, *titles)), year)
    for row, line in part[heads:]:
        yield from table.figures(row, line)


def _cells(row: Sentence) -> list[_Cell]:
    cells: list[_Cell] = []
    at = len(row.text) - len(row.text.lstrip("| \t"))
    for border in _BORDER.finditer(row.text, at):
        cells.append(_Cell(row.text[at : border.start()], row.start + at))
        at = border.end()
    return [*cells, _Cell(row.text[at:], row.start + at)]


def _is_data(row: Sequence[_Cell]) -> bool:
    """Return whether a row has a label and figures; a row of years is a head."""
    figures = [cell for cell in row[1:] if cell.number]
    return bool(figures) and not all(_YEAR.fullmatch(cell.text) for cell in figures)


def _is_head(row: Sequence[_Cell]) -> bool:
    return sum(bool(cell.text) for cell in row) > 1 and not any(cell.number for cell in row)


@dataclass(frozen=True, slots=True)
class _Table:
    columns: tuple[_Column, ...]
    label_at: int
    unit_at: int | None
    by_place: bool
    """Whether each row is a place (县区), so that the columns name the figures."""
    by_time: bool
    """Whether each row is a time (2021年, 1—6月), so that the columns name the figures."""
    unit: tuple[float, Unit] | None
    """Of the caption."""
    grows: bool
    """Whether the caption says that the table tells changes in % (比上年涨跌幅度)."""
    period: str | None
    year: int | None

    @classmethod
    def of(
        cls, heads: Sequence[Sequence[_Cell]], body: Sequence[Sequence[_Cell]], caption: str, year: int | None
    ) -> _Table:
        texts = _joined(heads)
        label_at = next((i for i, text in enumerate(texts) if not _ORDINAL_HEAD.fullmatch(text)), 0)
        labels = [row[label_at].text for row in body if len(row) > label_at]
        caption_unit = _CAPTION_UNIT.search(caption)
        return cls(
            columns=tuple(_columns(texts, year)),
            label_at=label_at,
            unit_at=next((i for i, text in enumerate(texts) if _UNIT_HEAD.fullmatch(text)), None),
            by_place=bool(texts) and (bool(_PLACE_HEAD.search(texts[label_at])) or _are_places(labels)),
            unit=_unit(caption_unit["unit"]) if caption_unit else None,
            period=period_in(caption, year),
            by_time=bool(labels) and all(_time(label, year) for label in labels if label),
            grows=_GROWTH_TABLE.search(caption) is not None,
            year=year,
        )

    def figures(self, row: Sentence, cells: Sequence[_Cell]) -> Iterator[TableFigure]:
        label = cells[self.label_at].text.strip() if len(cells) > self.label_at else ""
        if not label or len(label) > _LONGEST_LABEL:
            return
        dated = _time(label, self.year) if self.by_time else None
        for at, (cell, column) in enumerate(zip(cells, self.columns, strict=False)):
            number = cell.number
            if at <= self.label_at or at == self.unit_at or number is None:
                continue
            dated = column.period or dated
            figure = self._figure(row, cell, number, column, label, self._row_unit(cells, label), dated or self.period)
            if figure:
                yield figure

    def _row_unit(self, cells: Sequence[_Cell], label: str) -> tuple[float, Unit] | None:
        if self.unit_at is not None and len(cells) > self.unit_at and cells[self.unit_at].text.strip():
            return _unit(cells[self.unit_at].text)
        return _bracketed_unit(label)

    def _figure(
        self,
        row: Sentence,
        cell: _Cell,
        number: re.Match[str],
        column: _Column,
        label: str,
        row_unit: tuple[float, Unit] | None,
        period: str | None,
    ) -> TableFigure | None:
        written = _unit(number["percent"]) if number["percent"] else None
        own = None if self.by_place or self.by_time else row_unit
        found = written or column.unit or (_PERCENT if column.measure in ("growth", "share") else own or self.unit)
        if column.measure == "rank":
            found = _PLACE_COUNTED
        if _INDEX.search(label) and not (written or column.unit or row_unit or column.measure):
            found = _WITHOUT_UNIT
        if found is None:
            return None
        scale, unit = found
        name = column.name if self.by_place or self.by_time else _of_both(_indicator(label), column.own)
        measure = _measure(column, name, unit)
        if self.grows and measure == "level" and unit.name == "%" and not column.own:
            measure = "growth"
        value = Decimal(repr(parse_number(number["digits"])))
        return TableFigure(
            start=cell.start + number.start("digits"),
            end=cell.start + number.end("digits"),
            row=row,
            indicator=_RATE_LABEL.sub("", name) or name if measure == "growth" else name,
            value=float(value * Decimal(repr(scale))),
            unit=unit.name,
            measure=measure,
            direction=_direction(measure, number["sign"]),
            kind=column.kind,
            period=period,
            subject=label if self.by_place and not _WHOLE.fullmatch(label) else None,
        )


def _joined(heads: Sequence[Sequence[_Cell]]) -> list[str]:
    """Return one text a column: a head over several columns stands before the heads under it; a lone cell is a title."""
    rows = [row for row in heads if len(row) > 1]
    width = max((len(row) for row in rows), default=0)
    texts = []
    for at in range(width):
        parts = [row[at].text.strip() for row in rows if at < len(row)]
        texts.append("".join(dict.fromkeys(part for part in parts if part)))
    return texts


def _columns(texts: Sequence[str], year: int | None) -> Iterator[_Column]:
    """Yield what each head says; 增速 and 排名 alone are of the indicator to their left."""
    named = grew = ""
    for text in texts:
        column = _column(text, year)
        if column.name:
            named, grew = column.name, "增速" if column.measure == "growth" else ""
        elif column.measure == "rank":
            column = replace(column, name=named + grew)
        else:
            grew = "增速" if column.measure == "growth" else grew
            column = replace(column, name=named)
        yield column


def _column(text: str, year: int | None) -> _Column:
    plain = _BRACKET.sub("", text)
    mentions = find_periods(_dated(plain), year)
    name = "" if _UNIT_HEAD.fullmatch(plain) else _GENERIC.sub("", _without_time(plain).strip("±%％ "))
    return _Column(
        name=name,
        own=name,
        unit=_bracketed_unit(text) or (_PERCENT if re.search("[%％]", plain) else None),
        measure=_told(text),
        period=next((mention.period for mention in mentions if mention.role == "at"), None),
        kind="target" if _TARGET.search(text) else "result" if _REACHED.search(text) else None,
    )


def _dated(text: str) -> str:
    """Write a bare year as one: 2022 → 2022年."""
    return re.sub(r"(?<!\d)((?:19|20)\d\d)(?![\d年])", r"\1年", text)


def _without_time(text: str) -> str:
    return re.sub(
        r"(?:(?:19|20)\d\d年?)?(?:\d{1,2}(?:[-—－至~～]\d{1,2})?月(?:份|末|底)?)?(?:全年|累计|本月|同比|比上年|末)?",
        "",
        text,
    )


def _told(text: str) -> Measure | None:
    """Return the measure that a column's head names."""
    if _RANK.search(text):
        return "rank"
    if "百分点" in text:
        return "change"
    if _GROWTH.search(text) and not re.search("增[长减]额|增加额|增长量", text):
        return "growth"
    return "share" if _SHARE.search(text) else None


def _measure(column: _Column, name: str, unit: Unit) -> Measure:
    if column.measure:
        return column.measure
    if unit.name == "百分点":
        return "change"
    if unit.name not in ("%", "‰"):
        return "level"
    if _RATE_LABEL.search(name):
        return "growth"
    return "share" if re.search("占比|比重|比例$", name) else "level"


def _direction(measure: Measure, sign: str) -> Direction | None:
    if measure not in ("growth", "change"):
        return None
    return "-" if sign and sign in "-−－" else "+"


def _bracketed_unit(text: str) -> tuple[float, Unit] | None:
    """Return the unit in a head's or label's brackets: 地区生产总值（亿元）."""
    units = (_unit(bracket["inside"]) for bracket in _BRACKET.finditer(text) if bracket["inside"].strip())
    return next((unit for unit in units if unit), None)


def _unit(text: str) -> tuple[float, Unit] | None:
    try:
        return read_unit(text.strip().strip("±"))
    except (UnitError, InputError):
        return None


_WITHOUT_UNIT = read_unit("")
_PERCENT = read_unit("%")
_PLACE_COUNTED = read_unit("位")


def _indicator(label: str) -> str:
    """Return a row's label without its number, 其中 and unit."""
    plain = _BRACKET.sub("", label) if _bracketed_unit(label) else label
    stripped = _OF_WHICH.sub("", plain.strip())
    return _OF_WHICH.sub("", stripped).strip() or plain


def _of_both(label: str, column: str) -> str:
    """Return the name of a figure whose row and column both name something: 智能网联产业园总投资."""
    return label if column in label else label + column


def _time(label: str, year: int | None) -> str | None:
    """Return the time that is all a label says."""
    dated = _dated(label.strip())
    found = next(iter(find_periods(dated, year)), None)
    return found.period if found and found.end - found.start == len(dated) else None


def _are_places(labels: Sequence[str]) -> bool:
    named = [label for label in labels if label]
    places = sum(bool(_PLACE.fullmatch(label) or _WHOLE.fullmatch(label)) for label in named)
    return len(named) > 1 and places * 3 >= len(named) * 2
